//! Stretches of ids: what is asked for, what has been read, and what is left.
//!
//! An id is 128 bits of which the first 48 are its time, and its text sorts as its bits do. So a
//! time is a place among the ids, the hours and days of the index are stretches of them, and "how
//! far an answer got" is one number, whether it stopped at a record or between two hours.

use audit_record::{Millis, RecordId};
use audit_storage::stores::Order;

/// The bits of an id below its time.
const BELOW_TIME: u32 = 80;
/// The greatest time that an id's 48 bits hold.
const LAST_TIME: u64 = (1 << 48) - 1;

/// A place among the ids: an id's 128 bits, of any version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(pub(crate) u128);

impl Place {
    /// Where a record stands.
    pub(crate) fn of(id: RecordId) -> Self {
        Self(u128::from_be_bytes(*id.as_bytes()))
    }

    /// Before every id of that time.
    pub(crate) fn start_of(time: Millis) -> Self {
        Self(u128::from(time.get().min(LAST_TIME)) << BELOW_TIME)
    }

    /// The time that it lies in.
    pub(crate) fn time(self) -> Millis {
        Millis::new(u64::try_from(self.0 >> BELOW_TIME).unwrap_or(LAST_TIME))
    }

    /// The sort key of this place: the form of an id's text, whatever its version.
    fn sort_key(self) -> String {
        let hex = format!("{:032x}", self.0);
        let group = |from: usize, to: usize| &hex[from..to];
        [
            group(0, 8),
            group(8, 12),
            group(12, 16),
            group(16, 20),
            group(20, 32),
        ]
        .join("-")
    }

    /// Reads a sort key of a record row.
    pub(crate) fn from_sort_key(text: &str) -> Option<Self> {
        RecordId::parse(text).ok().map(Self::of)
    }
}

/// A stretch of ids that is not empty; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) low: Place,
    pub(crate) high: Place,
}

impl Stretch {
    /// From one place to another, both included; `None` if nothing is between them.
    pub(crate) fn new(low: Place, high: Place) -> Option<Self> {
        (low <= high).then_some(Self { low, high })
    }

    /// The ids of the times `from` (included) to `to` (excluded), either open.
    pub(crate) fn of_times(from: Option<Millis>, to: Option<Millis>) -> Option<Self> {
        let low = from.map_or(Place(0), Place::start_of);
        let high = match to {
            None => Place(u128::MAX),
            Some(to) if to.get() > LAST_TIME => Place(u128::MAX),
            Some(to) => Place(Place::start_of(to).0.checked_sub(1)?),
        };
        Self::new(low, high)
    }

    /// What two stretches share.
    pub(crate) fn meet(self, other: Self) -> Option<Self> {
        Self::new(self.low.max(other.low), self.high.min(other.high))
    }

    /// What of it comes behind a place in reading order, the place itself not included.
    pub(crate) fn behind(self, place: Place, order: Order) -> Option<Self> {
        match order {
            Order::Ascending => Self::new(self.low.max(Place(place.0.checked_add(1)?)), self.high),
            Order::Descending => Self::new(self.low, self.high.min(Place(place.0.checked_sub(1)?))),
        }
    }

    /// The place just before the first one in reading order: what lies behind it is this stretch.
    /// Where there is none (the very end of all ids), the first place itself, which no record of
    /// ours can stand at: its version digits are all 0 or all f.
    pub(crate) fn before(self, order: Order) -> Place {
        match order {
            Order::Ascending => Place(self.low.0.saturating_sub(1)),
            Order::Descending => Place(self.high.0.saturating_add(1)),
        }
    }

    /// The first place in reading order.
    pub(crate) fn first(self, order: Order) -> Place {
        match order {
            Order::Ascending => self.low,
            Order::Descending => self.high,
        }
    }

    /// The last place in reading order.
    pub(crate) fn last(self, order: Order) -> Place {
        match order {
            Order::Ascending => self.high,
            Order::Descending => self.low,
        }
    }

    /// The sort keys of its ends.
    pub(crate) fn sort_keys(self) -> (String, String) {
        (self.low.sort_key(), self.high.sort_key())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_become_stretches_that_include_from_and_exclude_to() {
        let (from, to) = (Millis::new(1_000), Millis::new(2_000));
        let stretch = Stretch::of_times(Some(from), Some(to)).expect("a second");
        for (time, inside) in [(999, false), (1_000, true), (1_999, true), (2_000, false)] {
            let place = Place::of(RecordId::mint(Millis::new(time), [0xff; 10]));
            assert_eq!(
                stretch.low <= place && place <= stretch.high,
                inside,
                "{time}"
            );
        }
        assert_eq!(Stretch::of_times(Some(to), Some(from)), None);
        assert_eq!(Stretch::of_times(Some(from), Some(from)), None);
        assert_eq!(Stretch::of_times(None, Some(Millis::new(0))), None);
        assert!(Stretch::of_times(None, Some(Millis::MAX)).is_some());
    }

    #[test]
    fn reading_on_behind_the_place_before_gives_the_same_stretch() {
        let stretch =
            Stretch::of_times(Some(Millis::new(5)), Some(Millis::new(9))).expect("a stretch");
        let all = Stretch::of_times(None, None).expect("everything");
        assert_eq!(
            all.behind(stretch.before(Order::Ascending), Order::Ascending)
                .map(|s| s.low),
            Some(stretch.low)
        );
        assert_eq!(
            all.behind(stretch.before(Order::Descending), Order::Descending)
                .map(|s| s.high),
            Some(stretch.high)
        );
        assert_eq!(all.behind(Place(u128::MAX), Order::Ascending), None);
        assert_eq!(all.behind(Place(0), Order::Descending), None);
    }

    proptest! {
        #[test]
        fn sort_keys_order_as_places_and_read_back(a: [u8; 10], b: [u8; 10], t in 0u64..1 << 46, u in 0u64..1 << 46) {
            let (a, b) = (RecordId::mint(Millis::new(t), a), RecordId::mint(Millis::new(u), b));
            let (place, other) = (Place::of(a), Place::of(b));
            prop_assert_eq!(place.sort_key(), a.to_string());
            prop_assert_eq!(Place::from_sort_key(&a.to_string()), Some(place));
            prop_assert_eq!(place.cmp(&other), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(place.time(), a.millis());
        }
    }
}
