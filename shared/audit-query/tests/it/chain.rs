//! Every chain against a brute-force oracle.

use std::collections::BTreeSet;

use audit_query::{Chain, ChainRequest, ListError, PageLimit};
use audit_record::json::Value;
use audit_record::{Millis, RecordId};
use audit_storage::record_row::RecordRow;
use audit_testkit::{Gate, Random};

use crate::fixture::{Said, World};

/// 2026-01-01.
const START: u64 = 1_767_225_600_000;

fn id(number: u64) -> RecordId {
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&number.to_be_bytes());
    RecordId::mint(Millis::new(START + number * 1_000), tail)
}

/// A record that says its decision, trace and parent.
fn record(number: u64, ids: [Option<String>; 3]) -> (RecordId, &'static str, Said) {
    let mut said = Said::default();
    let pointers = ["/decision_id", "/trace_id", "/parent_id"];
    for (pointer, id) in pointers.into_iter().zip(ids) {
        if let Some(id) = id {
            said.0.insert(pointer, Value::from(id));
        }
    }
    (id(number), "record", said)
}

/// Ids are other records', words that several share, or nothing.
fn random(random: &mut Random, number: u64) -> (RecordId, &'static str, Said) {
    let other = |random: &mut Random| {
        let among = u64::try_from(random.below(120)).unwrap_or_default();
        id(among).to_string()
    };
    let mut any = |word: &str| match random.below(5) {
        0 => Some(other(random)),
        1 => Some(format!("{word}-{}", random.below(6))),
        _ => None,
    };
    let ids = [any("d"), any("t"), any("p")];
    record(number, ids)
}

async fn world() -> World {
    let mut world = World::new(2);
    let genesis = RecordId::own(Millis::new(START), [9; 10]);
    world.commit(&[(genesis, "genesis", Said::default())]).await;
    world
}

async fn page(world: &World, id: RecordId, rows: usize, cursor: Option<&str>) -> Option<Chain> {
    let limit = PageLimit {
        rows,
        weight: usize::MAX,
        weigh: |_| 1,
    };
    let request = ChainRequest { id, limit, cursor };
    let answer = world.reader().chain(&world.config, &request).await;
    answer.expect("an answer")
}

/// The chain, told a second time and straight.
fn oracle(world: &World, id: RecordId, size: u64) -> Vec<RecordId> {
    let row = world
        .written
        .iter()
        .find(|row| row.id == id)
        .expect("a row");
    let ids = |row: &RecordRow| {
        let members = &row.members;
        let all = [&members.decision_id, &members.trace_id, &members.parent_id];
        all.map(Clone::clone)
            .into_iter()
            .flatten()
            .collect::<Vec<String>>()
    };
    let mut names: BTreeSet<String> = ids(row).into_iter().collect();
    let named: BTreeSet<String> = names.clone();
    names.insert(id.to_string());
    let mut found: Vec<RecordId> = world
        .written
        .iter()
        .filter(|other| other.is_record() && other.position.index < size)
        .filter(|other| {
            other.id == id
                || named.contains(&other.id.to_string())
                || ids(other)
                    .first()
                    .is_some_and(|first| names.contains(first))
        })
        .map(|other| other.id)
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_chain_is_what_a_record_names_and_what_names_it_each_once() {
    let mut drawn = Random::new(11);
    let mut world = world().await;
    let records: Vec<_> = (0..120).map(|number| random(&mut drawn, number)).collect();
    for segment in records.chunks(30) {
        world.commit(segment).await;
    }
    let (mut late, mut longest) = (1_000, 0);
    for number in 0..120 {
        for rows in [1, 3, 200] {
            let size = world.written.len() as u64;
            let (mut got, mut cursor) = (Vec::new(), None::<String>);
            loop {
                let chain = page(&world, id(number), rows, cursor.as_deref())
                    .await
                    .expect("a chain");
                assert_eq!(chain.size, size);
                assert!(chain.rows.len() <= rows);
                got.extend(chain.rows.iter().map(|row| row.id));
                let Some(next) = chain.next else { break };
                assert_ne!(Some(&next), cursor.as_ref(), "a cursor that gets nowhere");
                cursor = Some(next);
                if drawn.below(9) == 0 {
                    late += 1;
                    world.commit(&[random(&mut drawn, late)]).await;
                }
            }
            longest = longest.max(got.len());
            assert_eq!(got, oracle(&world, id(number), size), "{number} by {rows}");
        }
    }
    assert!(longest > 5, "{longest}");
}

#[tokio::test]
async fn a_review_is_found_from_its_decision_and_the_decision_from_its_review() {
    let mut world = world().await;
    let decision = id(1).to_string();
    world
        .commit(&[
            record(1, [None, Some("trace".to_owned()), None]),
            record(2, [Some(decision.clone()), None, None]),
            record(3, [None, Some("trace".to_owned()), Some(decision)]),
            record(4, [None, Some("another".to_owned()), None]),
        ])
        .await;
    let chain = async |number| {
        let chain = page(&world, id(number), 200, None).await.expect("a chain");
        chain.rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(chain(1).await, [id(1), id(2), id(3)]);
    assert_eq!(chain(2).await, [id(1), id(2)]);
    assert_eq!(chain(3).await, [id(1), id(2), id(3)]);
    assert_eq!(chain(4).await, [id(4)]);
}

#[tokio::test]
async fn what_is_no_record_has_no_chain() {
    let world = world().await;
    assert!(page(&world, id(1), 200, None).await.is_none());
    let genesis = RecordId::own(Millis::new(START), [9; 10]);
    assert!(page(&world, genesis, 200, None).await.is_none());
}

#[tokio::test]
async fn a_cursor_of_another_chain_or_list_is_refused() {
    let mut world = world().await;
    let trace = || [None, Some("trace".to_owned()), None];
    world
        .commit(&[record(1, trace()), record(2, trace())])
        .await;
    let chain = page(&world, id(1), 1, None).await.expect("a chain");
    let list = world
        .page(
            &audit_query::Filter::default(),
            audit_storage::stores::Order::Ascending,
            1,
            None,
        )
        .await;
    let cursor = chain.next.expect("a cursor");
    for (of, cursor) in [
        (2, cursor.as_str()),
        (1, "AAAA"),
        (1, list.next.as_deref().expect("a cursor")),
    ] {
        let limit = PageLimit {
            rows: 1,
            weight: usize::MAX,
            weigh: |_| 1,
        };
        let request = ChainRequest {
            id: id(of),
            limit,
            cursor: Some(cursor),
        };
        let answer = world.reader().chain(&world.config, &request).await;
        assert!(matches!(answer, Err(ListError::Cursor(_))), "{of} {cursor}");
    }
}

#[tokio::test]
async fn a_chain_costs_a_query_for_each_id_and_a_read_for_each_record_named() {
    let mut world = world().await;
    let named = id(1).to_string();
    world
        .commit(&[
            record(1, [None, None, None]),
            record(2, [None, Some("trace".to_owned()), Some(named)]),
        ])
        .await;
    let limit = PageLimit {
        rows: 200,
        weight: usize::MAX,
        weigh: |_| 1,
    };
    // The row and HEAD, a query for each id that the record has, its own among them, and a read of
    // the record that it names.
    for (number, reads, queries) in [(1, 2, 1), (2, 3, 3)] {
        let gate = Gate::new();
        let request = ChainRequest {
            id: id(number),
            limit,
            cursor: None,
        };
        let answer = world
            .reader_through(&gate)
            .chain(&world.config, &request)
            .await;
        answer.expect("an answer").expect("a chain");
        let calls = gate.calls();
        let count = |operation| {
            calls
                .iter()
                .filter(|call| call.operation == operation)
                .count()
        };
        let counted = (
            count("dynamodb:GetItem"),
            count("dynamodb:Query"),
            calls.len(),
        );
        assert_eq!(counted, (reads, queries, reads + queries));
    }
}
