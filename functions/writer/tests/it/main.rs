//! The writer function in process, over stores in memory. What a commit promises is tested with
//! the protocol, in `audit-ledger`; here it is what goes in and out.

mod bench;
#[path = "../../benches/bill/figures.rs"]
mod figures;
#[path = "../../benches/bill/pipeline.rs"]
mod pipeline;
#[path = "../../benches/bill/prices.rs"]
mod prices;

use std::time::Duration;

use audit_ledger::{Limits, Writer};
use audit_testkit::{Cloud, Fault, Gate};
use audit_writer::{Answer, Event, Retries, WriterFunction};

const SQS: &str = include_str!("../data/sqs.json");

/// Hands an event to a function whose calls pass the gate; gives its answer as JSON.
async fn handle(cloud: &Cloud, gate: &Gate, event: &str) -> serde_json::Value {
    let process = cloud.process(gate);
    let stores = process.stores(3);
    let limits = Limits {
        attempts: 1,
        ..Limits::default()
    };
    let writer = Writer::new(stores, process.staging, process.quarantine, limits);
    let urls = ["http://127.0.0.1/000000000000/audit-local-lane-0".to_owned()];
    let retries = Retries::new(process.lanes, &urls, Duration::from_secs(30));
    let function = WriterFunction::new(writer, retries, process.clock);
    let event: Event = serde_json::from_str(event).expect("an event");
    let answer: Answer = function
        .handle(event, "request-1".to_owned())
        .await
        .expect("an answer");
    serde_json::to_value(answer).expect("JSON")
}

#[tokio::test]
async fn a_message_without_a_known_ledger_goes_to_quarantine_and_is_done_with() {
    let cloud = Cloud::new();
    let answer = handle(&cloud, &Gate::new(), SQS).await;
    assert_eq!(answer, serde_json::json!({"batchItemFailures": []}));
    assert_eq!(cloud.quarantine.contents().len(), 1);
}

#[tokio::test]
async fn a_message_that_could_not_be_taken_in_is_named_to_the_queue() {
    let cloud = Cloud::new();
    let answer = handle(&cloud, &Gate::failing_at(0, Fault::NotApplied), SQS).await;
    let id = "059f36b4-87a3-44ab-83d2-661975830a7d";
    assert_eq!(
        answer,
        serde_json::json!({"batchItemFailures": [{"itemIdentifier": id}]})
    );
    assert!(cloud.quarantine.contents().is_empty());
}

#[tokio::test]
async fn the_schedule_s_event_sweeps() {
    let answer = handle(&Cloud::new(), &Gate::new(), r#"{"audit":"sweep"}"#).await;
    assert_eq!(
        answer,
        serde_json::json!({"ledgers": 0, "rolled_forward": 0, "failed": 0, "alarms": 0})
    );
}
