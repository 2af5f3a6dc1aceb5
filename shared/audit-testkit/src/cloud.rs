//! All stores of one account, and a process's view of them.

use std::hash::{DefaultHasher, Hash, Hasher};

use audit_storage::{Clock as _, Stores};

use crate::clock::ManualClock;
use crate::entropy::SeededEntropy;
use crate::gate::Gate;
use crate::kms::MemoryKeyWrapper;
use crate::lanes::MemoryLanes;
use crate::objects::MemoryObjects;
use crate::segments::MemorySegments;
use crate::table::MemoryTable;

/// Everything that outlives a process. Clones are the same account.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// Its clock.
    pub clock: ManualClock,
    /// The records buckets: `7y` with 2,557 days and `trial` with 1.
    pub segments: MemorySegments,
    /// The `audit` table.
    pub rows: MemoryTable,
    /// The `keys` table.
    pub keys: MemoryTable,
    /// The key service.
    pub wrapper: MemoryKeyWrapper,
    /// The staging bucket.
    pub staging: MemoryObjects,
    /// The quarantine bucket.
    pub quarantine: MemoryObjects,
    /// One lane.
    pub lanes: MemoryLanes,
}

/// The bundle that writers, readers and operators stand on, over a [`Cloud`].
pub type MemoryStores =
    Stores<MemorySegments, MemoryTable, MemoryTable, MemoryKeyWrapper, ManualClock, SeededEntropy>;

/// The stores as one process sees them: every call passes its gate.
pub type Process = Cloud;

impl Cloud {
    /// An empty account.
    #[must_use]
    pub fn new() -> Self {
        let clock = ManualClock::default();
        Self {
            segments: MemorySegments::new(clock.clone(), &[("7y", 2_557), ("trial", 1)]),
            rows: MemoryTable::default(),
            keys: MemoryTable::default(),
            wrapper: MemoryKeyWrapper::new(1),
            staging: MemoryObjects::default(),
            quarantine: MemoryObjects::default(),
            lanes: MemoryLanes::new(clock.clone(), 1),
            clock,
        }
    }

    /// A copy of the account at this moment, which from then on goes its own way.
    #[must_use]
    pub fn fork(&self) -> Self {
        let clock = self.clock.fork();
        Self {
            segments: self.segments.fork(&clock),
            rows: self.rows.fork(),
            keys: self.keys.fork(),
            wrapper: self.wrapper.fork(),
            staging: self.staging.fork(),
            quarantine: self.quarantine.fork(),
            lanes: self.lanes.fork(&clock),
            clock,
        }
    }

    /// A hash of the time, the segments and both tables, by which two ways to the same state of a
    /// ledger are known to meet.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.clock.now().hash(&mut hasher);
        self.segments.fingerprint(&mut hasher);
        self.rows.fingerprint(&mut hasher);
        self.keys.fingerprint(&mut hasher);
        hasher.finish()
    }

    /// What a writer, a reader or an operator stands on; its keys and nonces come from the seed.
    #[must_use]
    pub fn stores(&self, seed: u64) -> MemoryStores {
        Stores {
            segments: self.segments.clone(),
            rows: self.rows.clone(),
            keys: self.keys.clone(),
            wrapper: self.wrapper.clone(),
            clock: self.clock.clone(),
            entropy: SeededEntropy::new(seed),
        }
    }

    /// The same account through a process's gate.
    #[must_use]
    pub fn process(&self, gate: &Gate) -> Process {
        Self {
            clock: self.clock.clone(),
            segments: self.segments.through(gate),
            rows: self.rows.through(gate),
            keys: self.keys.through(gate),
            wrapper: self.wrapper.through(gate),
            staging: self.staging.through(gate),
            quarantine: self.quarantine.through(gate),
            lanes: self.lanes.through(gate),
        }
    }
}

impl Default for Cloud {
    fn default() -> Self {
        Self::new()
    }
}
