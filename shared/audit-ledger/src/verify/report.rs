//! What a verification found.

use audit_log::Hash;
use audit_record::LedgerName;

/// Findings that are kept; more are only counted.
const KEPT: usize = 200;

/// What kind of thing is wrong. The words are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A segment has versions or delete markers beside the one that the chain demands.
    ExtraVersion,
    /// An object among the segments that is none.
    ForeignObject,
    /// Segments leave a gap or overlap.
    Gap,
    /// Bytes that are no segment, or one that does not follow the one before.
    Segment,
    /// The tree of another implementation has another root.
    Root,
    /// Bytes that are no entry, or an entry of another ledger, or a kind in the wrong place.
    Entry,
    /// Entry, body and opened parts do not agree.
    Body,
    /// A key is missing and no tombstone says why.
    Key,
    /// A conflict refers to something else than it says.
    Reference,
    /// An id has two entries.
    DuplicateId,
    /// An entry has no row.
    RowMissing,
    /// A row is not what the segment says.
    RowDiffers,
    /// A row of nothing that is committed.
    RowExtra,
    /// HEAD is missing or not what the segments say.
    Head,
    /// An hour's figures are missing or not what the records add up to.
    Metric,
}

impl Code {
    /// The stable word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExtraVersion => "extra_version",
            Self::ForeignObject => "foreign_object",
            Self::Gap => "gap",
            Self::Segment => "segment",
            Self::Root => "root",
            Self::Entry => "entry",
            Self::Body => "body",
            Self::Key => "key",
            Self::Reference => "reference",
            Self::DuplicateId => "duplicate_id",
            Self::RowMissing => "row_missing",
            Self::RowDiffers => "row_differs",
            Self::RowExtra => "row_extra",
            Self::Head => "head",
            Self::Metric => "metric",
        }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: Code,
    /// The index of the entry, or of the segment's first entry, where there is one.
    pub index: Option<u64>,
    /// What exactly, for a person; holds nothing that a client sent but ids.
    pub detail: String,
}

/// How far a verification or a rebuild has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Entries done.
    pub done: u64,
    /// Segments done.
    pub segments: u64,
}

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The ledger.
    pub ledger: LedgerName,
    /// Entries verified.
    pub size: u64,
    /// The root at that size.
    pub root: Hash,
    /// Segments verified.
    pub segments: u64,
    /// Of the entries, records.
    pub records: u64,
    /// Of the entries, conflicts.
    pub conflicts: u64,
    /// Of the entries, rejected messages.
    pub rejected: u64,
    /// Entries of a later version or an unknown kind: hashed, not read.
    pub unknown: u64,
    /// Records whose content was erased.
    pub erased: u64,
    /// Hours whose figures were compared.
    pub hours: u64,
    /// Segments that stand above HEAD and are not rolled forward yet; no finding by itself.
    pub pending: u64,
    /// Whether all segments could be read.
    pub complete: bool,
    /// What is wrong, at most 200 of it.
    pub findings: Vec<Finding>,
    /// How many things are wrong.
    pub total_findings: u64,
}

impl Report {
    pub(super) fn new(ledger: LedgerName) -> Self {
        Self {
            ledger,
            size: 0,
            root: Hash::of(&[]),
            segments: 0,
            records: 0,
            conflicts: 0,
            rejected: 0,
            unknown: 0,
            erased: 0,
            hours: 0,
            pending: 0,
            complete: true,
            findings: Vec::new(),
            total_findings: 0,
        }
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.total_findings == 0
    }

    pub(super) fn find(&mut self, code: Code, index: Option<u64>, detail: impl Into<String>) {
        self.total_findings += 1;
        if self.findings.len() < KEPT {
            self.findings.push(Finding {
                code,
                index,
                detail: detail.into(),
            });
        }
    }
}
