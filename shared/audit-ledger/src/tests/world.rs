//! Stores in memory that enforce the rules of S3 and DynamoDB: conditions, versions, write-once
//! objects, limits of a batch. A rule that is broken is a panic: the test has found something.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use audit_storage::rows::{PK, RowKey, SK};
use audit_storage::stores::{
    BATCH_GET_KEYS, BATCH_PUT_ITEMS, BatchGot, Condition, LIST_PAGE_KEYS, ListFrom, Order, Page,
    Put, Query, Version, VersionId, VersionPage, Written,
};
use audit_storage::{Error, Item, Result};
use bytes::Bytes;

/// One version of an object; a delete marker has no bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) version: VersionId,
    pub(super) bytes: Option<Bytes>,
}

/// Everything that survives a process.
#[derive(Debug, Clone, Default)]
pub(super) struct World {
    /// Versions of each key, oldest first.
    pub(super) segments: BTreeMap<String, Vec<Object>>,
    pub(super) rows: Table,
    pub(super) keys: Table,
    pub(super) staging: BTreeMap<String, Bytes>,
    pub(super) quarantine: BTreeMap<String, Bytes>,
    pub(super) now_ms: u64,
    /// Calls that may have changed something, so that a fingerprint is taken anew only then.
    pub(super) changes: u64,
    versions: u64,
}

impl World {
    /// An empty world at a time.
    pub(super) fn at(now_ms: u64) -> Self {
        Self {
            now_ms,
            ..Self::default()
        }
    }

    /// A hash of everything, by which two ways to the same state are known to meet.
    pub(super) fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.now_ms.hash(&mut hasher);
        for (key, objects) in &self.segments {
            key.hash(&mut hasher);
            for object in objects {
                (&object.version, &object.bytes).hash(&mut hasher);
            }
        }
        for (key, item) in self.rows.0.iter().chain(&self.keys.0) {
            key.hash(&mut hasher);
            format!("{item:?}").hash(&mut hasher);
        }
        hasher.finish()
    }

    /// `If-None-Match: *` looks at the current version only, so it succeeds over a delete marker.
    pub(super) fn put_segment(&mut self, key: &str, body: Bytes, unconditional: bool) -> Put {
        let versions = self.segments.entry(key.to_owned()).or_default();
        if !unconditional
            && versions
                .last()
                .is_some_and(|current| current.bytes.is_some())
        {
            return Put::AlreadyExists;
        }
        self.versions += 1;
        let version = VersionId(format!("v{}", self.versions));
        versions.push(Object {
            version: version.clone(),
            bytes: Some(body),
        });
        Put::Created(version)
    }

    /// What an intruder with a permission too many can do.
    pub(super) fn delete_segment(&mut self, key: &str) {
        self.versions += 1;
        let version = VersionId(format!("m{}", self.versions));
        let marker = Object {
            version,
            bytes: None,
        };
        self.segments
            .entry(key.to_owned())
            .or_default()
            .push(marker);
    }

    pub(super) fn versions(&self, key: &str) -> Vec<Version> {
        let objects = self.segments.get(key).map_or(&[][..], Vec::as_slice);
        let latest = objects.len().saturating_sub(1);
        let version = |(at, object): (usize, &Object)| Version {
            key: key.to_owned(),
            id: object.version.clone(),
            delete_marker: object.bytes.is_none(),
            latest: at == latest,
        };
        objects.iter().enumerate().map(version).rev().collect()
    }

    pub(super) fn list(&self, prefix: &str, from: Option<&ListFrom>, limit: u32) -> VersionPage {
        assert!(
            (1..=LIST_PAGE_KEYS).contains(&limit),
            "a page has 1 to 1,000 keys"
        );
        let after = from.map(|from| from.key.as_str());
        let keys = self.segments.keys().filter(|key| key.starts_with(prefix));
        let mut versions: Vec<Version> = keys
            .filter(|key| after.is_none_or(|after| key.as_str() > after))
            .flat_map(|key| self.versions(key))
            .collect();
        let more = versions.len() > limit as usize;
        versions.truncate(limit as usize);
        let next = versions.last().filter(|_| more).map(|last| ListFrom {
            key: last.key.clone(),
            version: None,
        });
        VersionPage { versions, next }
    }

    pub(super) fn read(&self, key: &str, version: &VersionId) -> Result<Bytes> {
        self.segments
            .get(key)
            .and_then(|objects| objects.iter().find(|object| object.version == *version))
            .and_then(|object| object.bytes.clone())
            .ok_or_else(|| Error::not_found("segment version"))
    }
}

/// A DynamoDB table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Table(pub(super) BTreeMap<RowKey, Item>);

impl Table {
    pub(super) fn batch_get(&self, keys: &[RowKey]) -> BatchGot {
        assert!(
            (1..=BATCH_GET_KEYS).contains(&keys.len()),
            "BatchGetItem: 1 to 100 keys"
        );
        let distinct: BTreeSet<&RowKey> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len(), "BatchGetItem: distinct keys");
        BatchGot {
            found: keys
                .iter()
                .filter_map(|key| self.0.get(key).cloned())
                .collect(),
            unprocessed: Vec::new(),
        }
    }

    /// # Errors
    /// `Invalid` for a key that comes twice, as DynamoDB answers.
    pub(super) fn batch_put(&mut self, items: &[Item]) -> Result<()> {
        assert!(
            (1..=BATCH_PUT_ITEMS).contains(&items.len()),
            "BatchWriteItem: 1 to 25 items"
        );
        let distinct: BTreeSet<RowKey> = items.iter().map(key_of).collect();
        if distinct.len() != items.len() {
            return Err(Error::invalid("BatchWriteItem: a key comes twice"));
        }
        for item in items {
            self.0.insert(key_of(item), item.clone());
        }
        Ok(())
    }

    pub(super) fn put_if(&mut self, item: Item, condition: &Condition) -> Written {
        let key = key_of(&item);
        let holds = match (self.0.get(&key), condition) {
            (stored, Condition::Absent) => stored.is_none(),
            (None, Condition::Equals { .. }) => false,
            (Some(stored), Condition::Equals { attribute, value }) => {
                stored.value(attribute) == Some(value)
            }
        };
        if !holds {
            return Written::ConditionFailed;
        }
        assert!(item.size() < 400 * 1024, "an item has at most 400 KB");
        self.0.insert(key, item);
        Written::Done
    }

    pub(super) fn query(&self, query: &Query) -> Page {
        assert!(
            query.index.is_none() && query.limit > 0,
            "queries of the table itself"
        );
        let within = |key: &RowKey| {
            key.pk == query.partition
                && query
                    .between
                    .as_ref()
                    .is_none_or(|(low, high)| *low <= key.sk && key.sk <= *high)
        };
        let mut rows: Vec<(&RowKey, &Item)> =
            self.0.iter().filter(|(key, _)| within(key)).collect();
        if query.order == Order::Descending {
            rows.reverse();
        }
        let beyond = |key: &RowKey| match (&query.after, query.order) {
            (None, _) => true,
            (Some(after), Order::Ascending) => key > after,
            (Some(after), Order::Descending) => key < after,
        };
        rows.retain(|(key, _)| beyond(key));
        let more = rows.len() > query.limit as usize;
        rows.truncate(query.limit as usize);
        Page {
            next: rows.last().filter(|_| more).map(|(key, _)| (*key).clone()),
            items: rows.into_iter().map(|(_, item)| item.clone()).collect(),
        }
    }
}

pub(super) fn key_of(item: &Item) -> RowKey {
    RowKey {
        pk: item.text(PK).expect("a pk").to_owned(),
        sk: item.text(SK).expect("an sk").to_owned(),
    }
}
