//! A failure as a person reads it: what went wrong, and what to do next.

use audit_storage::Kind;

/// Exit code of a command that did its work.
pub(crate) const DONE: u8 = 0;
/// Exit code of a verification that found something.
pub(crate) const EXIT_FINDINGS: u8 = 1;
/// Exit code of a command that could not do its work. (2 is the parser's, for a command line that
/// is wrong.)
pub(crate) const EXIT_FAILURE: u8 = 3;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What went wrong.
    pub(crate) what: String,
    /// What to do next.
    pub(crate) next: String,
}

impl Failure {
    pub(crate) fn new(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            next: next.into(),
        }
    }
}

impl From<audit_storage::Error> for Failure {
    fn from(error: audit_storage::Error) -> Self {
        let next = match error.kind() {
            Kind::Invalid => "correct the command line",
            Kind::Conflict => "look at what is there (`list`), then decide anew",
            Kind::Unavailable | Kind::Unknown => {
                "check that AWS_ENDPOINT_URL or the network answers, then run the same command \
                 again: every command can be repeated"
            }
            Kind::Corrupt => {
                "stop writing to this ledger, run `verify-ledger`, and keep what it prints"
            }
            Kind::Forbidden | Kind::Internal => {
                "check the credentials and their permissions, and that tables, buckets and the key \
                 have the names that the environment gives (on the local stack: source .local/env)"
            }
            Kind::NotFound => "create it first, or check the name with `list`",
        };
        let mut what = error.context().to_owned();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            what.push_str(": ");
            what.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::new(what, next)
    }
}

/// The result of a command.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

#[cfg(test)]
mod tests {
    use audit_storage::Error;

    use super::*;

    #[test]
    fn a_failure_says_the_whole_cause_and_something_to_do() {
        for kind in Kind::ALL {
            let failure = Failure::from(Error::new(kind, "Query").caused_by("connection refused"));
            assert_eq!(failure.what, "Query: connection refused", "{kind}");
            assert!(!failure.next.is_empty(), "{kind}");
        }
    }
}
