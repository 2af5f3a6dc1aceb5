use audit_log::{Entry, KeyId, Leaf, LedgerKey, ScopeKey, SealedRecord, segment};
use audit_record::json::Value;
use audit_record::{LedgerName, Record};
use audit_storage::message::{MAX_UNPACKED_BYTES, Message, unpack};
use audit_testkit::measure::{Scale, check};

use crate::figures::{bare, figures};
use crate::world::{LEDGER, World};

#[test]
fn the_bench_prints_its_figures() {
    check("writer", &figures(Scale::Tiny), &["writer.allocations"]);
}

#[test]
fn the_bare_loop_s_items_open_to_the_records_that_were_sent() {
    let world = World::new(1);
    let body = world.messages[0].body.clone();
    let Ok(Message::Records(sent)) = unpack(&body, MAX_UNPACKED_BYTES) else {
        panic!("a message of records");
    };
    let mut bare = bare();
    bare.run(&[body]);
    let ledger_key = LedgerKey::new(KeyId::from_bytes([1; 16]), [2; 32]);
    let scope_key = ScopeKey::new(KeyId::from_bytes([3; 16]), [4; 32]);
    let mut reader = audit_log::cbor::Reader::new(&bare.items);
    for raw in sent.iter() {
        let start = reader.position();
        reader.skip().expect("an item");
        let item = &bare.items[start..reader.position()];
        let (entry, body) = segment::item(item).expect("an item");
        let Ok(Leaf::Known(entry)) = Entry::read(entry) else {
            panic!("an entry");
        };
        assert_eq!(entry.ledger, LEDGER.parse::<LedgerName>().expect("a name"));
        let sealed = SealedRecord::check(&entry, body).expect("sealed");
        let opened = sealed
            .open(Some(&ledger_key), Some(&scope_key))
            .expect("opened");
        let record = Record::parse(raw).expect("a record");
        assert_eq!(
            audit_log::canonical::to_vec(&Value::Object(opened.to_object())),
            audit_log::canonical::to_vec(&Value::Object(record.members().clone()))
        );
    }
    assert!(reader.is_at_end());
}
