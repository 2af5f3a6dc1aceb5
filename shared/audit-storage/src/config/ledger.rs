//! A ledger's configuration: what its `genesis` fixed, and what an operator may set.

use std::collections::BTreeMap;

use audit_record::{LedgerName, Millis};

use super::{Lane, REVISION, RetentionClass, keyed, parsed};
use crate::error::{Error, Result};
use crate::item::{Item, Value, wrong_type};
use crate::rows::{self, SK};

/// Which key seals the content of a record that has no subject. (One with a subject always takes
/// the subject's.)
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScopeSetting {
    /// One for each day of the record's id.
    #[default]
    Day,
    /// One for each `gen_ai.conversation.id`; the day for a record without one.
    Conversation,
    /// One for each record.
    Record,
}

impl ScopeSetting {
    /// The stored word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Conversation => "conversation",
            Self::Record => "record",
        }
    }
}

impl std::str::FromStr for ScopeSetting {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        [Self::Day, Self::Conversation, Self::Record]
            .into_iter()
            .find(|setting| setting.as_str() == text)
            .ok_or_else(|| Error::invalid("scope setting"))
    }
}

/// A ledger key as the key service wrapped it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerKey {
    /// Its id, random; what bodies and scope keys name as their epoch.
    pub key_id: [u8; 16],
    /// The key service's key that wrapped it.
    pub kms_key: String,
    /// The wrapped key.
    pub wrapped: Vec<u8>,
}

/// A ledger's CONFIG row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerConfig {
    /// The ledger's name.
    pub ledger: LedgerName,
    /// Its C2SP origin, `<domain>/<tenant>/<ledger>`.
    pub origin: String,
    /// Which bucket its segments are in. Fixed at creation.
    pub retention_class: RetentionClass,
    /// Into how many partitions a day's record rows go. Fixed at creation, at least 1.
    pub buckets: u16,
    /// What seals content without a subject.
    pub scope: ScopeSetting,
    /// The queue of its messages.
    pub lane: Lane,
    /// For how many days a record is in the index; absent for as long as the record lives.
    pub index_days: Option<u32>,
    /// Its keys, oldest first, never empty; the last one seals.
    pub keys: Vec<LedgerKey>,
    /// When it was made.
    pub created_at: Millis,
    /// The revision that was read; 1 for a new ledger. A change is written with the next one.
    pub revision: u64,
}

impl LedgerConfig {
    /// The key that seals now.
    ///
    /// # Errors
    /// `Corrupt` if there is none, which no written row has.
    pub fn current_key(&self) -> Result<&LedgerKey> {
        self.keys
            .last()
            .ok_or_else(|| Error::corrupt("ledger without a key"))
    }

    /// The key of an epoch.
    #[must_use]
    pub fn key(&self, key_id: &[u8; 16]) -> Option<&LedgerKey> {
        self.keys.iter().find(|key| key.key_id == *key_id)
    }

    /// The row.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let keys = self.keys.iter().map(key_value).collect();
        let mut item = keyed(rows::ledger(&self.ledger))
            .with(REVISION, self.revision)
            .with("origin", self.origin.as_str())
            .with("retention_class", self.retention_class.as_str())
            .with("buckets", u64::from(self.buckets))
            .with("scope", self.scope.as_str())
            .with("lane", u64::from(self.lane.0))
            .with("ledger_keys", Value::List(keys))
            .with("created_at", self.created_at.get());
        item.set_opt("index_days", self.index_days.map(u64::from));
        item
    }

    /// Reads the row back.
    pub fn from_item(item: &Item) -> Result<Self> {
        let config = Self {
            ledger: parsed(item.text(SK)?, "ledger name")?,
            origin: item.text("origin")?.to_owned(),
            retention_class: parsed(item.text("retention_class")?, "retention class")?,
            buckets: small(item.number("buckets")?, "buckets")?,
            scope: parsed(item.text("scope")?, "scope setting")?,
            lane: Lane(small(item.number("lane")?, "lane")?),
            index_days: item
                .opt_number("index_days")?
                .map(|days| small(days, "index_days"))
                .transpose()?,
            keys: item
                .list("ledger_keys")?
                .iter()
                .map(key_from)
                .collect::<Result<_>>()?,
            created_at: Millis::new(item.number("created_at")?),
            revision: item.number(REVISION)?,
        };
        config.current_key()?;
        Ok(config)
    }
}

fn key_value(key: &LedgerKey) -> Value {
    Value::Map(BTreeMap::from([
        ("key_id".to_owned(), key.key_id.into()),
        ("kms_key".to_owned(), key.kms_key.as_str().into()),
        ("wrapped".to_owned(), key.wrapped.as_slice().into()),
    ]))
}

fn key_from(value: &Value) -> Result<LedgerKey> {
    let Value::Map(map) = value else {
        return Err(wrong_type("ledger_keys"));
    };
    let key: Item = map.clone().into_iter().collect();
    Ok(LedgerKey {
        key_id: key.array("key_id")?,
        kms_key: key.text("kms_key")?.to_owned(),
        wrapped: key.bytes("wrapped")?.to_vec(),
    })
}

fn small<T: TryFrom<u64>>(number: u64, name: &str) -> Result<T> {
    T::try_from(number).map_err(|_| wrong_type(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn config() -> LedgerConfig {
        let key = |id: u8| LedgerKey {
            key_id: [id; 16],
            kms_key: "arn:aws:kms:eu-central-1:000000000000:key/1".to_owned(),
            wrapped: vec![id; 184],
        };
        LedgerConfig {
            ledger: "acme/credit".parse().expect("a name"),
            origin: "audit.localhost/acme/credit".to_owned(),
            retention_class: "7y".parse().expect("a class"),
            buckets: 2,
            scope: ScopeSetting::Conversation,
            lane: Lane(0),
            index_days: Some(400),
            keys: vec![key(1), key(2)],
            created_at: Millis::new(1_700_000_000_000),
            revision: 3,
        }
    }

    #[test]
    fn a_configuration_round_trips() {
        let full = config();
        let plain = LedgerConfig {
            index_days: None,
            ..full.clone()
        };
        for config in [full, plain] {
            assert_eq!(
                LedgerConfig::from_item(&config.to_item()).expect("a config"),
                config
            );
        }
    }

    #[test]
    fn the_last_key_seals_and_each_is_found_by_its_id() {
        let config = config();
        assert_eq!(config.current_key().expect("a key").key_id, [2; 16]);
        assert_eq!(config.key(&[1; 16]).map(|key| key.key_id), Some([1; 16]));
        assert_eq!(config.key(&[9; 16]), None);
    }

    #[test]
    fn a_configuration_without_a_key_is_corrupt() {
        let mut config = config();
        config.keys.clear();
        let error = LedgerConfig::from_item(&config.to_item()).expect_err("no key");
        assert_eq!(error.kind(), crate::Kind::Corrupt);
    }
}
