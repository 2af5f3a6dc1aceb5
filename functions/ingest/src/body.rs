//! From a request's body to its records, each with its bytes and its value or why it has none.

use audit_lambda::http::{ApiError, Code, Detail, Request};
use audit_record::json::{self, Element};
use audit_record::limits::BATCH_RECORDS_MAX;

/// What a route's body holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// One record.
    One,
    /// A JSON array, or NDJSON.
    Batch,
}

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";

/// Splits the body.
///
/// # Errors
/// 415 for another type or an encoding, 413 for too many bytes, 400 where it is no batch at all
/// or an empty one.
pub(crate) fn elements(request: &Request, framing: Framing) -> Result<Vec<Element<'_>>, ApiError> {
    if request
        .header("content-encoding")
        .is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("identity"))
    {
        return Err(unsupported("The body must not be compressed."));
    }
    let media_type = request.media_type();
    let body = request.body()?;
    let elements = match (framing, media_type.as_deref().unwrap_or(JSON)) {
        (Framing::One, JSON) => return Ok(vec![one(body)]),
        (Framing::One, _) => return Err(unsupported("Send the record as application/json.")),
        (Framing::Batch, JSON) => json::elements(body, BATCH_RECORDS_MAX),
        (Framing::Batch, NDJSON) => json::lines(body, BATCH_RECORDS_MAX),
        (Framing::Batch, _) => {
            return Err(unsupported(
                "Send records as a JSON array (application/json) or as application/x-ndjson.",
            ));
        }
    };
    let elements = elements
        .map_err(|error| not_a_batch(Detail::new("", error.code.as_str(), error.message)))?;
    if elements.is_empty() {
        return Err(not_a_batch(Detail::new("", "too_short", "holds no record")));
    }
    Ok(elements)
}

/// A body that is one record: what is wrong with it is wrong with the record.
fn one(body: &[u8]) -> Element<'_> {
    Element {
        raw: body.trim_ascii(),
        offset: 0,
        value: json::parse(body),
    }
}

fn unsupported(message: &'static str) -> ApiError {
    ApiError::new(Code::UnsupportedMediaType, message)
}

fn not_a_batch(detail: Detail) -> ApiError {
    ApiError::new(Code::InvalidRequest, "The body can't be read as records.").with_detail(detail)
}
