//! A ledger's keys and a record to seal, for the tests beside this file.

use audit_log::{
    Entry, KeyId, Kind, Leaf, LedgerKey, PartSecrets, ScopeKey, Sealed, Sealer, Sealing,
};
use audit_record::{LedgerName, Millis, Record, RecordId};

pub(crate) const AT: Millis = Millis::new(1_795_509_725_000);

pub(crate) const RECORD: &str = r#"{"id":"019390f7-0c00-7abc-8def-0123456789ab","type":"decision","occurred_at":"2026-11-24T08:42:00Z","system":"credit","subject":{"id":"s-1"},"producer":{"id":"p-1","seq":3},"attributes":{"a/b":[1,null,"é😀"],"gen_ai.request.model":"m"},"decision":{"outcome":"denied","oversight":{}}}"#;

pub(crate) fn ledger() -> LedgerName {
    LedgerName::parse("demo/credit").unwrap()
}

pub(crate) fn ledger_key() -> LedgerKey {
    LedgerKey::new(KeyId::from_bytes([1; 16]), [2; 32])
}

pub(crate) fn scope_key() -> ScopeKey {
    ScopeKey::new(KeyId::from_bytes([3; 16]), [4; 32])
}

/// Seals a record as its own entry.
pub(crate) fn seal(text: &str) -> Sealed {
    seal_as(text, Kind::Record, None)
}

pub(crate) fn seal_as(text: &str, kind: Kind, id: Option<RecordId>) -> Sealed {
    let record = Record::parse(text.as_bytes()).unwrap();
    let secrets = |n: u8| PartSecrets::new(&[n; PartSecrets::LEN]);
    let scope_key = scope_key();
    let sealing = Sealing {
        ledger: &ledger(),
        id: id.or(record.id()).unwrap(),
        kind,
        received_at: AT,
        ledger_key: &ledger_key(),
        scope_key: record.has_content().then_some(&scope_key),
        secrets: [secrets(5), secrets(6)],
    };
    Sealer::new().unwrap().seal(&record, &sealing).unwrap()
}

pub(crate) fn entry(bytes: &[u8]) -> Entry {
    match Entry::read(bytes) {
        Ok(Leaf::Known(entry)) => *entry,
        other => panic!("{other:?}"),
    }
}
