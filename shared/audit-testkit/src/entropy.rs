//! Randomness from a seed: the same seed gives the same keys, faults and schedules.

use std::sync::{Arc, Mutex};

use audit_storage::Entropy;

/// A small generator (`SplitMix64`, Steele, Lea and Flood, 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// From a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound` (0 if that is 0).
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.bits() % bound).unwrap_or_default()
    }

    /// True in `percent` of 100 cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.bits() % 100 < percent
    }
}

/// Entropy from a seed. Clones draw from the same sequence.
#[derive(Debug, Clone)]
pub struct SeededEntropy(Arc<Mutex<Random>>);

impl SeededEntropy {
    /// From a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Random::new(seed))))
    }

    /// Entropy that goes on from here by itself.
    #[must_use]
    pub fn fork(&self) -> Self {
        let random = self.0.lock().expect("no panic while it is held").clone();
        Self(Arc::new(Mutex::new(random)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let mut random = self.0.lock().expect("no panic while it is held");
        for chunk in bytes.chunks_mut(8) {
            let drawn = random.bits().to_le_bytes();
            chunk.copy_from_slice(&drawn[..chunk.len()]);
        }
    }
}
