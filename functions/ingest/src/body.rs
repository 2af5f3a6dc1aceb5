//! From a body to its records, each with its bytes and its value or why it has none.

use audit_lambda::http::{ApiError, Code, Detail};
use audit_record::json::{self, Element};
use audit_record::limits::{BATCH_RECORDS_MAX, RECORD_BYTES_MAX};

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

/// Splits a body of this media type.
///
/// # Errors
/// 415 for another type, 400 where it is no batch at all or an empty one.
pub(crate) fn elements<'a>(
    body: &'a [u8],
    media_type: Option<&str>,
    framing: Framing,
) -> Result<Vec<Element<'a>>, ApiError> {
    let elements = match (framing, media_type.unwrap_or(JSON)) {
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

/// A body that is one record: what is wrong with it is wrong with the record. One that is too
/// large is not parsed: values take many times the bytes of `[[0]]`.
fn one(body: &[u8]) -> Element<'_> {
    let raw = body.trim_ascii();
    let value = if raw.len() > RECORD_BYTES_MAX {
        Err(json::Error {
            code: audit_record::Code::TooLarge,
            offset: 0,
            pointer: String::new(),
            message: "longer than a record may be",
        })
    } else {
        json::parse(body)
    };
    Element {
        raw,
        offset: 0,
        value,
    }
}

fn unsupported(message: &'static str) -> ApiError {
    ApiError::new(Code::UnsupportedMediaType, message)
}

fn not_a_batch(detail: Detail) -> ApiError {
    ApiError::new(Code::InvalidRequest, "The body can't be read as records.").with_detail(detail)
}
