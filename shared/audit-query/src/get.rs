//! One record, out of its segment, and only as the ledger commits to it.
//!
//! The index row says where the record stands; of what the record says, nothing is taken from the
//! row. The bytes that are read there must hash to the leaf, the entry must name this id and ledger,
//! the body must be the entry's, each part must open with its key to fields whose digests give the
//! entry's content. What does not hold is an error, never an answer. That the leaf stands at its
//! index in the ledger is the row's word here; a proof of inclusion shows it.

use audit_log::{Entry, Kind, Leaf, Opened, SealedRecord, segment, tree};
use audit_record::json::{Object, Value};
use audit_record::{LedgerName, Millis, Part, RecordId};
use audit_storage::config::LedgerConfig;
use audit_storage::record_row::RecordRow;
use audit_storage::stores::{RowStore as _, SegmentStore as _};
use audit_storage::{Backend, Error, Result, keys, rows};
use bytes::Bytes;

use crate::keyring::{Content, Keyring};
use crate::recover;

/// A record that was read and checked.
#[derive(Debug)]
pub struct Found {
    /// What the client sent, with the id; members in canonical order. After an erasure, what is
    /// left of it.
    pub record: Object<'static>,
    /// Its ledger.
    pub ledger: LedgerName,
    /// Its index there.
    pub index: u64,
    /// Its leaf hash.
    pub leaf_hash: [u8; 32],
    /// When the server received it.
    pub received_at: Millis,
    /// Its content's key was destroyed.
    pub erased: bool,
    /// What it takes to check all this again.
    pub evidence: Evidence,
}

/// What proves a record against its entry.
#[derive(Debug)]
pub struct Evidence {
    /// The entry's bytes: the leaf data.
    pub entry: Vec<u8>,
    /// The segment's object key.
    pub segment_key: String,
    /// The index of the segment's first entry.
    pub segment_start: u64,
    /// The object's version.
    pub segment_version: String,
    /// Where entry and body begin in the segment.
    pub offset: u64,
    /// How many bytes they have there.
    pub length: u64,
    /// The sealed parts, facts first.
    pub parts: Vec<PartEvidence>,
}

/// One sealed part.
#[derive(Debug)]
pub struct PartEvidence {
    /// The id of the key that it is sealed with.
    pub key_id: [u8; 16],
    /// The hash over its fields' digests.
    pub part_content: [u8; 32],
    /// The salt of its fields' digests; absent if the part could not be opened any more.
    pub part_salt: Option<[u8; 32]>,
}

/// Reads a record of a ledger by its id.
pub(crate) async fn get(
    sources: &impl Backend,
    keyring: &Keyring,
    ledger: &LedgerConfig,
    id: RecordId,
) -> Result<Option<Found>> {
    let key = rows::record(&ledger.ledger, &id, ledger.buckets);
    let Some(item) = sources.rows().get(&key).await? else {
        return Ok(None);
    };
    let row = RecordRow::from_item(&item)?;
    if !row.is_record() {
        return Ok(None);
    }
    let (row, bytes) = read_item(sources, ledger, row).await?;
    let (entry_bytes, body) = segment::item(&bytes).map_err(refused)?;
    let entry = entry_of(entry_bytes, &row)?;
    let sealed = SealedRecord::check(&entry, body).map_err(refused)?;
    let (opened, erased) = open(sources, keyring, ledger, &sealed).await?;
    Ok(Some(found(&row, entry_bytes, &sealed, &opened, erased)))
}

/// Reads the bytes that the row points at. If they are not what it names, the chain
/// decides which version of the segment is the right one.
async fn read_item(
    sources: &impl Backend,
    ledger: &LedgerConfig,
    row: RecordRow,
) -> Result<(RecordRow, Bytes)> {
    let at = &row.position;
    let key = keys::segment(&ledger.ledger, at.segment_start);
    let read = sources
        .segments()
        .read_range(
            &ledger.retention_class,
            &key,
            &at.segment_version,
            at.offset,
            at.length,
        )
        .await;
    let problem = match read {
        Ok(bytes) if is_intact(&bytes, &row) => return Ok((row, bytes)),
        Ok(_) => Error::corrupt("the bytes that a row points at are not what it names"),
        Err(error) if error.retryable() => return Err(error),
        Err(error) => error,
    };
    tracing::error!(
        alarm = "segment_mismatch",
        ledger = ledger.ledger.as_str(),
        segment = key,
        version = at.segment_version.as_str(),
        %problem,
        "a segment is not what the index says; looking for the version that the chain demands"
    );
    recover::item(sources, ledger, row).await
}

/// Whether bytes are the item that a row names: its leaf, the entry of its id, and the body that the
/// entry commits to.
pub(crate) fn is_intact(bytes: &[u8], row: &RecordRow) -> bool {
    let Ok((entry, body)) = segment::item(bytes) else {
        return false;
    };
    tree::leaf_hash(entry).as_bytes() == &row.leaf_hash
        && entry_of(entry, row).is_ok_and(|entry| SealedRecord::check(&entry, body).is_ok())
}

/// Reads the entry and sees that it is this record's.
fn entry_of(bytes: &[u8], row: &RecordRow) -> Result<Entry> {
    let Leaf::Known(entry) = Entry::read(bytes).map_err(refused)? else {
        return Err(Error::corrupt("a record's entry is of an unknown kind"));
    };
    if entry.id != row.id || entry.ledger != row.ledger || !matches!(entry.kind, Kind::Record) {
        return Err(Error::corrupt("an entry is not the one that its row names"));
    }
    Ok(*entry)
}

/// Opens what can be opened: all of it, or the facts of a record whose content was erased.
async fn open(
    sources: &impl Backend,
    keyring: &Keyring,
    ledger: &LedgerConfig,
    sealed: &SealedRecord<'_>,
) -> Result<(Opened, bool)> {
    let ledger_key = keyring
        .ledger_key(sources.wrapper(), ledger, sealed.ledger_key_id())
        .await?;
    let content = match sealed.scope_key_id() {
        None => None,
        Some(id) => Some(
            keyring
                .scope_key(sources.keys(), sources.wrapper(), ledger, id)
                .await?,
        ),
    };
    let (scope_key, erased) = match content {
        None => (None, false),
        Some(Content::Key(key)) => (Some(key), false),
        Some(Content::Erased) => (None, true),
    };
    let opened = sealed
        .open(Some(&ledger_key), scope_key.as_ref())
        .map_err(refused)?;
    Ok((opened, erased))
}

fn found(
    row: &RecordRow,
    entry: &[u8],
    sealed: &SealedRecord<'_>,
    opened: &Opened,
    erased: bool,
) -> Found {
    let parts = sealed
        .parts()
        .iter()
        .zip(Part::ALL)
        .map(|(part, which)| PartEvidence {
            key_id: *part.key_id.as_bytes(),
            part_content: *part.part_content.as_bytes(),
            part_salt: opened.part_salt(which).map(|salt| *salt.expose()),
        });
    Found {
        record: opened.to_object(),
        ledger: row.ledger.clone(),
        index: row.position.index,
        leaf_hash: row.leaf_hash,
        received_at: sealed.entry().received_at,
        erased,
        evidence: Evidence {
            entry: entry.to_vec(),
            segment_key: keys::segment(&row.ledger, row.position.segment_start),
            segment_start: row.position.segment_start,
            segment_version: row.position.segment_version.as_str().to_owned(),
            offset: row.position.offset,
            length: row.position.length,
            parts: parts.collect(),
        },
    }
}

/// Stored bytes that contradict what commits to them.
fn refused(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::corrupt("a record does not hold against its entry").caused_by(source)
}

impl Found {
    /// The record as a JSON value.
    #[must_use]
    pub fn value(&self) -> Value<'_> {
        Value::Object(self.record.clone())
    }
}
