//! An account with one ledger, and a batch of messages to be committed to it.

use audit_ledger::{Delivered, Limits, NewLedger, Operator, Writer};
use audit_record::Millis;
use audit_storage::Stores;
use audit_storage::config::{Lane, ScopeSetting};
use audit_storage::message::{Form, pack};
use audit_storage::system::SystemEntropy;
use audit_testkit::corpus::{Shape, records};
use audit_testkit::{
    Cloud, Gate, ManualClock, MemoryKeyWrapper, MemoryObjects, MemorySegments, MemoryTable,
};

/// The ledger.
pub(crate) const LEDGER: &str = "acme/credit";
/// Records of one message: what an SDK sends at a time.
const RECORDS_EACH: usize = 100;
/// 2026-03-01T10:00:00Z.
const NOW: Millis = Millis::new(1_772_359_200_000);

type BenchStores =
    Stores<MemorySegments, MemoryTable, MemoryTable, MemoryKeyWrapper, ManualClock, SystemEntropy>;
type BenchWriter = Writer<BenchStores, MemoryObjects, MemoryObjects>;

/// The account before the batch, and the batch.
pub(crate) struct World {
    cloud: Cloud,
    pub(crate) messages: Vec<Delivered>,
    pub(crate) records: usize,
}

impl World {
    /// A ledger, and so many messages of 3 kB records.
    pub(crate) fn new(messages: usize) -> Self {
        let cloud = Cloud::new();
        cloud.clock.set(NOW);
        let gate = Gate::new();
        let operator = Operator::new(cloud.stores(7), Limits::default());
        let ledger = NewLedger {
            ledger: LEDGER.parse().expect("a name"),
            domain: "audit.test".to_owned(),
            retention_class: "7y".parse().expect("a class"),
            buckets: 1,
            scope: ScopeSetting::Day,
            lane: Lane(0),
            index_days: None,
        };
        let made = gate.run(async {
            operator.create_tenant("acme").await?;
            operator.create_ledger(&ledger).await
        });
        made.expect("alive").expect("a ledger");
        let messages = (0..messages).map(message).collect();
        let mut world = Self {
            cloud,
            messages,
            records: 0,
        };
        world.records = RECORDS_EACH * world.messages.len();
        world
    }

    /// The same account as it was, seen by a new process.
    pub(crate) fn fresh(&self) -> (Cloud, Gate, BenchWriter) {
        let cloud = self.cloud.fork();
        let gate = Gate::new();
        let seen = cloud.process(&gate);
        let stores = Stores {
            segments: seen.segments,
            rows: seen.rows,
            keys: seen.keys,
            wrapper: seen.wrapper,
            clock: seen.clock,
            // What the writer itself uses: a call to the operating system has its price.
            entropy: SystemEntropy,
        };
        let writer = Writer::new(stores, seen.staging, seen.quarantine, Limits::default());
        (cloud, gate, writer)
    }
}

fn message(number: usize) -> Delivered {
    let first = number * RECORDS_EACH;
    let texts = records(Shape::Plain, NOW, first as u64, RECORDS_EACH);
    let packed = pack(&format!("request-{number}"), NOW, &texts).expect("records");
    let [packed] = &packed[..] else {
        unreachable!("one message");
    };
    let Form::Inline(body) = &packed.form else {
        unreachable!("a message that fits");
    };
    Delivered {
        message_id: format!("message-{number}"),
        receipt: format!("receipt-{number}"),
        sent_at: NOW,
        receive_count: 1,
        ledger: Some(LEDGER.to_owned()),
        body: body.clone(),
    }
}
