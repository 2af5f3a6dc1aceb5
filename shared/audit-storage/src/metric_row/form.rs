//! The row's attributes, written and read back.

use std::collections::BTreeMap;

use super::{Counts, Dimension, Histogram, Latencies, MetricRow, OTHER, Sums};
use crate::config::keyed;
use crate::error::{Error, Result};
use crate::item::{Item, Value, wrong_type};
use crate::rows::{self, Hour, PK, SK};
use crate::stores::Condition;

const APPLIED: &str = "applied";
const RECORDS: &str = "n";
const LATENCY: &str = "latency";
const LATENCY_BY_MODEL: &str = "latency_model";
const LATENCY_BY_SYSTEM: &str = "latency_system";

impl Dimension {
    const fn attribute(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Outcome => "outcome",
            Self::Risk => "risk",
            Self::Model => "model",
            Self::System => "system",
        }
    }
}

impl Sums {
    fn named(&mut self) -> [(&'static str, &mut u64); 6] {
        [
            ("tokens_in", &mut self.input_tokens),
            ("tokens_out", &mut self.output_tokens),
            ("tokens_cache_read", &mut self.cache_read_input_tokens),
            ("tokens_cache_write", &mut self.cache_write_input_tokens),
            ("tokens_reasoning", &mut self.reasoning_output_tokens),
            ("cost_nano", &mut self.cost_nano),
        ]
    }
}

impl MetricRow {
    /// The row. What is zero or empty is left out.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let mut item = keyed(rows::metric(&self.ledger, self.hour)).with(RECORDS, self.records);
        item.set_opt(APPLIED, self.applied);
        for dimension in Dimension::ALL {
            let counts = self.counts(dimension);
            let mut map: BTreeMap<String, Value> = counts
                .named
                .iter()
                .map(|(value, count)| (value.clone(), (*count).into()))
                .collect();
            if counts.other > 0 {
                map.insert(OTHER.to_owned(), counts.other.into());
            }
            if !map.is_empty() {
                item.set(dimension.attribute(), Value::Map(map));
            }
        }
        for (name, sum) in self.sums.clone().named() {
            item.set_opt(name, Some(*sum).filter(|sum| *sum > 0));
        }
        if self.latency.count() > 0 {
            item.set(LATENCY, Value::Bytes(self.latency.packed()));
        }
        for (name, latencies) in [
            (LATENCY_BY_MODEL, &self.latency_by_model),
            (LATENCY_BY_SYSTEM, &self.latency_by_system),
        ] {
            let map = write_latencies(latencies);
            if !map.is_empty() {
                item.set(name, Value::Map(map));
            }
        }
        item
    }

    /// Reads a row back.
    pub fn from_item(item: &Item) -> Result<Self> {
        let (ledger, hour) = read_key(item.text(PK)?, item.text(SK)?)?;
        let mut row = Self::empty(ledger, hour);
        row.applied = item.opt_number(APPLIED)?;
        row.records = item.number(RECORDS)?;
        for (counts, dimension) in row.dimensions.iter_mut().zip(Dimension::ALL) {
            if let Some(map) = item.opt_map(dimension.attribute())? {
                *counts = read_counts(map)?;
            }
        }
        for (name, sum) in row.sums.named() {
            *sum = item.opt_number(name)?.unwrap_or_default();
        }
        if let Some(value) = item.value(LATENCY) {
            row.latency = read_histogram(value)?;
        }
        for (name, latencies) in [
            (LATENCY_BY_MODEL, &mut row.latency_by_model),
            (LATENCY_BY_SYSTEM, &mut row.latency_by_system),
        ] {
            if let Some(map) = item.opt_map(name)? {
                *latencies = read_latencies(map)?;
            }
        }
        Ok(row)
    }

    /// The condition under which this row's successor may be written: that the stored one is still
    /// this one. Taken from the row as it was read, before the fold.
    #[must_use]
    pub fn condition(&self) -> Condition {
        match self.applied {
            None => Condition::Absent,
            Some(start) => Condition::Equals {
                attribute: APPLIED,
                value: Value::Number(start),
            },
        }
    }
}

fn number(value: &Value) -> Result<u64> {
    match value {
        Value::Number(number) => Ok(*number),
        _ => Err(wrong_type(RECORDS)),
    }
}

/// A value that was given up has no bytes.
fn write_latencies(latencies: &Latencies) -> BTreeMap<String, Value> {
    let mut map: BTreeMap<String, Value> = latencies
        .members()
        .map(|(value, own)| {
            (
                value.to_owned(),
                own.map(Histogram::packed).unwrap_or_default().into(),
            )
        })
        .collect();
    if latencies.other().count() > 0 {
        map.insert(OTHER.to_owned(), latencies.other().packed().into());
    }
    map
}

fn read_latencies(map: &BTreeMap<String, Value>) -> Result<Latencies> {
    let (mut own, mut other) = (BTreeMap::new(), Histogram::default());
    for (name, value) in map {
        if name == OTHER {
            other = read_histogram(value)?;
        } else if matches!(value, Value::Bytes(bytes) if bytes.is_empty()) {
            own.insert(name.clone(), None);
        } else {
            own.insert(name.clone(), Some(read_histogram(value)?));
        }
    }
    Ok(Latencies::from_members(own, other))
}

fn read_histogram(value: &Value) -> Result<Histogram> {
    let Value::Bytes(packed) = value else {
        return Err(wrong_type(LATENCY));
    };
    Histogram::from_packed(packed).ok_or_else(|| Error::corrupt("not a packed histogram"))
}

fn read_counts(map: &BTreeMap<String, Value>) -> Result<Counts> {
    let mut counts = Counts::default();
    for (value, count) in map {
        let count = number(count)?;
        if value == OTHER {
            counts.other = count;
        } else {
            counts.named.insert(value.clone(), count);
        }
    }
    Ok(counts)
}

/// `METRIC#<ledger>` and the hour.
fn read_key(pk: &str, sk: &str) -> Result<(audit_record::LedgerName, Hour)> {
    let refused = || Error::corrupt("not a metric row");
    let ledger = pk.strip_prefix("METRIC#").ok_or_else(refused)?;
    let ledger = crate::config::parsed(ledger, "ledger name")?;
    let start = audit_record::Millis::parse(&format!("{sk}:00:00Z")).map_err(|_| refused())?;
    Ok((ledger, Hour::of(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_written_only_over_the_one_that_was_read() {
        let ledger: audit_record::LedgerName = "acme/credit".parse().expect("a name");
        let empty = MetricRow::empty(ledger, Hour::of(audit_record::Millis::new(0)));
        assert_eq!(empty.condition(), Condition::Absent);
        let stored = MetricRow::from_item(&empty.fold(7, []).to_item()).expect("a row");
        let expected = Condition::Equals {
            attribute: "applied",
            value: Value::Number(7),
        };
        assert_eq!(stored.condition(), expected);
    }

    /// Whoever changes this form changes what tables hold: a rebuild has to follow.
    #[test]
    fn golden_row() {
        let ledger: audit_record::LedgerName = "acme/credit".parse().expect("a name");
        let facts = super::super::MetricFacts {
            record_type: Some("llm_call"),
            outcome: Some("approved"),
            risk: Some("high"),
            model: Some("gpt-5"),
            system: Some("credit"),
            usage: audit_record::Usage {
                input_tokens: Some(1_200),
                ..Default::default()
            },
            cost_nano: Some(1_500_000),
            latency_ms: Some(900),
        };
        let long = "x".repeat(65);
        let other = super::super::MetricFacts {
            model: Some(&long),
            ..facts
        };
        let empty = MetricRow::empty(ledger, Hour::of(audit_record::Millis::new(0)));
        let item = empty.fold(7, [facts, facts, other]).to_item();
        let map = |value: &str, count: u64| Value::Map([(value.to_owned(), count.into())].into());
        // Bucket 18, up to 1,024 ms.
        let times = |count: u8| Value::Bytes(vec![0, 0, 4, 0, 0, count]);
        let mut expected = Item::new()
            .with(PK, "METRIC#acme/credit")
            .with(SK, "1970-01-01T00")
            .with("n", 3u64)
            .with("applied", 7u64)
            .with("tokens_in", 3_600u64)
            .with("cost_nano", 4_500_000u64);
        let model = BTreeMap::from([("gpt-5".to_owned(), 2.into()), (OTHER.to_owned(), 1.into())]);
        for (name, value) in [
            ("type", map("llm_call", 3)),
            ("outcome", map("approved", 3)),
            ("risk", map("high", 3)),
            ("model", Value::Map(model)),
            ("system", map("credit", 3)),
            ("latency", times(3)),
            (
                "latency_model",
                Value::Map([("gpt-5".to_owned(), times(2)), (OTHER.to_owned(), times(1))].into()),
            ),
            (
                "latency_system",
                Value::Map([("credit".to_owned(), times(3))].into()),
            ),
        ] {
            expected.set(name, value);
        }
        assert_eq!(item, expected);
        assert_eq!(item.size(), 249);
    }

    #[test]
    fn a_row_of_another_partition_is_corrupt() {
        for (pk, sk) in [
            ("METRIC#acme/credit", "2026-01-01"),
            ("METRIC#acme", "2026-01-01T00"),
            ("R#acme/credit#20260101#0", "2026-01-01T00"),
        ] {
            let item = Item::new().with(PK, pk).with(SK, sk).with(RECORDS, 1u64);
            assert!(MetricRow::from_item(&item).is_err(), "{pk}");
        }
    }
}
