//! The stable codes and the form of an error that names a field.

use std::borrow::Cow;
use std::fmt;

/// A stable, `snake_case` code of an error in a request. Clients branch on it, so a code never
/// changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// An object holds the same key twice.
    DuplicateKey,
    /// An identifier is not one: no `UUIDv7` in lower case, or a time after the year 9999.
    InvalidId,
    /// Not JSON (RFC 8259): grammar, a byte order mark, data after the value.
    InvalidJson,
    /// Not an RFC 3339 time from 1970 to 9999.
    InvalidTime,
    /// A string is not UTF-8.
    InvalidUtf8,
    /// The right type, but none of the allowed values.
    InvalidValue,
    /// A `\u` escape is half of a surrogate pair.
    LoneSurrogate,
    /// `null` where a value is needed.
    NullNotAllowed,
    /// A number that a double can't hold (RFC 7493, I-JSON), or outside of what the member may be.
    NumberOutOfRange,
    /// A member or parameter is missing.
    Required,
    /// Nested deeper than [`crate::limits::DEPTH_MAX`].
    TooDeep,
    /// More bytes than a record may have.
    TooLarge,
    /// A string is too long.
    TooLong,
    /// Too many elements.
    TooMany,
    /// An id is older than the index reaches, so that it could not be deduplicated.
    TooOld,
    /// A string is too short.
    TooShort,
    /// A member that the record's form does not have.
    UnknownField,
    /// A value of another JSON type.
    WrongType,
}

impl Code {
    /// Every code, in alphabetical order.
    pub const ALL: [Code; 18] = [
        Code::DuplicateKey,
        Code::InvalidId,
        Code::InvalidJson,
        Code::InvalidTime,
        Code::InvalidUtf8,
        Code::InvalidValue,
        Code::LoneSurrogate,
        Code::NullNotAllowed,
        Code::NumberOutOfRange,
        Code::Required,
        Code::TooDeep,
        Code::TooLarge,
        Code::TooLong,
        Code::TooMany,
        Code::TooOld,
        Code::TooShort,
        Code::UnknownField,
        Code::WrongType,
    ];

    /// The code as it stands in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Code::DuplicateKey => "duplicate_key",
            Code::InvalidId => "invalid_id",
            Code::InvalidJson => "invalid_json",
            Code::InvalidTime => "invalid_time",
            Code::InvalidUtf8 => "invalid_utf8",
            Code::InvalidValue => "invalid_value",
            Code::LoneSurrogate => "lone_surrogate",
            Code::NullNotAllowed => "null_not_allowed",
            Code::NumberOutOfRange => "number_out_of_range",
            Code::Required => "required",
            Code::TooDeep => "too_deep",
            Code::TooLarge => "too_large",
            Code::TooLong => "too_long",
            Code::TooMany => "too_many",
            Code::TooOld => "too_old",
            Code::TooShort => "too_short",
            Code::UnknownField => "unknown_field",
            Code::WrongType => "wrong_type",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong with one field. The message never quotes a value: it may be a person's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the record; empty for the record itself.
    pub field: String,
    /// The stable code.
    pub code: Code,
    /// What would be right, for a person.
    pub message: Cow<'static, str>,
}

impl FieldError {
    /// An error at `field`.
    pub fn new(
        field: impl Into<String>,
        code: Code,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field: field.into(),
            code,
            message: message.into(),
        }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.field, self.message, self.code)
    }
}

impl std::error::Error for FieldError {}
