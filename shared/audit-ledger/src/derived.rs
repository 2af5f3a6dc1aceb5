//! What a committed segment says the index must hold: its rows, what it adds to its hours, and
//! HEAD after it. A pure function of the segment, its opened parts and its version, the same
//! whether the writer that made the segment computes it or one that found it.

use std::collections::BTreeMap;

use audit_log::segment::{Segment, Span};
use audit_log::tree::leaf_hash;
use audit_log::{Frontier, Hash, Index};
use audit_record::{Fields, Millis, RecordId};
use audit_storage::head::Head;
use audit_storage::record_row::{self, Position, RecordRow, RowEntry, RowSettings};
use audit_storage::rows::Hour;
use audit_storage::stores::VersionId;
use audit_storage::{Backend, Error, Item, Result};

use crate::head::{Tip, head_after};
use crate::open::{Contents, OpenedEntry};
use crate::sample::Sample;
use crate::session::Session;

/// The version of a segment's form that this writer writes and rolls forward.
pub(crate) const SEGMENT_VERSION: u64 = 1;

/// A committed segment as the index sees it.
#[derive(Debug, Clone)]
pub(crate) struct Derived {
    pub(crate) start: u64,
    pub(crate) sha256: Hash,
    pub(crate) version: VersionId,
    /// The frontier after it.
    pub(crate) frontier: Frontier,
    /// The rows of its entries, in their order.
    pub(crate) rows: Vec<Item>,
    /// What its records add to their hours, in their order.
    pub(crate) hours: BTreeMap<Hour, Vec<Sample>>,
}

impl Derived {
    pub(crate) fn new(start: u64, sha256: Hash, version: VersionId, frontier: Frontier) -> Self {
        Self {
            start,
            sha256,
            version,
            frontier,
            rows: Vec::new(),
            hours: BTreeMap::new(),
        }
    }

    /// HEAD once it is rolled forward.
    pub(crate) fn head(&self) -> Head {
        head_after(self.start, self.sha256, &self.version, &self.frontier)
    }

    pub(crate) fn add_sample(&mut self, id: RecordId, sample: Sample) {
        let hour = Hour::of(id.millis());
        self.hours.entry(hour).or_default().push(sample);
    }
}

/// Where an entry stands and what it is: all of a row that its fields do not say.
pub(crate) struct Place<'e> {
    pub(crate) id: RecordId,
    pub(crate) kind: &'e str,
    pub(crate) received_at: Millis,
    pub(crate) leaf_hash: Hash,
    pub(crate) index: Index,
    pub(crate) span: Span,
}

impl<B: Backend> Session<'_, B> {
    /// The row of an entry.
    pub(crate) fn row<F: Fields>(
        &self,
        place: &Place<'_>,
        opened: &record_row::Opened<'_, F>,
        segment: (u64, &VersionId),
    ) -> RecordRow {
        let entry = RowEntry {
            ledger: self.ledger(),
            id: place.id,
            kind: place.kind,
            received_at: place.received_at,
            leaf_hash: *place.leaf_hash.as_bytes(),
        };
        let position = Position {
            index: place.index.0,
            segment_start: segment.0,
            segment_version: segment.1.clone(),
            offset: place.span.offset,
            length: place.span.length,
        };
        RecordRow::derive(&entry, opened, position, RowSettings::from(self.config))
    }

    /// The row of an opened entry, and what it adds to its hour if it is a record.
    pub(crate) fn describe(
        &self,
        opened: &OpenedEntry,
        (index, span, leaf_hash): (Index, Span, Hash),
        segment: (u64, &VersionId),
    ) -> (RecordRow, Option<Sample>) {
        let entry = &opened.entry;
        let place = Place {
            id: entry.id,
            kind: entry.kind.as_str(),
            received_at: entry.received_at,
            leaf_hash,
            index,
            span,
        };
        let is_record = matches!(entry.kind, audit_log::Kind::Record);
        let (form, fields) = match &opened.contents {
            Contents::Whole(fields) if is_record => {
                (record_row::Opened::Whole(fields), Some(fields))
            }
            Contents::Erased(facts) if is_record => {
                (record_row::Opened::Erased(facts), Some(facts))
            }
            Contents::None | Contents::Whole(_) | Contents::Erased(_) => {
                (record_row::Opened::OwnKind, None)
            }
        };
        let sample = fields.map(|fields| Sample::of(&fields.facts()));
        (self.row(&place, &form, segment), sample)
    }

    /// Derives what a segment that was found says, after checking that it follows the tip.
    ///
    /// # Errors
    /// `Corrupt` if it does not follow, or does not open; `Internal` if a later version of this
    /// program wrote it: this one stops and leaves its messages to that one.
    pub(crate) async fn derive(
        &self,
        tip: &Tip,
        bytes: &[u8],
        version: &VersionId,
    ) -> Result<Derived> {
        let invalid = |invalid| Error::corrupt("segment").caused_by(invalid);
        let segment = Segment::read(bytes).map_err(invalid)?;
        let start = segment.header.start.0;
        self.check_form(start, segment.header.v)?;
        let frontier = segment
            .follow(self.ledger(), &tip.frontier, tip.prev)
            .map_err(invalid)?;
        let mut derived = Derived::new(start, Hash::of(&[bytes]), version.clone(), frontier);
        for item in &segment.items {
            let opened = self.open_entry(item.entry, item.body).await?;
            let place = (item.index, item.span, leaf_hash(item.entry));
            let (row, sample) = self.describe(&opened, place, (start, version));
            derived.rows.push(row.to_item());
            if let Some(sample) = sample {
                derived.add_sample(opened.entry.id, sample);
            }
        }
        Ok(derived)
    }
}
