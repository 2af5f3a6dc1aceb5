//! The row's attributes, written and read back.

use std::collections::BTreeMap;

use super::{Counts, Dimension, Histogram, MetricRow, OTHER, Sums};
use crate::config::keyed;
use crate::error::{Error, Result};
use crate::item::{Item, Value, wrong_type};
use crate::rows::{self, Hour, PK, SK};
use crate::stores::Condition;

const APPLIED: &str = "applied";
const RECORDS: &str = "n";
const LATENCY: &str = "latency";

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
        let counts = self.latency.counts();
        let used = counts
            .iter()
            .rposition(|count| *count > 0)
            .map_or(0, |last| last + 1);
        if used > 0 {
            let list = counts[..used].iter().map(|count| (*count).into()).collect();
            item.set(LATENCY, Value::List(list));
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
        if item.value(LATENCY).is_some() {
            let counts: Vec<u64> = item
                .list(LATENCY)?
                .iter()
                .map(number)
                .collect::<Result<_>>()?;
            row.latency =
                Histogram::from_counts(counts.into_iter()).ok_or_else(|| wrong_type(LATENCY))?;
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
        _ => Err(wrong_type(LATENCY)),
    }
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
