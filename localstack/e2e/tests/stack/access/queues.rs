//! The lane between ingest and writer.

use audit_storage::message::LEDGER_ATTRIBUTE;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName};

use super::{Answer, Row, Scene, of, tried};
use crate::ledger::Ledger;
use crate::place::Clients;

fn send(by: &Clients, at: &Scene) -> Answer {
    let ledger = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(at.ledger.as_str())
        .build()
        .expect("complete");
    let request = by.sqs.send_message().queue_url(&at.queue);
    of(request
        .message_body(&at.message)
        .message_attributes(LEDGER_ATTRIBUTE, ledger)
        .send())
}

/// Whoever may delete a message gets as far as the receipt, which is none.
fn delete(by: &Clients, at: &Scene) -> Answer {
    let request = by.sqs.delete_message().queue_url(&at.queue);
    of(request.receipt_handle("none").send())
}

#[rustfmt::skip]
const LANE: &[Row] = &[
    ("send a message", ["yes", "no", "no", "no"], "yes", send),
    ("receive a message", ["no", "yes", "no", "no"], "yes",
        // Not hidden from the writer's own function.
        |by, at| of(by.sqs.receive_message().queue_url(&at.queue).visibility_timeout(0).wait_time_seconds(0).send())),
    ("delete a message", ["no", "ReceiptHandleIsInvalid", "no", "no"], "ReceiptHandleIsInvalid", delete),
    ("change the lane", ["no", "no", "no", "no"], "yes",
        |by, at| of(by.sqs.set_queue_attributes().queue_url(&at.queue)
            .attributes(QueueAttributeName::MessageRetentionPeriod, "60").send())),
    ("purge the lane", ["no", "no", "no", "no"], "yes", |by, at| of(by.sqs.purge_queue().queue_url(&at.queue).send())),
    ("delete the lane", ["no", "no", "no", "no"], "yes", |by, at| of(by.sqs.delete_queue().queue_url(&at.queue).send())),
];

#[test]
fn only_ingest_sends_and_only_the_writer_receives() {
    println!("{}", tried(LANE));
}

#[test]
fn what_ingest_s_role_sends_is_committed() {
    let scene = Scene::of_the_stack();
    let sent = send(&Clients::of(crate::place::Role::Ingest), &scene);
    assert_eq!(sent, Answer::Done);
    Ledger::create(scene.ledger.as_str()).await_records(&[scene.message_record]);
}
