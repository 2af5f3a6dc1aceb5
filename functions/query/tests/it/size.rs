//! Answers stay below what a function may answer with: 6 MB, as Lambda counts it (AWS: "Lambda
//! quotas", 6,291,556 bytes), with the body as a JSON string inside.

use audit_record::{LedgerName, Millis};
use audit_storage::metric_row::{MetricFacts, MetricRow};
use audit_storage::rows::{self, Hour};
use serde_json::{Value, json};

use crate::account::{Account, Answer, NOW, id, record, same};

const LAMBDA_BYTES: usize = 6_291_556;
/// The most bytes of a record, as sent.
const RECORD_BYTES: usize = 2 * 1024 * 1024;

/// The largest summary: each string that a row holds, of characters that grow most on the way.
fn fullest(number: u64) -> Value {
    let long = "\u{1}".repeat(256);
    let quotes = "\"".repeat(256);
    record(
        &id(number, number),
        json!({
            "system": long, "environment": long, "trace_id": long, "parent_id": quotes,
            "decision_id": quotes, "actor": {"id": long, "type": "user"},
            "subject": {"id": long, "category": quotes},
            "attributes": {"gen_ai.request.model": long, "gen_ai.provider.name": quotes},
            "decision": {"outcome": long, "risk_level": "high",
                "principal_reasons": [format!("\u{7f}{}", "\"".repeat(119))]},
        }),
    )
}

#[tokio::test]
async fn a_page_of_the_fullest_summaries_ends_early_and_none_is_lost() {
    let account = Account::new().await;
    let records: Vec<Value> = (1..=500).map(fullest).collect();
    account.commit("all", &records).await;
    let list = "/api/v1/audit/logs?order=asc&limit=500";
    let (mut ids, mut pages, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let answer = account.get("home", &format!("{list}{cursor}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.wire_len <= LAMBDA_BYTES, "{}", answer.wire_len);
        ids.extend(answer.ids());
        pages.push(answer.ids().len());
        match answer.body()["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let expected: Vec<String> = (1..=500).map(|number| id(number, number)).collect();
    assert_eq!(ids, expected);
    // Full as far as they may be: a bound that is far too careful would need more pages.
    assert_eq!(pages.len(), 2, "{pages:?}");
}

#[tokio::test]
async fn five_hundred_ordinary_summaries_fit_one_page() {
    let account = Account::new().await;
    let ordinary = |number| {
        record(
            &id(number, number),
            json!({"subject": {"id": format!("applicant-{number}")}, "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
                "decision": {"outcome": "approved", "principal_reasons": ["Debt-to-income ratio"]}}),
        )
    };
    let records: Vec<Value> = (1..=500).map(ordinary).collect();
    account.commit("all", &records).await;
    let answer = account.get("home", "/api/v1/audit/logs?limit=500").await;
    assert_eq!(answer.ids().len(), 500);
}

/// Sends a record as this text, `@` standing for its id, and reads it.
async fn round_trip(account: &Account, number: u64, text: &str) -> Answer {
    let one = id(number, number);
    let sent = text.replacen('@', &one, 1);
    let answer = account.post("all", "/api/v1/audit/log", &sent).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    account.drain().await;
    let answer = account
        .get("home", &format!("/api/v1/audit/logs/{one}"))
        .await;
    assert_eq!(
        answer.status,
        200,
        "{}",
        &answer.text[..answer.text.len().min(300)]
    );
    answer
}

#[tokio::test]
async fn a_record_of_the_largest_size_is_given_whole_whatever_it_holds() {
    let account = Account::new().await;
    let head = r#"{"id":"@","type":"decision","occurred_at":"2026-01-01T00:00:00Z","system":"credit","attributes":{"x":"#;
    for (number, open, unit, close, bytes) in [
        (1, "\"", "a", "\"", 1024 * 1024),
        (2, "\"", "a", "\"", RECORD_BYTES),
        (3, "\"", "é", "\"", RECORD_BYTES),
        // What grows most: quotes and backslashes, control characters, empty strings, and
        // numbers whose canonical form is longer than what was sent.
        (4, "\"", "\\\"", "\"", RECORD_BYTES),
        (5, "\"", "\\\\", "\"", RECORD_BYTES),
        (6, "\"", "\\u0001", "\"", RECORD_BYTES),
        (7, "\"", "\\b", "\"", RECORD_BYTES),
        (8, "[\"\"", ",\"\"", "]", RECORD_BYTES),
        (9, "[1", ",9e15", "]", RECORD_BYTES),
        (10, "[1", ",1e-6", "]", RECORD_BYTES),
        (11, "[1", ",5e2", "]", RECORD_BYTES),
    ] {
        let envelope = head.len() + 35 + open.len() + close.len() + 2;
        let units = (bytes - envelope) / unit.len();
        let text = format!("{head}{open}{}{close}}}}}", unit.repeat(units));
        let answer = round_trip(&account, number, &text).await;
        assert!(
            answer.wire_len <= LAMBDA_BYTES,
            "{unit}: {}",
            answer.wire_len
        );
        let sent: Value =
            serde_json::from_str(&text.replacen('@', &id(number, number), 1)).expect("JSON");
        let given = &answer.body()["record"]["attributes"]["x"];
        assert!(
            same(given, &sent["attributes"]["x"]),
            "{unit} came back as something else"
        );
    }
}

#[tokio::test]
async fn a_record_over_the_largest_size_is_refused_before_it_is_stored() {
    let account = Account::new().await;
    let padding = "a".repeat(RECORD_BYTES);
    let sent = record(&id(1, 1), json!({"attributes": {"x": padding}})).to_string();
    let answer = account.post("all", "/api/v1/audit/log", &sent).await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.details(), [(String::new(), "too_large".to_owned())]);
}

#[tokio::test]
async fn the_fullest_figures_end_early_and_none_is_lost() {
    let account = Account::new().await;
    let ledger: LedgerName = "acme/credit".parse().expect("a name");
    let hours = 600;
    for hour in 0..hours {
        // As many names as an hour takes, and all of them of its own.
        let names: Vec<String> = (0..64).map(|n| format!("{hour:0>30}-{n:0>29}")).collect();
        let facts = names.iter().map(|name| MetricFacts {
            outcome: Some(name.as_str()),
            model: Some(name.as_str()),
            system: Some(name.as_str()),
            latency_ms: Some(u64::MAX),
            ..MetricFacts::default()
        });
        let start = Millis::new(NOW + hour * 3_600_000);
        let row = MetricRow::empty(ledger.clone(), Hour::of(start)).fold(1, facts);
        let key = rows::metric(&ledger, Hour::of(start));
        account.cloud.rows.tamper(&key, Some(row.to_item()));
    }
    let (mut from, mut records, mut buckets, mut pages) = ("2026-01-01".to_owned(), 0, 0, 0);
    loop {
        let target = format!("/api/v1/audit/metrics?bucket=hour&from={from}");
        let answer = account.get("home", &target).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(answer.wire_len <= LAMBDA_BYTES, "{}", answer.wire_len);
        let body = answer.body();
        records += body["total"]["records"].as_u64().expect("a count");
        buckets += body["buckets"].as_array().expect("buckets").len() as u64;
        pages += 1;
        match body["next_from"].as_str() {
            Some(next) => next.clone_into(&mut from),
            None => break,
        }
    }
    assert_eq!((records, buckets), (hours * 64, hours));
    assert!((2..=5).contains(&pages), "{pages}");
}
