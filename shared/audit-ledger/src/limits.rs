//! How much one invocation takes on, and how long it tries.

use std::time::Duration;

/// The bounds of a [`Writer`](crate::Writer). The defaults fit a function of 20 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of records unpacked at a time: 32 MB. A message that would go beyond goes back to the
    /// queue; one that goes beyond alone is rejected. With copies for sealing it leaves room in a
    /// function of 512 MB.
    pub unpacked_bytes: usize,
    /// Until when a ledger's next round, or the next attempt at a request, may begin: 14 s, so
    /// that the last one still ends within the function's 20 s.
    pub budget: Duration,
    /// How often one request is tried: 5 times, with pauses of 50 ms doubled each time, 0.75 s in
    /// all. A longer outage is the queue's to wait for.
    pub attempts: u32,
    /// How often a ledger's batch starts again after another writer was first: 8. Each loss is
    /// another writer's progress.
    pub rounds: u32,
    /// Ledgers of a batch that are committed at the same time: 16.
    pub concurrent_ledgers: usize,
    /// Requests of one ledger in flight at the same time: 8.
    pub concurrent_requests: usize,
    /// Entries of one segment: 2,000, as many as the format allows.
    pub segment_entries: usize,
    /// For how long a ledger's configuration is taken from memory, in milliseconds: 60 s.
    pub config_age_ms: u64,
    /// Segments that one sweep, or the recovery before a commit, rolls forward: 64. What is
    /// left is rolled forward by the next.
    pub recovery_segments: u32,
}

impl Limits {
    /// For an operator's machine, where nothing times out: a day.
    #[must_use]
    pub fn unhurried() -> Self {
        Self {
            budget: Duration::from_hours(24),
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            unpacked_bytes: 32_000_000,
            budget: Duration::from_secs(14),
            attempts: 5,
            rounds: 8,
            concurrent_ledgers: 16,
            concurrent_requests: 8,
            segment_entries: audit_log::segment::ENTRIES_MAX,
            config_age_ms: 60_000,
            recovery_segments: 64,
        }
    }
}
