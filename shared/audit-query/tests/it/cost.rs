//! What a list costs, in requests to AWS.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use audit_query::{Filter, ListRequest, Listing, PageLimit, Reader};
use audit_record::json::{Object, Value};
use audit_record::{Millis, RecordId};
use audit_storage::stores::Order;
use audit_storage::{Clock, Stores};
use audit_testkit::Gate;

use crate::fixture::{Said, World};

/// 2026-01-01.
const START: u64 = 1_767_225_600_000;
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// A record of an hour, with an outcome and a subject.
fn record(hour: u64, number: u64, outcome: &str, subject: &str) -> (RecordId, &'static str, Said) {
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&number.to_be_bytes());
    let id = RecordId::mint(Millis::new(START + hour * HOUR + number % HOUR), tail);
    let mut said = Said::default();
    let text = |value: &str| Value::from(value.to_owned());
    said.0.insert("/type", text("decision"));
    said.0.insert("/decision/outcome", text(outcome));
    let mut person = Object::new();
    person.insert("id", text(subject)).expect("one id");
    said.0.insert("/subject", Value::Object(person));
    (id, "record", said)
}

async fn world(records: Vec<(RecordId, &'static str, Said)>) -> World {
    let mut world = World::new(1);
    let genesis = RecordId::own(Millis::new(START), [9; 10]);
    world.commit(&[(genesis, "genesis", Said::default())]).await;
    for segment in records.chunks(2_000) {
        world.commit(segment).await;
    }
    world
}

/// One answer and its requests by operation.
async fn page(
    world: &World,
    filter: &Filter,
    order: Order,
    limit: usize,
    cursor: Option<&str>,
) -> (Listing, BTreeMap<&'static str, usize>) {
    let gate = Gate::new();
    let limit = PageLimit {
        rows: limit,
        weight: usize::MAX,
        weigh: |_| 1,
    };
    let request = ListRequest {
        filter,
        order,
        limit,
        cursor,
    };
    let reader = world.reader_through(&gate);
    let listing = reader.list(&world.config, &request).await.expect("a page");
    let mut counts = BTreeMap::new();
    for call in gate.calls() {
        *counts.entry(call.operation).or_insert(0) += 1;
    }
    (listing, counts)
}

/// One answer that ends the list: how many records, HEAD reads and queries.
async fn whole(world: &World, filter: &Filter, order: Order) -> (usize, usize, usize) {
    let (listing, counts) = page(world, filter, order, 500, None).await;
    assert!(
        listing.next.is_none(),
        "{} of {filter:?}",
        listing.rows.len()
    );
    let heads = counts.get("dynamodb:GetItem").copied().unwrap_or_default();
    let queries = counts.get("dynamodb:Query").copied().unwrap_or_default();
    assert_eq!(heads + queries, counts.values().sum::<usize>());
    (listing.rows.len(), heads, queries)
}

const BOTH: [Order; 2] = [Order::Ascending, Order::Descending];

#[tokio::test]
async fn an_empty_ledger_costs_head_and_one_page_of_metric_rows() {
    let world = world(Vec::new()).await;
    for order in BOTH {
        assert_eq!(whole(&world, &Filter::default(), order).await, (0, 1, 1));
    }
}

#[tokio::test]
async fn empty_stretches_cost_nothing() {
    // Ten years between the two records: 87,600 empty hours.
    let ends = vec![
        record(0, 1, "approved", "a"),
        record(10 * 365 * 24, 2, "approved", "a"),
    ];
    let world = world(ends).await;
    for order in BOTH {
        // The metric rows, and each of the two days.
        assert_eq!(whole(&world, &Filter::default(), order).await, (2, 1, 3));
    }
    // A stretch of five empty years, and one that ends before the first record.
    let between = Filter {
        from: Some(Millis::new(START + 365 * DAY)),
        to: Some(Millis::new(START + 6 * 365 * DAY)),
        ..Filter::default()
    };
    let before = Filter {
        to: Some(Millis::new(START - DAY)),
        ..Filter::default()
    };
    for order in BOTH {
        assert_eq!(whole(&world, &between, order).await, (0, 1, 1));
        assert_eq!(whole(&world, &before, order).await, (0, 1, 1));
    }
}

/// 20,000 records over 30 days; one of them was flagged.
async fn month() -> World {
    let records = (0..20_000).map(|number| {
        let (outcome, subject) = match number {
            12_345 => ("flagged", "rare"),
            _ => ("approved", "common"),
        };
        record(number * 720 / 20_000, number, outcome, subject)
    });
    world(records.collect()).await
}

#[tokio::test]
async fn a_rare_outcome_costs_the_metric_rows_and_the_hours_that_hold_it() {
    let world = month().await;
    for (outcome, found, queries) in [
        // 720 metric rows in two pages (24, then the rest), and the one hour's records.
        ("flagged", 1, 3),
        // An outcome that never was: the metric rows rule out every hour.
        ("denied", 0, 2),
    ] {
        let filter = Filter {
            outcome: Some(outcome.to_owned()),
            ..Filter::default()
        };
        for order in BOTH {
            assert_eq!(
                whole(&world, &filter, order).await,
                (found, 1, queries),
                "{outcome}"
            );
        }
    }
    // Where its day is named, a page of metric rows less.
    let day = 12_345 * 720 / 20_000 / 24;
    let filter = Filter {
        outcome: Some("flagged".to_owned()),
        from: Some(Millis::new(START + day * DAY)),
        to: Some(Millis::new(START + (day + 1) * DAY)),
        ..Filter::default()
    };
    for order in BOTH {
        assert_eq!(whole(&world, &filter, order).await, (1, 1, 2));
    }
}

#[tokio::test]
async fn a_sparse_filter_goes_by_its_index_and_past_the_days() {
    let world = month().await;
    for (subject, found) in [("rare", 1), ("nobody", 0)] {
        let filter = Filter {
            subject: Some(subject.to_owned()),
            ..Filter::default()
        };
        for order in BOTH {
            assert_eq!(
                whole(&world, &filter, order).await,
                (found, 1, 1),
                "{subject}"
            );
        }
    }
    // With a condition that the metric rows rule out everywhere, the index is left after a page.
    let filter = Filter {
        subject: Some("common".to_owned()),
        outcome: Some("denied".to_owned()),
        ..Filter::default()
    };
    for order in BOTH {
        assert_eq!(whole(&world, &filter, order).await, (0, 1, 3));
    }
}

#[tokio::test]
async fn a_page_of_a_full_ledger_costs_three_requests_and_goes_on_with_two_more() {
    let world = month().await;
    let filter = Filter::default();
    for order in BOTH {
        let (first, counts) = page(&world, &filter, order, 50, None).await;
        // HEAD, a page of metric rows, and the day's rows.
        let expected = BTreeMap::from([("dynamodb:GetItem", 1), ("dynamodb:Query", 2)]);
        assert_eq!((first.rows.len(), counts), (50, expected));
        let (second, counts) = page(&world, &filter, order, 50, first.next.as_deref()).await;
        // The cursor holds the size, so HEAD is not read again.
        assert_eq!(
            (second.rows.len(), counts),
            (50, BTreeMap::from([("dynamodb:Query", 2)]))
        );
    }
}

#[tokio::test]
async fn an_answer_reads_at_most_twenty_pages_and_says_how_far_it_got() {
    // Each hour holds an outcome that is not named there, so that none is ruled out, and no match.
    let long = "x".repeat(65);
    let records = (0..60 * 24).map(|hour| record(hour, hour, &long, "a"));
    let world = world(records.collect()).await;
    let filter = Filter {
        outcome: Some("denied".to_owned()),
        ..Filter::default()
    };
    for order in BOTH {
        let (mut cursor, mut answers, mut from, mut to) = (None::<String>, 0, None, None);
        loop {
            let (listing, counts) = page(&world, &filter, order, 50, cursor.as_deref()).await;
            let queries = counts["dynamodb:Query"];
            assert!(queries <= 20, "{queries} pages");
            assert!(listing.rows.is_empty());
            answers += 1;
            (from, to) = match order {
                Order::Ascending => {
                    assert!(listing.next.is_none() || listing.searched_to > to);
                    (None, listing.searched_to)
                }
                Order::Descending => {
                    assert!(
                        from.is_none() || listing.next.is_none() || listing.searched_from < from
                    );
                    (listing.searched_from, None)
                }
            };
            match listing.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        assert!((2..=6).contains(&answers), "{answers} answers");
    }
}

/// A clock by which each look takes 300 ms, as if the storage were slow.
#[derive(Debug, Clone, Default)]
struct SlowClock(Arc<AtomicU64>);

impl Clock for SlowClock {
    fn now(&self) -> Millis {
        Millis::new(START + self.0.fetch_add(300, Ordering::Relaxed))
    }

    async fn sleep(&self, _: Duration) {}
}

#[tokio::test]
async fn an_answer_ends_after_two_seconds_and_the_next_goes_further() {
    // An outcome that has no name rules no hour out, so each day is a page.
    let long = "x".repeat(65);
    let records = (0..60).map(|day| record(day * 24, day, &long, "a"));
    let world = world(records.collect()).await;
    let filter = Filter {
        outcome: Some("denied".to_owned()),
        ..Filter::default()
    };
    for order in BOTH {
        let (mut cursor, mut answers) = (None::<String>, 0);
        loop {
            let gate = Gate::new();
            let stores = world.cloud.process(&gate).stores(1);
            let reader = Reader::new(Stores {
                segments: stores.segments,
                rows: stores.rows,
                keys: stores.keys,
                wrapper: stores.wrapper,
                clock: SlowClock::default(),
                entropy: stores.entropy,
            });
            let request = ListRequest {
                filter: &filter,
                order,
                limit: PageLimit {
                    rows: 50,
                    weight: usize::MAX,
                    weigh: |_| 1,
                },
                cursor: cursor.as_deref(),
            };
            let listing = reader.list(&world.config, &request).await.expect("a page");
            answers += 1;
            // 2,000 ms are seven looks of 300 ms; HEAD and the first step come before them.
            assert!(gate.requests() <= 10, "{}", gate.requests());
            let Some(next) = listing.next else { break };
            assert_ne!(cursor.as_ref(), Some(&next), "it got further");
            cursor = Some(next);
        }
        assert!((6..=20).contains(&answers), "{answers} answers");
    }
}
