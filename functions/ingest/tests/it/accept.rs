//! What is accepted, and what the queue does not take.

use audit_lambda::http::{Event, Method};
use audit_storage::config::ApiScope;
use audit_testkit::{Fault, Gate};
use serde_json::json;

use crate::fixture::{Account, RECORD, json};

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
    // Digits of a generator: they do not compress to a message's size.
    let mut state = 1_u64;
    let noise: String = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        char::from(
            b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"
                [usize::from((state >> 58) as u8)],
        )
    })
    .take(1_000_000)
    .collect();
    let large = RECORD.replacen('{', &format!(r#"{{"attributes":{{"a":"{noise}"}},"#), 1);
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
