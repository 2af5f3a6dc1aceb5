//! The routes: authenticate, read the parameters, ask, answer.

use std::sync::Arc;

use audit_lambda::Credential;
use audit_lambda::http::{ApiError, Detail, Facts, Request, Response};
use audit_query::{ChainRequest, Figures, ListError, ListRequest, MetricsRequest, PageLimit};
use audit_record::{LedgerName, RecordId};
use audit_storage::metric_row::Dimension;
use audit_storage::record_row::RecordRow;
use audit_storage::stores::KeyStore;
use audit_storage::{Backend, Clock, Error, Kind};

use crate::figures::MetricsPage;
use crate::parameters::{ChainParameters, ListParameters, MetricsParameters};
use crate::wire::{Health, Ledgers, RecordAnswer, RecordChain, RecordPage};
use crate::{Query, choice, compact, openapi};

type Answer = Result<Response, ApiError>;

/// `GET /api/v1/audit/logs`
pub(crate) async fn list<S, K, C>(query: Arc<Query<S, K, C>>, request: Request) -> Answer
where
    S: Backend,
    K: KeyStore,
    C: Clock,
{
    let credential = query.authenticator.authenticate(&request).await?;
    choice::require_read(&credential)?;
    let parameters = ListParameters::read(&request)?;
    let ledger = choice::ledger(&query.reader, &credential, parameters.ledger.as_deref()).await?;
    let asked = ListRequest {
        filter: &parameters.filter,
        order: parameters.order,
        limit: PageLimit {
            rows: parameters.limit,
            weight: compact::WIRE_BYTES,
            weigh: wire_weight,
        },
        cursor: parameters.cursor.as_deref(),
    };
    let listing = query
        .reader
        .list(&ledger, &asked)
        .await
        .map_err(|error| refused(&ledger.ledger, error))?;
    let facts = facts(&credential, Some(&ledger.ledger), listing.rows.len());
    Ok(Response::json(200, &RecordPage::from(listing)).with_facts(facts))
}

/// `GET /api/v1/audit/logs/{id}`
pub(crate) async fn get<S, K, C>(query: Arc<Query<S, K, C>>, request: Request) -> Answer
where
    S: Backend,
    K: KeyStore,
    C: Clock,
{
    let credential = query.authenticator.authenticate(&request).await?;
    choice::require_read(&credential)?;
    let parameters = request.query(&["ledger"])?;
    let id = id(&request)?;
    let ledgers = choice::searched(&query.reader, &credential, parameters.get("ledger")).await?;
    for ledger in &ledgers {
        let found = query
            .reader
            .get(ledger, id)
            .await
            .map_err(|error| alarmed(&ledger.ledger, error))?;
        if let Some(found) = found {
            let facts = facts(&credential, Some(&ledger.ledger), 1);
            let rest = Response::json(200, &RecordAnswer::from(&found));
            let body = format!(
                "{{\"record\":{},{}",
                compact::record(&found.record),
                &rest.body()[1..]
            );
            return Ok(Response::json_text(200, body).with_facts(facts));
        }
    }
    Err(ApiError::not_found().with_facts(facts(&credential, None, 0)))
}

/// `GET /api/v1/audit/logs/{id}/chain`
pub(crate) async fn chain<S, K, C>(query: Arc<Query<S, K, C>>, request: Request) -> Answer
where
    S: Backend,
    K: KeyStore,
    C: Clock,
{
    let credential = query.authenticator.authenticate(&request).await?;
    choice::require_read(&credential)?;
    let parameters = ChainParameters::read(&request)?;
    let id = id(&request)?;
    let named = parameters.ledger.as_deref();
    let ledgers = choice::searched(&query.reader, &credential, named).await?;
    let asked = ChainRequest {
        id,
        limit: PageLimit {
            rows: parameters.limit,
            weight: compact::WIRE_BYTES,
            weigh: wire_weight,
        },
        cursor: parameters.cursor.as_deref(),
    };
    for ledger in &ledgers {
        let found = query
            .reader
            .chain(ledger, &asked)
            .await
            .map_err(|error| refused(&ledger.ledger, error))?;
        if let Some(chain) = found {
            let facts = facts(&credential, Some(&ledger.ledger), chain.rows.len());
            return Ok(Response::json(200, &RecordChain::from(chain)).with_facts(facts));
        }
    }
    Err(ApiError::not_found().with_facts(facts(&credential, None, 0)))
}

/// `GET /api/v1/audit/metrics`
pub(crate) async fn metrics<S, K, C>(query: Arc<Query<S, K, C>>, request: Request) -> Answer
where
    S: Backend,
    K: KeyStore,
    C: Clock,
{
    let credential = query.authenticator.authenticate(&request).await?;
    choice::require_read(&credential)?;
    let parameters = MetricsParameters::read(&request)?;
    let ledger = choice::ledger(&query.reader, &credential, parameters.ledger.as_deref()).await?;
    let asked = MetricsRequest {
        from: parameters.from,
        to: parameters.to,
        bucket: parameters.bucket,
        // The total can be as large as all buckets together.
        weight: compact::WIRE_BYTES / 2,
        weigh: figures_weight,
    };
    let metrics = query
        .reader
        .metrics(&ledger, &asked)
        .await
        .map_err(|error| alarmed(&ledger.ledger, error))?;
    let facts = facts(&credential, Some(&ledger.ledger), metrics.buckets.len());
    let answer = MetricsPage::new(metrics, parameters.bucket);
    Ok(Response::json(200, &answer).with_facts(facts))
}

/// `GET /api/v1/ledgers`
pub(crate) async fn ledgers<S, K, C>(query: Arc<Query<S, K, C>>, request: Request) -> Answer
where
    S: Backend,
    K: KeyStore,
    C: Clock,
{
    let credential = query.authenticator.authenticate(&request).await?;
    choice::require_read(&credential)?;
    request.query(&[])?;
    let readable = choice::readable(&query.reader, &credential).await?;
    let states = query.reader.states(readable).await?;
    let facts = facts(&credential, None, states.len());
    let answer = Ledgers {
        ledgers: states.into_iter().map(Into::into).collect(),
    };
    Ok(Response::json(200, &answer).with_facts(facts))
}

/// `GET /api/v1/health`
pub(crate) async fn health<S, K, C>(query: Arc<Query<S, K, C>>, request: Request) -> Answer
where
    S: Backend,
    K: KeyStore,
    C: Clock,
{
    request.query(&[])?;
    let health = query.reader.health(&query.classes).await;
    let status = if health.is_well() { 200 } else { 503 };
    Ok(Response::json(status, &Health::from(health)))
}

/// `GET /api/v1/openapi.json`
pub(crate) async fn openapi<S, K, C>(_: Arc<Query<S, K, C>>, request: Request) -> Answer
where
    S: Backend,
    K: KeyStore,
    C: Clock,
{
    request.query(&[])?;
    Ok(Response::json_text(200, openapi::CHECKED_IN.to_owned()))
}

/// The id in the path.
fn id(request: &Request) -> Result<RecordId, ApiError> {
    let id = request.path_parameter("id").unwrap_or_default();
    RecordId::parse(id).map_err(|_| {
        ApiError::invalid(Detail::new(
            "id",
            "invalid_id",
            "is a record's id: a UUID in lower case",
        ))
    })
}

fn facts(credential: &Credential, ledger: Option<&LedgerName>, returned: usize) -> Facts {
    Facts {
        ledger: ledger.map(ToString::to_string),
        key_id: Some(credential.key_id.to_string()),
        returned: Some(returned as u64),
        ..Facts::default()
    }
}

/// Why a list or chain has no answer.
fn refused(ledger: &LedgerName, error: ListError) -> ApiError {
    match error {
        ListError::Cursor(_) => ApiError::invalid(Detail::new(
            "cursor",
            "invalid_value",
            "is not a cursor of this list: send it with the parameters of the answer that it came from",
        )),
        ListError::Storage(error) => alarmed(ledger, error),
    }
}

/// Stored bytes that contradict each other are more than a failed request: somebody has to look.
fn alarmed(ledger: &LedgerName, error: Error) -> ApiError {
    if error.kind() == Kind::Corrupt {
        tracing::error!(
            alarm = "corrupt",
            ledger = ledger.as_str(),
            %error,
            cause = std::error::Error::source(&error).map(ToString::to_string),
            "what is stored does not hold against what the ledger commits to"
        );
    }
    error.into()
}

/// What a row takes in the function's answer at most: names, hashes, times and punctuation of a
/// summary take less than 1,200 bytes with their escapes, a byte of a string at most seven (a
/// control character: `\\u0001`).
fn wire_weight(row: &RecordRow) -> usize {
    let members = &row.members;
    let texts = [
        &members.record_type,
        &members.system,
        &members.environment,
        &members.actor_id,
        &members.actor_type,
        &members.subject_id,
        &members.subject_category,
        &members.outcome,
        &members.risk_level,
        &members.model,
        &members.provider,
        &members.trace_id,
        &members.parent_id,
        &members.decision_id,
        &members.title,
    ];
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' => 4,
        0..0x20 => 7,
        _ => 1,
    };
    1_200
        + texts
            .into_iter()
            .flatten()
            .flat_map(|text| text.bytes())
            .map(escaped)
            .sum::<usize>()
}

/// What figures take in the function's answer at most: names and punctuation of their fixed members
/// less than 1,200 bytes with their escapes; for each named value, which holds no character that is
/// escaped, its quotes and a count; and for each that has times four percentiles of at most 7 digits
/// with their names.
fn figures_weight(figures: &Figures) -> usize {
    let counts = Dimension::ALL.into_iter().flat_map(|of| figures.counts(of));
    let times = figures
        .latency_by_model
        .iter()
        .chain(&figures.latency_by_system);
    1_200
        + counts.map(|(value, _)| value.len() + 26).sum::<usize>()
        + times.map(|(value, _)| value.len() + 130).sum::<usize>()
}
