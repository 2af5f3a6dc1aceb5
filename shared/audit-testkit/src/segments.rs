//! A versioned S3 bucket under Object Lock in compliance mode, for each retention class.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use audit_storage::config::RetentionClass;
use audit_storage::stores::{
    LIST_PAGE_KEYS, ListFrom, Put, SegmentStore, Version, VersionId, VersionPage,
};
use audit_storage::{Clock, Error, Result};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::clock::ManualClock;
use crate::gate::{Gate, Touch};

const DAY: Duration = Duration::from_hours(24);

/// A version of a key, or with no bytes a delete marker.
#[derive(Debug, Clone, Hash)]
struct Stored {
    id: VersionId,
    bytes: Option<Bytes>,
    locked_until_ms: u64,
}

#[derive(Debug, Clone, Default)]
struct Buckets {
    /// Days of default retention of each class that has a bucket.
    retention: BTreeMap<RetentionClass, u32>,
    /// The versions of each key, oldest first.
    keys: BTreeMap<(RetentionClass, String), Vec<Stored>>,
    made: u64,
}

/// The records buckets, in memory. Clones share them.
#[derive(Debug, Clone)]
pub struct MemorySegments {
    buckets: Arc<Mutex<Buckets>>,
    clock: ManualClock,
    gate: Gate,
    unconditional: bool,
}

impl MemorySegments {
    /// Buckets for these classes, each with its days of retention.
    #[must_use]
    pub fn new(clock: ManualClock, classes: &[(&str, u32)]) -> Self {
        let class = |(name, days): &(&str, u32)| {
            let name = name.parse().expect("the test names a valid class");
            (name, *days)
        };
        let buckets = Buckets {
            retention: classes.iter().map(class).collect(),
            ..Buckets::default()
        };
        Self {
            buckets: Arc::new(Mutex::new(buckets)),
            clock,
            gate: Gate::new(),
            unconditional: false,
        }
    }

    /// A copy on another clock that goes its own way.
    #[must_use]
    pub fn fork(&self, clock: &ManualClock) -> Self {
        Self {
            buckets: Arc::new(Mutex::new(self.buckets().clone())),
            clock: clock.clone(),
            gate: Gate::new(),
            unconditional: false,
        }
    }

    /// The same buckets for a client that leaves its condition out, where no policy denies that:
    /// to show what the condition is for.
    #[must_use]
    pub fn unconditional(self) -> Self {
        Self {
            unconditional: true,
            ..self
        }
    }

    /// The same buckets through another process's gate.
    #[must_use]
    pub fn through(&self, gate: &Gate) -> Self {
        Self {
            gate: gate.clone(),
            ..self.clone()
        }
    }

    /// What an intruder with `s3:DeleteObject` can do: hide a key behind a delete marker, which
    /// Object Lock allows.
    pub fn hide(&self, class: &RetentionClass, key: &str) {
        self.insert(class, key, None);
    }

    /// What an intruder with `s3:PutObject` and no condition can do: add a version.
    pub fn overwrite(&self, class: &RetentionClass, key: &str, body: Bytes) -> VersionId {
        self.insert(class, key, Some(body))
    }

    /// Changes the bytes of a key's newest object past all rules, as a broken disk would; `None`
    /// loses the key with all its versions.
    pub fn tamper(&self, class: &RetentionClass, key: &str, bytes: Option<Bytes>) {
        let place = (class.clone(), key.to_owned());
        let mut buckets = self.buckets();
        let Some(bytes) = bytes else {
            drop(buckets.keys.remove(&place));
            return;
        };
        let versions = buckets.keys.entry(place).or_default();
        if let Some(stored) = versions.iter_mut().rev().find(|v| v.bytes.is_some()) {
            stored.bytes = Some(bytes);
        }
    }

    /// Deletes a version as the service would: a locked one is refused before its retention ends,
    /// whoever asks.
    pub fn delete_version(
        &self,
        class: &RetentionClass,
        key: &str,
        version: &VersionId,
    ) -> Result<()> {
        let now = self.clock.now().get();
        let mut buckets = self.buckets();
        let versions = buckets
            .keys
            .get_mut(&(class.clone(), key.to_owned()))
            .ok_or_else(|| Error::not_found("object version"))?;
        let at = versions
            .iter()
            .position(|stored| stored.id == *version)
            .ok_or_else(|| Error::not_found("object version"))?;
        if versions[at].bytes.is_some() && now < versions[at].locked_until_ms {
            return Err(Error::forbidden("object version is locked"));
        }
        drop(versions.remove(at));
        Ok(())
    }

    /// Every key with the bytes of its versions, oldest first, delete markers left out.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<String, Vec<Bytes>> {
        let buckets = self.buckets();
        let bytes =
            |versions: &Vec<Stored>| versions.iter().filter_map(|v| v.bytes.clone()).collect();
        buckets
            .keys
            .iter()
            .map(|((_, key), versions)| (key.clone(), bytes(versions)))
            .collect()
    }

    pub(crate) fn fingerprint(&self, hasher: &mut impl Hasher) {
        self.buckets().keys.hash(hasher);
    }

    fn insert(&self, class: &RetentionClass, key: &str, bytes: Option<Bytes>) -> VersionId {
        let mut buckets = self.buckets();
        buckets.made += 1;
        let days = buckets.retention.get(class).copied().unwrap_or_default();
        let retention = u64::try_from((DAY * days).as_millis()).unwrap_or(u64::MAX);
        let id = VersionId(format!("version-{:024}", buckets.made));
        buckets
            .keys
            .entry((class.clone(), key.to_owned()))
            .or_default()
            .push(Stored {
                id: id.clone(),
                bytes,
                locked_until_ms: self.clock.now().get().saturating_add(retention),
            });
        id
    }

    fn bucket(&self, class: &RetentionClass) -> Result<()> {
        let known = self.buckets().retention.contains_key(class);
        known
            .then_some(())
            .ok_or_else(|| Error::internal("retention class without a bucket"))
    }

    fn buckets(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().expect("no panic while it is held")
    }

    fn listed(&self, class: &RetentionClass, key: &str) -> Vec<Version> {
        let buckets = self.buckets();
        let stored = buckets.keys.get(&(class.clone(), key.to_owned()));
        let newest_first = stored.into_iter().flatten().rev().enumerate();
        newest_first
            .map(|(age, stored)| Version {
                key: key.to_owned(),
                id: stored.id.clone(),
                delete_marker: stored.bytes.is_none(),
                latest: age == 0,
            })
            .collect()
    }

    fn stored(&self, class: &RetentionClass, key: &str, version: &VersionId) -> Result<Bytes> {
        self.buckets()
            .keys
            .get(&(class.clone(), key.to_owned()))
            .and_then(|versions| versions.iter().find(|stored| stored.id == *version))
            .and_then(|stored| stored.bytes.clone())
            .ok_or_else(|| Error::not_found("object version"))
    }

    fn page(
        &self,
        class: &RetentionClass,
        prefix: &str,
        from: Option<&ListFrom>,
        limit: u32,
    ) -> Result<VersionPage> {
        if !(1..=LIST_PAGE_KEYS).contains(&limit) {
            return Err(Error::invalid("a page has 1 to 1,000 keys"));
        }
        let keys: Vec<String> = {
            let buckets = self.buckets();
            let own = buckets.keys.keys().filter(|(of, _)| of == class);
            own.map(|(_, key)| key.clone())
                .filter(|key| key.starts_with(prefix))
                .filter(|key| from.is_none_or(|from| *key >= from.key))
                .collect()
        };
        let mut versions: Vec<Version> = Vec::new();
        for key in keys {
            let of_key = self.listed(class, &key);
            let seen = match from.filter(|from| from.key == key) {
                None => 0,
                Some(ListFrom { version: None, .. }) => of_key.len(),
                Some(ListFrom {
                    version: Some(last),
                    ..
                }) => {
                    let at = of_key.iter().position(|version| version.id == *last);
                    at.map_or(of_key.len(), |at| at + 1)
                }
            };
            versions.extend(of_key.into_iter().skip(seen));
        }
        let more = versions.len() > limit as usize;
        versions.truncate(limit as usize);
        let next = versions.last().filter(|_| more).map(|last| ListFrom {
            key: last.key.clone(),
            version: Some(last.id.clone()),
        });
        Ok(VersionPage { versions, next })
    }
}

impl SegmentStore for MemorySegments {
    async fn put_if_absent(
        &self,
        class: &RetentionClass,
        key: &str,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Put> {
        let put = || {
            self.bucket(class)?;
            self.gate.bill("s3:PutObject", 1);
            if <[u8; 32]>::from(Sha256::digest(&body)) != sha256 {
                return Err(Error::invalid("checksum of the object (BadDigest)"));
            }
            // The current version only: a delete marker lets it through.
            let current = self.listed(class, key).into_iter().next();
            if !self.unconditional && current.is_some_and(|current| !current.delete_marker) {
                return Ok(Put::AlreadyExists);
            }
            Ok(Put::Created(self.insert(class, key, Some(body))))
        };
        self.gate.call("s3:PutObject", Touch::Write, put).await
    }

    async fn versions(&self, class: &RetentionClass, key: &str) -> Result<Vec<Version>> {
        let list = || {
            self.bucket(class)?;
            self.gate.bill("s3:ListObjectVersions", 1);
            Ok(self.listed(class, key))
        };
        self.gate
            .call("s3:ListObjectVersions", Touch::Read, list)
            .await
    }

    async fn list_versions(
        &self,
        class: &RetentionClass,
        prefix: &str,
        from: Option<&ListFrom>,
        limit: u32,
    ) -> Result<VersionPage> {
        let list = || {
            self.bucket(class)?;
            self.gate.bill("s3:ListObjectVersions", 1);
            self.page(class, prefix, from, limit)
        };
        self.gate
            .call("s3:ListObjectVersions", Touch::Read, list)
            .await
    }

    async fn read(&self, class: &RetentionClass, key: &str, version: &VersionId) -> Result<Bytes> {
        let read = || {
            self.bucket(class)?;
            self.gate.bill("s3:GetObject", 1);
            self.stored(class, key, version)
        };
        self.gate.call("s3:GetObject", Touch::Fixed, read).await
    }

    async fn read_range(
        &self,
        class: &RetentionClass,
        key: &str,
        version: &VersionId,
        offset: u64,
        length: u64,
    ) -> Result<Bytes> {
        let read = || {
            self.bucket(class)?;
            self.gate.bill("s3:GetObject", 1);
            let whole = self.stored(class, key, version)?;
            let end = offset.checked_add(length).filter(|_| length > 0);
            let end = end.filter(|end| *end <= whole.len() as u64);
            let (Ok(start), Some(Ok(end))) = (usize::try_from(offset), end.map(usize::try_from))
            else {
                return Err(Error::corrupt("range outside the object"));
            };
            Ok(whole.slice(start..end))
        };
        self.gate.call("s3:GetObject", Touch::Fixed, read).await
    }
}
