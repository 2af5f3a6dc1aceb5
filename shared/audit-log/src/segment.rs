//! Segments: the unit of commit, one immutable object. A CBOR sequence: a header, then for each entry
//! an array of two byte strings, `[entry, body]`.

use audit_record::{LedgerName, Millis};

use crate::cbor::{self, Reader};
use crate::hash::Hash;
use crate::tree::{Frontier, Index, Size, leaf_hash};

/// The version of the segment's form that this crate writes.
pub const VERSION: u64 = 1;

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
        let mut reader = Reader::new(bytes);
        let header = read_header(&mut reader)?;
        let limited = header.v == VERSION;
        if limited && (bytes.len() > BYTES_MAX || header.count > ENTRIES_MAX as u64) {
            return Err(InvalidSegment::Size);
        }
        let mut items = Vec::new();
        let mut index = header.start;
        while !reader.is_at_end() {
            let offset = reader.position();
            let (entry, body) = read_item(&mut reader)?;
            let length = reader.position() - offset;
            items.push(Item {
                index,
                span: Span {
                    offset: offset as u64,
                    length: length as u64,
                },
                entry,
                body,
            });
            index.0 = index.0.saturating_add(1);
        }
        if items.len() as u64 != header.count {
            return Err(InvalidSegment::Header("count"));
        }
        Ok(Self { header, items })
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
        let header = &self.header;
        let is_first = header.start == Index(0);
        for (holds, what) in [
            (header.ledger == *ledger, "ledger"),
            (header.start == before.size().next_index(), "start"),
            (header.frontier == *before, "frontier"),
            (header.prev == prev && prev.is_none() == is_first, "prev"),
            (!is_first || header.count == 1, "segment 0 is one entry"),
        ] {
            if !holds {
                return Err(InvalidSegment::Chain(what));
            }
        }
        let mut after = before.clone();
        for item in &self.items {
            after.append(leaf_hash(item.entry));
        }
        if after.root() == header.root {
            Ok(after)
        } else {
            Err(InvalidSegment::Root)
        }
    }
}

/// Reads one item alone: the bytes of its [`Span`].
///
/// # Errors
/// If the bytes are not exactly one item.
pub fn item(bytes: &[u8]) -> Result<(&[u8], &[u8]), InvalidSegment> {
    let mut reader = Reader::new(bytes);
    let item = read_item(&mut reader)?;
    reader.end()?;
    Ok(item)
}

fn read_item<'a>(reader: &mut Reader<'a>) -> Result<(&'a [u8], &'a [u8]), cbor::Error> {
    let error = reader.error("an array of two");
    if reader.array()? != 2 {
        return Err(error);
    }
    Ok((reader.bytes()?, reader.bytes()?))
}

/// Reads a header from the beginning of a segment, of which the rest may be absent.
///
/// # Errors
/// If there is none.
pub fn header(bytes: &[u8]) -> Result<Header, InvalidSegment> {
    read_header(&mut Reader::new(bytes))
}

/// What a header's map holds, before it is known to be complete.
#[derive(Default)]
struct Draft<'a> {
    v: Option<u64>,
    prev: Option<Hash>,
    root: Option<Hash>,
    count: Option<u64>,
    start: Option<u64>,
    ledger: Option<&'a str>,
    frontier: Option<Vec<Hash>>,
    created_at: Option<&'a str>,
    unknown: bool,
}

fn read_header(reader: &mut Reader<'_>) -> Result<Header, InvalidSegment> {
    let mut draft = Draft::default();
    let mut last = "";
    for _ in 0..reader.map()? {
        let error = reader.error("names in the order of their encodings");
        let name = reader.text()?;
        if !last.is_empty() && (last.len(), last) >= (name.len(), name) {
            return Err(error.into());
        }
        last = name;
        match name {
            "v" => draft.v = Some(reader.unsigned()?),
            "prev" => draft.prev = Some(Hash::from_bytes(reader.array_of()?)),
            "root" => draft.root = Some(Hash::from_bytes(reader.array_of()?)),
            "count" => draft.count = Some(reader.unsigned()?),
            "start" => draft.start = Some(reader.unsigned()?),
            "ledger" => draft.ledger = Some(reader.text()?),
            "frontier" => draft.frontier = Some(read_frontier(reader)?),
            "created_at" => draft.created_at = Some(reader.text()?),
            _ => {
                draft.unknown = true;
                reader.skip()?;
            }
        }
    }
    draft.complete()
}

fn read_frontier(reader: &mut Reader<'_>) -> Result<Vec<Hash>, cbor::Error> {
    (0..reader.array()?)
        .map(|_| Ok(Hash::from_bytes(reader.array_of()?)))
        .collect()
}

impl Draft<'_> {
    /// A later version may add members; version 1 has exactly its own.
    fn complete(self) -> Result<Header, InvalidSegment> {
        let missing = InvalidSegment::Header;
        let v = self.v.ok_or(missing("v"))?;
        let start = self.start.ok_or(missing("start"))?;
        let count = self.count.filter(|count| *count > 0);
        if v == VERSION && self.unknown {
            return Err(missing("unknown"));
        }
        if self.prev.is_none() != (start == 0) {
            return Err(missing("prev"));
        }
        let ledger = self.ledger.and_then(|name| LedgerName::parse(name).ok());
        let created_at = self.created_at.and_then(|at| Millis::parse_exact(at).ok());
        let nodes = self.frontier.ok_or(missing("frontier"))?;
        Ok(Header {
            v,
            ledger: ledger.ok_or(missing("ledger"))?,
            start: Index(start),
            count: count.ok_or(missing("count"))?,
            prev: self.prev,
            frontier: Frontier::from_parts(Size(start), nodes).map_err(|_| missing("frontier"))?,
            root: self.root.ok_or(missing("root"))?,
            created_at: created_at.ok_or(missing("created_at"))?,
        })
    }
}

impl Header {
    /// Appends the encoding of a header of version 1: its names in the order of their encodings.
    fn write(&self, out: &mut Vec<u8>) {
        cbor::write_map(if self.prev.is_some() { 8 } else { 7 }, out);
        cbor::write_text("v", out);
        cbor::write_unsigned(self.v, out);
        if let Some(prev) = &self.prev {
            cbor::write_text("prev", out);
            cbor::write_bytes(prev.as_bytes(), out);
        }
        cbor::write_text("root", out);
        cbor::write_bytes(self.root.as_bytes(), out);
        cbor::write_text("count", out);
        cbor::write_unsigned(self.count, out);
        cbor::write_text("start", out);
        cbor::write_unsigned(self.start.0, out);
        cbor::write_text("ledger", out);
        cbor::write_text(self.ledger.as_str(), out);
        cbor::write_text("frontier", out);
        cbor::write_array(self.frontier.nodes().len(), out);
        for node in self.frontier.nodes() {
            cbor::write_bytes(node.as_bytes(), out);
        }
        cbor::write_text("created_at", out);
        cbor::write_text(&self.created_at.to_string(), out);
    }
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
    header: Header,
    after: Frontier,
    header_len_max: usize,
    items_bytes: Vec<u8>,
    items: Vec<(Span, Hash)>,
}

impl Builder {
    /// Begins the segment that follows `frontier` and the segment with hash `prev`.
    #[must_use]
    pub fn new(ledger: LedgerName, frontier: Frontier, prev: Option<Hash>) -> Self {
        let header = Header {
            v: VERSION,
            ledger,
            start: frontier.size().next_index(),
            count: ENTRIES_MAX as u64,
            prev,
            root: Hash::from_bytes([0; 32]),
            created_at: Millis::MAX,
            frontier,
        };
        let mut longest = Vec::new();
        header.write(&mut longest);
        Self {
            header_len_max: longest.len(),
            after: header.frontier.clone(),
            header,
            items_bytes: Vec::new(),
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

    /// Bytes of the segment so far, at most.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.header_len_max + self.items_bytes.len()
    }

    /// Whether an entry and a body of these lengths still fit.
    #[must_use]
    pub fn fits(&self, entry_len: usize, body_len: usize) -> bool {
        let most = if self.header.start == Index(0) {
            1
        } else {
            ENTRIES_MAX
        };
        let item = 1
            + cbor::head_len(entry_len as u64)
            + entry_len
            + cbor::head_len(body_len as u64)
            + body_len;
        self.items.len() < most && self.bytes() + item <= BYTES_MAX
    }

    /// Adds an entry and its body, and gives its index and leaf hash.
    ///
    /// # Errors
    /// If it does not fit; nothing has changed then. Segment 0 takes one entry, the genesis.
    pub fn push(&mut self, entry: &[u8], body: &[u8]) -> Result<(Index, Hash), Full> {
        if !self.fits(entry.len(), body.len()) {
            return Err(Full);
        }
        let index = self.next_index();
        let leaf = leaf_hash(entry);
        let offset = self.items_bytes.len();
        cbor::write_array(2, &mut self.items_bytes);
        cbor::write_bytes(entry, &mut self.items_bytes);
        cbor::write_bytes(body, &mut self.items_bytes);
        let length = self.items_bytes.len() - offset;
        let span = Span {
            offset: offset as u64,
            length: length as u64,
        };
        self.items.push((span, leaf));
        self.after.append(leaf);
        Ok((index, leaf))
    }

    /// Ends the segment. An empty one can't be: it gives `None`.
    #[must_use]
    pub fn finish(mut self, created_at: Millis) -> Option<Built> {
        if self.items.is_empty() {
            return None;
        }
        let root = self.after.root();
        self.header.count = self.items.len() as u64;
        self.header.root = root;
        self.header.created_at = created_at;
        let mut bytes = Vec::with_capacity(self.bytes());
        self.header.write(&mut bytes);
        for (span, _) in &mut self.items {
            span.offset += bytes.len() as u64;
        }
        bytes.append(&mut self.items_bytes);
        Some(Built {
            hash: Hash::of(&[&bytes]),
            start: self.header.start,
            items: self.items,
            frontier: self.after,
            root,
            bytes,
        })
    }
}
