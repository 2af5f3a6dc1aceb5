//! An hour's figures: what charts show, and by which lists skip hours that can hold no match.
//!
//! A row belongs to the hour of the records' *ids*, like everything else in the index. It is folded
//! segment by segment, exactly once each: `applied` is the start of the last segment that went in,
//! segments are applied in order, and the row is written whole on the condition that `applied` is
//! what was read.
//!
//! No client can wedge a ledger with it: each dimension holds at most 64 values of 64 bytes and
//! 2,800 bytes in all, the histograms by model and by system 2,800 bytes each, the rest counts under
//! `~other`, and so a row stays under 16 KB whatever comes. (`~` is no character of a fact, so no
//! value is called that.) Figures are folded from facts alone. A value that was sealed as content is
//! in no count, so that an erasure changes none: see `docs/adr/0004-figures-are-of-facts-alone.md`.

mod facts;
mod form;
mod histogram;
mod latencies;

use std::collections::BTreeMap;

use audit_record::json::Value;
use audit_record::{LedgerName, RecordType, facts::fits, vocabulary::RiskLevel};

pub use facts::MetricFacts;
pub use histogram::{BOUNDS_MS, Histogram};
pub use latencies::{LATENCY_BYTES, Latencies};

use crate::rows::Hour;

/// The most values that a dimension names.
pub const VALUES: usize = 64;
/// The most bytes of a value that is named.
pub const VALUE_BYTES: usize = 64;
/// The most bytes of a dimension's values with their counts: 64 values of 31 bytes. Three open
/// dimensions, and two times the histograms of as much, leave 2,384 of 16 KB (16,384) for three
/// histograms of 405, the two closed dimensions, the sums and the keys.
pub const DIMENSION_BYTES: usize = 2_800;
/// The name under which everything else counts.
pub const OTHER: &str = "~other";
/// What a count may take beside its name: 11 bytes for the longest u64 and 1 for the member.
const COUNT_BYTES: usize = 12;

/// What figures are broken down by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dimension {
    /// `type`.
    Type,
    /// `decision.outcome`.
    Outcome,
    /// `decision.risk_level`.
    Risk,
    /// The model.
    Model,
    /// `system`.
    System,
}

impl Dimension {
    /// All of them, in the order of [`MetricRow::dimensions`].
    pub const ALL: [Self; 5] = [
        Self::Type,
        Self::Outcome,
        Self::Risk,
        Self::Model,
        Self::System,
    ];

    /// Whether a value may be named. The words of a closed vocabulary are few and short.
    fn names(self, value: &str) -> bool {
        match self {
            Self::Type => RecordType::from_word(value).is_some(),
            Self::Risk => RiskLevel::from_word(value).is_some(),
            Self::Outcome | Self::Model | Self::System => (1..=VALUE_BYTES).contains(&value.len()),
        }
    }
}

/// How many records had which value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    named: BTreeMap<String, u64>,
    other: u64,
}

impl Counts {
    /// The named values with their counts.
    pub fn named(&self) -> impl Iterator<Item = (&str, u64)> {
        self.named
            .iter()
            .map(|(value, count)| (value.as_str(), *count))
    }

    /// How many had a value that is not named.
    #[must_use]
    pub fn other(&self) -> u64 {
        self.other
    }

    fn add(&mut self, dimension: Dimension, value: &str) {
        if !dimension.names(value) {
            self.other = self.other.saturating_add(1);
        } else if let Some(count) = self.named.get_mut(value) {
            *count = count.saturating_add(1);
        } else if self.has_room_for(value) {
            self.named.insert(value.to_owned(), 1);
        } else {
            self.other = self.other.saturating_add(1);
        }
    }

    fn has_room_for(&self, value: &str) -> bool {
        let taken: usize = self.named.keys().map(|name| name.len() + COUNT_BYTES).sum();
        self.named.len() < VALUES && taken + value.len() + COUNT_BYTES <= DIMENSION_BYTES
    }
}

/// Sums over an hour; they stop at the largest u64.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// `gen_ai.usage.input_tokens`.
    pub input_tokens: u64,
    /// `gen_ai.usage.output_tokens`.
    pub output_tokens: u64,
    /// `gen_ai.usage.cache_read.input_tokens`.
    pub cache_read_input_tokens: u64,
    /// `gen_ai.usage.cache_write.input_tokens`.
    pub cache_write_input_tokens: u64,
    /// `gen_ai.usage.reasoning.output_tokens`.
    pub reasoning_output_tokens: u64,
    /// `audit.call.cost` in billionths, so that the sum does not depend on the order.
    pub cost_nano: u64,
}

/// An hour's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricRow {
    /// The ledger.
    pub ledger: LedgerName,
    /// The hour of the records' ids.
    pub hour: Hour,
    /// The start of the last segment that went in; absent for a row that is not stored yet.
    pub applied: Option<u64>,
    /// How many records.
    pub records: u64,
    /// Their breakdown, in the order of [`Dimension::ALL`].
    pub dimensions: [Counts; Dimension::ALL.len()],
    /// Their sums.
    pub sums: Sums,
    /// How long they took, of those that say so.
    pub latency: Histogram,
    /// The same by the model, of those that have one.
    pub latency_by_model: Latencies,
    /// The same by `system`.
    pub latency_by_system: Latencies,
}

impl MetricRow {
    /// The row of an hour in which nothing happened yet.
    #[must_use]
    pub fn empty(ledger: LedgerName, hour: Hour) -> Self {
        Self {
            ledger,
            hour,
            applied: None,
            records: 0,
            dimensions: Default::default(),
            sums: Sums::default(),
            latency: Histogram::default(),
            latency_by_model: Latencies::default(),
            latency_by_system: Latencies::default(),
        }
    }

    /// Whether a segment went in already: it, or a later one. It is skipped then.
    #[must_use]
    pub fn holds(&self, segment_start: u64) -> bool {
        self.applied.is_some_and(|applied| applied >= segment_start)
    }

    /// The row with a segment's records of this hour folded in, in the order of their indexes.
    /// Only entries of kind `record` count. A segment that went in already changes nothing.
    #[must_use]
    pub fn fold<'a>(
        mut self,
        segment_start: u64,
        records: impl IntoIterator<Item = MetricFacts<'a>>,
    ) -> Self {
        if self.holds(segment_start) {
            return self;
        }
        for facts in records {
            self.add(&facts);
        }
        self.applied = Some(segment_start);
        self
    }

    fn add(&mut self, facts: &MetricFacts<'_>) {
        self.records = self.records.saturating_add(1);
        for (counts, dimension) in self.dimensions.iter_mut().zip(Dimension::ALL) {
            if let Some(value) = facts.value(dimension) {
                counts.add(dimension, value);
            }
        }
        let usage = facts.usage;
        let sums = &mut self.sums;
        for (sum, addend) in [
            (&mut sums.input_tokens, usage.input_tokens),
            (&mut sums.output_tokens, usage.output_tokens),
            (
                &mut sums.cache_read_input_tokens,
                usage.cache_read_input_tokens,
            ),
            (
                &mut sums.cache_write_input_tokens,
                usage.cache_write_input_tokens,
            ),
            (
                &mut sums.reasoning_output_tokens,
                usage.reasoning_output_tokens,
            ),
            (&mut sums.cost_nano, facts.cost_nano),
        ] {
            *sum = sum.saturating_add(addend.unwrap_or_default());
        }
        if let Some(latency_ms) = facts.latency_ms {
            self.latency.add(latency_ms);
            for (latencies, dimension) in [
                (&mut self.latency_by_model, Dimension::Model),
                (&mut self.latency_by_system, Dimension::System),
            ] {
                let named = &self.dimensions[dimension as usize].named;
                match facts.value(dimension) {
                    Some(value) if named.contains_key(value) => latencies.add(value, latency_ms),
                    Some(_) => latencies.add_other(latency_ms),
                    None => {}
                }
            }
        }
    }

    /// The counts of a dimension.
    #[must_use]
    pub fn counts(&self, dimension: Dimension) -> &Counts {
        &self.dimensions[dimension as usize]
    }

    /// Whether this hour may hold a record with that value: never a false no. `value` is a
    /// filter's, as the client wrote it. One that fits no fact was sealed as content wherever it
    /// was sent, and is in no count.
    #[must_use]
    pub fn may_hold(&self, dimension: Dimension, value: &str) -> bool {
        let counts = self.counts(dimension);
        let is_fact = fits(&Value::String(value.into()));
        !is_fact || counts.other > 0 || counts.named.contains_key(value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row() -> MetricRow {
        let ledger = LedgerName::new(&"a".repeat(63), &"b".repeat(63)).expect("a name");
        MetricRow::empty(ledger, Hour::of(audit_record::Millis::MAX))
    }

    fn facts(outcome: &str) -> MetricFacts<'_> {
        MetricFacts {
            outcome: Some(outcome),
            ..MetricFacts::default()
        }
    }

    #[test]
    fn a_segment_goes_in_once() {
        let once = row().fold(5, [facts("approved"), facts("denied")]);
        assert_eq!((once.records, once.applied), (2, Some(5)));
        for start in [5, 3] {
            assert_eq!(once.clone().fold(start, [facts("denied")]), once);
        }
        assert_eq!(once.fold(7, [facts("denied")]).records, 3);
    }

    #[test]
    fn what_is_not_named_counts_as_other_and_rules_nothing_out() {
        let long = "x".repeat(VALUE_BYTES + 1);
        let only = |value| {
            row().fold(
                0,
                [MetricFacts {
                    outcome: value,
                    ..MetricFacts::default()
                }],
            )
        };
        for value in [Some(long.as_str()), Some("")] {
            let row = only(value);
            assert_eq!(row.counts(Dimension::Outcome).other(), 1, "{value:?}");
            assert!(row.may_hold(Dimension::Outcome, "denied"));
        }
        let named = only(Some("approved"));
        assert!(named.may_hold(Dimension::Outcome, "approved"));
        assert!(!named.may_hold(Dimension::Outcome, "denied"));
        assert!(!only(None).may_hold(Dimension::Outcome, "denied"));
    }

    #[test]
    fn what_no_fact_can_be_is_ruled_out_by_no_count() {
        let empty = row();
        let longer_than_facts = "x".repeat(129);
        for (value, may) in [
            ("denied", false),
            ("needs a second look", true),
            (longer_than_facts.as_str(), true),
        ] {
            assert_eq!(empty.may_hold(Dimension::Outcome, value), may, "{value}");
        }
    }

    #[test]
    fn words_outside_a_closed_vocabulary_are_other() {
        let facts = MetricFacts {
            record_type: Some("surprise"),
            risk: Some("high"),
            ..MetricFacts::default()
        };
        let row = row().fold(0, [facts]);
        assert_eq!(row.counts(Dimension::Type).other(), 1);
        assert_eq!(
            row.counts(Dimension::Risk).named().collect::<Vec<_>>(),
            [("high", 1)]
        );
    }

    #[test]
    fn the_fullest_row_stays_under_16_kb() {
        let mut row = row();
        for number in 0..200 {
            let value = format!("{number:->64}");
            let facts = MetricFacts {
                record_type: Some(RecordType::WORDS[number % RecordType::WORDS.len()]),
                risk: Some(RiskLevel::WORDS[number % RiskLevel::WORDS.len()]),
                outcome: Some(&value),
                model: Some(&value),
                system: Some(&value),
                cost_nano: Some(u64::MAX),
                usage: audit_record::Usage {
                    input_tokens: Some(u64::MAX),
                    output_tokens: Some(u64::MAX),
                    cache_read_input_tokens: Some(u64::MAX),
                    cache_write_input_tokens: Some(u64::MAX),
                    reasoning_output_tokens: Some(u64::MAX),
                },
                latency_ms: None,
            };
            let times = BOUNDS_MS
                .iter()
                .cycle()
                .take(if number < 20 { 400 } else { 1 });
            let timed = times.map(|bound| MetricFacts {
                latency_ms: Some(*bound),
                ..facts
            });
            row = row.fold(number as u64, timed);
        }
        for counts in &mut row.dimensions {
            counts.other = u64::MAX;
            counts
                .named
                .values_mut()
                .for_each(|count| *count = u64::MAX);
        }
        row.latency = Histogram::full();
        for latencies in [&mut row.latency_by_model, &mut row.latency_by_system] {
            latencies.fill_other();
            assert!((2_600..=LATENCY_BYTES).contains(&latencies.bytes()));
        }
        (row.records, row.applied) = (u64::MAX, Some(u64::MAX));
        let item = row.to_item();
        assert!((14_000..16_384).contains(&item.size()), "{}", item.size());
        assert_eq!(MetricRow::from_item(&item).expect("a row"), row);
    }

    proptest! {
        #[test]
        fn a_row_round_trips_and_never_says_a_false_no(
            records in proptest::collection::vec(
                ("[a-c]{0,2}|[a-z]{60,70}", 0u64..5_000_000, proptest::option::of(0u64..1_000)), 0..200),
        ) {
            let folded = row().fold(1, records.iter().map(|(outcome, latency, tokens)| MetricFacts {
                outcome: Some(outcome),
                latency_ms: Some(*latency),
                usage: audit_record::Usage { input_tokens: *tokens, ..Default::default() },
                ..MetricFacts::default()
            }));
            let counts = folded.counts(Dimension::Outcome);
            let total: u64 = counts.named().map(|(_, count)| count).sum();
            prop_assert_eq!(total + counts.other(), records.len() as u64);
            prop_assert_eq!(folded.latency.count(), records.len() as u64);
            for (outcome, ..) in &records {
                prop_assert!(folded.may_hold(Dimension::Outcome, outcome));
            }
            prop_assert_eq!(MetricRow::from_item(&folded.to_item()).expect("a row"), folded);
        }
    }
}
