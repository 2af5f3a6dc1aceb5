//! Keys: ledger keys unwrapped by the key service once and kept, scope keys read, made and found.
//!
//! A scope key is durable in the `keys` table before anything sealed with it is committed. A scope
//! may come to have several keys, because two writers that meet both make one and neither
//! overwrites the other's.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use audit_log::{KeyId, LedgerKey, Scope, ScopeKey};
use audit_storage::config::{self, LedgerConfig};
use audit_storage::stores::KeyWrapper;
use audit_storage::{Backend, Entropy, Error, Result, key_table};

use crate::concurrent::concurrently;
use crate::session::Session;

/// Most scope keys that one session remembers (each some 1 kB with its key schedule: 4 MB).
const KNOWN_KEYS: usize = 4_096;

/// The ledger keys that this process has unwrapped. A key id is random, so it names one key of
/// one ledger, and a key never changes: nothing here expires.
#[derive(Default)]
pub(crate) struct KeyRing {
    ledger_keys: Mutex<HashMap<KeyId, LedgerKey>>,
}

impl KeyRing {
    /// The ledger key of an epoch, by way of the key service the first time.
    ///
    /// # Errors
    /// `Corrupt` if the configuration names no such key.
    pub(crate) async fn ledger_key<B: Backend>(
        &self,
        backend: &B,
        config: &LedgerConfig,
        id: KeyId,
    ) -> Result<LedgerKey> {
        if let Some(key) = self.lock().get(&id) {
            return Ok(key.clone());
        }
        let wrapped = config
            .key(id.as_bytes())
            .ok_or_else(|| Error::corrupt("a ledger key that the configuration does not name"))?;
        let secret = backend
            .wrapper()
            .unwrap(&config.ledger, &wrapped.kms_key, &wrapped.wrapped)
            .await?;
        let key = LedgerKey::new(id, *secret);
        self.lock().insert(id, key.clone());
        Ok(key)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<KeyId, LedgerKey>> {
        self.ledger_keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a scope key can still open what it sealed.
#[derive(Clone)]
pub(crate) enum ScopeKeyState {
    /// It can.
    Live(Box<ScopeKey>),
    /// It was destroyed for good, and a tombstone says so.
    Erased,
}

/// Scope keys that a session has met.
#[derive(Default)]
pub(crate) struct KnownKeys(HashMap<KeyId, ScopeKeyState>);

impl KnownKeys {
    pub(crate) fn get(&self, id: &KeyId) -> Option<&ScopeKeyState> {
        self.0.get(id)
    }

    pub(crate) fn insert(&mut self, id: KeyId, state: ScopeKeyState) {
        if self.0.len() >= KNOWN_KEYS {
            self.0.clear();
        }
        self.0.insert(id, state);
    }
}

impl<B: Backend> Session<'_, B> {
    /// The ledger key that seals now.
    pub(crate) async fn sealing_key(&self) -> Result<LedgerKey> {
        let id = KeyId::from_bytes(self.config.current_key()?.key_id);
        self.ledger_key(id).await
    }

    /// The ledger key of an epoch.
    pub(crate) async fn ledger_key(&self, id: KeyId) -> Result<LedgerKey> {
        self.patience
            .ask(|| self.ring.ledger_key(self.backend, self.config, id))
            .await
    }

    /// Reads the keys of scopes, and makes those that are missing. Durable when it returns.
    ///
    /// If we crash here, keys stand that seal nothing yet; the next batch finds and uses them.
    pub(crate) async fn scope_keys(
        &self,
        scopes: BTreeSet<Scope>,
    ) -> Result<BTreeMap<Scope, ScopeKey>> {
        let mut work = Vec::with_capacity(scopes.len());
        for scope in &scopes {
            work.push(self.scope_key_for(scope));
        }
        let keys = concurrently(self.limits.concurrent_requests, work).await;
        scopes
            .into_iter()
            .zip(keys)
            .map(|(scope, key)| Ok((scope, key?)))
            .collect()
    }

    async fn scope_key_for(&self, scope: &Scope) -> Result<ScopeKey> {
        match self.live_scope_key(scope).await? {
            Some(key) => Ok(key),
            None => self.make_scope_key(scope).await,
        }
    }

    /// A key of the scope that is not erased, the first one by id: after an erasure the scope
    /// begins anew with another key.
    async fn live_scope_key(&self, scope: &Scope) -> Result<Option<ScopeKey>> {
        let keys = self
            .patience
            .ask(|| key_table::scope_keys(self.backend.keys(), self.ledger(), scope.as_str()))
            .await?;
        for key in keys {
            if let ScopeKeyState::Live(key) = self.open_scope_key(key).await? {
                return Ok(Some(*key));
            }
        }
        Ok(None)
    }

    async fn make_scope_key(&self, scope: &Scope) -> Result<ScopeKey> {
        let entropy = self.backend.entropy();
        let ledger_key = self.sealing_key().await?;
        let key = ScopeKey::new(KeyId::from_bytes(entropy.array()), entropy.array());
        let wrapped = ledger_key.wrap(self.ledger(), &key, entropy.array());
        let row = config::ScopeKey {
            ledger: self.ledger().clone(),
            scope: scope.as_str().to_owned(),
            key_id: *key.id().as_bytes(),
            state: config::ScopeKeyState::Live {
                wrapped: wrapped.to_vec(),
                epoch: *ledger_key.id().as_bytes(),
            },
        };
        // Its id is random: that it is taken can only mean that a lost reply was a success.
        self.patience
            .write_again(|| key_table::create_scope_key(self.backend.keys(), &row))
            .await?;
        Ok(key)
    }

    /// The key that a sealed body names.
    ///
    /// # Errors
    /// `Corrupt` if there is neither key nor tombstone: that is never an erasure.
    pub(crate) async fn scope_key(&self, id: KeyId) -> Result<ScopeKeyState> {
        if let Some(known) = self.known(&id) {
            return Ok(known);
        }
        let row = self
            .patience
            .ask(|| key_table::scope_key(self.backend.keys(), self.ledger(), id.as_bytes()))
            .await?
            .ok_or_else(|| Error::corrupt("a scope key is missing and no tombstone says why"))?;
        let state = self.open_scope_key(row).await?;
        self.learn(id, state.clone());
        Ok(state)
    }

    async fn open_scope_key(&self, row: config::ScopeKey) -> Result<ScopeKeyState> {
        let (wrapped, epoch) = match row.state {
            config::ScopeKeyState::Erased { .. } => return Ok(ScopeKeyState::Erased),
            config::ScopeKeyState::Live { wrapped, epoch } => (wrapped, epoch),
        };
        let id = KeyId::from_bytes(row.key_id);
        let ledger_key = self.ledger_key(KeyId::from_bytes(epoch)).await?;
        let key = ledger_key
            .unwrap(self.ledger(), id, &wrapped)
            .map_err(|wrong| Error::corrupt("unwrap a scope key").caused_by(wrong))?;
        Ok(ScopeKeyState::Live(Box::new(key)))
    }
}
