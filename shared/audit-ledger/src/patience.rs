//! Bounded retries. A storage call is one request; how often it is worth repeating is decided
//! here, once, from the error's kind and the time that is left.

use std::future::Future;
use std::time::Duration;

use audit_record::Millis;
use audit_storage::{Clock, Error, Kind, Result};

use crate::limits::Limits;

const FIRST_PAUSE_MS: u64 = 50;

/// What is left of an operation's time, and the pauses between attempts.
///
/// Takes the clock's time at the start and lets nothing begin after the budget. A clock that
/// jumps back merely gives more time; the function's own timeout is the outer bound.
#[derive(Debug)]
pub(crate) struct Patience<'a, C> {
    clock: &'a C,
    ends: Millis,
    attempts: u32,
}

impl<'a, C: Clock> Patience<'a, C> {
    pub(crate) fn new(clock: &'a C, limits: &Limits) -> Self {
        let budget_ms = u64::try_from(limits.budget.as_millis()).unwrap_or(u64::MAX);
        Self {
            clock,
            ends: Millis::new(clock.now().get().saturating_add(budget_ms)),
            attempts: limits.attempts.max(1),
        }
    }

    /// Whether another round may begin.
    pub(crate) fn has_time(&self) -> bool {
        self.clock.now() < self.ends
    }

    /// Waits before attempt number `attempt` (the first repetition is 1); false if there is none.
    pub(crate) async fn pause(&self, attempt: u32) -> bool {
        if attempt >= self.attempts || !self.has_time() {
            return false;
        }
        let pause_ms = FIRST_PAUSE_MS << attempt.saturating_sub(1).min(6);
        self.clock.sleep(Duration::from_millis(pause_ms)).await;
        true
    }

    /// Does a read, or a write of which only `Unavailable` says that it was not done.
    pub(crate) async fn ask<T, F>(&self, request: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.repeat(request, Error::retryable).await
    }

    /// Does a write that changes nothing when it is done twice, so that a lost reply is answered
    /// by doing it again.
    pub(crate) async fn write_again<T, F>(&self, request: impl FnMut() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        self.repeat(request, |error| {
            matches!(error.kind(), Kind::Unavailable | Kind::Unknown)
        })
        .await
    }

    async fn repeat<T, F>(
        &self,
        mut request: impl FnMut() -> F,
        worth_it: impl Fn(&Error) -> bool,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut attempt = 0;
        loop {
            let error = match request().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            attempt += 1;
            if !worth_it(&error) || !self.pause(attempt).await {
                return Err(error);
            }
        }
    }
}
