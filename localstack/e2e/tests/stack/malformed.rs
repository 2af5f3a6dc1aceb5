//! The table of wrong requests (`functions/ingest/tests/data/malformed.json`), through the real API.

use audit_testkit::WrongRequest;
use serde_json::{Value, json};

use crate::api::accepted;
use crate::ledger::{Ledger, verified};

const TABLE: &str = include_str!("../../../../functions/ingest/tests/data/malformed.json");
const GOOD: &str = r#"{"type":"decision","occurred_at":"2026-11-24T09:00:00Z","system":"beside"}"#;

/// The emulator hands a body of this content type to the function as text, without what is no
/// UTF-8: neither those bytes nor a compressed body reach it. The ingest function's own tests send
/// these in process.
fn arrives_changed(headers: &[(&str, String)], body: &[u8]) -> bool {
    let as_text = headers.iter().any(|(name, value)| {
        *name == "content-type" && value.to_ascii_lowercase().starts_with("application/json")
    });
    as_text && std::str::from_utf8(body).is_err()
}

#[test]
fn each_wrong_request_is_answered_as_the_table_says_and_good_records_beside_it_are_kept() {
    let ledger = Ledger::create("e2e/malformed");
    let api = ledger.api();
    let table = WrongRequest::table(TABLE);
    assert!(table.len() >= 200);
    let (mut good, mut wrong, mut batches, mut in_process) = (Vec::new(), Vec::new(), 0, 0);
    let mut compare = |name: &str, expected: Value, seen: Value| {
        if expected != seen {
            wrong.push(format!("{name}\n  expected {expected}\n  answered {seen}"));
        }
    };
    for case in &table {
        let (headers, body) = (case.headers(&ledger.key), case.body());
        if arrives_changed(&headers, &body) {
            in_process += 1;
        } else {
            let answer = api.send(&case.method, &case.path, &headers, body);
            let seen = case.seen(answer.status, &answer.json());
            compare(&case.name, case.expected(), seen);
            good.extend(accepted(&answer.json()));
        }

        let Some((line, errors)) = case.as_line() else {
            continue;
        };
        let lines = [GOOD.as_bytes(), &line, GOOD.as_bytes()].join(&b'\n');
        let answer = api.post_lines(lines);
        let kept = json!({"status": "accepted"});
        let refused = json!({"status": "rejected", "errors": errors});
        compare(
            &format!("{}, between good ones", case.name),
            json!({"status": 202, "results": [kept, refused, kept]}),
            json!({"status": answer.status, "results": WrongRequest::results(&answer.json())}),
        );
        good.extend(accepted(&answer.json()));
        batches += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(table.len() - in_process >= 200);
    assert!(good.len() >= 2 * batches);
    ledger.await_records(&good);
    let report = verified(&ledger.name);
    assert_eq!(report["records"], good.len(), "{report:#}");
    assert_eq!(report["rejected"], 0, "{report:#}");
    println!(
        "{} wrong requests and {batches} wrong records between good ones answered as the table \
         says; {} good records found; {in_process} requests tried in process only",
        table.len() - in_process,
        good.len()
    );
}
