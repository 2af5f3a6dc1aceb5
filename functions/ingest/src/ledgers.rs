//! The ledgers' configurations, as this instance read them not long ago.

use std::sync::Arc;

use audit_lambda::http::{ApiError, Code};
use audit_lambda::{Credential, Recent};
use audit_record::{LedgerName, Millis};
use audit_storage::config::LedgerConfig;
use audit_storage::key_table;
use audit_storage::stores::KeyStore;

/// A changed lane or `index_days` takes effect within that time.
const KEPT_MS: u64 = 60_000;
/// Ledgers that an instance keeps; a row takes some 500 bytes.
const KEPT_LEDGERS: usize = 1_000;

/// Reads and keeps configurations.
pub(crate) struct Ledgers<K> {
    store: K,
    kept: Recent<LedgerName, Arc<LedgerConfig>>,
}

impl<K: KeyStore> Ledgers<K> {
    pub(crate) fn new(store: K) -> Self {
        Self {
            store,
            kept: Recent::new(KEPT_MS, KEPT_LEDGERS),
        }
    }

    /// The ledger that a key writes to.
    ///
    /// # Errors
    /// 403 for a key without one, or whose ledger does not exist (any more).
    pub(crate) async fn home_of(
        &self,
        credential: &Credential,
        now: Millis,
    ) -> Result<Arc<LedgerConfig>, ApiError> {
        let Some(name) = &credential.home else {
            return Err(ApiError::new(
                Code::Forbidden,
                "This API key is bound to no ledger that it could write to.",
            ));
        };
        if let Some(ledger) = self.kept.get(name, now) {
            return Ok(ledger);
        }
        let ledger = key_table::ledger(&self.store, name).await?;
        let Some(ledger) = ledger.map(Arc::new) else {
            return Err(ApiError::new(
                Code::Forbidden,
                "The ledger of this API key does not exist.",
            ));
        };
        self.kept.put(name.clone(), Arc::clone(&ledger), now);
        Ok(ledger)
    }
}
