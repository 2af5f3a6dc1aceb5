//! Messages that no writer can make records of: set aside, told in the ledger, out of the way.

use audit_record::LedgerName;
use audit_storage::{keys, message::LEDGER_ATTRIBUTE};
use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::json;

use crate::ledger::{Ledger, try_admin, verified};
use crate::place::{Clients, place, wait};
use crate::wait::until;

fn send(ledger: &str, body: &str) -> String {
    let attribute = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(ledger)
        .build()
        .expect("complete");
    let request = Clients::root().sqs.send_message().queue_url(&place().lane);
    let sent = wait(
        request
            .message_body(body)
            .message_attributes(LEDGER_ATTRIBUTE, attribute)
            .send(),
    )
    .expect("sent");
    sent.message_id().expect("an id").to_owned()
}

/// What lies in quarantine under a key, once something does.
fn quarantined(key: &str) -> usize {
    until(&format!("{key} in quarantine"), 60, || {
        let request = Clients::root().s3.get_object().bucket(&place().quarantine);
        let output = wait(request.key(key).send()).ok()?;
        Some(wait(output.body.collect()).ok()?.to_vec().len())
    })
}

#[test]
fn a_message_that_is_no_message_is_set_aside_and_told_once_in_its_ledger() {
    let ledger = Ledger::create("e2e/poison");
    let name: LedgerName = ledger.name.parse().expect("a ledger's name");
    let before = ledger.api().post(&[good()]);
    let message = send(&ledger.name, "no message");
    let after = ledger.api().post(&[good()]);
    ledger.await_records(&before);
    ledger.await_records(&after);
    assert!(quarantined(&keys::quarantine(Some(&name), &message)) > 0);
    until("the ledger tells of it", 60, || {
        let (_, report) = try_admin(&["verify-ledger", &ledger.name]);
        (report["rejected"] == 1 && report["pending"] == 0).then_some(())
    });
    let report = verified(&ledger.name);
    assert_eq!(
        (&report["records"], &report["rejected"]),
        (&json!(2), &json!(1))
    );
}

#[test]
fn a_message_of_no_ledger_is_set_aside() {
    let message = send("strangers/nowhere", "no message");
    assert!(quarantined(&keys::quarantine(None, &message)) > 0);
}

fn good() -> serde_json::Value {
    json!({"type": "decision", "occurred_at": "2026-11-24T09:00:00Z", "system": "poison"})
}
