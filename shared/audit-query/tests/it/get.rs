//! One record, as a real writer committed it.

use audit_ledger::{Delivered, Limits, NewLedger, Operator, Writer};
use audit_log::canonical;
use audit_query::Reader;
use audit_record::json::Value;
use audit_record::{LedgerName, Millis, RecordId};
use audit_storage::config::{Lane, ScopeSetting};
use audit_storage::message::Form;
use audit_storage::{keys, message};
use audit_testkit::Cloud;
use bytes::Bytes;

const SENT: &str = r#"{"id":"019b76da-a800-7abc-8def-0123456789ab","type":"decision","occurred_at":"2026-01-01T00:00:00Z","system":"credit","subject":{"id":"person-7"},"attributes":{"gen_ai.input.messages":[{"role":"user","n":1e15}]},"decision":{"outcome":"denied"}}"#;

#[tokio::test]
async fn a_record_is_what_was_sent_and_only_as_its_entry_commits_to_it() {
    let cloud = Cloud::new();
    let name: LedgerName = "acme/credit".parse().expect("a name");
    let operator = Operator::new(cloud.stores(1), Limits::unhurried());
    operator.create_tenant("acme").await.expect("a tenant");
    let new = NewLedger {
        ledger: name.clone(),
        domain: "audit.localhost".to_owned(),
        retention_class: "7y".parse().expect("a class"),
        buckets: 1,
        scope: ScopeSetting::Day,
        lane: Lane(0),
        index_days: None,
    };
    let (config, _) = operator.create_ledger(&new).await.expect("a ledger");
    let writer = Writer::new(
        cloud.stores(1),
        cloud.staging.clone(),
        cloud.quarantine.clone(),
        Limits::unhurried(),
    );
    let now = Millis::new(1_767_225_600_000);
    let mut packed = message::pack("r1", now, &[SENT.as_bytes()]).expect("packed");
    let Form::Inline(body) = packed.remove(0).form else {
        panic!("a small record")
    };
    let delivered = Delivered {
        message_id: "m1".to_owned(),
        receipt: "x".to_owned(),
        sent_at: now,
        receive_count: 1,
        ledger: Some(name.to_string()),
        body,
    };
    let outcome = writer.commit_batch(vec![delivered]).await;
    assert_eq!(outcome.counts.committed, 1);

    let reader = || Reader::new(cloud.stores(2));
    let id = RecordId::parse("019b76da-a800-7abc-8def-0123456789ab").expect("an id");
    let sent = audit_record::json::parse(SENT.as_bytes()).expect("JSON");
    let canonical_of = |value: &Value<'_>| canonical::to_vec(value);
    let found = reader()
        .get(&config, id)
        .await
        .expect("an answer")
        .expect("a record");
    assert_eq!(
        canonical_of(&Value::Object(found.record.clone())),
        canonical_of(&sent)
    );
    assert_eq!(
        (found.index, found.erased, found.evidence.parts.len()),
        (1, false, 2)
    );
    let other = RecordId::mint(now, [1; 10]);
    assert!(
        reader()
            .get(&config, other)
            .await
            .expect("an answer")
            .is_none()
    );

    // A delete marker hides the object; the version that the row names is read all the same.
    let key = keys::segment(&name, 1);
    cloud.segments.hide(&config.retention_class, &key);
    assert!(
        reader()
            .get(&config, id)
            .await
            .expect("an answer")
            .is_some()
    );
    // A version that an intruder put on top changes nothing either.
    cloud
        .segments
        .overwrite(&config.retention_class, &key, Bytes::from_static(b"forged"));
    assert!(
        reader()
            .get(&config, id)
            .await
            .expect("an answer")
            .is_some()
    );
}
