//! Records for tests.

use audit_record::json::{Value, parse};
use audit_record::{LedgerName, Millis, RecordId};

use crate::evidence::Evidence;

/// A record of the given JSON as it would come out of the ledger.
pub(crate) fn evidence(text: &str) -> Evidence {
    let Value::Object(record) = parse(text.as_bytes()).expect("JSON").into_owned() else {
        panic!("a record is an object");
    };
    let id = record.get("id").and_then(Value::as_str).expect("an id");
    let id = RecordId::parse(id).expect("an id");
    Evidence {
        id,
        ledger: LedgerName::new("demo", "credit").expect("a name"),
        index: 7,
        leaf_hash: "0".repeat(43),
        received_at: Millis::new(id.millis().get() + 5),
        erased: false,
        record,
        answer: text.as_bytes().to_vec(),
    }
}
