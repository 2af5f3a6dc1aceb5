//! Batches: the elements of an array, or the lines of NDJSON, each with its own verdict.

use super::{Error, Value};

/// One record of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Element<'a> {
    /// Its bytes as sent, without white space around them.
    pub raw: &'a [u8],
    /// Where they begin in the body.
    pub offset: usize,
    /// Its value, or why it is refused; the error's pointer begins at the element.
    pub value: Result<Value<'a>, Error>,
}

/// Splits a JSON array. An element that is sound JSON but refused for what it says (a duplicate key,
/// a number out of range, a lone surrogate, bytes that are not UTF-8, nesting too deep) refuses
/// itself only; its neighbours stand.
///
/// # Errors
/// If the body is not a JSON array, or has more than `max` elements.
pub fn elements(bytes: &[u8], max: usize) -> Result<Vec<Element<'_>>, Error> {
    let _ = (bytes, max);
    unimplemented!()
}

/// Splits NDJSON: one value a line, lines end with LF or CRLF, blank ones are passed over. A line
/// that is no JSON at all refuses itself only.
///
/// # Errors
/// If there are more than `max` lines that are not blank.
pub fn lines(bytes: &[u8], max: usize) -> Result<Vec<Element<'_>>, Error> {
    let _ = (bytes, max);
    unimplemented!()
}
