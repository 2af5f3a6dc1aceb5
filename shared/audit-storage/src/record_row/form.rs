//! The row's attributes, written and read back.

use audit_record::{LedgerName, Millis, RecordId};

use super::{Members, Position, RECORD_KIND, ROW_VERSION, RecordRow};
use crate::config::{keyed, parsed};
use crate::error::{Error, Result};
use crate::item::Item;
use crate::rows::{self, Index, PK, SK, TTL};
use crate::stores::VersionId;

const CHAIN_SOURCE: &str = "cs";
const DECISION: &str = "d";
const TRACE: &str = "t";
const PARENT: &str = "p";

impl RecordRow {
    /// The row's primary key.
    #[must_use]
    pub fn key(&self) -> rows::RowKey {
        rows::RowKey {
            pk: rows::record_partition(&self.ledger, rows::Day::of(self.id.millis()), self.bucket),
            sk: self.id.to_string(),
        }
    }

    /// The row.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let mut item = keyed(self.key())
            .with("v", ROW_VERSION)
            .with("i", self.position.index)
            .with("ss", self.position.segment_start)
            .with("sv", self.position.segment_version.as_str())
            .with("so", self.position.offset)
            .with("sl", self.position.length)
            .with("h", self.leaf_hash)
            .with("ra", self.received_at.get());
        if !self.is_record() {
            item.set("k", self.kind.as_str());
        }
        if self.erased {
            item.set("er", true);
        }
        item.set_opt(TTL, self.ttl);
        self.members.write(&self.ledger, &mut item);
        item
    }

    /// Reads a row back.
    ///
    /// # Errors
    /// `Corrupt` if it is no row of this form; a row of a later version is one.
    pub fn from_item(item: &Item) -> Result<Self> {
        if item.number("v")? != ROW_VERSION {
            return Err(Error::corrupt("record row of another version"));
        }
        let (ledger, bucket) = split_partition(item.text(PK)?)?;
        let id: RecordId = parsed(item.text(SK)?, "id")?;
        let row = Self {
            position: Position {
                index: item.number("i")?,
                segment_start: item.number("ss")?,
                segment_version: VersionId(item.text("sv")?.to_owned()),
                offset: item.number("so")?,
                length: item.number("sl")?,
            },
            kind: item.opt_text("k")?.unwrap_or(RECORD_KIND).to_owned(),
            leaf_hash: item.array("h")?,
            received_at: Millis::new(item.number("ra")?),
            erased: item.flag("er")?,
            members: Members::read(&ledger, item)?,
            ttl: item.opt_number(TTL)?,
            ledger,
            id,
            bucket,
        };
        if row.key().pk == item.text(PK)? {
            Ok(row)
        } else {
            Err(Error::corrupt("record row in another day's partition"))
        }
    }
}

/// `R#<ledger>#<day>#<bucket>`.
fn split_partition(pk: &str) -> Result<(LedgerName, u16)> {
    let mut parts = pk.split('#');
    let (Some("R"), Some(ledger), Some(_), Some(bucket), None) = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    ) else {
        return Err(Error::corrupt("not a record row"));
    };
    Ok((parsed(ledger, "ledger name")?, parsed(bucket, "bucket")?))
}

impl Members {
    fn write(&self, ledger: &LedgerName, item: &mut Item) {
        item.set_opt("ty", self.record_type.as_deref());
        item.set_opt("oa", self.occurred_at.map(Millis::get));
        item.set_opt("sy", self.system.as_deref());
        item.set_opt("en", self.environment.as_deref());
        item.set_opt("at", self.actor_type.as_deref());
        item.set_opt("sc", self.subject_category.as_deref());
        item.set_opt("oc", self.outcome.as_deref());
        item.set_opt("ri", self.risk_level.as_deref());
        item.set_opt("mo", self.model.as_deref());
        item.set_opt("pr", self.provider.as_deref());
        item.set_opt("ti", self.title.as_deref());
        let mut key = |index: Index, value: Option<&str>| {
            item.set_opt(
                index.attribute(),
                value.map(|value| rows::index_value(ledger, value)),
            );
        };
        key(Index::ByActor, self.actor_id.as_deref());
        key(Index::BySubject, self.subject_id.as_deref());
        key(Index::ByChain, self.chain_id());
        // The chain's own id is in its index key: only the others are stored beside it.
        let ids = [
            (DECISION, "de", &self.decision_id),
            (TRACE, "tr", &self.trace_id),
            (PARENT, "pa", &self.parent_id),
        ];
        let mut present = ids.into_iter().filter(|(_, _, id)| id.is_some());
        if let Some((source, _, _)) = present.next() {
            item.set(CHAIN_SOURCE, source);
        }
        for (_, name, id) in present {
            item.set_opt(name, id.as_deref());
        }
    }

    fn read(ledger: &LedgerName, item: &Item) -> Result<Self> {
        let text = |name: &str| Ok(item.opt_text(name)?.map(str::to_owned));
        let key = |index: Index| {
            let Some(value) = item.opt_text(index.attribute())? else {
                return Ok(None);
            };
            value
                .strip_prefix(ledger.as_str())
                .and_then(|rest| rest.strip_prefix('#'))
                .map(|value| Some(value.to_owned()))
                .ok_or_else(|| Error::corrupt("index key of another ledger"))
        };
        let mut members = Self {
            record_type: text("ty")?,
            occurred_at: item.opt_number("oa")?.map(Millis::new),
            system: text("sy")?,
            environment: text("en")?,
            actor_id: key(Index::ByActor)?,
            actor_type: text("at")?,
            subject_id: key(Index::BySubject)?,
            subject_category: text("sc")?,
            outcome: text("oc")?,
            risk_level: text("ri")?,
            model: text("mo")?,
            provider: text("pr")?,
            trace_id: text("tr")?,
            parent_id: text("pa")?,
            decision_id: text("de")?,
            title: text("ti")?,
        };
        let chain = key(Index::ByChain)?;
        match (item.opt_text(CHAIN_SOURCE)?, chain) {
            (None, None) => {}
            (Some(DECISION), Some(id)) => members.decision_id = Some(id),
            (Some(TRACE), Some(id)) => members.trace_id = Some(id),
            (Some(PARENT), Some(id)) => members.parent_id = Some(id),
            _ => return Err(Error::corrupt("chain of a row without its source")),
        }
        Ok(members)
    }
}
