//! What hard queries cost in a ledger of 1,000,000 records, in requests to AWS.
//!
//! The records stand in two half years with five empty years between them. Their rows are made when
//! they are read; the metric rows are folds of all of them, as a writer leaves them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;

use audit_query::{Filter, ListRequest, PageLimit};
use audit_record::json::{Object, Value};
use audit_record::{Millis, RecordId};
use audit_storage::head::{Head, LastSegment};
use audit_storage::metric_row::{MetricFacts, MetricRow};
use audit_storage::record_row::{Opened, Position, RecordRow, RowEntry, RowSettings};
use audit_storage::rows::{self, Hour, Index};
use audit_storage::stores::{Order, VersionId};
use audit_testkit::{DerivedRows, Gate, MemoryTable, Place};

use crate::fixture::{Said, World};

const RECORDS: u64 = 1_000_000;
/// 2026-01-01.
const START: u64 = 1_767_225_600_000;
const DAY: u64 = 86_400_000;
/// The records of a year are this far from each other, 114 in an hour.
const STEP_MS: u64 = 365 * DAY / RECORDS;
/// The years without a record, in the middle.
const GAP_MS: u64 = 5 * 365 * DAY;

const RARE: u64 = 617_283;
const SUBJECT: [u64; 3] = [5, 444_444, 999_990];
/// The one record that is both flagged and of the rare model.
const BOTH: u64 = 300_007;
const STAGED: u64 = 999_000;

/// Says what was counted past the capture of output, so that it stands in every run's.
fn shown(what: &str) {
    writeln!(std::io::stdout(), "    {what}").expect("standard output takes a line");
}

fn time(number: u64) -> Millis {
    let gap = if number < RECORDS / 2 { 0 } else { GAP_MS };
    Millis::new(START + number * STEP_MS + gap)
}

fn id(number: u64) -> RecordId {
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&number.to_be_bytes());
    RecordId::mint(time(number), tail)
}

fn outcome(number: u64) -> &'static str {
    match number {
        RARE => "overturned",
        BOTH => "flagged",
        _ if number % 20_011 == 7 => "flagged",
        _ => "approved",
    }
}

fn model(number: u64) -> &'static str {
    if number == BOTH || number % 23_011 == 11 {
        "rare-model"
    } else {
        "usual-model"
    }
}

fn subject(number: u64) -> String {
    if SUBJECT.contains(&number) {
        "person".to_owned()
    } else {
        format!("s{}", number % 100_000)
    }
}

/// Half of the records are a job's.
fn actor(number: u64) -> Option<&'static str> {
    number.is_multiple_of(2).then_some("job")
}

fn said(number: u64) -> Said {
    let text = |value: &str| Value::from(value.to_owned());
    let person = |id: &str| {
        let mut person = Object::new();
        person.insert("id", text(id)).expect("one id");
        Value::Object(person)
    };
    let mut said = Said::default();
    for (pointer, value) in [
        ("/type", text("decision")),
        ("/system", text("credit")),
        ("/decision/outcome", text(outcome(number))),
        ("/attributes/gen_ai.request.model", text(model(number))),
        ("/subject", person(&subject(number))),
        (
            "/environment",
            text(if number == STAGED { "staging" } else { "prod" }),
        ),
    ] {
        said.0.insert(pointer, value);
    }
    if let Some(actor) = actor(number) {
        said.0.insert("/actor", person(actor));
    }
    said
}

/// The ledger, its rows, figures and HEAD.
fn million() -> World {
    let mut world = World::new(1);
    let config = world.config.clone();
    let ledger = config.ledger.clone();
    let places = (0..RECORDS).map(|number| {
        let value = |value: &str| rows::index_value(&ledger, value);
        let actor = actor(number).map(|actor| (Index::ByActor, value(actor)));
        let subject = (Index::BySubject, value(&subject(number)));
        Place {
            key: rows::record(&ledger, &id(number), 1),
            indexed: actor.into_iter().chain([subject]).collect(),
        }
    });
    let derived = DerivedRows::new(places, move |number| {
        let number = number as u64;
        let entry = RowEntry {
            ledger: &config.ledger,
            id: id(number),
            kind: "record",
            received_at: time(number),
            leaf_hash: [3; 32],
        };
        let position = Position {
            index: number,
            segment_start: number / 1_000 * 1_000,
            segment_version: VersionId("v".to_owned()),
            offset: 0,
            length: 1,
        };
        let settings = RowSettings::from(&config);
        RecordRow::derive(&entry, &Opened::Whole(&said(number)), position, settings).to_item()
    });
    world.cloud.rows = MemoryTable::of(derived);
    let mut number = 0;
    while number < RECORDS {
        let hour = Hour::of(time(number));
        let first = number;
        while number < RECORDS && Hour::of(time(number)) == hour {
            number += 1;
        }
        let facts = (first..number).map(|number| MetricFacts {
            record_type: Some("decision"),
            system: Some("credit"),
            outcome: Some(outcome(number)),
            model: Some(model(number)),
            latency_ms: Some(500 + number % 4_000),
            ..MetricFacts::default()
        });
        let row = MetricRow::empty(ledger.clone(), hour).fold(first, facts);
        let key = rows::metric(&ledger, hour);
        world.cloud.rows.tamper(&key, Some(row.to_item()));
    }
    let head = Head {
        size: RECORDS,
        root: [0; 32],
        frontier: vec![[0; 32]; RECORDS.count_ones() as usize],
        last: LastSegment {
            start: RECORDS - 1_000,
            sha256: [0; 32],
            version: VersionId("v".to_owned()),
            form: 1,
        },
    };
    let key = rows::head(&ledger);
    world.cloud.rows.tamper(&key, Some(head.to_item(&ledger)));
    world
}

/// What a list cost up to its end, or up to so many answers.
#[derive(Debug, Default)]
struct Cost {
    answers: usize,
    requests: usize,
    most: usize,
    found: Vec<RecordId>,
    ended: bool,
}

async fn ask(world: &World, filter: &Filter, order: Order, answers: usize) -> Cost {
    let (mut cost, mut cursor) = (Cost::default(), None::<String>);
    while cost.answers < answers && !cost.ended {
        let gate = Gate::new();
        let request = ListRequest {
            filter,
            order,
            limit: PageLimit {
                rows: 500,
                weight: usize::MAX,
                weigh: |_| 1,
            },
            cursor: cursor.as_deref(),
        };
        let reader = world.reader_through(&gate);
        let page = reader.list(&world.config, &request).await.expect("a page");
        cost.answers += 1;
        cost.requests += gate.requests();
        cost.most = cost.most.max(gate.requests());
        cost.found.extend(page.rows.iter().map(|row| row.id));
        cost.ended = page.next.is_none();
        cursor = page.next;
    }
    cost
}

/// A query with what it must find and the most that it may cost.
struct Hard {
    what: &'static str,
    filter: Filter,
    found: Vec<u64>,
    answers: usize,
    requests: usize,
}

fn filter(change: impl FnOnce(&mut Filter)) -> Filter {
    let mut filter = Filter::default();
    change(&mut filter);
    filter
}

/// The metric rows of a year are 8,761, which are 24 and then nine times up to 1,000.
const METRIC_PAGES: usize = 10;

/// The hours that no figure rules out for the two rare values.
fn hours_of_both() -> usize {
    let hours = |holds: fn(u64) -> bool| -> BTreeSet<Hour> {
        let numbers = (0..RECORDS).filter(|number| holds(*number));
        numbers.map(|number| Hour::of(time(number))).collect()
    };
    let flagged = hours(|number| outcome(number) == "flagged");
    let rare = hours(|number| model(number) == "rare-model");
    flagged.intersection(&rare).count()
}

fn hard() -> Vec<Hard> {
    let some = |value: &str| Some(value.to_owned());
    vec![
        Hard {
            what: "one outcome among a million",
            filter: filter(|filter| filter.outcome = some("overturned")),
            found: vec![RARE],
            answers: 1,
            // HEAD, the figures, the hour.
            requests: 1 + METRIC_PAGES + 1,
        },
        Hard {
            what: "five empty years",
            filter: filter(|filter| {
                filter.from = Some(Millis::new(time(RECORDS / 2 - 1).get() + 1));
                filter.to = Some(time(RECORDS / 2));
            }),
            found: vec![],
            answers: 1,
            requests: 4,
        },
        Hard {
            what: "a subject with three records",
            filter: filter(|filter| filter.subject = some("person")),
            found: SUBJECT.to_vec(),
            answers: 1,
            requests: 2,
        },
        Hard {
            what: "two rare values together",
            filter: filter(|filter| {
                filter.outcome = some("flagged");
                filter.model = some("rare-model");
            }),
            found: vec![BOTH],
            answers: 1,
            // Beside the hour, those that hold both values in different records.
            requests: 1 + METRIC_PAGES + hours_of_both(),
        },
        Hard {
            what: "a value that nobody sent, over all time",
            filter: filter(|filter| filter.outcome = some("denied")),
            found: vec![],
            answers: 1,
            requests: 1 + METRIC_PAGES,
        },
        Hard {
            what: "one outcome among the 500,000 of an actor",
            filter: filter(|filter| {
                filter.actor = some("job");
                filter.outcome = some("flagged");
                filter.model = some("rare-model");
            }),
            found: vec![],
            answers: 1,
            // And a page of the index before the figures are asked.
            requests: 1 + 1 + METRIC_PAGES + hours_of_both(),
        },
    ]
}

#[tokio::test]
async fn hard_queries_on_a_million_rows_cost_a_bounded_number_of_requests() {
    let world = million();
    let mut table = BTreeMap::new();
    for hard in hard() {
        for order in [Order::Ascending, Order::Descending] {
            let cost = ask(&world, &hard.filter, order, usize::MAX).await;
            let mut found: Vec<RecordId> = hard.found.iter().map(|number| id(*number)).collect();
            if order == Order::Descending {
                found.reverse();
            }
            assert_eq!(cost.found, found, "{}", hard.what);
            assert!(
                cost.answers <= hard.answers && cost.requests <= hard.requests,
                "{} {order:?}: {cost:?}",
                hard.what
            );
            let counts = table.entry(hard.what).or_insert_with(Vec::new);
            counts.push(cost.requests);
        }
    }
    for (what, requests) in &table {
        shown(&format!(
            "hard queries: {what}: {requests:?} requests (asc, desc)"
        ));
    }
    deep_pages(&world).await;
    an_answer_ends(&world).await;
}

/// A page deep in the ledger costs what the second one does.
async fn deep_pages(world: &World) {
    for order in [Order::Ascending, Order::Descending] {
        let cost = ask(world, &Filter::default(), order, 100).await;
        let expected: Vec<RecordId> = match order {
            Order::Ascending => (0..50_000).map(id).collect(),
            Order::Descending => (RECORDS - 50_000..RECORDS).rev().map(id).collect(),
        };
        assert_eq!(cost.found, expected);
        assert!(cost.most <= 4, "{order:?}: {}", cost.most);
        shown(&format!(
            "hard queries: 100 pages of 500, {order:?}: {} requests, at most {} a page",
            cost.requests, cost.most
        ));
    }
}

/// What no figure rules out is read, 20 pages an answer, and the cursor says how far it got.
async fn an_answer_ends(world: &World) {
    let filter = filter(|filter| filter.environment = Some("staging".to_owned()));
    let cost = ask(world, &filter, Order::Descending, 2).await;
    assert_eq!(cost.found, [id(STAGED)]);
    assert!(!cost.ended && cost.most <= 21, "{cost:?}");
    shown(&format!(
        "hard queries: a value that no figure counts: {} requests an answer",
        cost.most
    ));
}
