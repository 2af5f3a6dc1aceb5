//! What is accepted, and what the queue does not take.

use audit_lambda::http::{Event, Method};
use audit_storage::Clock as _;
use audit_storage::config::ApiScope;
use audit_testkit::{Fault, Gate};
use serde_json::json;

use crate::fixture::{Account, RECORD, json};

/// A request's first calls read the key, the ledger, the tenant's limit and its bucket, and write
/// the bucket.
const SENDS_AT: usize = 5;

/// Digits of a generator: they do not compress to a message's size.
fn noise(mut state: u64, len: usize) -> String {
    std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(
            b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
                [usize::from((state >> 58) as u8)],
        )
    })
    .take(len)
    .collect()
}

/// The record with an attribute `a`.
fn with_attribute(text: &str) -> String {
    RECORD.replacen('{', &format!(r#"{{"attributes":{{"a":"{text}"}},"#), 1)
}

#[tokio::test]
async fn a_batch_is_accepted_in_its_order_with_minted_ids() {
    let account = Account::new().await;
    let own = RECORD.replacen('{', r#"{"id":"019390f7-0c00-7abc-8def-0123456789ab","#, 1);
    let response = account.post(format!("[{RECORD},{own},{own}]")).await;
    assert_eq!(response.status(), 202);
    let answer = json(&response);
    assert_eq!(answer["ledger"], "acme/credit");
    assert_eq!(
        (
            &answer["accepted"],
            &answer["rejected"],
            &answer["unavailable"]
        ),
        (&json!(3), &json!(0), &json!(0))
    );
    let queued = account.queued().await;
    let ids: Vec<_> = queued.iter().map(|record| record["id"].clone()).collect();
    let told: Vec<_> = answer["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| result["id"].clone())
        .collect();
    assert_eq!(ids, told);
    assert_eq!(ids[1], "019390f7-0c00-7abc-8def-0123456789ab");
}

#[tokio::test]
async fn a_record_too_large_for_a_message_goes_by_way_of_the_staging_bucket() {
    let account = Account::new().await;
    let noise = noise(1, 1_000_000);
    let large = with_attribute(&noise);
    let response = account.post(format!("[{RECORD},{large},{RECORD}]")).await;
    assert_eq!(
        (response.status(), &json(&response)["accepted"]),
        (202, &json!(3))
    );
    assert_eq!(account.cloud.staging.contents().len(), 1);
    let queued = account.queued().await;
    assert_eq!(queued.len(), 3);
    assert_eq!(queued[1]["attributes"]["a"], noise);
}

#[tokio::test]
async fn what_the_queue_refuses_once_is_sent_again() {
    let account = Account::new().await;
    account.cloud.lanes.refuse_entries(&[0]);
    let response = account.post(format!("[{RECORD}]")).await;
    assert_eq!(response.status(), 202);
    assert_eq!(account.queued().await.len(), 1);
}

#[tokio::test]
async fn what_the_queue_refuses_again_and_again_is_given_up_in_time_and_not_accepted() {
    let gate = Gate::failing_at(SENDS_AT, Fault::Outage);
    let account = Account::with(None, &[ApiScope::RecordsWrite], &gate).await;
    let began = account.cloud.clock.now();
    let response = account.post(format!("[{RECORD},{RECORD}]")).await;
    let answer = json(&response);
    assert_eq!(
        (response.status(), &answer["error"]["code"]),
        (503, &json!("unavailable"))
    );
    assert_eq!(response.header("retry-after"), Some("1"));
    let sends = gate.calls().into_iter().skip(SENDS_AT);
    let operations: Vec<_> = sends.map(|call| call.operation).collect();
    assert_eq!(operations, ["sqs:SendMessageBatch"; 4]);
    let waited = account.cloud.clock.now().get() - began.get();
    assert!((3..=700).contains(&waited), "{waited} ms");
    assert!(account.queued().await.is_empty());
}

#[tokio::test]
async fn a_record_that_the_queue_does_not_take_is_told_beside_those_that_it_has() {
    // Two messages that no batch holds together: the first is sent, then the queue is gone.
    let gate = Gate::failing_at(SENDS_AT + 1, Fault::Outage);
    let account = Account::with(None, &[ApiScope::RecordsWrite], &gate).await;
    let [first, second] = [1, 2].map(|seed| with_attribute(&noise(seed, 180_000)));
    let body = format!(r#"[{first},{second},{{"type":"decision"}}]"#);
    let response = account.post(body).await;
    let answer = json(&response);
    assert_eq!(response.status(), 202);
    let told: Vec<_> = answer["results"]
        .as_array()
        .expect("results")
        .iter()
        .map(|result| result["status"].clone())
        .collect();
    assert_eq!(told, ["accepted", "unavailable", "rejected"]);
    assert_eq!(answer["unavailable"], 1);
    let queued = account.queued().await;
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0]["id"], answer["results"][0]["id"]);
}

#[tokio::test]
async fn a_record_that_can_not_be_staged_is_not_accepted() {
    let gate = Gate::failing_at(SENDS_AT, Fault::Outage);
    let account = Account::with(None, &[ApiScope::RecordsWrite], &gate).await;
    let large = with_attribute(&noise(1, 1_000_000));
    let response = account.post(format!("[{large}]")).await;
    assert_eq!(response.status(), 503);
    let calls = gate.calls().into_iter().skip(SENDS_AT);
    let operations: Vec<_> = calls.map(|call| call.operation).collect();
    assert_eq!(operations, ["s3:PutObject"; 4]);
    assert!(account.queued().await.is_empty());
}

#[tokio::test]
async fn a_single_lost_request_costs_no_record() {
    let counting = Gate::new();
    let calls = {
        let account = Account::with(None, &[ApiScope::RecordsWrite], &counting).await;
        assert_eq!(account.post(format!("[{RECORD}]")).await.status(), 202);
        counting.calls().len()
    };
    for ordinal in 0..calls {
        for fault in [Fault::NotApplied, Fault::ReplyLost] {
            let gate = Gate::failing_at(ordinal, fault);
            let account = Account::with(None, &[ApiScope::RecordsWrite], &gate).await;
            let response = account.post(format!("[{RECORD}]")).await;
            let queued = account.queued().await.len();
            match response.status() {
                202 => assert!(queued >= 1, "{ordinal} {fault:?}"),
                status => assert_eq!(status, 503, "{ordinal} {fault:?}"),
            }
        }
    }
}

#[tokio::test]
async fn an_id_from_before_the_index_is_refused() {
    let account = Account::with(Some(1), &[ApiScope::RecordsWrite], &Gate::new()).await;
    let old = RECORD.replacen('{', r#"{"id":"00000000-0001-7abc-8def-0123456789ab","#, 1);
    let response = account.post(format!("[{old},{RECORD}]")).await;
    assert_eq!(response.status(), 202);
    let answer = json(&response);
    assert_eq!(answer["results"][0]["errors"][0]["code"], "too_old");
    assert_eq!(
        answer["results"][0]["id"],
        "00000000-0001-7abc-8def-0123456789ab"
    );
}

#[tokio::test]
async fn a_key_that_only_reads_may_not_write() {
    let account = Account::with(None, &[ApiScope::RecordsRead], &Gate::new()).await;
    let response = account.post(format!("[{RECORD}]")).await;
    assert_eq!(
        (response.status(), &json(&response)["error"]["code"]),
        (403, &json!("forbidden"))
    );
}

#[tokio::test]
async fn a_key_that_expired_is_unknown() {
    let account = Account::new().await;
    account
        .cloud
        .clock
        .advance(std::time::Duration::from_hours(1));
    assert_eq!(account.post(format!("[{RECORD}]")).await.status(), 401);
}

#[tokio::test]
async fn an_event_of_api_gateway_is_read() {
    let account = Account::new().await;
    for (text, count) in [
        (include_str!("../data/post_log.json"), 1),
        (include_str!("../data/post_logs.json"), 2),
    ] {
        let event: Event = serde_json::from_str(text).expect("an event");
        let request = audit_lambda::http::Request::from_event(event, "invocation");
        let authorized = account.request(Method::Post, "/");
        let token = authorized
            .header("authorization")
            .expect("a token")
            .to_owned();
        let response = account
            .send(request.with_header("authorization", &token))
            .await;
        assert_eq!(
            (response.status(), &json(&response)["accepted"]),
            (202, &json!(count))
        );
    }
}
