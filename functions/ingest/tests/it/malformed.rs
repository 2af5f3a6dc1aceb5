//! The table of wrong requests, and any bytes at all.

use audit_lambda::http::{Method, Request};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fixture::{Account, RECORD, json};

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
    headers: serde_json::Map<String, Value>,
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
            Some(Repeat {
                before,
                text,
                times,
                after,
            }) => format!("{before}{}{after}", text.repeat(*times)).into_bytes(),
            None => self.body.clone().unwrap_or_default().into_bytes(),
        }
    }

    fn request(&self, account: &Account) -> Request {
        let method = Method::from(self.method.as_str());
        let mut request = match &self.authorization {
            Value::Bool(_) => account.request(method, &self.path),
            Value::String(value) => {
                Request::new(method, &self.path).with_header("authorization", value)
            }
            _ => Request::new(method, &self.path),
        };
        request = request.with_header("content-type", "application/json");
        for (name, value) in &self.headers {
            request = request.with_header(name, value.as_str().expect("a header's value"));
        }
        request.with_body(self.body())
    }
}

/// The members that the table speaks of.
fn only(list: &Value, names: &[&str]) -> Value {
    let pick = |value: &Value| -> Value {
        let object = value.as_object().expect("an object");
        let kept = object
            .iter()
            .filter(|(name, _)| names.contains(&name.as_str()));
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    list.as_array()
        .map(|list| list.iter().map(pick).collect())
        .unwrap_or_default()
}

fn results(answer: &Value) -> Value {
    let results = answer["results"].as_array().cloned().unwrap_or_default();
    results
        .iter()
        .map(|result| match result.get("errors") {
            Some(errors) => {
                json!({"status": result["status"], "errors": only(errors, &["field", "code"])})
            }
            None => json!({"status": result["status"]}),
        })
        .collect()
}

#[tokio::test]
async fn each_wrong_request_gets_its_status_code_and_fields() {
    let table: Table =
        serde_json::from_str(include_str!("../data/malformed.json")).expect("the table");
    assert!(table.cases.len() >= 40);
    let mut wrong = Vec::new();
    for case in &table.cases {
        let account = Account::new().await;
        let response = account.send(case.request(&account)).await;
        let answer = json(&response);
        let queued = account.queued().await.len();
        let seen = match &case.results {
            Some(_) => {
                json!({"status": response.status(), "results": results(&answer), "queued": queued})
            }
            None => json!({
                "status": response.status(),
                "code": answer["error"]["code"],
                "details": only(&answer["error"]["details"], &["index", "field", "code"]),
                "queued": queued,
            }),
        };
        let expected = match &case.results {
            Some(expected) => {
                let good = expected
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter(|r| r["status"] == "accepted")
                    .count();
                json!({"status": case.status, "results": expected, "queued": good})
            }
            None => {
                json!({"status": case.status, "code": case.code, "details": case.details, "queued": 0})
            }
        };
        if seen != expected {
            wrong.push(format!(
                "{}\n  expected {expected}\n  answered {seen}",
                case.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn post_all(path: &str, media_type: &str, body: &[u8]) -> (u16, usize, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let account = Account::new().await;
        let request = account
            .request(Method::Post, path)
            .with_header("content-type", media_type)
            .with_body(body);
        let response = account.send(request).await;
        let accepted = json(&response)["accepted"].as_u64().unwrap_or(0);
        (
            response.status(),
            usize::try_from(accepted).expect("a count"),
            account.queued().await.len(),
        )
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_fail(body in proptest::collection::vec(any::<u8>(), 0..200), path in "/api/v1/audit/logs?", ndjson: bool) {
        let media_type = if ndjson { "application/x-ndjson" } else { "application/json" };
        let (status, accepted, queued) = post_all(&path, media_type, &body);
        prop_assert!(status < 500);
        prop_assert_eq!(accepted, queued);
    }

    #[test]
    fn a_good_record_beside_a_broken_line_reaches_the_queue(line in "[^\r\n]{0,80}", before: bool) {
        let body = if before { format!("{line}\n{RECORD}") } else { format!("{RECORD}\n{line}") };
        let (status, accepted, queued) = post_all("/api/v1/audit/logs", "application/x-ndjson", body.as_bytes());
        prop_assert_eq!(status, 202);
        prop_assert!(accepted >= 1);
        prop_assert_eq!(accepted, queued);
    }
}
