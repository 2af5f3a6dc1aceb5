//! A histogram in fixed logarithmic buckets, so that any two can be added.
//!
//! Packed, as a row holds it: a bit for each bucket that is not empty, the first bucket's the lowest,
//! in 5 bytes with the lowest first, then the counts of those buckets in their order, each in groups
//! of 7 bits, the lowest first, all but the last with the top bit set (LEB128). Most hold under ten
//! buckets, so they take some 15 bytes. There is one packed form for each histogram.

/// The upper bounds of the buckets in milliseconds, inclusive: ⌊2^(k/2)⌋, so a quantile read from
/// them is off by at most 41 %. What lies beyond 2^20 ms (17 minutes) is in one last bucket.
pub const BOUNDS_MS: [u64; 39] = [
    1, 2, 4, 5, 8, 11, 16, 22, 32, 45, 64, 90, 128, 181, 256, 362, 512, 724, 1_024, 1_448, 2_048,
    2_896, 4_096, 5_792, 8_192, 11_585, 16_384, 23_170, 32_768, 46_340, 65_536, 92_681, 131_072,
    185_363, 262_144, 370_727, 524_288, 741_455, 1_048_576,
];

const BUCKETS: usize = BOUNDS_MS.len() + 1;
/// The bytes of the bits that tell which buckets are not empty.
const MAP_BYTES: usize = BUCKETS.div_ceil(8);

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
        self.add_and_grow(milliseconds);
    }

    /// Counts a value and gives by how many bytes the packed form has grown.
    pub(super) fn add_and_grow(&mut self, milliseconds: u64) -> usize {
        let bucket = BOUNDS_MS.partition_point(|bound| *bound < milliseconds);
        let before = packed_count_len(self.counts[bucket]);
        self.counts[bucket] = self.counts[bucket].saturating_add(1);
        packed_count_len(self.counts[bucket]) - before
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

    /// What so many percent of the values are at most: the upper bound of the bucket that the
    /// quantile lies in, so at most 41 % too much. What lies beyond the last bound reads as that
    /// bound. `None` if there is no value.
    #[must_use]
    pub fn percentile(&self, percent: u8) -> Option<u64> {
        // The smallest rank of which that share is reached, from 1.
        let rank = (u128::from(self.count()) * u128::from(percent))
            .div_ceil(100)
            .max(1);
        let mut seen = 0_u128;
        let bucket = self.counts.iter().position(|count| {
            seen += u128::from(*count);
            seen >= rank
        })?;
        Some(
            *BOUNDS_MS
                .get(bucket)
                .unwrap_or(&BOUNDS_MS[BOUNDS_MS.len() - 1]),
        )
    }

    /// How many bytes [`Self::packed`] gives.
    pub(super) fn packed_len(&self) -> usize {
        let counts = self.counts.iter().map(|count| packed_count_len(*count));
        MAP_BYTES + counts.sum::<usize>()
    }

    /// The packed form.
    pub(super) fn packed(&self) -> Vec<u8> {
        let used = self.counts.iter().enumerate();
        let map = used.fold(0_u64, |map, (bucket, count)| {
            map | u64::from(*count > 0) << bucket
        });
        let mut packed = map.to_le_bytes()[..MAP_BYTES].to_vec();
        for count in self.counts.iter().filter(|count| **count > 0) {
            let mut rest = *count;
            while rest > 0x7f {
                packed.push(rest.to_le_bytes()[0] | 0x80);
                rest >>= 7;
            }
            packed.push(rest.to_le_bytes()[0]);
        }
        packed
    }

    /// Reads the packed form; `None` if it is none.
    pub(super) fn from_packed(packed: &[u8]) -> Option<Self> {
        let (map, mut rest) = packed.split_at_checked(MAP_BYTES)?;
        let mut histogram = Self::default();
        for (bucket, count) in histogram.counts.iter_mut().enumerate() {
            if map[bucket / 8] >> (bucket % 8) & 1 == 1 {
                *count = unpack_count(&mut rest)?;
            }
        }
        rest.is_empty().then_some(histogram)
    }

    #[cfg(test)]
    pub(super) fn full() -> Self {
        Self {
            counts: [u64::MAX; BUCKETS],
        }
    }
}

/// The bytes that a count takes; none where it is zero.
fn packed_count_len(count: u64) -> usize {
    count.checked_ilog2().map_or(0, |log| log as usize / 7 + 1)
}

/// Takes a count off the front: not zero, in as few groups as it needs.
fn unpack_count(packed: &mut &[u8]) -> Option<u64> {
    let mut count = 0_u64;
    for group in 0.. {
        let (byte, rest) = packed.split_first()?;
        *packed = rest;
        let bits = u64::from(byte & 0x7f);
        let shifted = bits.checked_shl(7 * group)?;
        if shifted >> (7 * group) != bits {
            return None;
        }
        count |= shifted;
        if byte & 0x80 == 0 {
            return (bits > 0).then_some(count);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn what_is_no_packed_histogram_is_refused() {
        let mut packed = Histogram::default();
        packed.add(5);
        let good = packed.packed();
        assert_eq!(good, [0b1000, 0, 0, 0, 0, 1]);
        for (wrong, what) in [
            (vec![], "nothing"),
            (vec![0b1000, 0, 0, 0], "half a map"),
            (vec![0b1000, 0, 0, 0, 0], "no count"),
            (vec![0b1000, 0, 0, 0, 0, 0x81], "half a count"),
            (vec![0b1000, 0, 0, 0, 0, 0], "a count of zero"),
            (vec![0b1000, 0, 0, 0, 0, 0x81, 0], "a longer spelling"),
            (vec![0b1000, 0, 0, 0, 0, 1, 1], "a count more"),
            (
                [&[0b1000, 0, 0, 0, 0][..], &[0xff; 9], &[2]].concat(),
                "2^64",
            ),
        ] {
            assert_eq!(Histogram::from_packed(&wrong), None, "{what}");
        }
    }

    proptest! {
        #[test]
        fn a_histogram_packs_and_unpacks(counts in proptest::collection::vec(
            prop_oneof![Just(0), 1u64..300, any::<u64>()], BUCKETS)) {
            let histogram = Histogram { counts: counts.try_into().expect("as many") };
            let packed = histogram.packed();
            prop_assert_eq!(packed.len(), histogram.packed_len());
            // A u64 takes ten groups of 7 bits.
            prop_assert!(packed.len() <= 405);
            prop_assert_eq!(Histogram::from_packed(&packed), Some(histogram));
        }

        #[test]
        fn its_growth_is_told(values in proptest::collection::vec(0u64..5_000, 0..400)) {
            let mut histogram = Histogram::default();
            let mut len = histogram.packed_len();
            for value in values {
                len += histogram.add_and_grow(value);
                prop_assert_eq!(len, histogram.packed_len());
            }
        }
    }
}
