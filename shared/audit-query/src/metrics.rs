//! Figures over time: the metric rows of a stretch, hour by hour or added up to days.
//!
//! An hour's row is a fold of its records, made by the writer segment by segment and written before
//! HEAD moves, so it never lacks a record that a list shows, and may for a moment count one that
//! lists show only next. Hours are those of the records' ids, like everything else in the index; a
//! row can't be split, so a stretch covers whole hours.

use std::collections::BTreeMap;

use audit_record::{LedgerName, Millis};
use audit_storage::config::LedgerConfig;
use audit_storage::metric_row::{Dimension, Histogram, Latencies, MetricRow, OTHER, Sums};
use audit_storage::rows::{self, Day, Hour};
use audit_storage::stores::{Order, Query, RowStore};
use audit_storage::{Clock, Result};

use crate::budget::Budget;

/// Metric rows of a page; 1 MB ends it earlier, at 60 of the largest.
const PAGE_ROWS: u32 = 1_000;

/// What time is divided into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bucket {
    /// Hours.
    Hour,
    /// Days, in UTC.
    Day,
}

impl Bucket {
    /// The bucket's first millisecond.
    fn start_of(self, time: Millis) -> Millis {
        match self {
            Self::Hour => Hour::of(time).start(),
            Self::Day => Day::of(time).start(),
        }
    }

    /// The first millisecond behind the bucket.
    fn end_of(self, time: Millis) -> Millis {
        match self {
            Self::Hour => Hour::of(time).next().start(),
            Self::Day => Day::of(time).next().start(),
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct MetricsRequest {
    /// From this time on; the bucket that it lies in is given whole.
    pub from: Millis,
    /// Before this time; open if absent. The bucket that it lies in is given whole.
    pub to: Option<Millis>,
    /// What time is divided into.
    pub bucket: Bucket,
    /// The most that the buckets may weigh together; one is given whatever it weighs.
    pub weight: usize,
    /// What a bucket weighs in the answer.
    pub weigh: fn(&Figures) -> usize,
}

/// One answer.
#[derive(Debug)]
pub struct Metrics {
    /// The ledger.
    pub ledger: LedgerName,
    /// The beginning of the first bucket.
    pub from: Millis,
    /// The end of what was covered, itself not included; open if absent.
    pub to: Option<Millis>,
    /// All buckets added up.
    pub total: Figures,
    /// The buckets in which there is a record, by their beginning.
    pub buckets: Vec<(Millis, Figures)>,
    /// Where to go on; absent once everything has been answered.
    pub next_from: Option<Millis>,
}

/// Figures of a stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many records.
    pub records: u64,
    counts: [BTreeMap<String, u64>; Dimension::ALL.len()],
    /// Sums over them; they stop at the largest u64.
    pub sums: Sums,
    /// How long they took, of those that say so.
    pub latency: Histogram,
    /// The same by the model, of those that have one; of several whose model has no name, or no room
    /// for a histogram of its own, under [`OTHER`].
    pub latency_by_model: BTreeMap<String, Histogram>,
    /// The same by `system`.
    pub latency_by_system: BTreeMap<String, Histogram>,
}

impl Figures {
    /// How many records had which value; those with a value that has no name under
    /// [`OTHER`]. Only facts are counted.
    #[must_use]
    pub fn counts(&self, dimension: Dimension) -> &BTreeMap<String, u64> {
        &self.counts[dimension as usize]
    }

    /// The figures of one hour.
    fn of(row: &MetricRow) -> Self {
        let mut figures = Self {
            records: row.records,
            sums: row.sums,
            latency: row.latency.clone(),
            latency_by_model: by_value(&row.latency_by_model),
            latency_by_system: by_value(&row.latency_by_system),
            ..Self::default()
        };
        for (counts, dimension) in figures.counts.iter_mut().zip(Dimension::ALL) {
            let stored = row.counts(dimension);
            let other = Some((OTHER, stored.other())).filter(|(_, count)| *count > 0);
            let all = stored.named().chain(other);
            counts.extend(all.map(|(value, count)| (value.to_owned(), count)));
        }
        figures
    }

    /// Adds others; every sum stops at the largest u64.
    fn add(&mut self, other: &Self) {
        let plus = |sum: &mut u64, addend: u64| *sum = sum.saturating_add(addend);
        plus(&mut self.records, other.records);
        for (counts, added) in self.counts.iter_mut().zip(&other.counts) {
            for (value, count) in added {
                plus(counts.entry(value.clone()).or_default(), *count);
            }
        }
        let (sums, added) = (&mut self.sums, &other.sums);
        plus(&mut sums.input_tokens, added.input_tokens);
        plus(&mut sums.output_tokens, added.output_tokens);
        plus(
            &mut sums.cache_read_input_tokens,
            added.cache_read_input_tokens,
        );
        plus(
            &mut sums.cache_write_input_tokens,
            added.cache_write_input_tokens,
        );
        plus(
            &mut sums.reasoning_output_tokens,
            added.reasoning_output_tokens,
        );
        plus(&mut sums.cost_nano, added.cost_nano);
        self.latency.merge(&other.latency);
        for (latencies, added) in [
            (&mut self.latency_by_model, &other.latency_by_model),
            (&mut self.latency_by_system, &other.latency_by_system),
        ] {
            for (value, histogram) in added {
                latencies.entry(value.clone()).or_default().merge(histogram);
            }
        }
    }
}

fn by_value(latencies: &Latencies) -> BTreeMap<String, Histogram> {
    let other = Some((OTHER, latencies.other())).filter(|(_, other)| other.count() > 0);
    let all = latencies.own().chain(other);
    all.map(|(value, histogram)| (value.to_owned(), histogram.clone()))
        .collect()
}

/// Reads the figures of a stretch.
///
/// # Errors
/// If the storage fails.
pub(crate) async fn metrics(
    store: &impl RowStore,
    clock: &impl Clock,
    ledger: &LedgerConfig,
    request: &MetricsRequest,
) -> Result<Metrics> {
    let bucket = request.bucket;
    let from = bucket.start_of(request.from);
    // The last millisecond that is asked for, and the end of its bucket.
    let last = request.to.map(|to| Millis::new(to.get().saturating_sub(1)));
    let end = last.map(|last| bucket.end_of(last));
    let hour = |time: Millis| Hour::of(time).to_string();
    let last_hour = end.map_or_else(
        || hour(Millis::MAX),
        |end| hour(Millis::new(end.get().saturating_sub(1))),
    );
    let mut query = Query {
        index: None,
        partition: rows::metrics(&ledger.ledger),
        between: Some((hour(from), last_hour)),
        order: Order::Ascending,
        limit: PAGE_ROWS,
        after: None,
    };
    let mut sum = Sum::new(request);
    let mut budget = Budget::new(clock);
    let stopped = loop {
        budget.page();
        let page = store.query(&query).await?;
        let mut full = None;
        for item in &page.items {
            let row = MetricRow::from_item(item)?;
            if let Err(start) = sum.push(&row) {
                full = Some(start);
                break;
            }
        }
        match (full, page.next) {
            (Some(start), _) => break Some(start),
            (None, None) => break sum.end(),
            (None, Some(after)) => query.after = Some(after),
        }
        if budget.is_spent()
            && let Some(start) = sum.drop_last()
        {
            break Some(start);
        }
    };
    Ok(Metrics {
        ledger: ledger.ledger.clone(),
        from,
        to: stopped.or(end),
        total: sum.total(),
        buckets: sum.buckets,
        next_from: stopped,
    })
}

/// Buckets being filled, in order.
struct Sum<'a> {
    request: &'a MetricsRequest,
    buckets: Vec<(Millis, Figures)>,
    /// What the buckets weigh that are whole.
    weight: usize,
}

impl<'a> Sum<'a> {
    fn new(request: &'a MetricsRequest) -> Self {
        Self {
            request,
            buckets: Vec::new(),
            weight: 0,
        }
    }

    /// Adds an hour. If the bucket before it filled the answer, gives the beginning of the first
    /// bucket that is not part of it.
    fn push(&mut self, row: &MetricRow) -> std::result::Result<(), Millis> {
        let start = self.request.bucket.start_of(row.hour.start());
        let weigh = self.request.weigh;
        match self.buckets.last_mut() {
            Some((last, figures)) if *last == start => figures.add(&Figures::of(row)),
            last => {
                let weight = last.map_or(0, |(_, figures)| weigh(figures));
                if let Some(left_out) = self.close(weight) {
                    return Err(left_out);
                }
                self.buckets.push((start, Figures::of(row)));
            }
        }
        Ok(())
    }

    /// Nothing more comes. If the last bucket is too much, gives its beginning.
    fn end(&mut self) -> Option<Millis> {
        let weigh = self.request.weigh;
        let weight = self.buckets.last().map_or(0, |(_, last)| weigh(last));
        self.close(weight)
    }

    /// Counts the last bucket, now that it is whole; takes it out if it is too much.
    fn close(&mut self, weight: usize) -> Option<Millis> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > self.request.weight {
            return self.drop_last();
        }
        None
    }

    /// Takes the last bucket out, which may be half read; gives its beginning. Not the only one.
    fn drop_last(&mut self) -> Option<Millis> {
        if self.buckets.len() < 2 {
            return None;
        }
        self.buckets.pop().map(|(start, _)| start)
    }

    fn total(&self) -> Figures {
        let mut total = Figures::default();
        for (_, figures) in &self.buckets {
            total.add(figures);
        }
        total
    }
}
