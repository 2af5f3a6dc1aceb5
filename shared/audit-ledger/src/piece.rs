//! What a ledger's part of a batch consists of, and what became of each piece.

use audit_log::{Hash, canonical};
use audit_record::{Millis, Record, RecordId};

/// One thing to be committed: a record, or the stand-in for a message that can't be read.
pub(crate) struct Piece<'r> {
    /// The message it came in: an index into the batch.
    pub(crate) message: usize,
    /// The id of its entry, unless it turns out to be a conflict.
    pub(crate) id: RecordId,
    /// When the server received it.
    pub(crate) received_at: Millis,
    pub(crate) matter: Matter<'r>,
}

/// What a piece is made of.
pub(crate) enum Matter<'r> {
    /// A client's record.
    Record(Record<'r>),
    /// A message that no reader can parse, kept in quarantine.
    Rejected {
        /// HMAC of its bytes, under the salt that lies with them.
        digest: Hash,
        /// Why: a stable word.
        reason: String,
    },
}

impl Piece<'_> {
    /// What decides whether two pieces of one id are the same: equal canonical JSON of what the
    /// clients sent. A rejected message's id is made from the message itself.
    pub(crate) fn same_as(&self, other: &Piece<'_>) -> bool {
        match (&self.matter, &other.matter) {
            (Matter::Record(one), Matter::Record(two)) => canonical_of(one) == canonical_of(two),
            (Matter::Rejected { .. }, Matter::Rejected { .. }) => true,
            (Matter::Record(_), Matter::Rejected { .. })
            | (Matter::Rejected { .. }, Matter::Record(_)) => false,
        }
    }
}

/// The canonical form of what the client sent.
pub(crate) fn canonical_of(record: &Record<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    canonical::write_object(record.members(), &mut out);
    out
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing yet; at the end of an invocation, that the message must be delivered again.
    Pending,
    /// Committed as an entry of its own, `record` or `rejected`.
    Committed,
    /// It had been committed before.
    Duplicate,
    /// Committed as a `conflict` entry.
    Conflict,
}
