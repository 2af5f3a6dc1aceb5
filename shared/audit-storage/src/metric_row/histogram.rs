//! A histogram in fixed logarithmic buckets, so that any two can be added.

/// The upper bounds of the buckets in milliseconds, inclusive: ⌊2^(k/2)⌋, so a quantile read from
/// them is off by at most 41 %. What lies beyond 2^20 ms (17 minutes) is in one last bucket.
pub const BOUNDS_MS: [u64; 39] = [
    1, 2, 4, 5, 8, 11, 16, 22, 32, 45, 64, 90, 128, 181, 256, 362, 512, 724, 1_024, 1_448, 2_048,
    2_896, 4_096, 5_792, 8_192, 11_585, 16_384, 23_170, 32_768, 46_340, 65_536, 92_681, 131_072,
    185_363, 262_144, 370_727, 524_288, 741_455, 1_048_576,
];

const BUCKETS: usize = BOUNDS_MS.len() + 1;

/// How many values fell into each bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram {
    counts: [u64; BUCKETS],
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: [0; BUCKETS],
        }
    }
}

impl Histogram {
    /// Counts a value.
    pub fn add(&mut self, milliseconds: u64) {
        let bucket = BOUNDS_MS.partition_point(|bound| *bound < milliseconds);
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
    }

    /// Adds what another one counts.
    pub fn merge(&mut self, other: &Self) {
        for (count, added) in self.counts.iter_mut().zip(other.counts) {
            *count = count.saturating_add(added);
        }
    }

    /// The counts: one for each of [`BOUNDS_MS`], then one for what lies beyond.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many values there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// From stored counts, of which trailing zeros may be left out.
    pub(super) fn from_counts(stored: impl ExactSizeIterator<Item = u64>) -> Option<Self> {
        let mut histogram = Self::default();
        if stored.len() > BUCKETS {
            return None;
        }
        for (count, value) in histogram.counts.iter_mut().zip(stored) {
            *count = value;
        }
        Some(histogram)
    }

    #[cfg(test)]
    pub(super) fn full() -> Self {
        Self {
            counts: [u64::MAX; BUCKETS],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_grow_by_the_root_of_two() {
        assert!(BOUNDS_MS.is_sorted());
        for pair in BOUNDS_MS[8..].windows(3) {
            assert!(pair[2].abs_diff(pair[0] * 2) <= 1, "{pair:?}");
        }
    }

    #[test]
    fn two_together_are_one_of_all_their_values() {
        let of = |values: &[u64]| {
            let mut histogram = Histogram::default();
            for value in values {
                histogram.add(*value);
            }
            histogram
        };
        let mut both = of(&[1, 5, 70]);
        both.merge(&of(&[5, 2_000_000]));
        assert_eq!(both, of(&[1, 5, 5, 70, 2_000_000]));
    }

    #[test]
    fn a_value_falls_below_its_bound() {
        for (value, bucket) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (4, 2),
            (5, 3),
            (1_048_576, 38),
            (1_048_577, 39),
            (u64::MAX, 39),
        ] {
            let mut histogram = Histogram::default();
            histogram.add(value);
            assert_eq!(histogram.counts()[bucket], 1, "{value}");
        }
    }
}
