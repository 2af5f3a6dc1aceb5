//! What one answer may cost: pages of storage and time.

use audit_record::Millis;
use audit_storage::Clock;

/// Pages that one answer may read: 20, of at most 1 MB each. A page takes DynamoDB some 10 ms to
/// 50 ms, so they end within the time below and within a function's memory.
const PAGES: u32 = 20;
/// How long one answer may take: 2 s, far below the 30 s at which API Gateway gives up
/// ("Quotas for configuring and running an HTTP API", integration timeout).
const TIME_MS: u64 = 2_000;

/// What is left for one answer.
///
/// It is asked before a further step and never before the first, so each answer gets further than
/// the one before it, however slow the storage is.
#[derive(Debug)]
pub(crate) struct Budget<'a, C> {
    clock: &'a C,
    deadline: Millis,
    pages: u32,
}

impl<'a, C: Clock> Budget<'a, C> {
    /// A whole budget, from now on.
    pub(crate) fn new(clock: &'a C) -> Self {
        let deadline = Millis::new(clock.now().get().saturating_add(TIME_MS));
        Self {
            clock,
            deadline,
            pages: PAGES,
        }
    }

    /// Counts a page that is about to be read.
    pub(crate) fn page(&mut self) {
        self.pages = self.pages.saturating_sub(1);
    }

    /// Whether the answer should stop here.
    pub(crate) fn is_spent(&self) -> bool {
        self.pages == 0 || self.clock.now() >= self.deadline
    }
}
