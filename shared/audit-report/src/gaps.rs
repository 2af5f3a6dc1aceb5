//! What was never recorded: producers number their records, and a number that is missing shows.
//!
//! A period cuts through a producer's numbers, so what counts is the stretch between the first and
//! the last number seen in it. What is missing there may still be on its way, or lie outside the
//! period by its time; the report says so.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::RangeInclusive;

use audit_record::{Millis, Producer};

/// The most stretches that one producer's gaps are listed with; the count covers all.
const LISTED_MAX: usize = 20;

/// The numbers of all producers.
#[derive(Debug, Default)]
pub struct Numbering {
    producers: BTreeMap<String, Vec<(u64, Millis)>>,
    /// Records without a number.
    pub unnumbered: u64,
}

/// One producer's numbers.
#[derive(Debug, PartialEq, Eq)]
pub struct Producers {
    /// Its id.
    pub producer: String,
    /// How many different numbers were seen.
    pub seen: u64,
    /// The first and the last of them.
    pub range: RangeInclusive<u64>,
    /// How many between them are missing.
    pub missing: u64,
    /// The stretches that are missing, the first ones.
    pub gaps: Vec<Gap>,
    /// Numbers that came with more than one record.
    pub doubled: u64,
}

/// Numbers that are missing.
#[derive(Debug, PartialEq, Eq)]
pub struct Gap {
    /// Which.
    pub numbers: RangeInclusive<u64>,
    /// When the record before happened.
    pub after: Millis,
    /// When the record behind happened.
    pub before: Millis,
}

impl Numbering {
    /// Notes a record's number.
    pub(crate) fn add(&mut self, producer: Producer<'_>, at: Millis) {
        let (Some(id), Some(seq)) = (producer.id, producer.seq) else {
            self.unnumbered += 1;
            return;
        };
        match self.producers.entry(id.to_owned()) {
            Entry::Occupied(mut known) => known.get_mut().push((seq, at)),
            Entry::Vacant(new) => {
                new.insert(vec![(seq, at)]);
            }
        }
    }

    /// What is there and what is missing, producer by producer.
    #[must_use]
    pub fn producers(&self) -> Vec<Producers> {
        let all = self.producers.iter();
        all.map(|(id, numbers)| producer(id, numbers)).collect()
    }
}

fn producer(id: &str, numbers: &[(u64, Millis)]) -> Producers {
    let mut sorted = numbers.to_vec();
    sorted.sort_unstable();
    let with_doubles = sorted.len();
    sorted.dedup_by_key(|(seq, _)| *seq);
    let first = sorted.first().map_or(1, |(seq, _)| *seq);
    let last = sorted.last().map_or(0, |(seq, _)| *seq);
    let seen = u64::try_from(sorted.len()).unwrap_or(u64::MAX);
    let gaps = sorted.windows(2).filter(|pair| pair[1].0 - pair[0].0 > 1);
    Producers {
        producer: id.to_owned(),
        seen,
        range: first..=last,
        missing: (last - first + 1).saturating_sub(seen),
        gaps: gaps
            .take(LISTED_MAX)
            .map(|pair| Gap {
                numbers: pair[0].0 + 1..=pair[1].0 - 1,
                after: pair[0].1,
                before: pair[1].1,
            })
            .collect(),
        doubled: u64::try_from(with_doubles - sorted.len()).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbering(numbers: &[u64]) -> Numbering {
        let mut numbering = Numbering::default();
        for seq in numbers {
            let producer = Producer {
                id: Some("p"),
                seq: Some(*seq),
            };
            numbering.add(producer, Millis::new(*seq * 1000));
        }
        numbering
    }

    #[test]
    fn what_is_missing_between_the_first_and_the_last_shows() {
        let found = numbering(&[12, 7, 8, 8, 11]).producers();
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].seen, found[0].missing, found[0].doubled),
            (4, 2, 1)
        );
        assert_eq!(found[0].range, 7..=12);
        let gap = Gap {
            numbers: 9..=10,
            after: Millis::new(8_000),
            before: Millis::new(11_000),
        };
        assert_eq!(found[0].gaps, [gap]);
    }

    #[test]
    fn records_without_a_number_are_counted() {
        let mut numbering = numbering(&[1]);
        numbering.add(
            Producer {
                id: Some("p"),
                seq: None,
            },
            Millis::new(0),
        );
        assert_eq!(numbering.unnumbered, 1);
    }

    proptest! {
        #[test]
        fn seen_and_missing_make_the_whole(numbers in prop::collection::vec(1_u64..200, 1..60)) {
            let found = &numbering(&numbers).producers()[0];
            prop_assert_eq!(found.seen + found.missing, found.range.end() - found.range.start() + 1);
            let listed: u64 = found.gaps.iter().map(|gap| gap.numbers.end() - gap.numbers.start() + 1).sum();
            prop_assert!(listed == found.missing || found.gaps.len() == LISTED_MAX);
            prop_assert!(found.gaps.iter().all(|gap| gap.numbers.clone().all(|n| !numbers.contains(&n))));
        }
    }
}
