//! What records cost: requests and billed units counted on the way from the client to the segment,
//! list prices from one file, bytes that are held.

use audit_record::Millis;
use audit_storage::record_row::RECORD_KIND;
use audit_testkit::corpus::{Shape, records};
use audit_testkit::measure::{Figure, Scale};

use crate::pipeline::{Pipeline, Way};
use crate::prices::{Function, Prices, Usage, float};

/// 2026-03-01T10:00:00Z.
const START: Millis = Millis::new(1_772_359_200_000);
const BATCH: usize = 100;
const MINUTES_OF_A_MONTH: f64 = 43_800.0;

/// The figures of the benches `bill` and `stored`.
pub(crate) fn figures(scale: Scale) -> Vec<Figure> {
    let prices = Prices::read();
    let batches = scale.choose(1, 10);
    let (plain, indexed) = (
        Busy::run(Shape::Plain, batches),
        Busy::run(Shape::Indexed, batches),
    );
    let [minute, second] = [1.0, 60.0].map(|rate| slow(&prices, rate));
    vec![
        Figure::new("bill.requests", plain.each(float(plain.way.requests)) * 1e3),
        Figure::new("bill.million", plain.each(price(&prices, &plain.way)) * 1e6),
        Figure::new(
            "bill.million_indexed",
            indexed.each(price(&prices, &indexed.way)) * 1e6,
        ),
        Figure::new(
            "bill.seven_years",
            prices.seven_years(
                plain.each(plain.segment_bytes) * 1e6,
                1e6,
                plain.each(plain.row_bytes) * 1e6,
            ),
        ),
        Figure::new("bill.at_one_a_minute", minute),
        Figure::new("bill.at_one_a_second", second),
        Figure::new("bill.fixed", prices.fixed()),
        Figure::new("stored.segment", plain.each(plain.segment_bytes) / 1e3),
        Figure::new("stored.index", plain.each(plain.row_bytes) / 1e3),
        Figure::new(
            "stored.index_indexed",
            indexed.each(indexed.row_bytes) / 1e3,
        ),
    ]
}

/// A busy ledger: batches of a hundred, committed a thousand at a time.
struct Busy {
    way: Way,
    records: f64,
    segment_bytes: f64,
    row_bytes: f64,
}

impl Busy {
    fn run(shape: Shape, batches: usize) -> Self {
        let pipeline = Pipeline::new(START);
        let sent = |first: usize, batches: usize| -> Vec<Vec<String>> {
            (first..first + batches)
                .map(|batch| records(shape, START, (batch * BATCH) as u64, BATCH))
                .collect()
        };
        // Instances that work already know keys and configurations, and their scopes have keys.
        pipeline.send(&sent(0, 1));
        let (segments, rows) = (segment_bytes(&pipeline), row_bytes(&pipeline));
        let way = pipeline.send(&sent(1, batches));
        Self {
            way,
            records: float((batches * BATCH) as u64),
            segment_bytes: segment_bytes(&pipeline) - segments,
            row_bytes: row_bytes(&pipeline) - rows,
        }
    }

    /// The share of one record.
    fn each(&self, whole: f64) -> f64 {
        whole / self.records
    }
}

fn price(prices: &Prices, way: &Way) -> f64 {
    prices.edge(way.ingest.invocations)
        + prices.function(Function::Ingest, &way.ingest)
        + prices.units("sqs:request", float(way.queue_units))
        + prices.function(Function::Writer, &way.writer)
}

/// A month at so many records a minute, each sent by itself: what the window gathers is committed
/// at once; the sweep runs, and the queue is asked, whether anything comes or not.
fn slow(prices: &Prices, per_minute: f64) -> f64 {
    let assumed = &prices.assumptions;
    let gathered = (per_minute * assumed.batching_window_s / 60.0).max(1.0);
    let pipeline = Pipeline::new(START);
    let mut texts = records(Shape::Plain, START, 0, 1 + whole(gathered));
    pipeline.send(&[texts.split_off(whole(gathered))]);
    let batches: Vec<Vec<String>> = texts.into_iter().map(|text| vec![text]).collect();
    let way = pipeline.send(&batches);
    let sweep: Usage = pipeline.sweep();
    let commits = price(prices, &way) * per_minute / gathered;
    let sweeps = prices.function(Function::Writer, &sweep) * assumed.sweeps_per_minute;
    let polls = prices.units("sqs:request", assumed.idle_receives_per_minute);
    (commits + sweeps + polls) * MINUTES_OF_A_MONTH
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few records"
)]
fn whole(count: f64) -> usize {
    count as usize
}

/// All segments but the genesis hold records only.
fn segment_bytes(pipeline: &Pipeline) -> f64 {
    let segments = pipeline.cloud.segments.contents();
    segments
        .values()
        .flatten()
        .map(|bytes| float(bytes.len() as u64))
        .sum()
}

fn row_bytes(pipeline: &Pipeline) -> f64 {
    let rows = pipeline.cloud.rows.contents();
    rows.iter()
        .filter(|(key, item)| {
            let kind = item.opt_text("k").ok().flatten().unwrap_or(RECORD_KIND);
            key.pk.starts_with("R#") && kind == RECORD_KIND
        })
        .map(|(_, item)| float(item.size() as u64))
        .sum()
}
