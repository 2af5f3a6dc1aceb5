//! The rare path of a read: the segment's version that the row names is missing or is not what the
//! index says, because somebody put another version or a delete marker there, or the row is wrong.
//!
//! The chain decides: the right version of a segment is the one whose hash the right version of the
//! following segment names as its `prev`, and so on to the last one, which HEAD names. The row then
//! only says which entry was meant.
//!
//! One link is enough where one version is left behind it. Whoever planted a version of this segment
//! can plant one of the following segment that names it, so as long as several are left, the chain
//! is followed further: each link costs an intruder another version, and they can't plant the end,
//! which is HEAD. What is followed is bounded; past it nobody is told a guess.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use audit_log::Hash;
use audit_log::segment::{self, Segment};
use audit_storage::config::LedgerConfig;
use audit_storage::head::Head;
use audit_storage::record_row::RecordRow;
use audit_storage::stores::{SegmentStore, VersionId};
use audit_storage::{Backend, Error, Kind, Result, keys};
use bytes::Bytes;

use crate::get::is_intact;
use crate::list::head;

/// Links that are followed. Each one needs as many planted segments as there are versions in doubt.
const LINKS: usize = 16;
/// Versions of one key that are read, the oldest first: the true one was there before any that was
/// put over it. A version has up to 6 MB, one is held at a time.
const VERSIONS: usize = 8;

/// What the row names, in a version of its segment.
struct Candidate {
    version: VersionId,
    offset: u64,
    length: u64,
    item: Bytes,
}

/// What a version of a segment says of its place in the chain.
#[derive(Clone, Copy)]
struct Link {
    start: u64,
    /// The start of the following segment.
    next: u64,
    prev: Option<Hash>,
    hash: Hash,
}

/// Finds the item that a row means in the version of its segment that the chain demands, and gives
/// the row with its position mended.
pub(crate) async fn item(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    mut row: RecordRow,
) -> Result<(RecordRow, Bytes)> {
    let start = row.position.segment_start;
    let (mut candidates, mut tips) = (Vec::new(), Vec::new());
    for version in versions(sources, ledger, start).await? {
        let Some(bytes) = read(sources, ledger, start, &version).await? else {
            continue;
        };
        if let Some(link) = Link::of(&bytes, ledger, start) {
            tips.push((candidates.len(), link));
            candidates.push(Candidate::of(&bytes, version, &row));
        }
    }
    let chosen = chosen(sources, ledger, tips).await?;
    let at = chosen.ok_or_else(|| {
        Error::corrupt("no version of the segment is the one that the chain demands")
    })?;
    let candidate = candidates.swap_remove(at).ok_or_else(|| {
        Error::corrupt("the segment that the chain demands does not hold what the row names")
    })?;
    row.position.segment_version = candidate.version;
    row.position.offset = candidate.offset;
    row.position.length = candidate.length;
    Ok((row, candidate.item))
}

/// Follows the chain from the versions of one segment, each with its number, until one is left that
/// something behind it names, and gives its number; `None` if none is.
async fn chosen(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    mut tips: Vec<(usize, Link)>,
) -> Result<Option<usize>> {
    if tips.is_empty() {
        return Ok(None);
    }
    let head = head(sources.rows(), ledger).await?;
    for _ in 0..LINKS {
        if let Some(named) = tips.iter().find(|(_, link)| link.is_named_by(&head)) {
            return Ok(Some(named.0));
        }
        // What reaches as far as HEAD and is not what HEAD names is none of the chain.
        tips.retain(|(_, link)| link.next <= head.last.start);
        tips = followers(sources, ledger, &tips).await?;
        let left: BTreeSet<usize> = tips.iter().map(|(number, _)| *number).collect();
        if left.len() <= 1 {
            return Ok(left.first().copied());
        }
    }
    Err(Error::corrupt(
        "several versions of a segment are continued further than a read follows the chain",
    ))
}

/// The versions of the following segments that name one of these as their `prev`.
async fn followers(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    tips: &[(usize, Link)],
) -> Result<Vec<(usize, Link)>> {
    let mut following: BTreeMap<u64, Vec<Link>> = BTreeMap::new();
    for (_, tip) in tips {
        if let Entry::Vacant(unread) = following.entry(tip.next) {
            let mut links = Vec::new();
            for version in versions(sources, ledger, tip.next).await? {
                let bytes = read(sources, ledger, tip.next, &version).await?;
                links.extend(bytes.and_then(|bytes| Link::of(&bytes, ledger, tip.next)));
            }
            unread.insert(links);
        }
    }
    let mut found = Vec::new();
    for (number, tip) in tips {
        let links = following.get(&tip.next).into_iter().flatten();
        let named = links.filter(|link| link.prev == Some(tip.hash));
        found.extend(named.map(|link| (*number, *link)));
    }
    Ok(found)
}

/// The versions of a segment that are read, the oldest first.
async fn versions(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    start: u64,
) -> Result<Vec<VersionId>> {
    let key = keys::segment(&ledger.ledger, start);
    let listed = sources
        .segments()
        .versions(&ledger.retention_class, &key)
        .await?;
    let newest_first = listed.into_iter().filter(|version| !version.delete_marker);
    let mut versions: Vec<VersionId> = newest_first.map(|version| version.id).collect();
    versions.reverse();
    versions.truncate(VERSIONS);
    Ok(versions)
}

/// Reads a version; `None` if it went away meanwhile.
async fn read(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    start: u64,
    version: &VersionId,
) -> Result<Option<Bytes>> {
    let key = keys::segment(&ledger.ledger, start);
    match sources
        .segments()
        .read(&ledger.retention_class, &key, version)
        .await
    {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Candidate {
    /// The item that a row means, where these bytes hold it.
    fn of(bytes: &Bytes, version: VersionId, row: &RecordRow) -> Option<Self> {
        let segment = Segment::read(bytes).ok()?;
        let item = segment
            .items
            .iter()
            .find(|item| item.index.0 == row.position.index)?;
        let (offset, length) = (item.span.offset, item.span.length);
        let from = usize::try_from(offset).ok()?;
        let to = from.checked_add(usize::try_from(length).ok()?)?;
        let item = bytes.get(from..to)?;
        is_intact(item, row).then(|| Self {
            version,
            offset,
            length,
            item: Bytes::copy_from_slice(item),
        })
    }
}

impl Link {
    /// What bytes that lie at the key of a segment say of its place.
    fn of(bytes: &Bytes, ledger: &LedgerConfig, start: u64) -> Option<Self> {
        let header = segment::header(bytes).ok()?;
        let fits = header.ledger == ledger.ledger && header.start.0 == start;
        fits.then(|| Self {
            start,
            next: start.saturating_add(header.count),
            prev: header.prev,
            hash: Hash::of(&[bytes]),
        })
    }

    /// Whether HEAD says that it belongs to the chain: as its last segment, or as the one that
    /// continues it and that HEAD has yet to move over.
    fn is_named_by(&self, head: &Head) -> bool {
        let last = Hash::from_bytes(head.last.sha256);
        (self.start == head.last.start && self.hash == last)
            || (self.start == head.size && self.prev == Some(last))
    }
}
