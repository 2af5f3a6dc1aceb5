//! The rare path of a read: the segment's version that the row names is missing or is not what the
//! index says, because somebody put another version or a delete marker there, or the row is wrong.
//!
//! The chain decides: the right version of a segment is the one whose hash the following segment
//! names as its `prev`, or HEAD for the last one. The row then only says which entry was meant.

use audit_log::segment::{self, Segment};
use audit_log::{Hash, tree};
use audit_storage::config::LedgerConfig;
use audit_storage::record_row::RecordRow;
use audit_storage::stores::{SegmentStore, VersionId};
use audit_storage::{Backend, Error, Kind, Result, keys};
use bytes::Bytes;

use crate::list::head;

/// Finds the item that a row means in the version of its segment that the chain demands, and gives
/// the row with its position mended.
pub(crate) async fn item(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    row: RecordRow,
) -> Result<(RecordRow, Bytes)> {
    let start = row.position.segment_start;
    for (version, bytes) in versions(sources, ledger, start).await? {
        let Ok(read) = Segment::read(&bytes) else {
            continue;
        };
        if read.header.ledger != ledger.ledger || read.header.start.0 != start {
            continue;
        }
        let next = start.saturating_add(read.header.count);
        if !is_demanded(sources, ledger, start, next, Hash::of(&[&bytes])).await? {
            continue;
        }
        let item = read
            .items
            .iter()
            .find(|item| item.index.0 == row.position.index);
        let item = item
            .filter(|item| tree::leaf_hash(item.entry).as_bytes() == &row.leaf_hash)
            .ok_or_else(|| {
                Error::corrupt("the segment that the chain demands has another leaf there")
            })?;
        let (offset, length) = (item.span.offset, item.span.length);
        let bytes = slice(&bytes, offset, length)?;
        let mut row = row;
        row.position.segment_version = version;
        row.position.offset = offset;
        row.position.length = length;
        return Ok((row, bytes));
    }
    Err(Error::corrupt(
        "no version of the segment is the one that the chain demands",
    ))
}

/// All versions of a segment that can be read, newest first.
async fn versions(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    start: u64,
) -> Result<Vec<(VersionId, Bytes)>> {
    let key = keys::segment(&ledger.ledger, start);
    let class = &ledger.retention_class;
    let listed = sources.segments().versions(class, &key).await?;
    let mut read = Vec::new();
    for version in listed.into_iter().filter(|version| !version.delete_marker) {
        match sources.segments().read(class, &key, &version.id).await {
            Ok(bytes) => read.push((version.id, bytes)),
            Err(error) if error.kind() == Kind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// Whether what follows the segment, up to `next`, names this hash.
async fn is_demanded(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    start: u64,
    next: u64,
    hash: Hash,
) -> Result<bool> {
    let head = head(sources.rows(), ledger).await?;
    if head.last.start == start {
        return Ok(&head.last.sha256 == hash.as_bytes());
    }
    // Of the following segment too only a version that continues this one counts. One that an
    // intruder planted there names no hash but one of theirs, and theirs holds no leaf of the row.
    let following = versions(sources, ledger, next).await?;
    Ok(following.iter().any(|(_, bytes)| {
        segment::header(bytes)
            .is_ok_and(|header| header.start.0 == next && header.prev == Some(hash))
    }))
}

fn slice(bytes: &Bytes, offset: u64, length: u64) -> Result<Bytes> {
    let from = usize::try_from(offset).ok();
    let to = from
        .zip(usize::try_from(length).ok())
        .and_then(|(from, length)| from.checked_add(length));
    from.zip(to)
        .filter(|(from, to)| from <= to && *to <= bytes.len())
        .map(|(from, to)| bytes.slice(from..to))
        .ok_or_else(|| Error::corrupt("an item lies outside its segment"))
}
