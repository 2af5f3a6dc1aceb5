//! What a client hears when something behind the function fails, and what it never hears.

use audit_storage::rows;
use audit_testkit::{Fault, Gate};
use serde_json::json;

use crate::account::{Account, id, record};

const SECRET: &str = "a-marked-secret";

async fn with_a_record(gate: Gate) -> (Account, String) {
    let account = Account::through(gate).await;
    let one = id(0, 1);
    let sent = record(
        &one,
        json!({"subject": {"id": SECRET}, "attributes": {"x": SECRET}}),
    );
    account.commit("all", &[sent]).await;
    (account, format!("/api/v1/audit/logs/{one}"))
}

#[tokio::test]
async fn a_failed_request_to_a_store_is_a_503_and_the_next_one_succeeds() {
    for target in [
        "/api/v1/audit/logs?subject=a",
        "/api/v1/audit/logs",
        "/api/v1/ledgers",
        "one",
    ] {
        let counting = Gate::new();
        let (account, one) = with_a_record(counting.clone()).await;
        let target = if target == "one" {
            one
        } else {
            target.to_owned()
        };
        assert_eq!(account.get("all", &target).await.status, 200);
        let calls = counting.calls().len();
        assert!(calls > 1, "{target}");
        for ordinal in 0..calls {
            let (account, _) = with_a_record(Gate::failing_at(ordinal, Fault::NotApplied)).await;
            let answer = account.get("all", &target).await;
            assert_eq!(answer.status, 503, "{target} {ordinal}: {}", answer.text);
            assert_eq!(answer.body()["error"]["code"], "unavailable");
            assert!(!answer.text.contains("injected"), "{}", answer.text);
            assert_eq!(
                account.get("all", &target).await.status,
                200,
                "{target} {ordinal}"
            );
        }
    }
}

#[tokio::test]
async fn stored_bytes_that_contradict_each_other_are_a_500_that_says_nothing() {
    let (account, one) = with_a_record(Gate::new()).await;
    // A scope key that is missing without a tombstone: a loss, and no erasure.
    let keys = account.cloud.keys.contents();
    let scopes = keys
        .keys()
        .filter(|key| key.pk.starts_with("K#acme/credit#"));
    for scope in scopes {
        account.cloud.keys.tamper(scope, None);
    }
    let answer = account.get("all", &one).await;
    assert_eq!(answer.status, 500);
    assert_eq!(answer.body()["error"]["code"], "internal");
    assert_eq!(
        answer.body()["error"]["message"],
        "Something went wrong on our side."
    );
    for word in [SECRET, "scope", "tombstone", "segment"] {
        assert!(!answer.text.contains(word), "{}", answer.text);
    }
    // A list shows what its row says and opens nothing.
    assert_eq!(account.get("all", "/api/v1/audit/logs").await.status, 200);
}

#[tokio::test]
async fn a_ledger_that_is_just_being_made_is_unavailable_and_never_empty() {
    let account = Account::new().await;
    let head = rows::head(&"acme/credit".parse().expect("a name"));
    account.cloud.rows.tamper(&head, None);
    for target in ["/api/v1/audit/logs", "/api/v1/ledgers"] {
        assert_eq!(account.get("home", target).await.status, 503, "{target}");
    }
}

#[tokio::test]
async fn health_names_the_part_that_does_not_answer() {
    let account = Account::new().await;
    let answer = account.get("", "/api/v1/health").await;
    let well = json!({"status": "ok",
        "parts": {"index": "ok", "segments": "ok", "keys": "ok", "kms": "ok"}});
    assert_eq!((answer.status, answer.body()), (200, well));
    let calls = account.gate.calls();
    let mut named = Vec::new();
    for ordinal in 0..calls.len() {
        let gate = Gate::failing_at(ordinal, Fault::NotApplied);
        let account = Account::through(gate).await;
        let answer = account.get("", "/api/v1/health").await;
        assert_eq!(
            (answer.status, &answer.body()["status"]),
            (503, &json!("unavailable"))
        );
        let parts = answer.body()["parts"].as_object().cloned().expect("parts");
        let failing = parts.iter().filter(|(_, state)| *state == "unavailable");
        named.extend(failing.map(|(part, _)| part.clone()));
    }
    named.sort();
    // One request for each part, and one for each of the two buckets.
    assert_eq!(named, ["index", "keys", "kms", "segments", "segments"]);
}
