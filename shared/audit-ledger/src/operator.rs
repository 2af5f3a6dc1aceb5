//! What a person does with ledgers: making, verifying and rebuilding them.

use audit_storage::{Backend, Result};

use crate::key_ring::KeyRing;
use crate::limits::Limits;
use crate::outcome::SweepOutcome;
use crate::patience::Patience;
use crate::sweep::sweep_all;

/// Works on ledgers for an operator, one thing at a time.
pub struct Operator<B> {
    backend: B,
    limits: Limits,
    ring: KeyRing,
}

impl<B: Backend> Operator<B> {
    /// An operator over these stores. Its work may take long: `limits.budget` bounds how long one
    /// request is tried again, not the whole.
    #[must_use]
    pub fn new(backend: B, limits: Limits) -> Self {
        Self {
            backend,
            limits,
            ring: KeyRing::default(),
        }
    }

    /// The stores.
    #[must_use]
    pub fn backend(&self) -> &B {
        &self.backend
    }

    /// Rolls forward every ledger whose HEAD trails its segments.
    ///
    /// # Errors
    /// If the ledgers can't be listed.
    pub async fn sweep(&self) -> Result<SweepOutcome> {
        sweep_all(&self.backend, &self.limits, &self.ring).await
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(crate) fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Fresh patience: each thing that an operator does has the whole budget.
    pub(crate) fn patience(&self) -> Patience<'_, B::Clock> {
        Patience::new(self.backend.clock(), &self.limits)
    }
}
