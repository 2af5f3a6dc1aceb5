//! The one error of everything that talks to storage: a few kinds that tell the *caller* what to do.
//!
//! Not a catalogue of causes: the cause goes to the log by way of `source`, and neither it nor
//! `context` may hold what a client sent. Adapters map each answer of a service to a kind; the
//! rule that matters most is that a write whose reply was lost is [`Kind::Unknown`].

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What the caller of a failed operation should do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The request is wrong and will stay wrong: change it.
    Invalid,
    /// A condition did not hold, nothing was written: reload and decide anew.
    Conflict,
    /// Nothing was written; the same request may succeed later.
    Unavailable,
    /// A write whose reply was lost: it may have happened. Read back, never repeat blindly.
    Unknown,
    /// Stored bytes contradict each other or their format: stop, page somebody.
    Corrupt,
    /// The caller's credential does not allow it. A permission that *our own* role lacks is
    /// [`Kind::Internal`]: no client can do anything about it.
    Forbidden,
    /// What was asked for does not exist.
    NotFound,
    /// A defect or a wrong configuration of ours.
    Internal,
}

impl Kind {
    /// Every kind, for tables in tests and docs.
    pub const ALL: [Self; 8] = [
        Self::Invalid,
        Self::Conflict,
        Self::Unavailable,
        Self::Unknown,
        Self::Corrupt,
        Self::Forbidden,
        Self::NotFound,
        Self::Internal,
    ];

    /// Tells whether the very same request may be sent again, as it is.
    ///
    /// `Conflict` needs a reload first and `Unknown` a read-back, so both say no.
    #[must_use]
    pub const fn retryable(self) -> bool {
        match self {
            Self::Unavailable => true,
            Self::Invalid
            | Self::Conflict
            | Self::Unknown
            | Self::Corrupt
            | Self::Forbidden
            | Self::NotFound
            | Self::Internal => false,
        }
    }

    /// The HTTP status by which a client hears of it, where nothing finer is known.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 400,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Corrupt | Self::Internal => 500,
            Self::Conflict | Self::Unavailable | Self::Unknown => 503,
        }
    }

    /// The stable name under which it is counted.
    #[must_use]
    pub const fn metric(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Unknown => "unknown",
            Self::Corrupt => "corrupt",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.metric())
    }
}

/// A failed storage operation: its kind, what was being done, and why it failed.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    context: Cow<'static, str>,
    source: Option<Box<dyn StdError + Send + Sync + 'static>>,
}

impl Error {
    /// An error without an underlying cause. `context` says what was being done, without payload.
    pub fn new(kind: Kind, context: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            context: context.into(),
            source: None,
        }
    }

    /// The same error with its cause.
    #[must_use]
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync + 'static>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// An [`Kind::Invalid`] error.
    pub fn invalid(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Invalid, context)
    }

    /// A [`Kind::Conflict`] error.
    pub fn conflict(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Conflict, context)
    }

    /// An [`Kind::Unavailable`] error.
    pub fn unavailable(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unavailable, context)
    }

    /// An [`Kind::Unknown`] error.
    pub fn unknown(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unknown, context)
    }

    /// A [`Kind::Corrupt`] error.
    pub fn corrupt(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Corrupt, context)
    }

    /// A [`Kind::Forbidden`] error.
    pub fn forbidden(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Forbidden, context)
    }

    /// A [`Kind::NotFound`] error.
    pub fn not_found(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::NotFound, context)
    }

    /// An [`Kind::Internal`] error.
    pub fn internal(context: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Internal, context)
    }

    /// What the caller should do.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// What was being done.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// See [`Kind::retryable`].
    #[must_use]
    pub const fn retryable(&self) -> bool {
        self.kind.retryable()
    }

    /// See [`Kind::http_status`].
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        self.kind.http_status()
    }

    /// See [`Kind::metric`].
    #[must_use]
    pub const fn metric(&self) -> &'static str {
        self.kind.metric()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.context)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}

/// The result of a storage operation.
pub type Result<T> = std::result::Result<T, Error>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_says_what_to_do() {
        let table: Vec<String> = Kind::ALL
            .iter()
            .map(|kind| {
                let retry = if kind.retryable() { "retry" } else { "-" };
                format!("{} {} {retry}", kind.metric(), kind.http_status())
            })
            .collect();
        assert_eq!(
            table,
            [
                "invalid 400 -",
                "conflict 503 -",
                "unavailable 503 retry",
                "unknown 503 -",
                "corrupt 500 -",
                "forbidden 403 -",
                "not_found 404 -",
                "internal 500 -",
            ]
        );
    }

    #[test]
    fn an_error_reads_as_kind_and_context_and_keeps_its_cause() {
        let error = Error::unknown("PUT segment").caused_by("connection reset");
        assert_eq!(error.to_string(), "unknown: PUT segment");
        let cause = StdError::source(&error).map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("connection reset"));
    }
}
