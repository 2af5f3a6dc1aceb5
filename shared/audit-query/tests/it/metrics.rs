//! Figures against a recount of the records.

use std::collections::BTreeMap;

use audit_query::{Bucket, Figures, Metrics, MetricsRequest};
use audit_record::json::{Number, Value};
use audit_record::{Fields as _, Millis, RecordId};
use audit_storage::metric_row::{BOUNDS_MS, Dimension, Histogram};
use audit_testkit::{Gate, Random};

use crate::fixture::{Said, World};

/// 2026-01-01.
const START: u64 = 1_767_225_600_000;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

type Record = (RecordId, &'static str, Said);

fn record(random: &mut Random, hours: usize) -> Record {
    let mut draw = |bound: usize| u64::try_from(random.below(bound)).unwrap_or_default();
    let at = START + draw(hours) * HOUR + draw(3_600_000);
    let took =
        [3, 40, 600, 9_000, 3_000_000][usize::try_from(draw(5)).unwrap_or_default()] + draw(50);
    let mut tail = [0; 10];
    tail[..8].copy_from_slice(&draw(usize::MAX).to_be_bytes());
    let mut said = Said::default();
    let mut put = |pointer, value: Value<'static>| drop(said.0.insert(pointer, value));
    put(
        "/type",
        Value::from(
            ["decision", "llm_call"][usize::try_from(draw(2)).unwrap_or_default()].to_owned(),
        ),
    );
    put("/system", Value::from(format!("system-{}", draw(3))));
    put("/occurred_at", Value::from(Millis::new(at).to_string()));
    if draw(3) > 0 {
        put("/ended_at", Value::from(Millis::new(at + took).to_string()));
        put(
            "/attributes/gen_ai.request.model",
            Value::from(format!("model-{}", draw(3))),
        );
        put(
            "/attributes/gen_ai.usage.input_tokens",
            Value::Number(u32::try_from(draw(500)).unwrap_or_default().into()),
        );
        put(
            "/attributes/audit.call.cost",
            Value::Number(Number::new(0.001).expect("a number")),
        );
    }
    if draw(2) > 0 {
        put(
            "/decision/outcome",
            Value::from(
                ["approved", "denied"][usize::try_from(draw(2)).unwrap_or_default()].to_owned(),
            ),
        );
        put("/decision/risk_level", Value::from("high".to_owned()));
    }
    (RecordId::mint(Millis::new(at), tail), "record", said)
}

async fn world(records: &[Record]) -> World {
    let mut world = World::new(1);
    let genesis = RecordId::own(Millis::new(START), [9; 10]);
    world.commit(&[(genesis, "genesis", Said::default())]).await;
    for segment in records.chunks(70) {
        world.commit(segment).await;
    }
    world
}

async fn ask(world: &World, from: u64, to: Option<u64>, bucket: Bucket, weight: usize) -> Metrics {
    let request = MetricsRequest {
        from: Millis::new(from),
        to: to.map(Millis::new),
        bucket,
        weight,
        weigh: |_| 1,
    };
    let answer = world.reader().metrics(&world.config, &request).await;
    answer.expect("an answer")
}

/// What a recount gives: how many, values by dimension, tokens, cost, and times in order.
#[derive(Debug, Default, PartialEq)]
struct Recount {
    records: u64,
    counts: BTreeMap<(usize, String), u64>,
    input_tokens: u64,
    cost_nano: u64,
    latencies: Vec<u64>,
    by_model: BTreeMap<String, Vec<u64>>,
    by_system: BTreeMap<String, Vec<u64>>,
}

fn recount<'a>(records: impl IntoIterator<Item = &'a Record>) -> Recount {
    let mut sum = Recount::default();
    for (_, _, said) in records {
        sum.records += 1;
        let values = [
            said.text("/type"),
            said.outcome(),
            said.risk_level(),
            said.model(),
            said.system(),
        ];
        for (dimension, value) in values.into_iter().enumerate() {
            if let Some(value) = value {
                *sum.counts.entry((dimension, value.to_owned())).or_default() += 1;
            }
        }
        sum.input_tokens += said.usage().input_tokens.unwrap_or_default();
        sum.cost_nano += said.cost().map_or(0, |_| 1_000_000);
        let Some(latency) = said.latency_ms() else {
            continue;
        };
        sum.latencies.push(latency);
        for (times, value) in [
            (&mut sum.by_model, said.model()),
            (&mut sum.by_system, said.system()),
        ] {
            if let Some(value) = value {
                times.entry(value.to_owned()).or_default().push(latency);
            }
        }
    }
    let all = [&mut sum.latencies].into_iter();
    for times in all
        .chain(sum.by_model.values_mut())
        .chain(sum.by_system.values_mut())
    {
        times.sort_unstable();
    }
    sum
}

fn assert_equal(figures: &Figures, expected: &Recount, what: &str) {
    assert_eq!(figures.records, expected.records, "{what}");
    let mut counts = BTreeMap::new();
    for (number, dimension) in Dimension::ALL.into_iter().enumerate() {
        for (value, count) in figures.counts(dimension) {
            counts.insert((number, value.clone()), *count);
        }
    }
    assert_eq!(counts, expected.counts, "{what}");
    let sums = (figures.sums.input_tokens, figures.sums.cost_nano);
    assert_eq!(sums, (expected.input_tokens, expected.cost_nano), "{what}");
    assert_times(&figures.latency, &expected.latencies, what);
    for (given, expected) in [
        (&figures.latency_by_model, &expected.by_model),
        (&figures.latency_by_system, &expected.by_system),
    ] {
        assert!(given.keys().eq(expected.keys()), "{what}");
        for (given, expected) in given.values().zip(expected.values()) {
            assert_times(given, expected, what);
        }
    }
}

/// `expected` in their order.
fn assert_times(given: &Histogram, expected: &[u64], what: &str) {
    assert_eq!(given.count(), expected.len() as u64, "{what}");
    for percent in [1, 50, 90, 95, 99, 100] {
        let rank = (expected.len() * usize::from(percent)).div_ceil(100).max(1);
        // The first bound that is not below the exact value, or the last one of all.
        let bound = expected.get(rank - 1).map(|exact| {
            let fitting = BOUNDS_MS.iter().find(|bound| *bound >= exact);
            *fitting.unwrap_or(&BOUNDS_MS[BOUNDS_MS.len() - 1])
        });
        assert_eq!(given.percentile(percent), bound, "{what}: p{percent}");
    }
}

#[tokio::test]
async fn figures_are_a_recount_of_the_records() {
    let mut random = Random::new(21);
    let records: Vec<Record> = (0..700).map(|_| record(&mut random, 24 * 9)).collect();
    let world = world(&records).await;
    for (bucket, width) in [(Bucket::Hour, HOUR), (Bucket::Day, DAY)] {
        for (from, to) in [
            (START, None),
            (START + 30 * HOUR + 5, None),
            (START - 9 * DAY, Some(START + 2 * DAY)),
            (START + 25 * HOUR + 1, Some(START + 100 * HOUR + 1)),
            (START + 100 * HOUR, Some(START + 101 * HOUR)),
            (START + 20 * DAY, Some(START + 30 * DAY)),
        ] {
            let what = format!("{bucket:?} {from} {to:?}");
            let metrics = ask(&world, from, to, bucket, usize::MAX).await;
            let first = from / width * width;
            let end = to.map(|to| to.div_ceil(width) * width);
            assert_eq!(metrics.from.get(), first, "{what}");
            assert_eq!(metrics.to.map(Millis::get), end, "{what}");
            assert_eq!(metrics.next_from, None, "{what}");
            let inside = |record: &&Record| {
                let at = record.0.millis().get();
                at >= first && end.is_none_or(|end| at < end)
            };
            assert_equal(
                &metrics.total,
                &recount(records.iter().filter(inside)),
                &what,
            );
            let mut by_bucket: BTreeMap<u64, Vec<&Record>> = BTreeMap::new();
            for record in records.iter().filter(inside) {
                by_bucket
                    .entry(record.0.millis().get() / width * width)
                    .or_default()
                    .push(record);
            }
            let starts: Vec<u64> = metrics
                .buckets
                .iter()
                .map(|(start, _)| start.get())
                .collect();
            assert_eq!(
                starts,
                by_bucket.keys().copied().collect::<Vec<_>>(),
                "{what}"
            );
            for ((_, figures), records) in metrics.buckets.iter().zip(by_bucket.values()) {
                assert_equal(figures, &recount(records.iter().copied()), &what);
            }
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_full_says_where_to_go_on() {
    let mut random = Random::new(22);
    let records: Vec<Record> = (0..300).map(|_| record(&mut random, 24 * 9)).collect();
    let world = world(&records).await;
    for bucket in [Bucket::Hour, Bucket::Day] {
        let whole = ask(&world, START, None, bucket, usize::MAX).await;
        for weight in [0, 1, 4, whole.buckets.len() - 1, whole.buckets.len()] {
            let (mut buckets, mut from, mut answers) = (Vec::new(), START, 0);
            loop {
                let part = ask(&world, from, None, bucket, weight).await;
                assert!(part.buckets.len() <= weight.max(1), "{weight}");
                answers += 1;
                buckets.extend(part.buckets);
                let Some(next) = part.next_from else { break };
                assert_eq!(part.to, Some(next));
                assert!(next.get() > from);
                from = next.get();
            }
            assert_eq!(buckets, whole.buckets, "{bucket:?} {weight}");
            assert_eq!(
                answers,
                whole.buckets.len().div_ceil(weight.max(1)),
                "{weight}"
            );
        }
    }
}

#[tokio::test]
async fn a_year_of_days_costs_the_pages_of_its_metric_rows() {
    // One record each third hour of a year.
    let mut random = Random::new(23);
    let records: Vec<Record> = (0..365 * 8)
        .map(|number| {
            let (_, kind, said) = record(&mut random, 1);
            let mut tail = [0; 10];
            tail[..8].copy_from_slice(&u64::to_be_bytes(number));
            (
                RecordId::mint(Millis::new(START + number * 3 * HOUR), tail),
                kind,
                said,
            )
        })
        .collect();
    let world = world(&records).await;
    let gate = Gate::new();
    let request = MetricsRequest {
        from: Millis::new(START),
        to: Some(Millis::new(START + 365 * DAY)),
        bucket: Bucket::Day,
        weight: usize::MAX,
        weigh: |_| 1,
    };
    let answer = world
        .reader_through(&gate)
        .metrics(&world.config, &request)
        .await;
    let metrics = answer.expect("an answer");
    assert_eq!(
        (metrics.buckets.len(), metrics.total.records),
        (365, 365 * 8)
    );
    // 2,920 rows, 1,000 a page; no HEAD, no record.
    let operations: Vec<_> = gate.calls().iter().map(|call| call.operation).collect();
    assert_eq!(operations, ["dynamodb:Query"; 3]);
}

#[tokio::test]
async fn a_ledger_without_records_has_no_figures() {
    let world = world(&[]).await;
    let metrics = ask(&world, 0, None, Bucket::Day, usize::MAX).await;
    assert_eq!(metrics.total, Figures::default());
    assert!(metrics.buckets.is_empty() && metrics.next_from.is_none());
    assert_eq!(metrics.total.latency.percentile(50), None);
}
