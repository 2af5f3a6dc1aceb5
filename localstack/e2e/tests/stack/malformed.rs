//! The table of wrong requests (`functions/ingest/tests/data/malformed.json`, where its form is
//! told), through the real API.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::api::{Answer, Api, accepted};
use crate::ledger::{Ledger, verified};

const TABLE: &str = include_str!("../../../../functions/ingest/tests/data/malformed.json");
const GOOD: &str = r#"{"type":"decision","occurred_at":"2026-11-24T09:00:00Z","system":"beside"}"#;

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    method: String,
    path: String,
    #[serde(default)]
    headers: Map<String, Value>,
    /// Absent: a good key's; null: none.
    #[serde(default = "good_key")]
    authorization: Value,
    body: Option<String>,
    body_base64: Option<String>,
    body_repeat: Option<Repeat>,
    status: u16,
    code: Option<String>,
    details: Option<Value>,
    results: Option<Value>,
}

#[derive(Deserialize)]
struct Repeat {
    before: String,
    text: String,
    times: usize,
    after: String,
}

fn good_key() -> Value {
    Value::Bool(true)
}

impl Case {
    fn body(&self) -> Vec<u8> {
        if let Some(text) = &self.body_base64 {
            return base64_simd::STANDARD.decode_to_vec(text).expect("base64");
        }
        match &self.body_repeat {
            Some(repeat) => {
                let middle = repeat.text.repeat(repeat.times);
                format!("{}{middle}{}", repeat.before, repeat.after).into_bytes()
            }
            None => self.body.clone().unwrap_or_default().into_bytes(),
        }
    }

    fn send(&self, api: &Api, key: &str) -> Answer {
        let mut headers = match &self.authorization {
            Value::Bool(_) => vec![("authorization", format!("Bearer {key}"))],
            Value::String(text) => vec![("authorization", text.clone())],
            _ => Vec::new(),
        };
        if !self.headers.contains_key("content-type") {
            headers.push(("content-type", "application/json".to_owned()));
        }
        for (name, value) in &self.headers {
            headers.push((name, value.as_str().expect("a header's value").to_owned()));
        }
        api.send(&self.method, &self.path, &headers, self.body())
    }

    /// What is to be answered, in the form of [`seen`].
    fn expected(&self) -> Value {
        match &self.results {
            Some(results) => json!({"status": self.status, "results": results}),
            None => json!({"status": self.status, "code": self.code, "details": self.details}),
        }
    }

    /// A record that is refused for what it is can stand in a batch as well: its bytes as a line,
    /// and its faults without the index.
    fn as_line(&self) -> Option<(Vec<u8>, Value)> {
        let body = self.body();
        let one = self.path == "/api/v1/audit/log" && self.status == 400;
        let line = one && !body.is_empty() && !body.contains(&b'\n');
        line.then(|| {
            (
                body,
                only(self.details.as_ref().expect("details"), &["field", "code"]),
            )
        })
    }
}

/// The members that the table speaks of.
fn only(list: &Value, names: &[&str]) -> Value {
    let pick = |value: &Value| -> Value {
        let members = value.as_object().into_iter().flatten();
        let kept = members.filter(|(name, _)| names.contains(&name.as_str()));
        Value::Object(
            kept.map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    };
    list.as_array().into_iter().flatten().map(pick).collect()
}

fn seen(answer: &Answer, as_results: bool) -> Value {
    let body = answer.json();
    if as_results {
        return json!({"status": answer.status, "results": results(&body)});
    }
    json!({
        "status": answer.status,
        "code": body["error"]["code"],
        "details": only(&body["error"]["details"], &["index", "field", "code"]),
    })
}

fn results(body: &Value) -> Value {
    let result = |result: &Value| match result.get("errors") {
        Some(errors) => {
            json!({"status": result["status"], "errors": only(errors, &["field", "code"])})
        }
        None => json!({"status": result["status"]}),
    };
    let all = body["results"].as_array().into_iter().flatten();
    all.map(result).collect()
}

#[test]
fn each_wrong_request_is_answered_as_the_table_says_and_good_records_beside_it_are_kept() {
    let ledger = Ledger::create("e2e/malformed");
    let api = ledger.api();
    let table: Table = serde_json::from_str(TABLE).expect("the table");
    assert!(table.cases.len() >= 40);
    let (mut good, mut wrong, mut batches) = (Vec::new(), Vec::new(), 0);
    let mut compare = |name: &str, expected: Value, seen: Value| {
        if expected != seen {
            wrong.push(format!("{name}\n  expected {expected}\n  answered {seen}"));
        }
    };
    for case in &table.cases {
        let answer = case.send(&api, &ledger.key);
        compare(
            &case.name,
            case.expected(),
            seen(&answer, case.results.is_some()),
        );
        good.extend(accepted(&answer.json()));

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
            seen(&answer, true),
        );
        good.extend(accepted(&answer.json()));
        batches += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(good.len() >= 2 * batches);
    ledger.await_records(&good);
    let report = verified(&ledger.name);
    assert_eq!(report["records"], good.len(), "{report:#}");
    assert_eq!(report["rejected"], 0, "{report:#}");
    println!(
        "{} wrong requests and {batches} wrong records between good ones answered as the table \
         says; {} good records found",
        table.cases.len(),
        good.len()
    );
}
