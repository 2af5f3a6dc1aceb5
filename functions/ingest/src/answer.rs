//! The answer: what became of each record, in the order sent.

use audit_lambda::http::{ApiError, Code, Detail, Facts, Response};
use audit_record::{FieldError, LedgerName};
use audit_storage::config::ApiKeyId;
use serde::Serialize;

use crate::verdict::Verdict;

/// What is to be said beside the verdicts.
pub(crate) struct Answer<'a> {
    request_id: &'a str,
    ledger: &'a LedgerName,
    key_id: &'a ApiKeyId,
}

#[derive(Serialize)]
struct Body<'a> {
    request_id: &'a str,
    ledger: &'a str,
    accepted: usize,
    rejected: usize,
    unavailable: usize,
    results: Vec<RecordResult<'a>>,
}

#[derive(Serialize)]
struct RecordResult<'a> {
    index: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<RecordError<'a>>,
}

#[derive(Serialize)]
struct RecordError<'a> {
    field: &'a str,
    code: &'static str,
    message: &'a str,
}

impl<'a> Answer<'a> {
    pub(crate) fn new(request_id: &'a str, ledger: &'a LedgerName, key_id: &'a ApiKeyId) -> Self {
        Self {
            request_id,
            ledger,
            key_id,
        }
    }

    /// 202 where a queue has at least one record; else 503 where one would have been good, and
    /// 400 where none was.
    pub(crate) fn respond(
        &self,
        verdicts: &[Verdict<'_>],
        messages: usize,
    ) -> Result<Response, ApiError> {
        let count = |wanted: fn(&Verdict<'_>) -> bool| {
            verdicts.iter().filter(|verdict| wanted(verdict)).count()
        };
        let accepted = count(|verdict| matches!(verdict, Verdict::Good(good) if good.sent));
        let unavailable = count(|verdict| matches!(verdict, Verdict::Good(good) if !good.sent));
        let rejected = count(|verdict| matches!(verdict, Verdict::Bad { .. }));
        let facts = Facts {
            ledger: Some(self.ledger.to_string()),
            key_id: Some(self.key_id.to_string()),
            accepted: Some(accepted as u64),
            rejected: Some(rejected as u64),
            unavailable: Some(unavailable as u64),
            messages: Some(messages as u64),
            ..Facts::default()
        };
        if accepted == 0 {
            let error = if unavailable > 0 {
                ApiError::new(Code::Unavailable, "").with_header("retry-after", "1")
            } else {
                ApiError::new(Code::InvalidRequest, "No record was accepted.")
            };
            return Err(error.with_details(details(verdicts)).with_facts(facts));
        }
        let body = Body {
            request_id: self.request_id,
            ledger: self.ledger.as_str(),
            accepted,
            rejected,
            unavailable,
            results: verdicts
                .iter()
                .enumerate()
                .map(|(index, verdict)| result(index, verdict))
                .collect(),
        };
        Ok(Response::json(202, &body).with_facts(facts))
    }
}

fn result<'a>(index: usize, verdict: &'a Verdict<'_>) -> RecordResult<'a> {
    match verdict {
        Verdict::Good(good) => RecordResult {
            index,
            id: Some(good.id.to_string()),
            status: if good.sent { "accepted" } else { "unavailable" },
            errors: Vec::new(),
        },
        Verdict::Bad { id, errors } => RecordResult {
            index,
            id: id.map(|id| id.to_string()),
            status: "rejected",
            errors: errors.iter().map(record_error).collect(),
        },
    }
}

fn record_error(error: &FieldError) -> RecordError<'_> {
    RecordError {
        field: &error.field,
        code: error.code.as_str(),
        message: &error.message,
    }
}

/// The errors of all records, each naming its record.
fn details(verdicts: &[Verdict<'_>]) -> Vec<Detail> {
    let mut details = Vec::new();
    for (index, verdict) in verdicts.iter().enumerate() {
        if let Verdict::Bad { errors, .. } = verdict {
            details.extend(errors.iter().map(|error| {
                Detail::new(
                    error.field.clone(),
                    error.code.as_str(),
                    error.message.clone(),
                )
                .at(index)
            }));
        }
    }
    details
}
