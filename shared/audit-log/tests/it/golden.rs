//! Golden files: bytes as they were locked on the first day. What reads them now must read them for
//! as long as a ledger lives. They test opening, never the compressor's bytes, and are never written
//! again.

use std::path::Path;

use audit_log::segment::{self, Segment};
use audit_log::{
    Body, Entry, Frontier, Hash, KeyBody, KeyId, Kind, Leaf, LedgerKey, Scope, ScopeKey,
    SealedRecord, base64url, canonical,
};
use audit_record::LedgerName;
use audit_record::json::{Value, parse};

fn golden(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    std::fs::read(path).unwrap()
}

fn ledger() -> LedgerName {
    LedgerName::parse("demo/credit").unwrap()
}

fn ledger_key() -> LedgerKey {
    let secret = base64url::decode_array("QFrrB8ElVHyuswHEdlFLsWJX7QshaLAOaVwz64CnIHM").unwrap();
    LedgerKey::new(KeyId::from_text("RakRiNfs9c0yXfHYouyPSQ").unwrap(), secret)
}

fn scope_key() -> ScopeKey {
    let id = KeyId::from_text("FrwuEfGGr_J5y515JCKK8A").unwrap();
    ledger_key()
        .unwrap(&ledger(), id, &golden("scope-key.bin"))
        .unwrap()
}

#[test]
fn the_wrapped_scope_key_unwraps() {
    assert_eq!(golden("scope-key.bin").len(), 72);
    assert_eq!(Scope::subject("applicant-7").as_str(), "s#applicant-7");
    let wrapped_anew = ledger_key().wrap(
        &ledger(),
        &scope_key(),
        golden("scope-key.bin")[..24].try_into().unwrap(),
    );
    assert_eq!(wrapped_anew[..], golden("scope-key.bin"));
}

#[test]
fn the_record_opens() {
    let (entry, body) = (golden("record-entry.json"), golden("record-body.cbor"));
    let Ok(Leaf::Known(entry)) = Entry::read(&entry) else {
        panic!()
    };
    assert_eq!(entry.kind, Kind::Record);
    let sealed = SealedRecord::check(&entry, &body).unwrap();
    let opened = sealed
        .open(Some(&ledger_key()), Some(&scope_key()))
        .unwrap();
    let sent = golden("record-sent.json");
    assert_eq!(
        canonical::to_vec(&Value::Object(opened.to_object())),
        canonical::to_vec(&parse(&sent).unwrap())
    );
    let mut again = Vec::new();
    Body::read(&body).unwrap().write(&mut again);
    assert_eq!(again, body);
}

#[test]
fn the_genesis_body_is_read() {
    let bytes = golden("genesis-body.cbor");
    let body = KeyBody::read(&bytes).unwrap();
    assert_eq!(
        (body.key_id, body.wrapped.as_slice()),
        (
            ledger_key().id(),
            &b"ciphertext of the key management service"[..]
        )
    );
    assert_eq!(
        body.kms_key,
        "arn:aws:kms:eu-central-1:000000000000:key/019ab508-0000-4000-8000-000000000000"
    );
    assert_eq!(body.to_vec(), bytes);
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(KeyBody::read(&changed).ok(), Some(body.clone()));
    }
}

#[test]
fn each_kind_of_entry_is_read() {
    let text = String::from_utf8(golden("entries.ndjson")).unwrap();
    let kinds = text.lines().map(|line| match Entry::read(line.as_bytes()) {
        Ok(Leaf::Known(entry)) => {
            assert_eq!(entry.to_vec().unwrap(), line.as_bytes());
            entry.kind.as_str()
        }
        other => panic!("{other:?}"),
    });
    let kinds = kinds.collect::<Vec<_>>();
    assert_eq!(
        kinds,
        [
            "genesis",
            "key_epoch",
            "rejected",
            "erasure",
            "legal_hold",
            "legal_hold",
            "seal",
            "format",
            "record",
            "conflict"
        ]
    );
}

#[test]
fn the_segments_follow_each_other() {
    let (mut frontier, mut prev) = (Frontier::new(), None);
    for (name, hash) in [
        (
            "segment-00.cbor",
            "DtPvy97YCWKOwhTvGhTGWXD6N5rLb80aMnIzOeXaqmQ",
        ),
        (
            "segment-01.cbor",
            "apmC5I6f_8P-sc5PUCG52l7stLzXTtkUoaQ6z2jnnJE",
        ),
        (
            "segment-21.cbor",
            "q4o9hzsWl7uM8KHMWaxuClHj5KqfGd6zWcmxermV2S8",
        ),
    ] {
        let bytes = golden(name);
        let read = Segment::read(&bytes).unwrap();
        assert_eq!(segment::header(&bytes).as_ref(), Ok(&read.header));
        frontier = read.follow(&ledger(), &frontier, prev).unwrap();
        prev = Some(Hash::of(&[&bytes]));
        assert_eq!(prev.unwrap().to_string(), hash);
    }
    assert_eq!(
        frontier.root().to_string(),
        "4aqQA7QU-1dbHWXLCX7PtmbT0PAimW1-lvGOMWcC_Ao"
    );
}
