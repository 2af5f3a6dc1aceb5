//! The row of a tenant's rate limit: what is left in its bucket, and of each busy key's share.
//!
//! A form only; how a bucket fills and who may take from it is decided in `audit-lambda`. The row
//! stands in the `audit` table because it may be lost: a bucket without a row is full. DynamoDB
//! removes it once it would be full again (`ttl`).

use std::collections::BTreeMap;

use audit_record::Millis;

use crate::config::{ApiKeyId, REVISION, keyed, parsed};
use crate::error::Result;
use crate::item::{Item, Value, wrong_type};
use crate::rows::{self, TTL};
use crate::stores::Condition;

const AT: &str = "at";
const KEYS: &str = "keys";
const TOKENS: &str = "tokens";

/// A tenant's bucket as it was at a moment. Tokens count in thousandths of a record, so that a
/// slow rate loses nothing between two moments that are close together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    /// Whose it is.
    pub tenant: String,
    /// What is left.
    pub tokens: u64,
    /// At this time.
    pub at: Millis,
    /// The keys that took from it not long ago.
    pub keys: Vec<KeyShare>,
    /// When it is full again, at the latest.
    pub full_at: Millis,
    /// The revision that was read; 0 for a bucket without a row.
    pub revision: u64,
}

/// One key's share of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyShare {
    /// The key.
    pub key: ApiKeyId,
    /// What is left of its share, in thousandths of a record.
    pub level: u64,
    /// When it last took from the bucket.
    pub used_at: Millis,
}

impl RateRow {
    /// The row, with the revision after the one that was read.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let keys = self.keys.iter().map(share_value).collect();
        keyed(rows::rate(&self.tenant))
            .with(REVISION, self.revision + 1)
            .with(TOKENS, self.tokens)
            .with(AT, self.at.get())
            .with(KEYS, Value::List(keys))
            .with(TTL, self.full_at.get() / 1000 + 1)
    }

    /// What must hold for [`to_item`](Self::to_item) to be written: nobody wrote since it was read.
    #[must_use]
    pub fn condition(&self) -> Condition {
        if self.revision == 0 {
            return Condition::Absent;
        }
        Condition::Equals {
            attribute: REVISION,
            value: Value::Number(self.revision),
        }
    }

    /// Reads the row back.
    pub fn from_item(tenant: &str, item: &Item) -> Result<Self> {
        Ok(Self {
            tenant: tenant.to_owned(),
            tokens: item.number(TOKENS)?,
            at: Millis::new(item.number(AT)?),
            keys: item
                .list(KEYS)?
                .iter()
                .map(share_from)
                .collect::<Result<_>>()?,
            full_at: Millis::new(item.number(TTL)?.saturating_mul(1000)),
            revision: item.number(REVISION)?,
        })
    }
}

fn share_value(share: &KeyShare) -> Value {
    Value::Map(BTreeMap::from([
        ("key".to_owned(), share.key.as_str().into()),
        ("level".to_owned(), share.level.into()),
        ("used_at".to_owned(), share.used_at.get().into()),
    ]))
}

fn share_from(value: &Value) -> Result<KeyShare> {
    let Value::Map(map) = value else {
        return Err(wrong_type(KEYS));
    };
    let share: Item = map.clone().into_iter().collect();
    Ok(KeyShare {
        key: parsed(share.text("key")?, "API key id")?,
        level: share.number("level")?,
        used_at: Millis::new(share.number("used_at")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> RateRow {
        let share = |key: &str, level| KeyShare {
            key: key.parse().expect("a key id"),
            level,
            used_at: Millis::new(1_700_000_000_000),
        };
        RateRow {
            tenant: "acme".to_owned(),
            tokens: 239_000_000,
            at: Millis::new(1_700_000_000_500),
            keys: vec![share("abcdefghij234567", 0), share("765432aaaaaaaaaa", 5)],
            full_at: Millis::new(1_700_000_120_000),
            revision: 7,
        }
    }

    #[test]
    fn a_bucket_round_trips_one_revision_later() {
        let written = row();
        let read = RateRow::from_item("acme", &written.to_item()).expect("a row");
        assert_eq!(
            read,
            RateRow {
                revision: 8,
                full_at: Millis::new(1_700_000_121_000),
                ..written
            }
        );
    }

    #[test]
    fn the_form_stands() {
        let mut row = row();
        row.keys.truncate(1);
        assert_eq!(
            format!("{:?}", row.to_item().into_attributes()),
            "{\"at\": Number(1700000000500), \"keys\": List([Map({\"key\": \
             Text(\"abcdefghij234567\"), \"level\": Number(0), \"used_at\": \
             Number(1700000000000)})]), \"pk\": Text(\"RATE#acme\"), \"rev\": Number(8), \
             \"sk\": Text(\"BUCKET\"), \"tokens\": Number(239000000), \"ttl\": \
             Number(1700000121)}"
        );
    }

    #[test]
    fn it_is_written_over_what_was_read_and_nothing_else() {
        let mut row = row();
        let Condition::Equals { attribute, value } = row.condition() else {
            panic!("a row that was read");
        };
        assert_eq!((attribute, value), ("rev", Value::Number(7)));
        row.revision = 0;
        assert_eq!(row.condition(), Condition::Absent);
    }
}
