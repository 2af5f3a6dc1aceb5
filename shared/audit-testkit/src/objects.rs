//! A plain S3 bucket: staging and quarantine.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use audit_storage::stores::{Put, QuarantineStore, StagingStore, VersionId};
use audit_storage::{Error, Result};
use bytes::Bytes;

use crate::gate::{Gate, Touch};

/// A bucket in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryObjects {
    objects: Arc<Mutex<BTreeMap<String, Bytes>>>,
    gate: Gate,
}

impl MemoryObjects {
    /// The same bucket through another process's gate.
    #[must_use]
    pub fn through(&self, gate: &Gate) -> Self {
        Self {
            objects: Arc::clone(&self.objects),
            gate: gate.clone(),
        }
    }

    /// A copy that goes its own way.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            objects: Arc::new(Mutex::new(self.contents())),
            gate: Gate::new(),
        }
    }

    /// What it holds.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<String, Bytes> {
        self.objects().clone()
    }

    /// What the bucket's lifecycle does some day.
    pub fn expire(&self, key: &str) {
        drop(self.objects().remove(key));
    }

    async fn read(&self, key: &str) -> Result<Option<Bytes>> {
        let read = || {
            self.gate.bill("s3:GetObject", 1);
            Ok(self.objects().get(key).cloned())
        };
        self.gate.call("s3:GetObject", Touch::Fixed, read).await
    }

    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.objects.lock().expect("no panic while it is held")
    }
}

impl StagingStore for MemoryObjects {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        let put = || {
            self.gate.bill("s3:PutObject", 1);
            check(key)?;
            let before = self.objects().insert(key.to_owned(), body.clone());
            assert!(
                before.is_none_or(|before| before == body),
                "staging object {key} rewritten with other bytes"
            );
            Ok(())
        };
        self.gate.call("s3:PutObject", Touch::Write, put).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.read(key).await
    }
}

impl QuarantineStore for MemoryObjects {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Put> {
        let put = || {
            self.gate.bill("s3:PutObject", 1);
            check(key)?;
            let mut objects = self.objects();
            if objects.contains_key(key) {
                return Ok(Put::AlreadyExists);
            }
            drop(objects.insert(key.to_owned(), body));
            Ok(Put::Created(VersionId(format!(
                "version-{}",
                objects.len()
            ))))
        };
        self.gate.call("s3:PutObject", Touch::Write, put).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.read(key).await
    }
}

/// A key has 1 to 1,024 bytes (S3, "Naming Amazon S3 objects").
fn check(key: &str) -> Result<()> {
    (1..=1024)
        .contains(&key.len())
        .then_some(())
        .ok_or_else(|| Error::invalid("object key"))
}
