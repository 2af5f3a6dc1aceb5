//! Sealing a part: XAES-256-GCM (C2SP) over its salt and its fields, compressed and padded.

use audit_record::Part;
use audit_record::json::Value;

use crate::key::PartSalt;

/// Why a part can't be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another key, another place, or changed bytes.
    #[error("does not open with this key in this place")]
    WrongKey,
    /// The plaintext has not the sealed form, though it is authentic.
    #[error("the sealed plaintext is malformed: {0}")]
    Malformed(&'static str),
    /// The fields are longer than a part may be.
    #[error("the part's fields are longer than a part may be")]
    TooLong,
    /// The record has content, and no scope key was given.
    #[error("content needs a scope key")]
    NoScopeKey,
    /// The compressor failed.
    #[error("the compressor failed")]
    Compressor,
    /// The entry would be longer than an entry may be.
    #[error("the entry is longer than an entry may be")]
    EntryTooLong,
}

/// A part that was opened: its salt and its fields, not yet checked against any digest.
#[derive(Clone)]
pub struct OpenedPart {
    /// Which part.
    pub part: Part,
    /// The salt that its disclosures are made with.
    pub part_salt: PartSalt,
    /// Pointer and value of each field, by pointer in canonical order.
    pub fields: Vec<(String, Value<'static>)>,
}
