//! The vectors in `shared/vectors` are what this code gives; `cargo run -p audit-log --example
//! vectors` writes them anew.

mod build;
mod parsing;
mod records;

use std::path::Path;

use audit_log::{Body, Entry, Leaf, Scope, SealedRecord, base64url};
use audit_record::Part;
use audit_record::json::Object;
use serde_json::Value as Json;

fn stored(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../vectors")
        .join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The stored ciphertext of a part, after it was opened and found to hold what a fresh one holds.
fn stored_ciphertext(records: &Json, name: &str, part: Part) -> Vec<u8> {
    let record = records["records"].as_array().unwrap();
    let record = record.iter().find(|record| record["name"] == name).unwrap();
    let body = base64url::decode(record["body"].as_str().unwrap()).unwrap();
    let sealed = Body::read(&body).unwrap().parts[usize::from(part.number())];
    sealed.ciphertext.to_vec()
}

#[test]
fn the_stored_vectors_are_what_this_code_gives() {
    let records = stored("records.json");
    // `build` opens every body that it puts together, so that a stored ciphertext is checked to
    // hold exactly the fields before anything is compared.
    let source = |name: &str, part: Part, _: &[u8]| stored_ciphertext(&records, name, part);
    for (name, built) in build::files(&source) {
        let stored = stored(name);
        assert!(stored == built, "{name} differs; see the head of this file");
    }
}

#[test]
fn fresh_vectors_open_as_well() {
    let fresh = build::sealed_records(&|_, _, fresh| fresh.to_vec());
    assert!(fresh.len() > 30);
}

/// Opens a stored record's body as a reader does, from the stored texts alone.
#[test]
fn stored_records_open_with_the_stored_keys() {
    let records = stored("records.json");
    for record in records["records"].as_array().unwrap() {
        let entry = record["entry"].as_str().unwrap();
        let body = base64url::decode(record["body"].as_str().unwrap()).unwrap();
        let Ok(Leaf::Known(entry)) = Entry::read(entry.as_bytes()) else {
            panic!("{entry}")
        };
        let sealed = SealedRecord::check(&entry, &body).unwrap();
        let scope = record["scope"].as_str().unwrap();
        let key = build::scope_key(&scope_of(scope));
        let facts = sealed.open(Some(&build::ledger_key()), None).unwrap();
        let whole = sealed.open(Some(&build::ledger_key()), Some(&key)).unwrap();
        let members = |object: &Object<'_>| object.len();
        assert!(members(&facts.to_object()) <= members(&whole.to_object()));
    }
}

fn scope_of(text: &str) -> Scope {
    let (records, wanted) = (records::all(), text);
    let mut all = records.iter().map(|(_, sent)| {
        let record = audit_record::Record::parse(sent.as_bytes()).unwrap();
        Scope::of(&record, record.id().unwrap(), audit_log::ScopeRule::Day)
    });
    all.find(|scope| scope.as_str() == wanted)
        .unwrap_or_else(|| Scope::subject(wanted.trim_start_matches("s#")))
}
