//! The sample records: each is found, once, and is what was sent.

use std::collections::BTreeMap;
use std::fs;

use audit_record::Millis;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::api::Api;
use crate::ledger::{Ledger, demo};
use crate::place::place;
use crate::wait::now_ms;

const DAY_MS: u64 = 86_400_000;
/// Callers at once.
const CALLERS: usize = 4;

/// A line of what was sent.
#[derive(Deserialize)]
struct Sent<'a> {
    ledger: &'a str,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// An answer, its record as text.
#[derive(Deserialize)]
struct Got<'a> {
    #[serde(borrow)]
    record: &'a RawValue,
    ledger: &'a str,
    status: &'a str,
}

/// What the records of all lines are, by ledger and id.
fn sent(lines: &str) -> BTreeMap<String, BTreeMap<String, &RawValue>> {
    let mut all = BTreeMap::<String, BTreeMap<String, &RawValue>>::new();
    for line in lines.lines() {
        let sent: Sent<'_> = serde_json::from_str(line).expect("a line of what was sent");
        let record: Value = serde_json::from_str(sent.record.get()).expect("JSON");
        let id = record["id"].as_str().expect("an id").to_owned();
        let ledger = all.entry(format!("demo/{}", sent.ledger)).or_default();
        assert!(ledger.insert(id, sent.record).is_none());
    }
    all
}

/// Whether two texts are the same JSON: the same members in whatever order, the same strings
/// however escaped, the same text of each number.
fn same(left: &RawValue, right: &RawValue) -> bool {
    type Members<'a> = BTreeMap<String, &'a RawValue>;
    let (left, right) = (left.get(), right.get());
    match left.as_bytes().first() {
        Some(b'{') => {
            let members = |text| serde_json::from_str::<Members<'_>>(text);
            let (Ok(left), Ok(right)) = (members(left), members(right)) else {
                return false;
            };
            left.len() == right.len()
                && left
                    .iter()
                    .zip(&right)
                    .all(|(a, b)| a.0 == b.0 && same(a.1, b.1))
        }
        Some(b'[') => {
            let items = |text| serde_json::from_str::<Vec<&RawValue>>(text);
            let (Ok(left), Ok(right)) = (items(left), items(right)) else {
                return false;
            };
            left.len() == right.len() && left.iter().zip(&right).all(|(a, b)| same(a, b))
        }
        Some(b'"') => serde_json::from_str::<Value>(left).ok() == serde_json::from_str(right).ok(),
        _ => left == right,
    }
}

#[test]
fn each_sample_record_is_listed_once_and_is_what_was_sent() {
    let lines = fs::read_to_string(place().dir.join("sent.ndjson")).expect("what was sent");
    let sent = sent(&lines);
    assert_eq!(sent.values().map(BTreeMap::len).sum::<usize>(), 1000);
    for ledger in demo() {
        let records = &sent[&ledger.name];
        let expected: Vec<&str> = records.keys().rev().map(String::as_str).collect();
        for page in [37, 500] {
            assert_eq!(listed(&ledger, page), expected, "{}", ledger.name);
        }
        let ids: Vec<&String> = records.keys().collect();
        std::thread::scope(|scope| {
            for share in ids.chunks(ids.len().div_ceil(CALLERS)) {
                let (api, ledger) = (ledger.api(), &ledger.name);
                scope.spawn(move || {
                    for id in share {
                        assert_equal_to_sent(&api, ledger, id, records[*id]);
                    }
                });
            }
        });
        println!(
            "{}: {} records listed once, each read and equal to what was sent",
            ledger.name,
            records.len()
        );
    }
}

/// The ids that a list gives, newest first.
fn listed(ledger: &Ledger, page: usize) -> Vec<String> {
    let name = ledger.name.trim_start_matches("demo/");
    let from = Millis::new(now_ms() - 32 * DAY_MS);
    let query = format!("ledger={name}&from={from}&limit={page}");
    let summaries = ledger.api().list(&query);
    summaries
        .iter()
        .map(|summary| summary["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn assert_equal_to_sent(api: &Api, ledger: &str, id: &str, record: &RawValue) {
    let name = ledger.trim_start_matches("demo/");
    let answer = api.get(&format!("/audit/logs/{id}?ledger={name}"));
    assert_eq!(answer.status, 200, "{}", answer.text);
    let got: Got<'_> = serde_json::from_str(&answer.text).expect("a record");
    assert_eq!((got.ledger, got.status), (ledger, "committed"));
    assert!(
        same(record, got.record),
        "sent {record}\ngot  {}",
        got.record
    );
}

#[test]
fn a_record_larger_than_a_message_is_found_whole() {
    let ledger = Ledger::create("e2e/large");
    // Nothing in it repeats, so that compression leaves it too large for a message.
    let mut state = 1_u64;
    let noise: String = (0..60_000)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            format!("{:08x}", state >> 32)
        })
        .collect();
    let record = json!({
        "type": "llm_call",
        "occurred_at": Millis::new(now_ms()).to_string(),
        "system": "e2e",
        "attributes": {"noise": noise},
    });
    let ids = ledger.api().post(std::slice::from_ref(&record));
    ledger.await_records(&ids);
    let answer = ledger.api().get(&format!("/audit/logs/{}", ids[0])).good();
    assert_eq!(answer["record"]["attributes"]["noise"], noise.as_str());
}

#[test]
fn texts_are_compared_as_json_and_numbers_by_their_digits() {
    for (left, right, alike) in [
        (r#"{"a":1,"b":[2.50]}"#, r#"{"b":[2.50],"a":1}"#, true),
        (r#"{"a":1}"#, r#"{"a":1.0}"#, false),
        (r#"{"a":1}"#, r#"{"a":1,"b":null}"#, false),
        (r#"["a/b"]"#, r#"["a\/b"]"#, true),
        (r#"["a"]"#, r#"["a","a"]"#, false),
        (r#""a""#, "null", false),
    ] {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
        assert_eq!(same(&raw(left), &raw(right)), alike, "{left} {right}");
    }
}
