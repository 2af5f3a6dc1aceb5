//! What a task says when it can't go on: one line that tells what happened, and what to do.

use std::fmt;

/// A failed step.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    advice: Option<String>,
}

/// What every fallible function of this crate returns.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl Failure {
    /// What happened, in a few words.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            advice: None,
        }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// The task was stopped from outside.
    pub(crate) fn interrupted() -> Self {
        Self::new("stopped")
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.advice {
            Some(advice) => write!(f, "{}: {advice}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

/// Says what was being done when something failed.
pub(crate) trait OrFail<T> {
    /// Turns any failure into one that begins with what could not be done.
    fn or_fail(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> OrFail<T> for std::result::Result<T, E> {
    fn or_fail(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Failure::new(format!("cannot {what}: {error}")))
    }
}

impl<T> OrFail<T> for Option<T> {
    fn or_fail(self, what: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Failure::new(format!("cannot {what}")))
    }
}
