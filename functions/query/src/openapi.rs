//! The OpenAPI 3.1 document: every route of the API, ingest's too, from the wire types.
//!
//! The functions here carry the descriptions of the routes and are never called. The document is
//! checked in as `docs/openapi.json`, which is what the function serves;
//! `cargo run -p audit-query-function --example openapi` writes it anew, and a test compares.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi, ToSchema};

use crate::wire::{Evidence, Health, Ledgers, RecordPage, Status};

/// The document as it is checked in.
pub const CHECKED_IN: &str = include_str!("../../../docs/openapi.json");

/// The document as the code has it, with a line feed at its end.
///
/// # Errors
/// If it can't be written as JSON, which would be a mistake in the types.
pub fn document() -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Document::openapi().to_pretty_json()? + "\n")
}

#[derive(OpenApi)]
#[openapi(
    info(title = "AI Audit Layer", description = "Records what AI systems decided, write-once, and finds it again.", license(name = "Apache-2.0")),
    paths(log, logs, list, get, ledgers, health, openapi),
    components(schemas(Record)),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        if let Some(components) = &mut document.components {
            let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
            components.add_security_scheme("api_key", bearer);
        }
    }
}

/// A record. `docs/API.md` says which members `decision`, `attributes` and `regulatory` have.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct Record {
    /// `UUIDv7` in lower case; the server mints one where it is left out.
    #[schema(format = "uuid")]
    id: Option<String>,
    /// What it is about.
    #[schema(rename = "type")]
    r#type: RecordKind,
    /// When it happened.
    #[schema(format = DateTime)]
    occurred_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    ended_at: Option<String>,
    /// The AI system's id.
    #[schema(min_length = 1)]
    system: String,
    /// The environment.
    environment: Option<String>,
    /// Who caused it.
    actor: Option<Members>,
    /// Whom it is about; a pseudonym.
    subject: Option<Members>,
    /// The trace.
    trace_id: Option<String>,
    /// What caused it.
    parent_id: Option<String>,
    /// The decision it belongs to.
    decision_id: Option<String>,
    /// Who numbers the records, and the number.
    producer: Option<Members>,
    /// OpenTelemetry `GenAI` attributes.
    attributes: Option<Members>,
    /// The decision.
    decision: Option<Members>,
    /// What regulation asks for.
    regulatory: Option<Members>,
}

/// Members of a record.
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "a schema only")]
struct Members(std::collections::BTreeMap<String, String>);

/// What a record is about.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
enum RecordKind {
    LlmCall,
    ToolCall,
    Decision,
    HumanReview,
    ConfigChange,
    Access,
    Export,
    Heartbeat,
    Gap,
}

/// What became of the records of a request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct IngestAnswer {
    request_id: String,
    /// `tenant/ledger`.
    ledger: String,
    accepted: u64,
    rejected: u64,
    unavailable: u64,
    /// One for each record, in the order sent.
    results: Vec<RecordResult>,
}

/// What became of one record.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct RecordResult {
    index: u64,
    id: Option<String>,
    /// `accepted`, `rejected` or `unavailable`.
    status: String,
    errors: Option<Vec<ErrorDetail>>,
}

/// The one error form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct Problem {
    error: ProblemBody,
}

/// An error.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct ProblemBody {
    /// Stable, in `snake_case`.
    code: String,
    message: String,
    request_id: String,
    details: Vec<ErrorDetail>,
}

/// One thing that is wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct ErrorDetail {
    /// Which record of a batch.
    index: Option<u64>,
    /// A JSON pointer into the body, or a parameter's name.
    field: String,
    /// Stable, in `snake_case`.
    code: String,
    message: String,
}

/// One record, checked against its entry.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct RecordAnswer {
    record: Record,
    ledger: String,
    index: u64,
    leaf_hash: String,
    #[schema(format = DateTime)]
    received_at: String,
    status: Status,
    erased: Option<bool>,
    evidence: Evidence,
}

/// Which records; all conditions hold together.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "a schema only")]
struct ListParameters {
    /// The ledger's short name.
    ledger: Option<String>,
    /// From this time of the record's id on: RFC 3339, or a date.
    from: Option<String>,
    /// Before this time.
    to: Option<String>,
    #[param(rename = "type")]
    r#type: Option<RecordKind>,
    outcome: Option<String>,
    /// `minimal`, `limited`, `high` or `critical`.
    risk_level: Option<String>,
    actor: Option<String>,
    subject: Option<String>,
    system: Option<String>,
    model: Option<String>,
    provider: Option<String>,
    environment: Option<String>,
    /// `asc` or `desc` (the default).
    order: Option<String>,
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the answer before.
    cursor: Option<String>,
}

macro_rules! route {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[expect(dead_code, reason = "carries a route's description")]
        fn $name() {}
    };
}

route! {
    /// Takes one record.
    #[utoipa::path(post, path = "/api/v1/audit/log", request_body = Record, security(("api_key" = [])),
        responses((status = 202, body = IngestAnswer), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
    log
}
route! {
    /// Takes up to 500 records, as a JSON array or as NDJSON.
    #[utoipa::path(post, path = "/api/v1/audit/logs", security(("api_key" = [])),
        request_body(content((Vec<Record> = "application/json"), (String = "application/x-ndjson"))),
        responses((status = 202, body = IngestAnswer), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
    logs
}
route! {
    /// Lists records.
    #[utoipa::path(get, path = "/api/v1/audit/logs", params(ListParameters), security(("api_key" = [])),
        responses((status = 200, body = RecordPage), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
    list
}
route! {
    /// Gives one record.
    #[utoipa::path(get, path = "/api/v1/audit/logs/{id}", security(("api_key" = [])),
        params(("id" = String, Path, description = "The record's id"), ("ledger" = Option<String>, Query, description = "The ledger's short name")),
        responses((status = 200, body = RecordAnswer), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
    get
}
route! {
    /// Lists the ledgers that the key may read.
    #[utoipa::path(get, path = "/api/v1/ledgers", security(("api_key" = [])),
        responses((status = 200, body = Ledgers), (status = "4XX", body = Problem), (status = "5XX", body = Problem)))]
    ledgers
}
route! {
    /// Says which parts answer. Needs no key.
    #[utoipa::path(get, path = "/api/v1/health",
        responses((status = 200, body = Health), (status = 503, body = Health)))]
    health
}
route! {
    /// This document. Needs no key.
    #[utoipa::path(get, path = "/api/v1/openapi.json", responses((status = 200, description = "OpenAPI 3.1")))]
    openapi
}
