//! The wire form of figures.

use std::collections::BTreeMap;

use audit_query::{Bucket, Figures, Metrics};
use audit_storage::metric_row::{Dimension, Histogram};
use serde::Serialize;
use utoipa::ToSchema;

/// Figures over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct MetricsPage {
    /// The ledger, `tenant/ledger`.
    pub ledger: String,
    /// What time is divided into.
    pub bucket: BucketName,
    /// The beginning of the first bucket.
    #[schema(format = DateTime)]
    pub from: String,
    /// The end of the last bucket, itself not included; `null` where it is open.
    #[schema(required, format = DateTime)]
    pub to: Option<String>,
    /// All buckets of this answer added up.
    pub total: FigureSet,
    /// The buckets in which there is a record, in their order.
    pub buckets: Vec<FigureBucket>,
    /// Where to go on, as `from`; `null` once everything has been answered.
    #[schema(required, format = DateTime)]
    pub next_from: Option<String>,
}

/// What time is divided into: hours, or days in UTC.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BucketName {
    /// Hours.
    Hour,
    /// Days.
    Day,
}

/// The figures of an hour or a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct FigureBucket {
    /// Its beginning.
    #[schema(format = DateTime)]
    pub start: String,
    /// Its figures.
    pub figures: FigureSet,
}

/// Figures. Each breakdown counts records by a value; those whose value has no name of its own are
/// under `~other`, those without a value or with free text in none.
#[derive(Debug, Serialize, ToSchema)]
pub struct FigureSet {
    /// How many records.
    pub records: u64,
    /// By `type`.
    #[serde(rename = "type")]
    pub record_type: BTreeMap<String, u64>,
    /// By `decision.outcome`.
    pub outcome: BTreeMap<String, u64>,
    /// By `decision.risk_level`.
    pub risk_level: BTreeMap<String, u64>,
    /// By the model that answered, else the one that was asked for.
    pub model: BTreeMap<String, u64>,
    /// By `system`.
    pub system: BTreeMap<String, u64>,
    /// Sums of tokens.
    pub tokens: Tokens,
    /// The sum of `audit.call.cost`, in US dollars.
    pub cost: f64,
    /// How long records took, from `occurred_at` to `ended_at`.
    pub latency: Latency,
    /// The same by the model, of the records that have one.
    pub latency_by_model: BTreeMap<String, Latency>,
    /// The same by `system`.
    pub latency_by_system: BTreeMap<String, Latency>,
}

/// Sums of `gen_ai.usage.…`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// `input_tokens`.
    pub input: u64,
    /// `output_tokens`.
    pub output: u64,
    /// `cache_read.input_tokens`.
    pub cache_read: u64,
    /// `cache_write.input_tokens`.
    pub cache_write: u64,
    /// `reasoning.output_tokens`.
    pub reasoning: u64,
}

/// How long records took, in milliseconds. A percentile is the upper end of a logarithmic bucket:
/// at most 41 % too much; 1,048,576 stands for longer times too. `null` where no record says how
/// long it took.
#[derive(Debug, Serialize, ToSchema)]
pub struct Latency {
    /// How many records say how long they took.
    pub count: u64,
    /// The median.
    #[schema(required)]
    pub p50_ms: Option<u64>,
    /// The 90th percentile.
    #[schema(required)]
    pub p90_ms: Option<u64>,
    /// The 95th percentile.
    #[schema(required)]
    pub p95_ms: Option<u64>,
    /// The 99th percentile.
    #[schema(required)]
    pub p99_ms: Option<u64>,
}

impl MetricsPage {
    /// The answer to a request for figures of these buckets.
    #[must_use]
    pub fn new(metrics: Metrics, bucket: Bucket) -> Self {
        let buckets = metrics.buckets.iter().map(|(start, figures)| FigureBucket {
            start: start.to_string(),
            figures: FigureSet::from(figures),
        });
        Self {
            ledger: metrics.ledger.to_string(),
            bucket: match bucket {
                Bucket::Hour => BucketName::Hour,
                Bucket::Day => BucketName::Day,
            },
            from: metrics.from.to_string(),
            to: metrics.to.map(|to| to.to_string()),
            total: FigureSet::from(&metrics.total),
            buckets: buckets.collect(),
            next_from: metrics.next_from.map(|from| from.to_string()),
        }
    }
}

impl From<&Figures> for FigureSet {
    fn from(figures: &Figures) -> Self {
        let counts = |dimension| figures.counts(dimension).clone();
        let sums = &figures.sums;
        Self {
            records: figures.records,
            record_type: counts(Dimension::Type),
            outcome: counts(Dimension::Outcome),
            risk_level: counts(Dimension::Risk),
            model: counts(Dimension::Model),
            system: counts(Dimension::System),
            tokens: Tokens {
                input: sums.input_tokens,
                output: sums.output_tokens,
                cache_read: sums.cache_read_input_tokens,
                cache_write: sums.cache_write_input_tokens,
                reasoning: sums.reasoning_output_tokens,
            },
            cost: dollars(sums.cost_nano),
            latency: Latency::from(&figures.latency),
            latency_by_model: by_value(&figures.latency_by_model),
            latency_by_system: by_value(&figures.latency_by_system),
        }
    }
}

impl From<&Histogram> for Latency {
    fn from(histogram: &Histogram) -> Self {
        Self {
            count: histogram.count(),
            p50_ms: histogram.percentile(50),
            p90_ms: histogram.percentile(90),
            p95_ms: histogram.percentile(95),
            p99_ms: histogram.percentile(99),
        }
    }
}

fn by_value(histograms: &BTreeMap<String, Histogram>) -> BTreeMap<String, Latency> {
    let times = histograms.iter();
    times
        .map(|(value, histogram)| (value.clone(), histogram.into()))
        .collect()
}

/// Dollars from billionths; exact to a billionth up to nine million dollars.
fn dollars(nano: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "sums beyond 2^53 billionths are rounded"
    )]
    let dollars = nano as f64 / 1e9;
    dollars
}
