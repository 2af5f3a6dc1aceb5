//! Opening what stands in a segment: from an entry and its body to the fields that the client
//! sent, as far as their keys still exist.

use audit_log::tree::leaf_hash;
use audit_log::{Entry, Hash, Kind, Leaf, Opened, SealedRecord, segment};
use audit_record::Part;
use audit_storage::record_row::RecordRow;
use audit_storage::stores::SegmentStore;
use audit_storage::{Backend, Error, Result, keys};

use crate::key_ring::ScopeKeyState;
use crate::session::Session;

/// An entry of a known kind with what could be opened of its body.
pub(crate) struct OpenedEntry {
    pub(crate) entry: Entry,
    pub(crate) contents: Contents,
}

/// What could be opened.
pub(crate) enum Contents {
    /// The entry is of a kind without sealed parts.
    None,
    /// All parts.
    Whole(Opened),
    /// The facts alone: the content's key was destroyed.
    Erased(Opened),
}

impl<B: Backend> Session<'_, B> {
    /// Opens an entry and its body, and checks them against each other.
    ///
    /// # Errors
    /// `Corrupt` if something does not hold; `Internal` for an entry of a later version, of which
    /// this program can't know what its row looks like.
    pub(crate) async fn open_entry(&self, entry: &[u8], body: &[u8]) -> Result<OpenedEntry> {
        let leaf =
            Entry::read(entry).map_err(|invalid| Error::corrupt("entry").caused_by(invalid))?;
        let Leaf::Known(entry) = leaf else {
            return Err(Error::internal("an entry of a later version or kind"));
        };
        let contents = self.open_body(&entry, body).await?;
        Ok(OpenedEntry {
            entry: *entry,
            contents,
        })
    }

    async fn open_body(&self, entry: &Entry, body: &[u8]) -> Result<Contents> {
        if !matches!(entry.kind, Kind::Record | Kind::Conflict { .. }) {
            let same = match entry.body {
                Some(named) => named == audit_log::BodyRef::of(body),
                None => body.is_empty(),
            };
            return if same {
                Ok(Contents::None)
            } else {
                Err(Error::corrupt("a body that its entry does not name"))
            };
        }
        let mismatch = |mismatch| Error::corrupt("sealed record").caused_by(mismatch);
        let sealed = SealedRecord::check(entry, body).map_err(mismatch)?;
        let ledger_key = self.ledger_key(sealed.ledger_key_id()).await?;
        let scope_key = match sealed.scope_key_id() {
            Some(id) => Some(self.scope_key(id).await?),
            None => None,
        };
        let (scope_key, erased) = match scope_key {
            Some(ScopeKeyState::Live(key)) => (Some(key), false),
            Some(ScopeKeyState::Erased) => (None, true),
            None => (None, false),
        };
        let opened = sealed
            .open(Some(&ledger_key), scope_key.as_deref())
            .map_err(mismatch)?;
        Ok(if erased {
            Contents::Erased(opened)
        } else {
            Contents::Whole(opened)
        })
    }

    /// Opens the record that a row points to: one ranged read of its segment.
    pub(crate) async fn open_stored(&self, row: &RecordRow) -> Result<OpenedEntry> {
        let position = &row.position;
        let key = keys::segment(self.ledger(), position.segment_start);
        let bytes = self
            .patience
            .ask(|| {
                self.backend.segments().read_range(
                    self.class(),
                    &key,
                    &position.segment_version,
                    position.offset,
                    position.length,
                )
            })
            .await?;
        let (entry, body) = segment::item(&bytes)
            .map_err(|invalid| Error::corrupt("item of a segment").caused_by(invalid))?;
        if leaf_hash(entry) != Hash::from_bytes(row.leaf_hash) {
            return Err(Error::corrupt("a row points at another entry"));
        }
        self.open_entry(entry, body).await
    }
}

/// The salt of a record's last part: content, or facts if it has none.
pub(crate) fn last_part_salt(opened: &Opened) -> Result<&audit_log::PartSalt> {
    opened
        .part_salt(Part::Content)
        .or_else(|| opened.part_salt(Part::Facts))
        .ok_or_else(|| Error::corrupt("a record without parts"))
}
