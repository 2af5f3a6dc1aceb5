//! The parser: one value from bytes.

use super::Value;
use crate::error::{Code, FieldError};

/// Why a text is not a value that a record may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset} ({code})")]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// Byte of the input at which it was seen.
    pub offset: usize,
    /// JSON pointer of the innermost value around it.
    pub pointer: String,
    /// What is wrong, for a person.
    pub message: &'static str,
}

impl From<Error> for FieldError {
    fn from(error: Error) -> Self {
        FieldError::new(
            error.pointer,
            error.code,
            format!("{} at byte {}", error.message, error.offset),
        )
    }
}

/// Reads exactly one value.
///
/// # Errors
/// The first thing that is wrong, in the order of the text.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, Error> {
    let _ = bytes;
    unimplemented!()
}
