//! The routes with their parameters and answers. The functions carry the descriptions and are never
//! called.

use utoipa::{IntoParams, ToSchema};

use super::ingest::IngestAnswer;
use super::problem::{
    Forbidden, Internal, InvalidRequest, NotFound, PayloadTooLarge, RateLimited, Unauthorized,
    Unavailable, UnsupportedMediaType,
};
use super::record::{Record, RecordType, RiskLevel, StoredRecord};
use crate::figures::{BucketName, MetricsPage};
use crate::wire::{Evidence, Health, Ledgers, RecordChain, RecordPage, Status};

/// One record, checked against its entry.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct RecordAnswer {
    record: StoredRecord,
    /// The ledger, `tenant/ledger`.
    #[schema(example = "demo/credit")]
    ledger: String,
    /// Its index in the ledger.
    index: u64,
    /// Its leaf hash (RFC 6962): SHA-256 in base64url.
    #[schema(min_length = 43, max_length = 43)]
    leaf_hash: String,
    /// When the server received it.
    #[schema(format = DateTime)]
    received_at: String,
    status: Status,
    /// There and true where its content was erased.
    #[schema(nullable = false)]
    erased: Option<bool>,
    evidence: Evidence,
}

/// In which order of their ids, which is that of their times.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case", default = "desc")]
#[expect(dead_code, reason = "a schema only")]
pub(super) enum Order {
    Asc,
    Desc,
}

/// Which records; all conditions hold together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a schema only")]
struct ListParameters {
    /// The ledger's short name. The key's home ledger where it is left out; required for a key
    /// without one.
    #[param(example = "credit", pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    ledger: Option<String>,
    /// From this time of the record's id on, itself included: RFC 3339, or a date (UTC).
    #[param(example = "2026-11-01")]
    from: Option<String>,
    /// Before this time of the record's id, itself not included: RFC 3339, or a date (UTC).
    #[param(example = "2026-11-24T09:00:00Z")]
    to: Option<String>,
    /// `type`.
    #[param(rename = "type")]
    r#type: Option<RecordType>,
    /// `decision.outcome`.
    #[param(min_length = 1)]
    outcome: Option<String>,
    /// `decision.risk_level`.
    risk_level: Option<RiskLevel>,
    /// `actor.id`. The answer is `eventual`.
    #[param(min_length = 1)]
    actor: Option<String>,
    /// `subject.id`. The answer is `eventual`.
    #[param(min_length = 1)]
    subject: Option<String>,
    /// `system`.
    #[param(min_length = 1)]
    system: Option<String>,
    /// The model that answered, else the one that was asked for.
    #[param(min_length = 1)]
    model: Option<String>,
    /// `gen_ai.provider.name`.
    #[param(min_length = 1)]
    provider: Option<String>,
    /// `environment`.
    #[param(min_length = 1)]
    environment: Option<String>,
    /// `desc`, the newest first, where it is left out.
    order: Option<Order>,
    /// The most records of this answer; it may hold fewer.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the answer before, with its other parameters unchanged (`limit` may change).
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// Which records of a chain.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a schema only")]
struct ChainParameters {
    /// The ledger's short name. Where it is left out, the key's home ledger is looked at first, then
    /// the others that it may read.
    #[param(pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    ledger: Option<String>,
    /// The most records of this answer; it may hold fewer.
    #[param(minimum = 1, maximum = 200, default = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the answer before.
    #[param(min_length = 1)]
    cursor: Option<String>,
}

/// Which figures.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a schema only")]
struct MetricsParameters {
    /// The ledger's short name. The key's home ledger where it is left out; required for a key
    /// without one.
    #[param(pattern = "^[a-z0-9][a-z0-9-]{0,62}$")]
    ledger: Option<String>,
    /// From this time of the records' ids on: RFC 3339, or a date (UTC). The hour or day that it
    /// lies in is counted whole.
    #[param(example = "2026-11-01")]
    from: String,
    /// Before this time: RFC 3339, or a date (UTC). The hour or day that it lies in is counted whole.
    #[param(example = "2026-12-01")]
    to: Option<String>,
    /// What time is divided into; `day` where it is left out.
    bucket: Option<BucketName>,
}

macro_rules! routes {
    ($($(#[$attribute:meta])* $name:ident;)+) => {
        $(
            $(#[$attribute])*
            #[expect(dead_code, reason = "carries a route's description")]
            pub(super) fn $name() {}
        )+
    };
}

routes! {
    /// Send one record
    ///
    /// 202 means that a queue has it, durably; it stands in the ledger a few seconds later.
    #[utoipa::path(post, path = "/api/v1/audit/log", operation_id = "sendRecord", tag = "Records",
        request_body(content = Record, content_type = "application/json", description = "At most 4 MiB as sent; with `Content-Encoding: gzip` or `zstd` at most 16 MiB unpacked"),
        security(("api_key" = [])),
        responses(
            (status = 202, description = "A queue has the record", body = IngestAnswer),
            (status = 400, response = InvalidRequest), (status = 401, response = Unauthorized),
            (status = 403, response = Forbidden), (status = 413, response = PayloadTooLarge),
            (status = 415, response = UnsupportedMediaType), (status = 429, response = RateLimited),
            (status = 500, response = Internal), (status = 503, response = Unavailable)))]
    send_record;

    /// Send up to 500 records
    ///
    /// As a JSON array, or as one record a line. A bad record never costs a good one beside it:
    /// `results` says what became of each. 400 where none was good, 503 where none was accepted and
    /// one is `unavailable`.
    #[utoipa::path(post, path = "/api/v1/audit/logs", operation_id = "sendRecords", tag = "Records",
        request_body(description = "At most 500 records and 4 MiB as sent; with `Content-Encoding: gzip` or `zstd` at most 16 MiB unpacked", content(
            (Vec<Record> = "application/json"),
            (String = "application/x-ndjson",
                example = "{\"type\":\"decision\",\"occurred_at\":\"2026-11-24T09:00:00Z\",\"system\":\"credit\"}\n"))),
        security(("api_key" = [])),
        responses(
            (status = 202, description = "A queue has at least one of the records", body = IngestAnswer),
            (status = 400, response = InvalidRequest), (status = 401, response = Unauthorized),
            (status = 403, response = Forbidden), (status = 413, response = PayloadTooLarge),
            (status = 415, response = UnsupportedMediaType), (status = 429, response = RateLimited),
            (status = 500, response = Internal), (status = 503, response = Unavailable)))]
    send_records;

    /// List records
    ///
    /// All pages together give exactly the matching records below the size that the first page
    /// pinned, each once. Go on until `next_cursor` is `null`; a page may be empty before that.
    #[utoipa::path(get, path = "/api/v1/audit/logs", operation_id = "listRecords", tag = "Records",
        params(ListParameters), security(("api_key" = [])),
        responses(
            (status = 200, description = "A page of records", body = RecordPage),
            (status = 400, response = InvalidRequest), (status = 401, response = Unauthorized),
            (status = 403, response = Forbidden), (status = 404, response = NotFound),
            (status = 429, response = RateLimited),
            (status = 500, response = Internal), (status = 503, response = Unavailable)))]
    list_records;

    /// Read one record
    ///
    /// Exactly what was sent, checked against the ledger on the way, with what it takes to check it
    /// again.
    #[utoipa::path(get, path = "/api/v1/audit/logs/{id}", operation_id = "getRecord", tag = "Records",
        params(
            ("id" = String, Path, description = "The record's id", format = "uuid"),
            ("ledger" = Option<String>, Query, pattern = "^[a-z0-9][a-z0-9-]{0,62}$",
                description = "The ledger's short name. Where it is left out, the key's home ledger is looked at first, then the others that it may read.")),
        security(("api_key" = [])),
        responses(
            (status = 200, description = "The record with its evidence", body = RecordAnswer),
            (status = 400, response = InvalidRequest), (status = 401, response = Unauthorized),
            (status = 403, response = Forbidden), (status = 404, response = NotFound),
            (status = 429, response = RateLimited),
            (status = 500, response = Internal), (status = 503, response = Unavailable)))]
    get_record;

    /// Read a record's chain
    ///
    /// What caused it, what it caused, and what belongs to the same decision or trace: the records
    /// that it names, those that name it, and those with one of its `decision_id`, `trace_id` or
    /// `parent_id`, in the order of their ids.
    #[utoipa::path(get, path = "/api/v1/audit/logs/{id}/chain", operation_id = "getChain", tag = "Records",
        params(
            ("id" = String, Path, description = "The record's id", format = "uuid"),
            ChainParameters),
        security(("api_key" = [])),
        responses(
            (status = 200, description = "The records of the chain", body = RecordChain),
            (status = 400, response = InvalidRequest), (status = 401, response = Unauthorized),
            (status = 403, response = Forbidden), (status = 404, response = NotFound),
            (status = 429, response = RateLimited),
            (status = 500, response = Internal), (status = 503, response = Unavailable)))]
    get_chain;

    /// Read figures over time
    ///
    /// Counts by outcome, risk, type, model and system, sums of tokens and cost, and how long records
    /// took, for all of a stretch of time and for each hour or day of it. Go on with `from` set to
    /// `next_from` until that is `null`.
    #[utoipa::path(get, path = "/api/v1/audit/metrics", operation_id = "getMetrics", tag = "Records",
        params(MetricsParameters), security(("api_key" = [])),
        responses(
            (status = 200, description = "The figures", body = MetricsPage),
            (status = 400, response = InvalidRequest), (status = 401, response = Unauthorized),
            (status = 403, response = Forbidden), (status = 404, response = NotFound),
            (status = 429, response = RateLimited),
            (status = 500, response = Internal), (status = 503, response = Unavailable)))]
    get_metrics;

    /// List ledgers
    ///
    /// Those that the key may read, its home first.
    #[utoipa::path(get, path = "/api/v1/ledgers", operation_id = "listLedgers", tag = "Ledgers",
        security(("api_key" = [])),
        responses(
            (status = 200, description = "The ledgers", body = Ledgers),
            (status = 400, response = InvalidRequest), (status = 401, response = Unauthorized),
            (status = 403, response = Forbidden), (status = 429, response = RateLimited),
            (status = 500, response = Internal), (status = 503, response = Unavailable)))]
    list_ledgers;

    /// Ask which parts answer
    #[utoipa::path(get, path = "/api/v1/health", operation_id = "getHealth", tag = "Service",
        security(()),
        responses(
            (status = 200, description = "Every part answers", body = Health),
            (status = 400, response = InvalidRequest),
            (status = 503, description = "A part does not answer", body = Health)))]
    get_health;

    /// Read this document
    #[utoipa::path(get, path = "/api/v1/openapi.json", operation_id = "getDocument", tag = "Service",
        security(()),
        responses(
            (status = 200, description = "OpenAPI 3.1", body = Object),
            (status = 400, response = InvalidRequest)))]
    get_document;
}
