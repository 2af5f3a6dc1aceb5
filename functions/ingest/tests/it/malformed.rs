//! The table of wrong requests, and any bytes at all.

use audit_lambda::http::{Method, Request};
use audit_testkit::WrongRequest;
use proptest::prelude::*;

use crate::fixture::{Account, RECORD, json};

#[tokio::test]
async fn each_wrong_request_gets_its_status_code_and_fields() {
    let table = WrongRequest::table(include_str!("../data/malformed.json"));
    assert!(table.len() >= 200);
    let mut wrong = Vec::new();
    for case in &table {
        let account = Account::new().await;
        let request = Request::new(Method::from(case.method.as_str()), &case.path);
        let request = case
            .headers(account.token())
            .into_iter()
            .fold(request, |request, (name, value)| {
                request.with_header(name, &value)
            });
        let response = account.send(request.with_body(case.body())).await;
        let seen = case.seen(response.status(), &json(&response));
        let (expected, queued) = (case.expected(), account.queued().await.len());
        if seen != expected || queued != case.good() {
            wrong.push(format!(
                "{}\n  expected {expected}\n  answered {seen}\n  queued   {queued}",
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
