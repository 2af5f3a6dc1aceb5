//! From entry and fields to the row.

use audit_record::Fields;
use audit_record::limits::cut;

use super::title::title;
use super::{Members, Opened, Position, RecordRow, RowEntry, RowSettings};
use crate::rows;

const DAY_S: u64 = 86_400;

impl RecordRow {
    /// Makes the row of an entry.
    #[must_use]
    pub fn derive<F: Fields + ?Sized>(
        entry: &RowEntry<'_>,
        opened: &Opened<'_, F>,
        position: Position,
        settings: RowSettings,
    ) -> Self {
        let (members, erased) = match opened {
            Opened::OwnKind => (Members::default(), false),
            Opened::Whole(fields) => (Members::of(*fields), false),
            Opened::Erased(facts) => (Members::of(*facts), true),
        };
        // By the id's time, as everything else of a row: a late record leaves with its day.
        let ttl = settings
            .index_days
            .map(|days| entry.id.millis().get() / 1000 + u64::from(days) * DAY_S);
        Self {
            ledger: entry.ledger.clone(),
            id: entry.id,
            kind: entry.kind.to_owned(),
            position,
            leaf_hash: entry.leaf_hash,
            received_at: entry.received_at,
            erased,
            members,
            ttl,
            bucket: rows::bucket(&entry.id, settings.buckets),
        }
    }
}

impl Members {
    /// Reads what a row holds from whatever fields could be opened.
    #[must_use]
    pub fn of<F: Fields + ?Sized>(fields: &F) -> Self {
        // An empty string can be no index key and says nothing in a list: it counts as absent.
        let short = |text: Option<&str>| {
            text.filter(|text| !text.is_empty())
                .map(|text| cut(text).to_owned())
        };
        Self {
            record_type: short(fields.text("/type")),
            occurred_at: fields.occurred_at(),
            system: short(fields.system()),
            environment: short(fields.environment()),
            actor_id: short(fields.actor_id()),
            actor_type: fields.actor_type().map(|actor| actor.as_str().to_owned()),
            subject_id: short(fields.subject_id()),
            subject_category: short(fields.subject_category()),
            outcome: short(fields.outcome()),
            risk_level: short(fields.risk_level()),
            model: short(fields.model()),
            provider: short(fields.provider()),
            trace_id: short(fields.trace_id()),
            parent_id: short(fields.parent_id()),
            decision_id: short(fields.decision_id()),
            title: title(fields),
        }
    }
}
