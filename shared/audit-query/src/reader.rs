//! The read side of ledgers: what a function holds for its life.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use audit_record::{LedgerName, Millis, RecordId};
use audit_storage::config::{LedgerConfig, RetentionClass};
use audit_storage::{Backend, Clock as _, Result, key_table};
use futures::future::join_all;

use crate::chain::{Chain, ChainRequest, chain};
use crate::get::{Found, get};
use crate::health::{Health, health};
use crate::keyring::Keyring;
use crate::list::{ListError, ListRequest, Listing, head, list};
use crate::metrics::{Metrics, MetricsRequest, metrics};

/// How long a ledger's configuration is believed. What a reader needs of it (buckets, retention
/// class, keys) is fixed at creation or only grows.
const CONFIG_MS: u64 = 60_000;
/// Configurations that are remembered; past that all are forgotten.
const CONFIGS: usize = 1_000;

/// Reads ledgers. Whoever calls has seen that the caller may read the ledger.
#[derive(Debug)]
pub struct Reader<S> {
    sources: S,
    keyring: Keyring,
    configs: Mutex<HashMap<LedgerName, (Millis, LedgerConfig)>>,
}

/// A ledger and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerState {
    /// Its configuration.
    pub config: LedgerConfig,
    /// Its size.
    pub size: u64,
}

impl<S: Backend> Reader<S> {
    /// A reader that knows nothing yet.
    pub fn new(sources: S) -> Self {
        Self {
            sources,
            keyring: Keyring::default(),
            configs: Mutex::default(),
        }
    }

    /// What it stands on.
    pub fn sources(&self) -> &S {
        &self.sources
    }

    /// A ledger's configuration; `None` if there is no such ledger.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn ledger(&self, name: &LedgerName) -> Result<Option<LedgerConfig>> {
        let now = self.sources.clock().now();
        let known = self
            .configs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(name)
            .cloned();
        if let Some((read_at, config)) = known
            && now.get().abs_diff(read_at.get()) < CONFIG_MS
        {
            return Ok(Some(config));
        }
        let config = key_table::ledger(self.sources.keys(), name).await?;
        if let Some(config) = &config {
            let mut configs = self.configs.lock().unwrap_or_else(PoisonError::into_inner);
            if configs.len() >= CONFIGS {
                configs.clear();
            }
            configs.insert(name.clone(), (now, config.clone()));
        }
        Ok(config)
    }

    /// The ledgers of a tenant, by name.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn ledgers_of(&self, tenant: &str) -> Result<Vec<LedgerConfig>> {
        key_table::ledgers_of(self.sources.keys(), tenant).await
    }

    /// How far ledgers have come, in the order given.
    ///
    /// # Errors
    /// If the storage fails, or one of them has no HEAD yet.
    pub async fn states(&self, ledgers: Vec<LedgerConfig>) -> Result<Vec<LedgerState>> {
        let heads = join_all(
            ledgers
                .iter()
                .map(|config| head(self.sources.rows(), config)),
        )
        .await;
        ledgers
            .into_iter()
            .zip(heads)
            .map(|(config, head)| {
                Ok(LedgerState {
                    config,
                    size: head?.size,
                })
            })
            .collect()
    }

    /// Lists records of a ledger.
    ///
    /// # Errors
    /// If the cursor is not one of this list, or the storage fails.
    pub async fn list(
        &self,
        ledger: &LedgerConfig,
        request: &ListRequest<'_>,
    ) -> std::result::Result<Listing, ListError> {
        list(self.sources.rows(), self.sources.clock(), ledger, request).await
    }

    /// Reads the chain of a record; `None` if the ledger has no such record.
    ///
    /// # Errors
    /// If the cursor is not one of this chain, or the storage fails.
    pub async fn chain(
        &self,
        ledger: &LedgerConfig,
        request: &ChainRequest<'_>,
    ) -> std::result::Result<Option<Chain>, ListError> {
        chain(self.sources.rows(), self.sources.clock(), ledger, request).await
    }

    /// Reads the figures of a stretch of time.
    ///
    /// # Errors
    /// If the storage fails.
    pub async fn metrics(
        &self,
        ledger: &LedgerConfig,
        request: &MetricsRequest,
    ) -> Result<Metrics> {
        metrics(self.sources.rows(), self.sources.clock(), ledger, request).await
    }

    /// Reads a record of a ledger; `None` if it has none of that id.
    ///
    /// # Errors
    /// `Corrupt` if what is stored does not hold against what the ledger commits to.
    pub async fn get(&self, ledger: &LedgerConfig, id: RecordId) -> Result<Option<Found>> {
        get(&self.sources, &self.keyring, ledger, id).await
    }

    /// Asks each part whether it answers, the bucket of each of these retention classes too.
    pub async fn health(&self, classes: &[RetentionClass]) -> Health {
        health(&self.sources, classes).await
    }
}
