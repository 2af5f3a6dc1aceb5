//! The keys that open bodies: ledger keys, which the key service unwraps once for an instance's
//! life, and scope keys, which are read each time, so that an erasure takes effect at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use audit_log::{Key, KeyId, LedgerKey, ScopeKey};
use audit_record::LedgerName;
use audit_storage::config::{LedgerConfig, ScopeKeyState};
use audit_storage::stores::{KeyStore, KeyWrapper};
use audit_storage::{Error, Result, key_table};

/// Unwrapped ledger keys.
#[derive(Default)]
pub(crate) struct Keyring {
    unwrapped: Mutex<HashMap<(LedgerName, KeyId), LedgerKey>>,
}

/// What became of the key of a scope.
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, never kept in a list"
)]
pub(crate) enum Content {
    /// It opens what it sealed.
    Key(ScopeKey),
    /// It was destroyed.
    Erased,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keyring")
    }
}

impl Keyring {
    /// A ledger's key of one epoch; a call of the key service for the first time only.
    ///
    /// # Errors
    /// `Corrupt` if the ledger never had it, or the key service does not open it.
    pub(crate) async fn ledger_key(
        &self,
        wrapper: &impl KeyWrapper,
        ledger: &LedgerConfig,
        id: KeyId,
    ) -> Result<LedgerKey> {
        let name = (ledger.ledger.clone(), id);
        let cached = self
            .unwrapped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&name)
            .cloned();
        if let Some(key) = cached {
            return Ok(key);
        }
        let stored = ledger
            .key(id.as_bytes())
            .ok_or_else(|| Error::corrupt("sealed with a ledger key that the ledger never had"))?;
        let secret = wrapper
            .unwrap(&ledger.ledger, &stored.kms_key, &stored.wrapped)
            .await?;
        let key = Key::new(id, *secret);
        self.unwrapped
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, key.clone());
        Ok(key)
    }

    /// The key that content was sealed with.
    ///
    /// # Errors
    /// `Corrupt` if the key is missing and there is no tombstone: that is a loss, never an erasure.
    pub(crate) async fn scope_key(
        &self,
        store: &impl KeyStore,
        wrapper: &impl KeyWrapper,
        ledger: &LedgerConfig,
        id: KeyId,
    ) -> Result<Content> {
        let key = key_table::scope_key(store, &ledger.ledger, id.as_bytes())
            .await?
            .ok_or_else(|| Error::corrupt("a scope key is missing without a tombstone"))?;
        match key.state {
            ScopeKeyState::Erased { .. } => Ok(Content::Erased),
            ScopeKeyState::Live { wrapped, epoch } => {
                let ledger_key = self
                    .ledger_key(wrapper, ledger, KeyId::from_bytes(epoch))
                    .await?;
                ledger_key
                    .unwrap(&ledger.ledger, id, &wrapped)
                    .map(Content::Key)
                    .map_err(|error| Error::corrupt("a scope key does not unwrap").caused_by(error))
            }
        }
    }
}
