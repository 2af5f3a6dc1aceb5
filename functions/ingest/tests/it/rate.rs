//! The rate limit: who is refused, for how long, what it costs, and what happens without its table.

use audit_lambda::http::{Method, Request, Response, Router};
use audit_storage::Clock as _;
use audit_storage::config::{ApiScope, Lane, RateLimit, Tenant};
use audit_storage::key_table;
use audit_testkit::{Cloud, Fault, Gate, SeededEntropy};
use serde_json::json;
use std::time::Duration;

use crate::fixture::{Account, Function, RECORD, instance, json, key};

/// Posts a batch of so many records.
async fn post(instance: &Router<Function>, token: &str, records: usize) -> Response {
    let body = format!("[{}]", vec![RECORD; records].join(","));
    let request = Request::new(Method::Post, "/api/v1/audit/logs")
        .with_header("authorization", &format!("Bearer {token}"))
        .with_body(body);
    instance.handle(request).await
}

/// The whole seconds that a refusal tells to wait.
fn wait_s(response: &Response) -> u64 {
    assert_eq!(response.status(), 429, "{}", response.body());
    assert_eq!(json(response)["error"]["code"], "rate_limited");
    let seconds = response.header("retry-after").expect("a time to wait");
    seconds.parse().expect("whole seconds")
}

/// An account and two instances with a limit of 100 records a second, 10,000 at once.
async fn limited() -> (Account, [Router<Function>; 2]) {
    let account = Account::new().await;
    let limit = RateLimit::new(100, 10_000).expect("a limit");
    let instances = [(); 2].map(|()| instance(&account.cloud, &Gate::new(), limit));
    (account, instances)
}

/// How many messages the lane holds.
fn messages(cloud: &Cloud) -> usize {
    cloud.lanes.receive(Lane(0), usize::MAX).len()
}

#[tokio::test]
async fn beyond_the_limit_a_request_is_refused_whole_and_passes_after_the_time_it_was_told() {
    let (account, [instance, _]) = limited().await;
    let mut sent = 0;
    let refused = loop {
        let response = post(&instance, account.token(), 400).await;
        if response.status() == 429 {
            break response;
        }
        assert_eq!(response.status(), 202);
        sent += 400;
    };
    assert!((7_000..=7_500).contains(&sent), "{sent}");
    let wait = wait_s(&refused);
    let queued = messages(&account.cloud);
    assert!(queued > 0);
    // A second too soon it is refused again, and nothing of it was queued.
    account.cloud.clock.advance(Duration::from_secs(wait - 1));
    assert_eq!(wait_s(&post(&instance, account.token(), 400).await), 1);
    assert_eq!(messages(&account.cloud), 0);
    account.cloud.clock.advance(Duration::from_secs(1));
    assert_eq!(post(&instance, account.token(), 400).await.status(), 202);
}

#[tokio::test]
async fn a_key_that_sends_without_end_costs_a_quiet_one_nothing() {
    let (account, instances) = limited().await;
    let quiet = key(
        &account.cloud,
        &SeededEntropy::new(8),
        &[ApiScope::RecordsWrite],
    )
    .await;
    let (mut passed, mut refused) = (0, 0);
    for second in 0..120 {
        for instance in &instances {
            for _ in 0..5 {
                match post(instance, account.token(), 50).await.status() {
                    202 => passed += 50,
                    status => {
                        assert_eq!(status, 429);
                        refused += 50;
                    }
                }
            }
        }
        let response = post(&instances[second % 2], &quiet, 20).await;
        assert_eq!(
            response.status(),
            202,
            "second {second}: {}",
            response.body()
        );
        account.cloud.clock.advance(Duration::from_secs(1));
    }
    // All in all the burst, and the rate of two minutes.
    assert!(refused > 30_000, "{refused}");
    assert!((14_000..=10_000 + 12_000).contains(&passed), "{passed}");
}

#[tokio::test]
async fn at_the_limit_the_table_is_asked_far_less_than_once_in_a_hundred_requests() {
    // As many as the load test has: 100 single records a second, and 500 a second in batches of
    // 100, for a minute, over eight instances and two.
    for (instances, requests_a_second, records) in [(8, 100, 1), (2, 5, 100)] {
        let account = Account::new().await;
        let gate = Gate::new();
        let instances: Vec<_> = (0..instances)
            .map(|_| instance(&account.cloud, &gate, RateLimit::DEFAULT))
            .collect();
        let mut requests = 0;
        for second in 0..600 {
            for _ in 0..requests_a_second {
                let instance = &instances[requests % instances.len()];
                let response = post(instance, account.token(), records).await;
                assert_eq!(response.status(), 202, "second {second}");
                requests += 1;
            }
            account.cloud.clock.advance(Duration::from_secs(1));
        }
        let writes = gate.bills()["dynamodb:PutItem"].requests;
        assert!(
            writes * 200 < requests as u64,
            "{writes} writes for {requests} requests of {records}"
        );
    }
}

#[tokio::test]
async fn what_is_refused_costs_no_call_until_its_time_has_come() {
    let account = Account::new().await;
    let gate = Gate::new();
    let limit = RateLimit::new(1, 2_000).expect("a limit");
    let instance = instance(&account.cloud, &gate, limit);
    while post(&instance, account.token(), 100).await.status() == 202 {}
    let before = gate.requests();
    for _ in 0..100 {
        assert!(wait_s(&post(&instance, account.token(), 100).await) > 1);
    }
    assert_eq!(gate.requests(), before);
    // What is left of the lease still passes.
    let single = post(&instance, account.token(), 1).await;
    assert!(matches!(single.status(), 202 | 429));
}

#[tokio::test]
async fn a_tenant_s_own_limit_holds_before_the_installation_s() {
    let account = Account::new().await;
    let tenant = Tenant {
        name: "acme".to_owned(),
        limit: None,
        created_at: account.cloud.clock.now(),
        revision: 1,
    };
    key_table::create_tenant(&account.cloud.keys, &tenant)
        .await
        .expect("a tenant");
    let own = RateLimit::new(100, 2_000).expect("a limit");
    key_table::limit_tenant(&account.cloud.keys, "acme", Some(own))
        .await
        .expect("a limit");
    let instance = instance(&account.cloud, &Gate::new(), RateLimit::DEFAULT);
    let mut sent = 0;
    while post(&instance, account.token(), 100).await.status() == 202 {
        sent += 100;
    }
    assert!((1_000..=1_500).contains(&sent), "{sent}");
    // Without it the installation's holds again, within a minute.
    key_table::limit_tenant(&account.cloud.keys, "acme", None)
        .await
        .expect("no limit");
    account.cloud.clock.advance(Duration::from_mins(1));
    for _ in 0..100 {
        assert_eq!(post(&instance, account.token(), 500).await.status(), 202);
    }
}

#[tokio::test]
async fn without_its_table_nobody_is_limited_and_the_log_s_alarm_is_asked_for_once() {
    // The tenant's limit, its bucket, or the write of a lease: none of them answers.
    for ordinal in 2..5 {
        let account = Account::new().await;
        let gate = Gate::failing_at(ordinal, Fault::NotApplied);
        let limit = RateLimit::new(1, 2_000).expect("a limit");
        let instance = instance(&account.cloud, &gate, limit);
        for _ in 0..10 {
            let response = post(&instance, account.token(), 500).await;
            assert_eq!(
                (response.status(), &json(&response)["accepted"]),
                (202, &json!(500))
            );
        }
        let table = |call: &audit_testkit::Call| call.operation.starts_with("dynamodb:");
        let asked = gate.calls().iter().filter(|call| table(call)).count();
        assert_eq!(asked, ordinal + 1);
        // Five seconds later the table is asked again, and the limit holds.
        account.cloud.clock.advance(Duration::from_secs(5));
        while post(&instance, account.token(), 500).await.status() == 202 {}
    }
}

#[tokio::test]
async fn a_lease_whose_reply_was_lost_is_asked_for_again() {
    let account = Account::new().await;
    let gate = Gate::failing_at(4, Fault::ReplyLost);
    let instance = instance(&account.cloud, &gate, RateLimit::DEFAULT);
    assert_eq!(post(&instance, account.token(), 1).await.status(), 202);
    assert_eq!(gate.bills()["dynamodb:PutItem"].requests, 2);
}

#[tokio::test]
async fn records_that_are_refused_for_what_they_are_count_too() {
    let (account, [instance, _]) = limited().await;
    let bad = format!("[{}]", vec!["{}"; 500].join(","));
    let mut statuses = Vec::new();
    for _ in 0..20 {
        let request = Request::new(Method::Post, "/api/v1/audit/logs")
            .with_header("authorization", &format!("Bearer {}", account.token()))
            .with_body(bad.clone());
        statuses.push(instance.handle(request).await.status());
    }
    assert_eq!((statuses[0], statuses[19]), (400, 429));
}
