//! How a delivered message ended, and what a batch of them came to.

/// A message as the queue delivered it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The queue's id of the message: the same at each delivery.
    pub message_id: String,
    /// The handle of this delivery.
    pub receipt: String,
    /// When the queue took it, in milliseconds since 1970: the same at each delivery.
    pub sent_at: audit_record::Millis,
    /// How often it was delivered, this time included.
    pub receive_count: u32,
    /// The message attribute that names the ledger; absent if the message has none.
    pub ledger: Option<String>,
    /// The body.
    pub body: String,
}

/// How a message ended. All but [`Retry`](Self::Retry) mean that the queue may delete it: whatever
/// it held stands in a committed segment or, for a message that nobody can read, in quarantine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MessageOutcome {
    /// Its records were committed; some may have been duplicates.
    Committed,
    /// All of its records had been committed before.
    Duplicate,
    /// Some record's id was taken by another content; it was committed as a `conflict` entry, the
    /// message's other records as they are.
    Conflict,
    /// Not, or not surely, committed: it must be delivered again.
    Retry,
    /// It, or a record in it, can't be read or belongs to no ledger: kept in quarantine, and
    /// named by a `rejected` entry where there is a ledger to name it in.
    Quarantined,
}

impl MessageOutcome {
    /// Every outcome, for tables in tests and metrics.
    pub const ALL: [Self; 5] = [
        Self::Committed,
        Self::Duplicate,
        Self::Conflict,
        Self::Retry,
        Self::Quarantined,
    ];

    /// Whether the queue may delete the message.
    #[must_use]
    pub const fn is_final(self) -> bool {
        match self {
            Self::Committed | Self::Duplicate | Self::Conflict | Self::Quarantined => true,
            Self::Retry => false,
        }
    }

    /// The stable name under which it is counted.
    #[must_use]
    pub const fn metric(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Duplicate => "duplicate",
            Self::Conflict => "conflict",
            Self::Retry => "retry",
            Self::Quarantined => "quarantined",
        }
    }
}

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageResult {
    /// The queue's id of the message.
    pub message_id: String,
    /// The handle of the delivery.
    pub receipt: String,
    /// How often it was delivered, for the time until the next attempt.
    pub receive_count: u32,
    /// How it ended.
    pub outcome: MessageOutcome,
}

/// What happened to records and segments while a batch was processed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records committed as `record` entries.
    pub committed: u64,
    /// Records that had been committed before.
    pub duplicates: u64,
    /// Records committed as `conflict` entries.
    pub conflicts: u64,
    /// `rejected` entries committed.
    pub rejected: u64,
    /// Segments committed.
    pub segments: u64,
    /// Segments of others that were rolled forward.
    pub rolled_forward: u64,
    /// Ledgers that stopped because their storage contradicts itself: somebody must look.
    pub alarms: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.committed += other.committed;
        self.duplicates += other.duplicates;
        self.conflicts += other.conflicts;
        self.rejected += other.rejected;
        self.segments += other.segments;
        self.rolled_forward += other.rolled_forward;
        self.alarms += other.alarms;
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    /// One result for each message, in the order of the batch.
    pub messages: Vec<MessageResult>,
    /// What happened meanwhile.
    pub counts: Counts,
}

impl BatchOutcome {
    /// The messages that must be delivered again.
    pub fn retries(&self) -> impl Iterator<Item = &MessageResult> {
        self.messages
            .iter()
            .filter(|message| !message.outcome.is_final())
    }
}

/// What a sweep over all ledgers came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepOutcome {
    /// Ledgers looked at.
    pub ledgers: u64,
    /// Segments rolled forward.
    pub rolled_forward: u64,
    /// Ledgers that could not be swept; the next sweep tries again.
    pub failed: u64,
    /// Of these, the ones whose storage contradicts itself.
    pub alarms: u64,
}
