use std::time::Duration;

use audit_record::LedgerName;
use audit_storage::config::{Lane, RetentionClass};
use audit_storage::rows::{self, Index};
use audit_storage::stores::{
    Condition, LaneQueue, Order, Outgoing, Postponed, Put, Query, RowStore, SegmentStore,
};
use audit_storage::{Clock, Item, Kind};
use audit_testkit::{Cloud, Gate};
use bytes::Bytes;
use sha2::{Digest, Sha256};

fn run<T>(future: impl Future<Output = T>) -> T {
    Gate::new().run(future).expect("nobody dies")
}

fn class() -> RetentionClass {
    "trial".parse().expect("a class")
}

fn put(cloud: &Cloud, body: &'static [u8]) -> Put {
    let (class, sha256) = (class(), Sha256::digest(body).into());
    let body = Bytes::from_static(body);
    run(cloud.segments.put_if_absent(&class, "k", body, sha256)).expect("answered")
}

fn ledger() -> LedgerName {
    LedgerName::new("acme", "credit").expect("a name")
}

fn item(sk: &str, bytes: usize) -> Item {
    Item::new()
        .with(rows::PK, "p")
        .with(rows::SK, sk)
        .with("x", "x".repeat(bytes))
}

#[test]
fn a_delete_marker_hides_an_object_and_lets_a_second_one_in() {
    let cloud = Cloud::new();
    assert!(matches!(put(&cloud, b"mine"), Put::Created(_)));
    assert_eq!(put(&cloud, b"other"), Put::AlreadyExists);
    cloud.segments.hide(&class(), "k");
    assert!(matches!(put(&cloud, b"other"), Put::Created(_)));
    let versions = run(cloud.segments.versions(&class(), "k")).expect("listed");
    let shape: Vec<(bool, bool)> = versions
        .iter()
        .map(|v| (v.delete_marker, v.latest))
        .collect();
    assert_eq!(shape, [(false, true), (true, false), (false, false)]);
    let oldest = run(cloud.segments.read(&class(), "k", &versions[2].id)).expect("read");
    assert_eq!(
        oldest,
        b"mine".as_slice(),
        "the hidden version is still there"
    );
}

#[test]
fn a_locked_version_can_be_deleted_only_after_its_retention() {
    let cloud = Cloud::new();
    let Put::Created(version) = put(&cloud, b"mine") else {
        panic!("created");
    };
    let delete = || cloud.segments.delete_version(&class(), "k", &version);
    assert_eq!(delete().expect_err("locked").kind(), Kind::Forbidden);
    cloud.clock.advance(Duration::from_hours(24));
    assert!(delete().is_ok());
}

#[test]
fn a_class_without_a_bucket_is_a_wrong_configuration() {
    let cloud = Cloud::new();
    let unknown = "gold".parse().expect("a class");
    let error = run(cloud.segments.versions(&unknown, "k")).expect_err("refused");
    assert_eq!(error.kind(), Kind::Internal);
}

#[test]
fn a_page_ends_at_1_mb_and_an_item_at_400_kb() {
    let cloud = Cloud::new();
    for at in 0..5 {
        assert!(run(cloud.rows.batch_put(vec![item(&at.to_string(), 300_000)])).is_ok());
    }
    let mut query = Query {
        index: None,
        partition: "p".to_owned(),
        between: None,
        order: Order::Ascending,
        limit: 100,
        after: None,
    };
    let first = run(RowStore::query(&cloud.rows, &query)).expect("read");
    assert_eq!(first.items.len(), 3);
    query.after = first.next;
    let second = run(RowStore::query(&cloud.rows, &query)).expect("read");
    assert_eq!((second.items.len(), second.next), (2, None));
    let error = run(cloud.rows.batch_put(vec![item("x", 410_000)])).expect_err("refused");
    assert_eq!(error.kind(), Kind::Invalid);
}

#[test]
fn empty_keys_and_doubled_keys_are_refused() {
    let cloud = Cloud::new();
    let no_index_key = item("a", 1).with(Index::ByActor.attribute(), "");
    for batch in [
        vec![item("", 1)],
        vec![no_index_key],
        vec![item("a", 1), item("a", 1)],
        Vec::new(),
        (0..26).map(|at| item(&at.to_string(), 1)).collect(),
    ] {
        let error = run(cloud.rows.batch_put(batch)).expect_err("refused");
        assert_eq!(error.kind(), Kind::Invalid);
    }
}

#[test]
fn unprocessed_items_come_back_once() {
    let cloud = Cloud::new();
    cloud.rows.leave_unprocessed(1);
    let items = vec![item("a", 1), item("b", 1)];
    let left = run(cloud.rows.batch_put(items)).expect("written");
    assert_eq!(left, [item("b", 1)]);
    assert!(run(cloud.rows.batch_put(left)).expect("written").is_empty());
}

#[test]
fn a_lagging_index_shows_what_was_there() {
    let cloud = Cloud::new();
    let indexed = |sk: &str| item(sk, 1).with(Index::ByActor.attribute(), "l#a");
    let query = Query {
        index: Some(Index::ByActor),
        partition: "l#a".to_owned(),
        between: None,
        order: Order::Descending,
        limit: 10,
        after: None,
    };
    let seen = || {
        run(RowStore::query(&cloud.rows, &query))
            .expect("read")
            .items
            .len()
    };
    assert!(run(cloud.rows.batch_put(vec![indexed("a")])).is_ok());
    cloud.rows.lag_indexes(usize::MAX);
    assert!(run(cloud.rows.batch_put(vec![indexed("b")])).is_ok());
    assert_eq!(seen(), 1);
    cloud.rows.catch_up();
    assert_eq!(seen(), 2);
}

#[test]
#[should_panic(expected = "HEAD goes from size 5 to 5")]
fn a_head_never_shrinks_or_stays() {
    let cloud = Cloud::new();
    let key = rows::head(&ledger());
    let head = |size: u64| {
        Item::new()
            .with(rows::PK, key.pk.as_str())
            .with(rows::SK, key.sk.as_str())
            .with("size", size)
    };
    let from = Condition::Equals {
        attribute: "size",
        value: 5u64.into(),
    };
    assert!(run(RowStore::put_if(&cloud.rows, head(5), Condition::Absent)).is_ok());
    drop(run(RowStore::put_if(&cloud.rows, head(5), from)));
}

#[test]
#[should_panic(expected = "was moved")]
fn a_record_row_never_moves_to_another_index() {
    let cloud = Cloud::new();
    let row = |index: u64| item("a", 1).with("i", index);
    assert!(run(cloud.rows.batch_put(vec![row(1)])).is_ok());
    drop(run(cloud.rows.batch_put(vec![row(2)])));
}

#[test]
fn units_are_counted_as_they_are_billed() {
    let cloud = Cloud::new();
    let gate = Gate::new();
    let process = cloud.process(&gate);
    let indexed = item("a", 1_100).with(Index::ByActor.attribute(), "l#a");
    let calls = async {
        drop(
            process
                .rows
                .batch_put(vec![indexed.clone(), item("b", 10)])
                .await,
        );
        drop(RowStore::get(&process.rows, &rows::RowKey::of(&indexed).expect("a key")).await);
        let entry = Outgoing {
            ledger: ledger(),
            body: "x".repeat(70_000),
        };
        drop(process.lanes.send(Lane(0), &[entry]).await);
    };
    assert_eq!(gate.run(calls), Some(()));
    let units: Vec<(&str, u64, u64)> = gate
        .bills()
        .into_iter()
        .map(|(operation, bill)| (operation, bill.requests, bill.units))
        .collect();
    assert_eq!(
        units,
        [
            ("dynamodb:BatchWriteItem", 1, 2 * 2 + 1),
            ("dynamodb:GetItem", 1, 2),
            ("sqs:SendMessageBatch", 1, 2),
        ]
    );
}

#[test]
fn a_message_comes_again_until_it_is_deleted_or_dead() {
    let cloud = Cloud::new();
    let lanes = cloud.lanes.clone().with_max_receives(3);
    let entry = Outgoing {
        ledger: ledger(),
        body: "x".to_owned(),
    };
    lanes.refuse_entries(&[1]);
    let sent = run(lanes.send(Lane(0), &[entry.clone(), entry])).expect("sent");
    assert_eq!(
        sent.iter().map(Result::is_ok).collect::<Vec<_>>(),
        [true, false]
    );
    let first = lanes.receive(Lane(0), 10);
    assert_eq!((first.len(), first[0].receive_count), (1, 1));
    assert!(lanes.receive(Lane(0), 10).is_empty(), "invisible");
    let postponed = Postponed {
        receipt: first[0].receipt.clone(),
        visibility_s: 60,
    };
    assert!(run(lanes.postpone(Lane(0), &[postponed])).is_ok());
    cloud.clock.advance(Duration::from_secs(31));
    assert!(lanes.receive(Lane(0), 10).is_empty(), "postponed");
    cloud.clock.advance(Duration::from_secs(30));
    let second = lanes.receive(Lane(0), 10);
    lanes.delete(Lane(0), &first[0].receipt);
    assert_eq!(lanes.len(Lane(0)), 1, "an old receipt deletes nothing");
    lanes.redeliver(Lane(0), &second[0].message_id);
    assert_eq!(lanes.receive(Lane(0), 10)[0].receive_count, 3);
    cloud.clock.advance(Duration::from_secs(31));
    assert!(lanes.receive(Lane(0), 10).is_empty());
    assert_eq!(
        (lanes.len(Lane(0)), lanes.dead_letters(Lane(0)).len()),
        (0, 1)
    );
}

#[test]
fn sleeping_moves_the_clock() {
    let cloud = Cloud::new();
    let before = cloud.clock.now().get();
    run(cloud.clock.sleep(Duration::from_millis(250)));
    assert_eq!(cloud.clock.now().get(), before + 250);
}
