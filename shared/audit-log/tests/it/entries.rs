//! Entries: strict for what is known, tolerant of what is to come.

use audit_log::{BodyRef, Entry, Hash, InvalidEntry, KeyId, Kind, Leaf, ProducerRef};
use audit_record::{Millis, RecordId};

use crate::sample::{AT, RECORD, entry, ledger, seal};

fn own(kind: Kind) -> Entry {
    let has_body = matches!(kind, Kind::Genesis { .. } | Kind::KeyEpoch);
    Entry {
        id: RecordId::own(AT, [7; 10]),
        ledger: ledger(),
        received_at: AT,
        body: has_body.then(|| BodyRef::of(b"body")),
        content: None,
        producer: None,
        kind,
    }
}

fn kinds() -> Vec<Kind> {
    vec![
        Kind::Genesis {
            origin: "d/demo/credit".into(),
            retention_class: "7y".into(),
            buckets: 4,
        },
        Kind::KeyEpoch,
        Kind::Rejected {
            digest: Hash::from_bytes([1; 32]),
            reason: "a \"reason\"".into(),
        },
        Kind::Erasure {
            key_ids: vec![KeyId::from_bytes([1; 16]); 3],
            request: "r".into(),
        },
        Kind::Erasure {
            key_ids: vec![],
            request: String::new(),
        },
        Kind::LegalHold {
            scopes_digest: Hash::from_bytes([1; 32]),
            request: "r".into(),
            until: Some(AT),
        },
        Kind::LegalHold {
            scopes_digest: Hash::from_bytes([1; 32]),
            request: "r".into(),
            until: None,
        },
        Kind::Seal {
            time: AT.start_of_hour(),
        },
        Kind::Format { format: 2 },
    ]
}

#[test]
fn each_kind_comes_back_as_written_in_canonical_form() {
    let mut entries: Vec<_> = kinds().into_iter().map(own).collect();
    let record = entry(&seal(RECORD).entry);
    let ref_id = record.id;
    entries.push(Entry {
        producer: None,
        ..record.clone()
    });
    entries.push(Entry {
        producer: Some(ProducerRef {
            id: None,
            seq: Some(1),
        }),
        ..record.clone()
    });
    entries.push(Entry {
        kind: Kind::Conflict {
            ref_id,
            ref_index: 7,
        },
        ..record.clone()
    });
    entries.push(record);
    for entry in entries {
        let bytes = entry.to_vec().unwrap();
        let value = audit_record::json::parse(&bytes).unwrap();
        assert_eq!(audit_log::canonical::to_vec(&value), bytes);
        assert_eq!(Entry::read(&bytes), Ok(Leaf::Known(Box::new(entry))));
    }
}

#[test]
fn a_known_kind_is_exactly_its_members() {
    let text = String::from_utf8(own(Kind::KeyEpoch).to_vec().unwrap()).unwrap();
    for (from, to, error) in [
        ("{\"body\"", "{ \"body\"", InvalidEntry::NotCanonical),
        ("\"v\":1", "\"v\":1.0", InvalidEntry::NotCanonical),
        ("\"v\":1", "\"v\":1,\"w\":2", InvalidEntry::NotCanonical),
        (
            "\"kind\"",
            "\"content\":\"x\",\"kind\"",
            InvalidEntry::NotCanonical,
        ),
        ("\"len\":4", "\"len\":\"4\"", InvalidEntry::Member("len")),
        ("demo/credit", "demo", InvalidEntry::Member("ledger")),
        (".000Z", "Z", InvalidEntry::Member("received_at")),
        ("\"v\":1", "\"x\":1", InvalidEntry::Member("v")),
        ("{\"body\"", "[{\"body\"", InvalidEntry::Json),
        (
            "\"key_epoch\"",
            "\"record\"",
            InvalidEntry::Member("content"),
        ),
        (
            "\"key_epoch\"",
            "\"genesis\"",
            InvalidEntry::Member("origin"),
        ),
        ("\"id\"", "\"body\":1,\"id\"", InvalidEntry::Json),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        assert_eq!(Entry::read(changed.as_bytes()), Err(error), "{from} {to}");
    }
}

#[test]
fn later_versions_and_unknown_kinds_are_kept() {
    let text = String::from_utf8(own(Kind::KeyEpoch).to_vec().unwrap()).unwrap();
    let id = Some(RecordId::own(AT, [7; 10]));
    for (from, to, v, kind) in [
        ("\"v\":1", "\"v\":2", 2, Some("key_epoch")),
        ("key_epoch", "notary", 1, Some("notary")),
        ("\"kind\":\"key_epoch\"", "\"new\" : {}", 1, None),
        (
            "{\"body\":{",
            "{\"zz\":[],\"body\":{\"extra\":1,",
            1,
            Some("key_epoch"),
        ),
    ] {
        let changed = text.replacen(from, to, 1);
        let read = Entry::read(changed.as_bytes());
        if kind == Some("key_epoch") && v == 1 {
            assert_eq!(read, Err(InvalidEntry::NotCanonical));
        } else {
            let kind = kind.map(str::to_owned);
            assert_eq!(read, Ok(Leaf::Unknown { v, kind, id }));
        }
    }
}

#[test]
fn an_entry_ends_at_four_kibibytes() {
    let erasure = |count| {
        own(Kind::Erasure {
            key_ids: vec![KeyId::from_bytes([1; 16]); count],
            request: "r".into(),
        })
    };
    assert!(erasure(150).to_vec().is_ok());
    assert_eq!(erasure(200).to_vec(), Err(InvalidEntry::TooLong));
    let fits = erasure(150).to_vec().unwrap();
    let long = String::from_utf8(fits).unwrap().replace(
        "\"request\":\"r\"",
        &format!("\"request\":\"{}\"", "r".repeat(4096)),
    );
    assert_eq!(Entry::read(long.as_bytes()), Err(InvalidEntry::TooLong));
    assert!(
        Entry {
            received_at: Millis::MAX,
            ..own(Kind::KeyEpoch)
        }
        .to_vec()
        .is_ok()
    );
}

#[test]
fn every_changed_bit_of_an_entry_changes_its_leaf_hash() {
    let bytes = seal(RECORD).entry;
    let leaf = audit_log::tree::leaf_hash(&bytes);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(audit_log::tree::leaf_hash(&changed), leaf);
    }
}
