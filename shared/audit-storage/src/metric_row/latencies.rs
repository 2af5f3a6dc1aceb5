//! How long records took, by the value that they have in a dimension.
//!
//! A value has a histogram of its own as long as there is room. Where there is none left, the value
//! with the fewest times is given up: its times go to those of all others, and so do its later ones,
//! so that a histogram that is shown holds all times of its hour. A value that was given up stays
//! named, with nothing, so that it is not begun anew.

use std::collections::BTreeMap;

use super::Histogram;

/// The most bytes of a dimension's histograms with the values' names. They are at least
/// [`DIMENSION_BYTES`](super::DIMENSION_BYTES), so that all names find room where nothing else does.
pub const LATENCY_BYTES: usize = 2_800;
/// What a member takes beside its name and its value.
const MEMBER_BYTES: usize = 1;

/// How long records took, by value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latencies {
    /// `None` for a value that was given up.
    own: BTreeMap<String, Option<Histogram>>,
    other: Histogram,
    /// What `own` takes in the row.
    bytes: usize,
}

impl Latencies {
    /// The values that have a histogram.
    pub fn own(&self) -> impl Iterator<Item = (&str, &Histogram)> {
        self.own
            .iter()
            .filter_map(|(value, histogram)| Some((value.as_str(), histogram.as_ref()?)))
    }

    /// The times of all other values.
    #[must_use]
    pub fn other(&self) -> &Histogram {
        &self.other
    }

    /// All members as the row has them: a value that was given up has no histogram.
    pub(super) fn members(&self) -> impl Iterator<Item = (&str, Option<&Histogram>)> {
        self.own
            .iter()
            .map(|(value, histogram)| (value.as_str(), histogram.as_ref()))
    }

    /// From the members of a row.
    pub(super) fn from_members(own: BTreeMap<String, Option<Histogram>>, other: Histogram) -> Self {
        let bytes = own.iter().map(|(value, histogram)| {
            let packed = histogram.as_ref().map_or(0, Histogram::packed_len);
            value.len() + MEMBER_BYTES + packed
        });
        Self {
            bytes: bytes.sum(),
            own,
            other,
        }
    }

    /// Counts a time of a value that has a name in the hour's counts.
    pub(super) fn add(&mut self, value: &str, milliseconds: u64) {
        match self.own.get_mut(value) {
            Some(None) => return self.other.add(milliseconds),
            Some(Some(histogram)) => self.bytes += histogram.add_and_grow(milliseconds),
            None => {
                let mut histogram = Histogram::default();
                histogram.add(milliseconds);
                self.bytes += value.len() + MEMBER_BYTES + histogram.packed_len();
                self.own.insert(value.to_owned(), Some(histogram));
            }
        }
        while self.bytes > LATENCY_BYTES && self.give_one_up() {}
    }

    /// Counts a time of a value that has no name.
    pub(super) fn add_other(&mut self, milliseconds: u64) {
        self.other.add(milliseconds);
    }

    /// Gives up the value with the fewest times, of several the first by name. False if none is
    /// left.
    fn give_one_up(&mut self) -> bool {
        let smallest = self
            .own
            .values_mut()
            .filter(|histogram| histogram.is_some())
            .min_by_key(|histogram| histogram.as_ref().map(Histogram::count));
        let Some(given_up) = smallest.and_then(Option::take) else {
            return false;
        };
        self.bytes -= given_up.packed_len();
        self.other.merge(&given_up);
        true
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    #[cfg(test)]
    pub(super) fn fill_other(&mut self) {
        self.other = Histogram::full();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_value_with_the_fewest_times_makes_room_and_is_not_begun_anew() {
        let mut latencies = Latencies::default();
        latencies.add("rare", 7);
        // Each takes 32 + 1 + 5 bytes and one for each bucket, until the room is used up.
        let names: Vec<String> = (0..70).map(|number| format!("{number:-<32}")).collect();
        for name in &names {
            latencies.add(name, 1);
            latencies.add(name, 100);
        }
        let given_up = |latencies: &Latencies, value: &str| {
            latencies
                .members()
                .any(|(name, own)| name == value && own.is_none())
        };
        assert!(given_up(&latencies, "rare"));
        assert!(!given_up(&latencies, &names[0]));
        let others = latencies.other().count();
        latencies.add("rare", 9);
        assert!(given_up(&latencies, "rare"));
        assert_eq!(latencies.other().count(), others + 1);
    }

    proptest! {
        #[test]
        fn no_time_is_lost_and_the_room_is_kept(
            times in proptest::collection::vec(("[a-e]{0,2}|[a-z]{40}", 0u64..2_000_000), 0..600),
        ) {
            let mut latencies = Latencies::default();
            for (value, time) in &times {
                latencies.add(value, *time);
            }
            let names: usize = latencies.members().map(|(value, _)| value.len() + MEMBER_BYTES).sum();
            prop_assert!(latencies.bytes() <= LATENCY_BYTES.max(names));
            let own: u64 = latencies.own().map(|(_, histogram)| histogram.count()).sum();
            prop_assert_eq!(own + latencies.other().count(), times.len() as u64);
            for (value, histogram) in latencies.own() {
                let all = times.iter().filter(|(of, _)| of == value).count();
                prop_assert_eq!(histogram.count(), all as u64);
            }
            let again = Latencies::from_members(latencies.own.clone(), latencies.other.clone());
            prop_assert_eq!(again, latencies);
        }
    }
}
