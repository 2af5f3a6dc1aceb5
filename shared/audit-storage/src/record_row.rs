//! The row of an entry in the index, as a pure function of the entry, its opened fields and its
//! position.
//!
//! Purity is what makes the index derived: whoever opens the segment again gets the same row byte
//! for byte, and after an erasure the same function, which then opens no content, gives the
//! scrubbed row. Every entry of every kind has a row; only a `record`'s has members of the client.
//!
//! Attribute names are short because they are stored and billed with each row; a typical row has
//! to fit in 0.6 kB (and one write unit, 1,024 bytes):
//!
//! | name | what | | name | what |
//! |---|---|---|---|---|
//! | `pk`, `sk` | [`rows::record`] | | `ty` | `type` |
//! | `v` | version of this form, 1 | | `oc`, `ri` | outcome, risk level |
//! | `k` | kind, absent for `record` | | `sy`, `en` | system, environment |
//! | `i` | ledger index | | `at`, `sc` | actor's type, subject's category |
//! | `ss`, `sv` | segment's start, version | | `mo`, `pr` | model, provider |
//! | `so`, `sl` | offset, length in it | | `oa` | `occurred_at`, milliseconds |
//! | `h` | leaf hash | | `de`, `tr`, `pa` | decision, trace, parent id |
//! | `ra` | `received_at`, milliseconds | | `ti` | title |
//! | `er` | content was erased | | `ttl` | when it expires, seconds |
//!
//! `ak`, `uk` and `ck` are the keys of the sparse indexes, `<ledger>#<value>`. What they hold
//! (actor id, subject id, chain id) is not stored a second time; `cs` says which of the three ids
//! the chain's is: `d`, `t` or `p`.

mod derive;
mod form;
mod title;

use audit_record::{LedgerName, Millis, RecordId};

use crate::stores::VersionId;

/// The version of the row form.
pub const ROW_VERSION: u64 = 1;
/// The kind of what clients send.
pub const RECORD_KIND: &str = "record";

/// Where an entry stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Its index in the ledger.
    pub index: u64,
    /// The start of its segment.
    pub segment_start: u64,
    /// The segment's version, which a reader asks for.
    pub segment_version: VersionId,
    /// Where in the object the entry's CBOR array `[entry, body]` begins.
    pub offset: u64,
    /// How many bytes that array has.
    pub length: u64,
}

/// What a row takes from the entry itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowEntry<'a> {
    /// The ledger.
    pub ledger: &'a LedgerName,
    /// The entry's id.
    pub id: RecordId,
    /// Its kind.
    pub kind: &'a str,
    /// When it was received; for the ledger's own kinds, when it was made.
    pub received_at: Millis,
    /// Its leaf hash.
    pub leaf_hash: [u8; 32],
}

/// The settings of a ledger that shape its rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowSettings {
    /// Partitions of a day.
    pub buckets: u16,
    /// Days in the index, counted from the id's time; absent for ever.
    pub index_days: Option<u32>,
}

impl From<&crate::config::LedgerConfig> for RowSettings {
    fn from(config: &crate::config::LedgerConfig) -> Self {
        Self {
            buckets: config.buckets,
            index_days: config.index_days,
        }
    }
}

/// How much of a record's body could be opened.
#[derive(Debug)]
pub enum Opened<'a, F: ?Sized> {
    /// An entry that is not a `record`: nothing of its body goes into the row.
    OwnKind,
    /// All parts that there are.
    Whole(&'a F),
    /// The content's key was destroyed: the fields are the facts alone.
    Erased(&'a F),
}

/// What the client said, as far as lists and filters need it. Strings are cut.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members {
    /// `type`.
    pub record_type: Option<String>,
    /// `occurred_at`.
    pub occurred_at: Option<Millis>,
    /// `system`.
    pub system: Option<String>,
    /// `environment`.
    pub environment: Option<String>,
    /// `actor.id`.
    pub actor_id: Option<String>,
    /// `actor.type`.
    pub actor_type: Option<String>,
    /// `subject.id`.
    pub subject_id: Option<String>,
    /// `subject.category`.
    pub subject_category: Option<String>,
    /// `decision.outcome`.
    pub outcome: Option<String>,
    /// `decision.risk_level`.
    pub risk_level: Option<String>,
    /// The model, as [`Fields::model`](audit_record::Fields::model) has it.
    pub model: Option<String>,
    /// `gen_ai.provider.name`.
    pub provider: Option<String>,
    /// `trace_id`.
    pub trace_id: Option<String>,
    /// `parent_id`.
    pub parent_id: Option<String>,
    /// `decision_id`.
    pub decision_id: Option<String>,
    /// One short line that tells this record from the next.
    pub title: Option<String>,
}

impl Members {
    /// The id that ties records to a chain: the decision's, else the trace's, else the parent's.
    #[must_use]
    pub fn chain_id(&self) -> Option<&str> {
        self.decision_id
            .as_deref()
            .or(self.trace_id.as_deref())
            .or(self.parent_id.as_deref())
    }
}

/// An entry's row, typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordRow {
    /// The ledger.
    pub ledger: LedgerName,
    /// The entry's id.
    pub id: RecordId,
    /// Its kind; [`RECORD_KIND`] for what clients sent.
    pub kind: String,
    /// Where it stands.
    pub position: Position,
    /// Its leaf hash.
    pub leaf_hash: [u8; 32],
    /// When it was received.
    pub received_at: Millis,
    /// Its content can't be opened any more.
    pub erased: bool,
    /// What the client said.
    pub members: Members,
    /// When DynamoDB may drop the row, seconds since 1970.
    pub ttl: Option<u64>,
    /// The bucket of its partition.
    pub bucket: u16,
}

impl RecordRow {
    /// Whether it is what a client sent, and not an entry of the ledger's own.
    #[must_use]
    pub fn is_record(&self) -> bool {
        self.kind == RECORD_KIND
    }
}

#[cfg(test)]
mod tests;
