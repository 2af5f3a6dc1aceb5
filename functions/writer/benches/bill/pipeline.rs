//! Ingest, a lane and the writer in one process over stores in memory, which count what AWS bills.

use std::collections::BTreeMap;
use std::time::Duration;

use audit_ingest::{Ingest, router};
use audit_lambda::http::{Method, Request, Router};
use audit_ledger::{Limits, NewLedger, Operator, Writer};
use audit_record::Millis;
use audit_storage::config::{
    ApiKey, ApiKeyId, ApiKeySecret, ApiScope, Lane, RateLimit, ScopeSetting,
};
use audit_storage::{Clock as _, key_table};
use audit_testkit::measure::timed;
use audit_testkit::{
    Bill, Cloud, Gate, ManualClock, MemoryLanes, MemoryObjects, MemoryStores, MemoryTable,
    SeededEntropy,
};
use audit_writer::{Answer, Event, Retries, WriterFunction};

use crate::prices::{Usage, float};

type IngestFunction =
    Ingest<MemoryTable, MemoryTable, MemoryLanes, MemoryObjects, ManualClock, SeededEntropy>;
type Committer =
    WriterFunction<MemoryStores, MemoryObjects, MemoryObjects, MemoryLanes, ManualClock>;

/// Lambda's pollers take up to ten messages a request, of up to 256 KB together.
const RECEIVE_MESSAGES: usize = 10;
const UNIT_BYTES: usize = 64 * 1024;
const LANE: &str = "audit-bench-lane-0";

/// The whole way of a record.
pub(crate) struct Pipeline {
    pub(crate) cloud: Cloud,
    ingest_gate: Gate,
    writer_gate: Gate,
    router: Router<IngestFunction>,
    writer: Committer,
    token: String,
}

/// What some records cost on their way.
pub(crate) struct Way {
    pub(crate) ingest: Usage,
    pub(crate) writer: Usage,
    /// Receives and deletes of the mapping, in units of 64 KB.
    pub(crate) queue_units: u64,
    /// Requests to AWS, the mapping's one receive and one delete of each ten messages included.
    pub(crate) requests: u64,
}

impl Pipeline {
    /// A ledger, a key, and functions whose instances are warm: each has handled something.
    pub(crate) fn new(start: Millis) -> Self {
        let cloud = Cloud::new();
        cloud.clock.set(start);
        let token = account(&cloud);
        let (ingest_gate, writer_gate) = (Gate::new(), Gate::new());
        let seen = cloud.process(&ingest_gate);
        let ingest = Ingest::new(
            seen.keys,
            seen.rows,
            seen.lanes,
            seen.staging,
            RateLimit::DEFAULT,
            seen.clock,
            SeededEntropy::new(3),
        );
        let seen = cloud.process(&writer_gate);
        let stores = seen.stores(5);
        let writer = Writer::new(stores, seen.staging, seen.quarantine, Limits::default());
        let urls = [format!(
            "https://sqs.us-east-1.amazonaws.com/000000000000/{LANE}"
        )];
        let retries = Retries::new(seen.lanes, &urls, Duration::from_secs(30));
        Self {
            writer: WriterFunction::new(writer, retries, seen.clock),
            router: router(ingest),
            cloud,
            ingest_gate,
            writer_gate,
            token,
        }
    }

    /// Sends batches, a request each, and lets the writer commit what is in the lane at once.
    pub(crate) fn send(&self, batches: &[Vec<String>]) -> Way {
        let (ingest_before, writer_before) = (self.ingest_gate.bills(), self.writer_gate.bills());
        let mut ingest_cpu = Duration::ZERO;
        for batch in batches {
            let request = Request::new(Method::Post, "/api/v1/audit/logs")
                .with_header("authorization", &format!("Bearer {}", self.token))
                .with_body(format!("[{}]", batch.join(",")));
            let (took, answer) = timed(|| self.ingest_gate.run(self.router.handle(request)));
            ingest_cpu += took;
            let answer = answer.expect("alive");
            assert_eq!(answer.status(), 202, "{}", answer.body());
        }
        let received = self.cloud.lanes.receive(Lane(0), usize::MAX);
        let units: usize = received
            .iter()
            .map(|m| m.body.len().div_ceil(UNIT_BYTES))
            .sum();
        let receives = received.len().div_ceil(RECEIVE_MESSAGES) as u64;
        let event: Event = serde_json::from_str(&event(&received)).expect("an event");
        let handled = || {
            self.writer_gate
                .run(self.writer.handle(event, "bench".to_owned()))
        };
        let (writer_cpu, answer) = timed(handled);
        let Ok(Answer::Batch(answer)) = answer.expect("alive") else {
            unreachable!("an answer to a batch");
        };
        assert_eq!(answer.failures().count(), 0);
        for message in &received {
            self.cloud.lanes.delete(Lane(0), &message.receipt);
        }
        let way = Way {
            ingest: Usage {
                invocations: float(batches.len() as u64),
                bills: since(&ingest_before, self.ingest_gate.bills()),
                cpu: ingest_cpu,
            },
            writer: Usage {
                invocations: 1.0,
                bills: since(&writer_before, self.writer_gate.bills()),
                cpu: writer_cpu,
            },
            queue_units: units as u64 + receives,
            requests: 2 * receives,
        };
        let own = way.ingest.bills.values().chain(way.writer.bills.values());
        let requests = way.requests + own.map(|bill| bill.requests).sum::<u64>();
        Way { requests, ..way }
    }

    /// What the minute's sweep costs while nothing happens.
    pub(crate) fn sweep(&self) -> Usage {
        let before = self.writer_gate.bills();
        let event: Event = serde_json::from_str(r#"{"audit":"sweep"}"#).expect("an event");
        let handled = || {
            self.writer_gate
                .run(self.writer.handle(event, "bench".to_owned()))
        };
        let (cpu, answer) = timed(handled);
        answer.expect("alive").expect("a sweep");
        Usage {
            invocations: 1.0,
            bills: since(&before, self.writer_gate.bills()),
            cpu,
        }
    }
}

/// A tenant, a ledger and a key that writes to it; gives the key's token.
fn account(cloud: &Cloud) -> String {
    let operator = Operator::new(cloud.stores(1), Limits::default());
    let ledger = NewLedger {
        ledger: "acme/credit".parse().expect("a name"),
        domain: "audit.test".to_owned(),
        retention_class: "7y".parse().expect("a class"),
        buckets: 1,
        scope: ScopeSetting::Day,
        lane: Lane(0),
        index_days: None,
    };
    let entropy = SeededEntropy::new(2);
    let (id, secret) = (ApiKeyId::random(&entropy), ApiKeySecret::random(&entropy));
    let token = secret.token(&id).to_string();
    let key = ApiKey {
        id,
        secret_sha256: secret.sha256(),
        tenant: "acme".to_owned(),
        ledger: Some("credit".to_owned()),
        scopes: [ApiScope::RecordsWrite].into(),
        name: "bench".to_owned(),
        created_at: cloud.clock.now(),
        expires_at: None,
        revoked_at: None,
        revision: 1,
    };
    let made = Gate::new().run(async {
        operator.create_tenant("acme").await?;
        operator.create_ledger(&ledger).await?;
        key_table::create_api_key(&cloud.keys, &key).await
    });
    made.expect("alive").expect("an account");
    token
}

/// What SQS hands to the writer.
fn event(received: &[audit_testkit::Received]) -> String {
    let records: Vec<serde_json::Value> = received
        .iter()
        .map(|message| {
            serde_json::json!({
                "messageId": message.message_id,
                "receiptHandle": message.receipt,
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": message.receive_count.to_string(),
                    "SentTimestamp": message.sent_at.get().to_string(),
                },
                "messageAttributes": {"ledger": {"stringValue": message.ledger.to_string()}},
                "eventSourceARN": format!("arn:aws:sqs:us-east-1:000000000000:{LANE}"),
            })
        })
        .collect();
    serde_json::json!({ "Records": records }).to_string()
}

/// What came on top.
fn since(
    before: &BTreeMap<&'static str, Bill>,
    after: BTreeMap<&'static str, Bill>,
) -> BTreeMap<&'static str, Bill> {
    after
        .into_iter()
        .map(|(operation, bill)| {
            let earlier = before.get(operation).copied().unwrap_or_default();
            let rest = Bill {
                requests: bill.requests - earlier.requests,
                units: bill.units - earlier.units,
            };
            (operation, rest)
        })
        .collect()
}
