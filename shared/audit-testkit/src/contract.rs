//! The contracts of the storage traits as suites: what they promise in words, checked on whatever
//! implements them.
//!
//! Each takes a ledger's name of its own, under which it finds nothing yet and leaves what it
//! wrote: on an emulator (or under Object Lock) nothing can be cleaned up. A broken promise is a
//! failed assertion.

use audit_record::{LedgerName, Millis, RecordId};
use audit_storage::config::{Lane, RetentionClass};
use audit_storage::rows::{self, Index, RowKey};
use audit_storage::stores::{
    BATCH_GET_KEYS, BATCH_PUT_ITEMS, Condition, KeyStore, KeyWrapper, LaneQueue, ListFrom, Order,
    Outgoing, Put, QuarantineStore, Query, RowStore, SegmentStore, StagingStore, VersionId,
    Written,
};
use audit_storage::{Item, Kind, keys};
use bytes::Bytes;
use sha2::{Digest, Sha256};

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Write-once objects: one writer wins, versions are read back whole and in part, listings show
/// them in order and go on where they stopped.
pub async fn segment_store(store: &impl SegmentStore, class: &RetentionClass, ledger: &LedgerName) {
    let body = |start: u64| Bytes::from(format!("segment {start} of {ledger}"));
    let mut versions = Vec::new();
    for start in [0, 7, 12] {
        let key = keys::segment(ledger, start);
        assert!(
            store
                .versions(class, &key)
                .await
                .expect("listed")
                .is_empty()
        );
        let put = store.put_if_absent(class, &key, body(start), sha256(&body(start)));
        let Ok(Put::Created(version)) = put.await else {
            assert!(false_promise("the first PUT of a key succeeds"));
            return;
        };
        let other = Bytes::from_static(b"other");
        let again = store
            .put_if_absent(class, &key, other.clone(), sha256(&other))
            .await;
        assert_eq!(again.expect("answered"), Put::AlreadyExists);
        let listed = store.versions(class, &key).await.expect("listed");
        assert_eq!(listed.len(), 1, "a refused PUT leaves no version");
        assert!(listed[0].id == version && listed[0].latest && !listed[0].delete_marker);
        assert_eq!(
            store.read(class, &key, &version).await.expect("read"),
            body(start)
        );
        versions.push(version);
    }
    segment_listing(store, class, ledger).await;
    let key = keys::segment(ledger, 7);
    let part = store.read_range(class, &key, &versions[1], 8, 3).await;
    assert_eq!(part.expect("read"), body(7).slice(8..11));
    let beyond = store.read_range(class, &key, &versions[1], 8, 1_000).await;
    assert_eq!(beyond.expect_err("refused").kind(), Kind::Corrupt);
    let unknown = VersionId("3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY".to_owned());
    let unknown = store.read(class, &key, &unknown).await;
    assert!(matches!(
        unknown.expect_err("refused").kind(),
        Kind::NotFound | Kind::Invalid
    ));
    let key = keys::segment(ledger, 99);
    let wrong = store.put_if_absent(class, &key, body(99), [0; 32]).await;
    assert!(
        wrong.is_err(),
        "bytes that don't match their checksum are refused"
    );
    assert!(
        store
            .versions(class, &key)
            .await
            .expect("listed")
            .is_empty()
    );
}

async fn segment_listing(store: &impl SegmentStore, class: &RetentionClass, ledger: &LedgerName) {
    let prefix = keys::segments(ledger);
    let mut from: Option<ListFrom> = None;
    let mut starts = Vec::new();
    loop {
        let page = store
            .list_versions(class, &prefix, from.as_ref(), 1)
            .await
            .expect("listed");
        assert!(page.versions.len() <= 1);
        starts.extend(
            page.versions
                .iter()
                .map(|version| keys::segment_start(ledger, &version.key)),
        );
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    assert_eq!(starts, [Some(0), Some(7), Some(12)]);
    // A probe between two keys, neither of which it names.
    let probe = ListFrom {
        key: keys::segment(ledger, 5),
        version: None,
    };
    let page = store
        .list_versions(class, &prefix, Some(&probe), 1000)
        .await
        .expect("listed");
    assert_eq!(page.versions.len(), 2);
}

/// Spelled as a function, so that a broken promise names itself in the assertion.
fn false_promise(_promise: &str) -> bool {
    false
}

/// Derived rows: batches, conditions, queries by range, order and index.
pub async fn row_store(store: &impl RowStore, ledger: &LedgerName) {
    batches(store, ledger).await;
    conditions(store, ledger).await;
    queries(store, ledger).await;
}

fn id(number: u8) -> RecordId {
    RecordId::mint(
        Millis::new(1_767_225_600_000 + u64::from(number)),
        [number; 10],
    )
}

fn row(ledger: &LedgerName, number: u8) -> Item {
    let key = rows::record(ledger, &id(number), 1);
    let mut item = Item::new()
        .with(rows::PK, key.pk)
        .with(rows::SK, key.sk)
        .with("i", u64::from(number))
        .with("h", [number; 32])
        .with("flag", true);
    if number.is_multiple_of(2) {
        item.set(
            Index::ByActor.attribute(),
            rows::index_value(ledger, "even"),
        );
    }
    item
}

async fn batches(store: &impl RowStore, ledger: &LedgerName) {
    let items: Vec<Item> = (0..30).map(|number| row(ledger, number)).collect();
    for chunk in items.chunks(BATCH_PUT_ITEMS) {
        let mut left = chunk.to_vec();
        while !left.is_empty() {
            left = store.batch_put(left).await.expect("written");
        }
    }
    let mut wanted: Vec<RowKey> = (0..40).map(|n| rows::record(ledger, &id(n), 1)).collect();
    let mut found = Vec::new();
    while !wanted.is_empty() {
        let got = store.batch_get(&wanted).await.expect("read");
        found.extend(got.found);
        wanted = got.unprocessed;
    }
    found.sort_by_key(|item| item.number("i").ok());
    assert_eq!(
        found, items,
        "rows come back as they were written, absent ones in neither list"
    );
    let many: Vec<RowKey> = (0..=BATCH_GET_KEYS as u64)
        .map(|n| rows::head(&LedgerName::new(ledger.tenant(), &format!("x{n}")).expect("a name")))
        .collect();
    assert!(
        store.batch_get(&many).await.is_err(),
        "101 keys are refused"
    );
}

async fn conditions(store: &impl RowStore, ledger: &LedgerName) {
    let key = rows::head(ledger);
    let head = |size: u64| {
        Item::new()
            .with(rows::PK, key.pk.as_str())
            .with(rows::SK, key.sk.as_str())
            .with("size", size)
    };
    let from = |size: u64| Condition::Equals {
        attribute: "size",
        value: size.into(),
    };
    assert_eq!(store.get(&key).await.expect("read"), None);
    for (item, condition, expected) in [
        (head(5), from(1), Written::ConditionFailed),
        (head(1), Condition::Absent, Written::Done),
        (head(2), Condition::Absent, Written::ConditionFailed),
        (head(5), from(1), Written::Done),
        (head(6), from(1), Written::ConditionFailed),
    ] {
        let written = store
            .put_if(item, condition.clone())
            .await
            .expect("answered");
        assert_eq!(written, expected, "{condition:?}");
    }
    assert_eq!(store.get(&key).await.expect("read"), Some(head(5)));
}

async fn queries(store: &impl RowStore, ledger: &LedgerName) {
    let partition = rows::record(ledger, &id(0), 1).pk;
    let text = |number: u8| id(number).to_string();
    let numbers = |items: &[Item]| -> Vec<u64> {
        items
            .iter()
            .filter_map(|item| item.number("i").ok())
            .collect()
    };
    for (order, expected) in [
        (Order::Ascending, (3..=11).collect::<Vec<u64>>()),
        (Order::Descending, (3..=11).rev().collect()),
    ] {
        let mut query = Query {
            index: None,
            partition: partition.clone(),
            between: Some((text(3), text(11))),
            order,
            limit: 4,
            after: None,
        };
        let mut all = Vec::new();
        loop {
            let page = store.query(&query).await.expect("read");
            assert!(page.items.len() <= 4);
            all.extend(numbers(&page.items));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(all, expected, "{order:?}");
    }
    let query = Query {
        index: Some(Index::ByActor),
        partition: rows::index_value(ledger, "even"),
        between: None,
        order: Order::Ascending,
        limit: 100,
        after: Some(rows::record(ledger, &id(3), 1)),
    };
    let page = store.query(&query).await.expect("read");
    assert_eq!(
        numbers(&page.items),
        (4..30).step_by(2).collect::<Vec<u64>>()
    );
}

/// The `keys` table: conditional writes that a consistent read sees at once.
pub async fn key_store(store: &impl KeyStore, ledger: &LedgerName) {
    use audit_storage::config::{ScopeKey, ScopeKeyState};
    use audit_storage::key_table;
    let key = |number: u8| ScopeKey {
        ledger: ledger.clone(),
        scope: "s#person 7".to_owned(),
        key_id: [number; 16],
        state: ScopeKeyState::Live {
            wrapped: vec![number; 72],
            epoch: [9; 16],
        },
    };
    let read = || key_table::scope_keys(store, ledger, "s#person 7");
    assert!(read().await.expect("read").is_empty());
    for number in [1, 2] {
        let created = key_table::create_scope_key(store, &key(number)).await;
        assert_eq!(created.expect("written"), Written::Done);
    }
    let again = key_table::create_scope_key(store, &key(1)).await;
    assert_eq!(again.expect("answered"), Written::ConditionFailed);
    assert_eq!(read().await.expect("read"), [key(1), key(2)]);
    let tombstone = ScopeKey {
        state: ScopeKeyState::Erased { at: Millis::new(5) },
        ..key(1)
    };
    let erased = key_table::erase_scope_key(store, &tombstone).await;
    assert_eq!(erased.expect("written"), Written::Done);
    let found = key_table::scope_key(store, ledger, &[1; 16]).await;
    assert_eq!(found.expect("read"), Some(tombstone));
    let never = key_table::scope_key(store, ledger, &[3; 16]).await;
    assert_eq!(never.expect("read"), None);
}

/// The key service: what it wrapped for a ledger opens for that ledger alone.
pub async fn key_wrapper(wrapper: &impl KeyWrapper, ledger: &LedgerName, other: &LedgerName) {
    wrapper.probe().await.expect("the key is there");
    let key = wrapper.generate(ledger).await.expect("made");
    let opened = wrapper
        .unwrap(ledger, &key.kms_key, &key.wrapped)
        .await
        .expect("opened");
    assert!(*opened == *key.plaintext, "a key opens to itself");
    let second = wrapper.generate(ledger).await.expect("made");
    assert!(*second.plaintext != *key.plaintext, "each key is fresh");
    let refused = wrapper.unwrap(other, &key.kms_key, &key.wrapped).await;
    assert_eq!(refused.expect_err("refused").kind(), Kind::Corrupt);
    let mut damaged = key.wrapped.clone();
    // In the middle: the emulator reads over the key id that its wrapped keys begin with.
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    let refused = wrapper.unwrap(ledger, &key.kms_key, &damaged).await;
    assert_eq!(refused.expect_err("refused").kind(), Kind::Corrupt);
}

/// Staging: what was put is read, and putting it again changes nothing.
pub async fn staging_store(store: &impl StagingStore, ledger: &LedgerName) {
    let body = Bytes::from(format!("records of {ledger}"));
    let key = keys::staging(ledger, &sha256(&body));
    assert_eq!(store.get(&key).await.expect("read"), None);
    for _ in 0..2 {
        store.put(&key, body.clone()).await.expect("written");
    }
    assert_eq!(store.get(&key).await.expect("read"), Some(body));
}

/// Quarantine: the first object of a key stays.
pub async fn quarantine_store(store: &impl QuarantineStore, ledger: &LedgerName) {
    let key = keys::quarantine(Some(ledger), "message-1");
    assert_eq!(store.get(&key).await.expect("read"), None);
    let first = Bytes::from_static(b"first");
    let put = store
        .put_if_absent(&key, first.clone())
        .await
        .expect("written");
    assert!(matches!(put, Put::Created(_)));
    let again = store
        .put_if_absent(&key, Bytes::from_static(b"second"))
        .await;
    assert_eq!(again.expect("answered"), Put::AlreadyExists);
    assert_eq!(store.get(&key).await.expect("read"), Some(first));
}

/// A lane: a batch is answered entry by entry, and one that is too large not at all.
pub async fn lane_queue(queue: &impl LaneQueue, lane: Lane, ledger: &LedgerName) {
    let entry = |bytes: usize| Outgoing {
        ledger: ledger.clone(),
        body: "a".repeat(bytes),
    };
    let ten: Vec<Outgoing> = (1..=10).map(entry).collect();
    let sent = queue.send(lane, &ten).await.expect("sent");
    assert!(sent.len() == 10 && sent.iter().all(Result::is_ok));
    let eleven: Vec<Outgoing> = (1..=11).map(entry).collect();
    assert!(
        queue.send(lane, &eleven).await.is_err(),
        "11 entries are refused"
    );
    let large = [entry(150_000), entry(150_000)];
    assert!(
        queue.send(lane, &large).await.is_err(),
        "a batch has at most 256 KiB"
    );
}
