//! `docs/LEDGER.md` says what the code does: its table of facts, its example, its strings.

use std::path::Path;

use audit_log::domain;
use audit_record::facts::TABLE;

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/LEDGER.md");
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn the_facts_table_is_printed_in_full() {
    let text = text();
    let (_, table) = text.split_once("<!-- facts table -->").unwrap();
    let (table, _) = table.split_once("<!-- end -->").unwrap();
    let printed: Vec<_> = table.split('`').skip(1).step_by(2).collect();
    assert_eq!(printed, TABLE);
}

#[test]
fn the_domain_separation_strings_are_all_listed() {
    let text = text();
    let (_, listed) = text.split_once("## 15.").unwrap();
    for string in [
        domain::PART,
        domain::CONTENT,
        domain::KEY,
        domain::SEAL,
        domain::ID,
        domain::CONFLICT,
    ] {
        let string = std::str::from_utf8(string)
            .unwrap()
            .strip_suffix('\0')
            .unwrap();
        assert!(listed.contains(&format!("`{string}`")), "{string}");
    }
}

#[test]
fn the_example_is_the_first_of_the_vectors() {
    let text = text();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors/records.json");
    let vectors: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let record = &vectors["records"][0];
    for name in ["sent", "content", "entry", "leaf_hash"] {
        assert!(text.contains(record[name].as_str().unwrap()), "{name}");
    }
    for name in ["part_salt", "fields", "part_content", "key_id", "nonce"] {
        assert!(
            text.contains(record["parts"][0][name].as_str().unwrap()),
            "{name}"
        );
    }
    for field in record["fields"].as_array().unwrap() {
        assert!(text.contains(field["digest"].as_str().unwrap()));
    }
}
