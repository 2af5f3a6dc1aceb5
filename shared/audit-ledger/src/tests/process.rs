//! A process: an account's stores seen through a gate of its own, and what runs on them.

use std::future::Future;

use audit_testkit::{Cloud, Gate, MemoryObjects, MemoryStores};

use super::Mutation;
use crate::{Limits, Operator, Writer};

pub(super) type TestWriter = Writer<MemoryStores, MemoryObjects, MemoryObjects>;

/// A process over an account.
pub(super) struct Process {
    pub(super) gate: Gate,
    stores: MemoryStores,
    staging: MemoryObjects,
    quarantine: MemoryObjects,
    mutation: Option<Mutation>,
}

impl Process {
    /// A process at which nothing fails; its keys and nonces come from the seed.
    pub(super) fn new(account: &Cloud, seed: u64) -> Self {
        Self::behind(Gate::new(), account, seed)
    }

    /// A process whose calls pass this gate.
    pub(super) fn behind(gate: Gate, account: &Cloud, seed: u64) -> Self {
        let seen = account.process(&gate);
        Self {
            stores: seen.stores(seed),
            staging: seen.staging,
            quarantine: seen.quarantine,
            gate,
            mutation: None,
        }
    }

    /// A process that waits for its turn before each storage call but those of the `keys` table:
    /// for scripts whose keys exist, so that only their reads would be waited for.
    pub(super) fn racing_for_the_commit(account: &Cloud, seed: u64) -> Self {
        let gate = Gate::new();
        let mut process = Self::behind(gate.clone().stepping(), account, seed);
        process.stores.keys = account.keys.through(&gate);
        process
    }

    /// The same process with a safeguard taken away.
    pub(super) fn breaking(mut self, mutation: Option<Mutation>) -> Self {
        if mutation == Some(Mutation::UnconditionalPut) {
            self.stores.segments = self.stores.segments.unconditional();
        }
        self.mutation = mutation;
        self
    }

    pub(super) fn stores(&self) -> &MemoryStores {
        &self.stores
    }

    pub(super) fn writer(&self, limits: Limits) -> TestWriter {
        let (staging, quarantine) = (self.staging.clone(), self.quarantine.clone());
        let mut writer = Writer::new(self.stores.clone(), staging, quarantine, limits);
        writer.mutation = self.mutation;
        writer
    }

    pub(super) fn operator(&self) -> Operator<MemoryStores> {
        Operator::new(self.stores.clone(), Limits::default())
    }

    /// Runs its work to the end; nothing if it dies.
    pub(super) fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.gate.run(work)
    }

    /// Whether it would have reported success, were it to do so before it knows.
    pub(super) fn attempted_put(&self) -> bool {
        let calls = self.gate.calls();
        calls.iter().any(|call| call.operation == PUT)
    }
}

/// The operation that commits.
pub(super) const PUT: &str = "s3:PutObject";
