//! One ledger's work within one invocation: what every step of the protocol needs at hand.

use std::sync::{Mutex, PoisonError};

use audit_log::KeyId;
use audit_record::LedgerName;
use audit_storage::Backend;
use audit_storage::config::{LedgerConfig, RetentionClass};

use crate::key_ring::{KeyRing, KnownKeys, ScopeKeyState};
use crate::limits::Limits;
use crate::patience::Patience;

/// A ledger that is being worked on. The steps are methods of it, each in its own module.
pub(crate) struct Session<'a, B: Backend> {
    pub(crate) backend: &'a B,
    pub(crate) limits: &'a Limits,
    pub(crate) patience: &'a Patience<'a, B::Clock>,
    pub(crate) ring: &'a KeyRing,
    pub(crate) config: &'a LedgerConfig,
    known: Mutex<KnownKeys>,
    #[cfg(test)]
    pub(crate) mutation: Option<crate::tests::Mutation>,
}

impl<'a, B: Backend> Session<'a, B> {
    pub(crate) fn new(
        backend: &'a B,
        limits: &'a Limits,
        patience: &'a Patience<'a, B::Clock>,
        ring: &'a KeyRing,
        config: &'a LedgerConfig,
    ) -> Self {
        Self {
            backend,
            limits,
            patience,
            ring,
            config,
            known: Mutex::default(),
            #[cfg(test)]
            mutation: None,
        }
    }

    pub(crate) fn ledger(&self) -> &'a LedgerName {
        &self.config.ledger
    }

    pub(crate) fn class(&self) -> &'a RetentionClass {
        &self.config.retention_class
    }

    /// What this session has learnt of a scope key.
    pub(crate) fn known(&self, id: &KeyId) -> Option<ScopeKeyState> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(id).cloned()
    }

    pub(crate) fn learn(&self, id: KeyId, state: ScopeKeyState) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(id, state);
    }

    /// Whether a safeguard of the protocol was taken away, to show that the tests miss it.
    #[cfg(test)]
    pub(crate) fn breaks(&self, mutation: crate::tests::Mutation) -> bool {
        self.mutation == Some(mutation)
    }
}
