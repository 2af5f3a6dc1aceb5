//! Sealing and opening: round trips, every changed bit refused, every check of a reader.

use audit_log::{
    Body, BodyRef, Entry, Hash, KeyId, Kind, LedgerKey, Mismatch, ProducerRef, ScopeKey, SealError,
    SealedRecord, canonical, disclosure, own_id,
};
use audit_record::json::{Value, parse};
use audit_record::{Fields, LedgerName, Part, Record, RecordId};
use proptest::prelude::*;

use crate::sample::{RECORD, entry, ledger_key, scope_key, seal, seal_as};

fn open(entry: &Entry, body: &[u8]) -> Result<Vec<u8>, Mismatch> {
    let opened = SealedRecord::check(entry, body)?.open(Some(&ledger_key()), Some(&scope_key()))?;
    Ok(canonical::to_vec(&Value::Object(opened.to_object())))
}

/// The entry with its body and content named anew, so that later checks are reached.
fn renamed(entry: &Entry, body: &[u8]) -> Entry {
    let parts = Body::read(body).map(|body| body.parts).unwrap_or_default();
    let hashes: Vec<_> = parts.iter().map(|part| part.part_content).collect();
    Entry {
        body: Some(BodyRef::of(body)),
        content: Some(disclosure::content(&hashes)),
        ..entry.clone()
    }
}

#[test]
fn what_is_sealed_opens_to_what_was_sent() {
    let sealed = seal(RECORD);
    let read = entry(&sealed.entry);
    let canonical_form = canonical::to_vec(&parse(RECORD.as_bytes()).unwrap());
    assert_eq!(open(&read, &sealed.body), Ok(canonical_form));
    assert_eq!(read.to_vec().unwrap(), sealed.entry);
    assert_eq!(read.content, Some(sealed.content));
    assert_eq!(
        read.producer,
        Some(ProducerRef {
            id: Some("p-1".into()),
            seq: Some(3)
        })
    );
    let body = Body::read(&sealed.body).unwrap();
    let mut again = Vec::new();
    body.write(&mut again);
    assert_eq!(again, sealed.body);
    for part in body.parts {
        assert_eq!(part.ciphertext.len(), 256 + 16);
    }
}

#[test]
fn facts_open_without_the_scope_key() {
    let sealed = seal(RECORD);
    let entry = entry(&sealed.entry);
    let sealed = SealedRecord::check(&entry, &sealed.body).unwrap();
    let facts = sealed.open(Some(&ledger_key()), None).unwrap();
    assert_eq!(
        (facts.outcome(), facts.subject_id(), facts.parts().len()),
        (Some("denied"), None, 1)
    );
    let whole = sealed
        .open(Some(&ledger_key()), Some(&scope_key()))
        .unwrap();
    assert_eq!(
        (whole.subject_id(), whole.facts().subject_id()),
        (Some("s-1"), None)
    );
    assert_eq!(whole.facts().model(), Some("m"));
    assert!(whole.part_salt(Part::Content).is_some() && facts.part_salt(Part::Content).is_none());
    let content = sealed.open(None, Some(&scope_key())).unwrap();
    assert_eq!(
        (content.subject_id(), content.outcome()),
        (Some("s-1"), None)
    );
    assert_eq!(
        (sealed.ledger_key_id(), sealed.scope_key_id()),
        (ledger_key().id(), Some(scope_key().id()))
    );
}

#[test]
fn every_changed_bit_of_a_body_is_refused() {
    let sealed = seal(RECORD);
    let entry = entry(&sealed.entry);
    for bit in 0..sealed.body.len() * 8 {
        let mut body = sealed.body.clone();
        body[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(open(&entry, &body), Err(Mismatch::Body), "bit {bit}");
        // Even by one who can write entries: the seal itself refuses it.
        assert!(open(&renamed(&entry, &body), &body).is_err(), "bit {bit}");
    }
}

#[test]
fn a_part_opens_in_its_own_place_only() {
    let sealed = seal(RECORD);
    let read = entry(&sealed.entry);
    let seal_error = |part| Err(Mismatch::Seal(part, SealError::WrongKey));
    let other = Entry {
        ledger: LedgerName::parse("demo/hiring").unwrap(),
        ..read.clone()
    };
    assert_eq!(open(&other, &sealed.body), seal_error(0));
    let id = RecordId::parse("019390f7-0c00-7abc-8def-0123456789ac").unwrap();
    assert_eq!(
        open(&Entry { id, ..read.clone() }, &sealed.body),
        seal_error(0)
    );
    let checked = SealedRecord::check(&read, &sealed.body).unwrap();
    let wrong = LedgerKey::new(ledger_key().id(), [9; 32]);
    assert_eq!(
        checked.open(Some(&wrong), None).err(),
        Some(Mismatch::Seal(0, SealError::WrongKey))
    );
    let wrong = ScopeKey::new(KeyId::from_bytes([9; 16]), [4; 32]);
    assert_eq!(
        checked.open(None, Some(&wrong)).err(),
        Some(Mismatch::KeyId)
    );

    let mut swapped = Body::read(&sealed.body).unwrap();
    swapped.parts.swap(0, 1);
    let mut body = Vec::new();
    swapped.write(&mut body);
    assert_eq!(open(&read, &body), Err(Mismatch::Body));
    assert_eq!(open(&renamed(&read, &body), &body), Err(Mismatch::KeyId));
}

#[test]
fn an_entry_that_says_something_else_is_refused() {
    let sealed = seal(RECORD);
    let read = entry(&sealed.entry);
    let body = &sealed.body;
    let other_content = Entry {
        content: Some(Hash::from_bytes([0; 32])),
        ..read.clone()
    };
    assert_eq!(open(&other_content, body), Err(Mismatch::Content));
    let producers = [
        None,
        Some(ProducerRef {
            id: Some("p-1".into()),
            seq: Some(4),
        }),
        Some(ProducerRef {
            id: Some("p-1".into()),
            seq: None,
        }),
        Some(ProducerRef {
            id: None,
            seq: Some(3),
        }),
    ];
    for producer in producers {
        assert_eq!(
            open(
                &Entry {
                    producer,
                    ..read.clone()
                },
                body
            ),
            Err(Mismatch::Producer)
        );
    }
    assert_eq!(
        open(
            &Entry {
                kind: Kind::KeyEpoch,
                ..read
            },
            body
        ),
        Err(Mismatch::Kind)
    );
}

#[test]
fn a_conflict_names_the_id_of_both() {
    let record = Record::parse(RECORD.as_bytes()).unwrap();
    let ref_id = record.id().unwrap();
    let salt = audit_log::PartSalt::new([7; 32]);
    let own = own_id::conflict(ref_id, &salt, b"other");
    let kind = Kind::Conflict {
        ref_id,
        ref_index: 9,
    };
    let sealed = seal_as(RECORD, kind, Some(own));
    let read = entry(&sealed.entry);
    assert_eq!(read.id, own);
    assert!(open(&read, &sealed.body).is_ok());
    let kind = Kind::Conflict {
        ref_id: own,
        ref_index: 9,
    };
    assert_eq!(
        open(
            &Entry {
                kind,
                ..read.clone()
            },
            &sealed.body
        ),
        Err(Mismatch::Id)
    );
    assert_eq!(
        open(
            &Entry {
                kind: Kind::Record,
                ..read
            },
            &sealed.body
        ),
        Err(Mismatch::Id)
    );
}

#[test]
fn a_record_of_facts_alone_has_one_part_and_no_scope_key() {
    let text = r#"{"id":"019390f7-0c00-7abc-8def-0123456789ab","type":"gap","occurred_at":"2026-11-24T08:42:00Z","system":"s"}"#;
    let sealed = seal(text);
    assert_eq!(Body::read(&sealed.body).unwrap().parts.len(), 1);
    assert_eq!(
        open(&entry(&sealed.entry), &sealed.body).as_deref(),
        Ok(&*canonical::to_vec(&parse(text.as_bytes()).unwrap()))
    );
}

#[test]
fn one_sealer_serves_many_records() {
    let mut sealer = audit_log::Sealer::new().unwrap();
    for (text, scope) in [(RECORD, Some(scope_key())), (RECORD, None)] {
        let record = Record::parse(text.as_bytes()).unwrap();
        let secrets = |n: u8| audit_log::PartSecrets::new(&[n; 56]);
        let sealing = audit_log::Sealing {
            ledger: &crate::sample::ledger(),
            id: record.id().unwrap(),
            kind: Kind::Record,
            received_at: crate::sample::AT,
            ledger_key: &ledger_key(),
            scope_key: scope.as_ref(),
            secrets: [secrets(5), secrets(6)],
        };
        let result = sealer.seal(&record, &sealing);
        match scope {
            Some(_) => assert_eq!(result.as_ref(), Ok(&seal(text))),
            None => assert_eq!(result, Err(SealError::NoScopeKey)),
        }
    }
}

#[test]
fn records_that_grow_most_in_canonical_form_still_seal() {
    let many = |member: &dyn Fn(usize) -> String| {
        let mut members = String::new();
        for number in 0.. {
            let member = member(number);
            if members.len() + member.len() + 200 > 2 * 1024 * 1024 {
                break;
            }
            members.push(',');
            members.push_str(&member);
        }
        let head = RECORD.split(",\"subject\"").next().unwrap();
        format!("{head},\"attributes\":{{{}}}}}", &members[1..])
    };
    for text in [
        many(&|n| format!(r#""{n:x}":9e15"#)),
        many(&|n| {
            format!(
                r#""{}":0"#,
                format!("{n:018b}").replace('0', "/").replace('1', "~")
            )
        }),
    ] {
        let sealed = seal(&text);
        let canonical_form = canonical::to_vec(&parse(text.as_bytes()).unwrap());
        assert_eq!(
            open(&entry(&sealed.entry), &sealed.body),
            Ok(canonical_form)
        );
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z/~]{0,6}", any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_attributes_come_back(members in prop::collection::btree_map(word(), word(), 0..60)) {
        let attributes = serde_json::to_string(&members).unwrap();
        let head = RECORD.split(",\"subject\"").next().unwrap();
        let text = format!("{head},\"attributes\":{attributes}}}");
        let Ok(record) = Record::parse(text.as_bytes()) else { return Ok(()) };
        let sealed = seal(&text);
        let canonical_form = canonical::to_vec(&Value::Object(record.members().clone()));
        prop_assert_eq!(open(&entry(&sealed.entry), &sealed.body), Ok(canonical_form));
    }

    #[test]
    fn canonical_form_is_stable_and_keeps_the_value(members in prop::collection::btree_map(word(), word(), 0..60)) {
        let text = serde_json::to_string(&members).unwrap();
        let once = canonical::to_vec(&parse(text.as_bytes()).unwrap());
        prop_assert_eq!(&canonical::to_vec(&parse(&once).unwrap()), &once);
        let read: std::collections::BTreeMap<String, String> = serde_json::from_slice(&once).unwrap();
        prop_assert_eq!(read, members);
    }
}
