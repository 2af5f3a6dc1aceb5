//! Segments: the unit of commit, one immutable object. A CBOR sequence: a header, then for each entry
//! an array of two byte strings, `[entry, body]`.

use audit_record::{LedgerName, Millis};

use crate::cbor;
use crate::hash::Hash;
use crate::tree::{Frontier, Index};

/// Most entries of a segment.
pub const ENTRIES_MAX: usize = 2_000;

/// Most bytes of a segment. A function's answer ends at 6 MB, and a verifier holds one in memory.
pub const BYTES_MAX: usize = 6_000_000;

/// The header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Version of the segment's form.
    pub v: u64,
    /// Which ledger.
    pub ledger: LedgerName,
    /// Index of the first entry.
    pub start: Index,
    /// Number of entries.
    pub count: u64,
    /// SHA-256 of the whole previous segment; none at 0.
    pub prev: Option<Hash>,
    /// The frontier before the first entry; its size is `start`.
    pub frontier: Frontier,
    /// The root after the last entry.
    pub root: Hash,
    /// When the writer made it.
    pub created_at: Millis,
}

/// Where an item lies in its segment: a range that can be fetched and read alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
}

/// One entry and its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// Position in the ledger.
    pub index: Index,
    /// Where it lies.
    pub span: Span,
    /// The entry's bytes.
    pub entry: &'a [u8],
    /// The body's bytes, none where the kind has no body.
    pub body: &'a [u8],
}

/// Why bytes are no segment, or not the one that the chain demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSegment {
    /// Not the deterministic CBOR of a segment.
    #[error("not a segment: {0}")]
    Cbor(#[from] cbor::Error),
    /// A member of the header is not as it must be.
    #[error("header member {0} is not as it must be")]
    Header(&'static str),
    /// More bytes or entries than a segment may have, or none.
    #[error("more than a segment may hold, or nothing")]
    Size,
    /// It does not follow the segment or frontier before it.
    #[error("does not follow what stands before it: {0}")]
    Chain(&'static str),
    /// The root is not the root of its entries.
    #[error("the root is not that of the entries")]
    Root,
}

/// A segment that was read. The framing is the same in every version, and a later `v` is no failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The header.
    pub header: Header,
    /// The entries, in order.
    pub items: Vec<Item<'a>>,
}

impl<'a> Segment<'a> {
    /// Reads a segment.
    ///
    /// # Errors
    /// If the bytes are not exactly one.
    pub fn read(bytes: &'a [u8]) -> Result<Self, InvalidSegment> {
        let _ = bytes;
        unimplemented!()
    }

    /// Checks that it follows `before` and `prev`, and that its root is right. Gives the frontier
    /// after it.
    ///
    /// # Errors
    /// If it does not, or is not.
    pub fn follow(
        &self,
        ledger: &LedgerName,
        before: &Frontier,
        prev: Option<Hash>,
    ) -> Result<Frontier, InvalidSegment> {
        let _ = (ledger, before, prev);
        unimplemented!()
    }
}

/// Reads one item alone: the bytes of its [`Span`].
///
/// # Errors
/// If the bytes are not exactly one item.
pub fn item(bytes: &[u8]) -> Result<(&[u8], &[u8]), InvalidSegment> {
    let _ = bytes;
    unimplemented!()
}

/// Reads a header from the beginning of a segment, of which the rest may be absent.
///
/// # Errors
/// If there is none.
pub fn header(bytes: &[u8]) -> Result<Header, InvalidSegment> {
    let _ = bytes;
    unimplemented!()
}

/// A segment that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes: `prev` of the next.
    pub hash: Hash,
    /// Index of the first entry.
    pub start: Index,
    /// Where each item lies and its leaf hash, in order.
    pub items: Vec<(Span, Hash)>,
    /// The frontier after it.
    pub frontier: Frontier,
    /// The root after it.
    pub root: Hash,
}

/// The segment is full: what did not fit goes into the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the segment is full")]
pub struct Full;

/// Builds a segment.
#[derive(Debug, Clone)]
pub struct Builder {
    ledger: LedgerName,
    prev: Option<Hash>,
    before: Frontier,
    after: Frontier,
    bytes: Vec<u8>,
    items: Vec<(Span, Hash)>,
}

impl Builder {
    /// Begins the segment that follows `frontier` and the segment with hash `prev`.
    #[must_use]
    pub fn new(ledger: LedgerName, frontier: Frontier, prev: Option<Hash>) -> Self {
        Self {
            ledger,
            prev,
            after: frontier.clone(),
            before: frontier,
            bytes: Vec::new(),
            items: Vec::new(),
        }
    }

    /// Index that the next entry gets.
    #[must_use]
    pub fn next_index(&self) -> Index {
        self.after.size().next_index()
    }

    /// Number of entries so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Whether an entry and a body of these lengths still fit.
    #[must_use]
    pub fn fits(&self, entry_len: usize, body_len: usize) -> bool {
        let _ = (entry_len, body_len);
        unimplemented!()
    }

    /// Adds an entry and its body, and gives its index and leaf hash.
    ///
    /// # Errors
    /// If it does not fit; nothing has changed then.
    pub fn push(&mut self, entry: &[u8], body: &[u8]) -> Result<(Index, Hash), Full> {
        let _ = (entry, body, &mut self.bytes);
        unimplemented!()
    }

    /// Ends the segment. An empty one can't be: it gives `None`.
    #[must_use]
    pub fn finish(self, created_at: Millis) -> Option<Built> {
        let _ = (created_at, self.ledger, self.prev, self.before);
        unimplemented!()
    }
}
