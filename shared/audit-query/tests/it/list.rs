//! Every list against a brute-force oracle.
#![allow(
    clippy::cast_possible_truncation,
    reason = "small numbers drawn for a test"
)]

use audit_query::{Filter, ListError, ListRequest, PageLimit};
use audit_record::json::{Object, Value};
use audit_record::vocabulary::RiskLevel;
use audit_record::{Millis, RecordId, RecordType};
use audit_storage::stores::Order;

use crate::fixture::{Said, World};

/// 2026-01-01.
const START: u64 = 1_767_225_600_000;
const HOUR: u64 = 3_600_000;

/// A generator that needs no crate (`SplitMix64`).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len() as u64) as usize]
    }

    fn id(&mut self, hours: u64) -> RecordId {
        let mut tail = [0; 10];
        tail.fill_with(|| self.next() as u8);
        RecordId::mint(Millis::new(START + self.below(hours * HOUR)), tail)
    }

    fn said(&mut self) -> Said {
        let mut said = Said::default();
        let mut put = |pointer, value: &str| said.0.insert(pointer, Value::from(value.to_owned()));
        put("/type", self.pick(&["decision", "llm_call"]));
        put("/system", self.pick(&["credit", "hiring", "triage"]));
        if self.below(4) > 0 {
            put(
                "/decision/outcome",
                self.pick(&["approved", "approved", "denied", "flagged"]),
            );
            put("/decision/risk_level", self.pick(&["minimal", "high"]));
        }
        if self.below(3) > 0 {
            put(
                "/attributes/gen_ai.response.model",
                self.pick(&["m1", "m2"]),
            );
            put("/attributes/gen_ai.provider.name", self.pick(&["p1", "p2"]));
        }
        put("/environment", self.pick(&["prod", "test"]));
        for (pointer, ids) in [("/actor", ["a1", "a2"]), ("/subject", ["s1", "s2"])] {
            if self.below(2) > 0 {
                let mut person = Object::new();
                person
                    .insert("id", Value::from(self.pick(&ids).to_owned()))
                    .expect("one id");
                said.0.insert(pointer, Value::Object(person));
            }
        }
        said
    }

    fn filter(&mut self, members: u64, hours: u64) -> Filter {
        let mut filter = Filter::default();
        for _ in 0..members {
            match self.below(11) {
                0 => filter.from = Some(Millis::new(START + self.below(hours * HOUR))),
                1 => filter.to = Some(Millis::new(START + self.below(hours * HOUR))),
                2 => filter.record_type = Some(RecordType::Decision),
                3 => {
                    filter.outcome = Some(
                        self.pick(&["approved", "denied", "flagged", "none"])
                            .to_owned(),
                    );
                }
                4 => filter.risk_level = Some(RiskLevel::High),
                5 => filter.actor = Some(self.pick(&["a1", "a3"]).to_owned()),
                6 => filter.subject = Some(self.pick(&["s1", "s3"]).to_owned()),
                7 => filter.system = Some(self.pick(&["credit", "none"]).to_owned()),
                8 => filter.model = Some("m1".to_owned()),
                9 => filter.provider = Some("p1".to_owned()),
                _ => filter.environment = Some("prod".to_owned()),
            }
        }
        filter
    }
}

async fn world(random: &mut Random, buckets: u16, records: usize, hours: u64) -> World {
    let mut world = World::new(buckets);
    let genesis = RecordId::own(Millis::new(START), [9; 10]);
    world.commit(&[(genesis, "genesis", Said::default())]).await;
    grow(random, &mut world, records, hours).await;
    world
}

async fn grow(random: &mut Random, world: &mut World, records: usize, hours: u64) {
    let batch: Vec<_> = (0..records)
        .map(|_| (random.id(hours), "record", random.said()))
        .collect();
    for chunk in batch.chunks(100) {
        world.commit(chunk).await;
    }
}

/// Reads a list to its end while the ledger grows, and compares it with the oracle.
async fn check(
    random: &mut Random,
    world: &mut World,
    filter: &Filter,
    order: Order,
    limit: usize,
    hours: u64,
) {
    let size = world.written.len() as u64;
    let (mut got, mut cursor) = (Vec::new(), None);
    for round in 0.. {
        assert!(round < 10_000, "the list does not end");
        let page = world.page(filter, order, limit, cursor.as_deref()).await;
        assert_eq!(page.size, size);
        assert!(page.rows.len() <= limit);
        assert_eq!(
            page.eventual,
            filter.actor.is_some() || filter.subject.is_some()
        );
        got.extend(page.rows.iter().map(|row| row.id));
        match page.next {
            None => break,
            Some(next) => {
                assert_ne!(Some(&next), cursor.as_ref(), "a cursor that gets nowhere");
                cursor = Some(next);
            }
        }
        if random.below(4) == 0 {
            grow(random, world, 1, hours).await;
        }
    }
    assert_eq!(
        got,
        world.oracle(filter, order, size),
        "{filter:?} {order:?} {limit}"
    );
}

#[tokio::test]
async fn a_list_gives_each_matching_record_once_whatever_is_written_meanwhile() {
    for (seed, buckets, records, hours) in [
        (1, 1, 400, 60),
        (2, 3, 400, 30),
        (3, 1, 300, 24 * 400),
        (4, 30, 200, 5),
    ] {
        let mut random = Random(seed);
        let mut world = world(&mut random, buckets, records, hours).await;
        for round in 0..24 {
            let filter = random.filter(round % 4, hours);
            let order = if random.below(2) == 0 {
                Order::Ascending
            } else {
                Order::Descending
            };
            let limit =
                [1, 2, 7, 50, 499][random.below(5) as usize].max(if round > 4 { 7 } else { 1 });
            check(&mut random, &mut world, &filter, order, limit, hours).await;
        }
    }
}

#[tokio::test]
async fn every_pair_of_filters_and_larger_sets_agree_with_the_oracle_on_10_000_records() {
    let mut random = Random(9);
    let mut world = world(&mut random, 2, 10_000, 24 * 30).await;
    let one = |at: u64| {
        let mut only = Filter::default();
        match at {
            0 => only.from = Some(Millis::new(START + 200 * HOUR)),
            1 => only.to = Some(Millis::new(START + 500 * HOUR)),
            2 => only.record_type = Some(RecordType::Decision),
            3 => only.outcome = Some("denied".into()),
            4 => only.risk_level = Some(RiskLevel::High),
            5 => only.actor = Some("a1".into()),
            6 => only.subject = Some("s1".into()),
            7 => only.system = Some("credit".into()),
            8 => only.model = Some("m1".into()),
            9 => only.provider = Some("p1".into()),
            _ => only.environment = Some("prod".into()),
        }
        only
    };
    for first in 0..11 {
        for second in first..11 {
            let (a, b) = (one(first), one(second));
            let filter = Filter {
                from: a.from.or(b.from),
                to: a.to.or(b.to),
                record_type: a.record_type.or(b.record_type),
                outcome: a.outcome.or(b.outcome),
                risk_level: a.risk_level.or(b.risk_level),
                actor: a.actor.or(b.actor),
                subject: a.subject.or(b.subject),
                system: a.system.or(b.system),
                model: a.model.or(b.model),
                provider: a.provider.or(b.provider),
                environment: a.environment.or(b.environment),
            };
            for order in [Order::Ascending, Order::Descending] {
                check(&mut random, &mut world, &filter, order, 497, 24 * 30).await;
            }
        }
    }
    for round in 0..60 {
        let filter = random.filter(3 + round % 4, 24 * 30);
        let order = [Order::Ascending, Order::Descending][random.below(2) as usize];
        let limit = [3, 97, 499][random.below(3) as usize];
        check(&mut random, &mut world, &filter, order, limit, 24 * 30).await;
    }
}

#[tokio::test]
async fn a_sparse_index_that_lags_may_lack_rows_and_says_so() {
    let mut random = Random(5);
    let mut world = world(&mut random, 1, 50, 10).await;
    world.cloud.rows.lag_indexes(usize::MAX);
    grow(&mut random, &mut world, 50, 10).await;
    let filter = Filter {
        actor: Some("a1".into()),
        ..Filter::default()
    };
    let all = world.oracle(&filter, Order::Descending, u64::MAX);
    let page = world.page(&filter, Order::Descending, 500, None).await;
    assert!(page.eventual);
    let got: Vec<RecordId> = page.rows.iter().map(|row| row.id).collect();
    assert!(got.len() < all.len() && got.iter().all(|id| all.contains(id)));
    world.cloud.rows.catch_up();
    let page = world.page(&filter, Order::Descending, 500, None).await;
    assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), all);
}

#[tokio::test]
async fn over_an_index_that_lags_pages_give_once_all_but_the_last_rows() {
    const LAG: usize = 40;
    let mut random = Random(8);
    for order in [Order::Ascending, Order::Descending] {
        let mut world = world(&mut random, 1, 300, 10).await;
        world.cloud.rows.lag_indexes(LAG);
        let filter = Filter {
            subject: Some("s1".into()),
            ..Filter::default()
        };
        // What the index showed when the list began must be there; what was below the size that
        // the first page pinned may be.
        let mut must: Option<Vec<RecordId>> = None;
        let (mut got, mut cursor, mut size) = (Vec::new(), None::<String>, None);
        loop {
            grow(&mut random, &mut world, 25, 10).await;
            must.get_or_insert_with(|| {
                let shown = world.written.len() - LAG;
                world.oracle(&filter, order, shown as u64)
            });
            let page = world.page(&filter, order, 3, cursor.as_deref()).await;
            assert!(page.eventual, "every answer says so");
            assert_eq!(*size.get_or_insert(page.size), page.size);
            got.extend(page.rows.iter().map(|row| row.id));
            match page.next {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        let may = world.oracle(&filter, order, size.expect("a page"));
        let must = must.expect("a page");
        assert!(must.len() > 10);
        assert!(must.iter().all(|id| got.contains(id)), "{order:?}");
        // In order, each once, and none that was written meanwhile.
        let allowed: Vec<RecordId> = may.into_iter().filter(|id| got.contains(id)).collect();
        assert_eq!(got, allowed, "{order:?}");
        world.cloud.rows.catch_up();
        let all = world.oracle(&filter, order, u64::MAX);
        let again = world.page(&filter, order, 500, None).await;
        assert_eq!(again.rows.iter().map(|row| row.id).collect::<Vec<_>>(), all);
    }
}

#[tokio::test]
async fn a_page_ends_where_its_rows_weigh_too_much() {
    let mut random = Random(6);
    let world = world(&mut random, 1, 20, 3).await;
    let filter = Filter::default();
    let limit = PageLimit {
        rows: 500,
        weight: 25,
        weigh: |_| 10,
    };
    let request = ListRequest {
        filter: &filter,
        order: Order::Ascending,
        limit,
        cursor: None,
    };
    let page = world
        .reader()
        .list(&world.config, &request)
        .await
        .expect("a page");
    assert_eq!((page.rows.len(), page.next.is_some()), (2, true));
    let limit = PageLimit {
        rows: 500,
        weight: 1,
        weigh: |_| 10,
    };
    let request = ListRequest {
        filter: &filter,
        order: Order::Ascending,
        limit,
        cursor: None,
    };
    let page = world
        .reader()
        .list(&world.config, &request)
        .await
        .expect("a page");
    assert_eq!(page.rows.len(), 1);
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let mut random = Random(7);
    let world = world(&mut random, 1, 20, 3).await;
    let filter = Filter::default();
    let cursor = world
        .page(&filter, Order::Ascending, 5, None)
        .await
        .next
        .expect("a cursor");
    let other = Filter {
        system: Some("credit".into()),
        ..Filter::default()
    };
    let limit = PageLimit {
        rows: 5,
        weight: usize::MAX,
        weigh: |_| 1,
    };
    for (filter, order, cursor) in [
        (&other, Order::Ascending, cursor.as_str()),
        (&filter, Order::Descending, cursor.as_str()),
        (&filter, Order::Ascending, "AAAA"),
        (&filter, Order::Ascending, ""),
    ] {
        let request = ListRequest {
            filter,
            order,
            limit,
            cursor: Some(cursor),
        };
        let error = world
            .reader()
            .list(&world.config, &request)
            .await
            .expect_err("refused");
        assert!(matches!(error, ListError::Cursor(_)));
    }
}

#[tokio::test]
async fn a_ledger_without_head_is_unavailable_and_never_empty() {
    let world = World::new(1);
    let filter = Filter::default();
    let limit = PageLimit {
        rows: 5,
        weight: usize::MAX,
        weigh: |_| 1,
    };
    let request = ListRequest {
        filter: &filter,
        order: Order::Ascending,
        limit,
        cursor: None,
    };
    match world
        .reader()
        .list(&world.config, &request)
        .await
        .expect_err("no HEAD")
    {
        ListError::Storage(error) => assert!(error.retryable()),
        ListError::Cursor(_) => panic!("no cursor was sent"),
    }
}
