//! A ledger as a real writer leaves it, segment by segment, and what an intruder could add to it.

use audit_ledger::{Delivered, Limits, NewLedger, Operator, Writer};
use audit_log::Hash;
use audit_log::segment::{Builder, Built, Segment};
use audit_query::{Found, Reader};
use audit_record::{LedgerName, Millis, RecordId};
use audit_storage::config::{Lane, LedgerConfig, ScopeSetting};
use audit_storage::message::Form;
use audit_storage::record_row::RecordRow;
use audit_storage::stores::{RowStore as _, SegmentStore as _, VersionId};
use audit_storage::{Error, keys, message, rows};
use audit_testkit::{Cloud, Gate};
use bytes::Bytes;

use crate::fixture::TestReader;

/// When the first record was received: 2026-01-01.
pub(crate) const START: u64 = 1_767_225_600_000;

/// The words that no error may repeat.
pub(crate) const SECRET: &str = "a-marked-secret";

pub(crate) struct Written {
    pub(crate) cloud: Cloud,
    pub(crate) name: LedgerName,
    pub(crate) config: LedgerConfig,
    messages: u64,
}

/// The id of the record with that number.
pub(crate) fn id(number: u64) -> RecordId {
    let mut tail = [0; 10];
    tail[2..].copy_from_slice(&number.to_be_bytes());
    RecordId::mint(Millis::new(START), tail)
}

/// A record whose content is secret.
pub(crate) fn record(number: u64) -> String {
    format!(
        r#"{{"id":"{}","type":"decision","occurred_at":"2026-01-01T00:00:00Z","system":"credit","subject":{{"id":"{SECRET}"}},"attributes":{{"x":"{SECRET}"}},"decision":{{"outcome":"denied"}}}}"#,
        id(number)
    )
}

impl Written {
    /// A ledger with its genesis.
    pub(crate) async fn new() -> Self {
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
        Self {
            cloud,
            name,
            config,
            messages: 0,
        }
    }

    /// With one record in each of so many segments, which begin at 1.
    pub(crate) async fn with_segments(count: u64) -> Self {
        let mut written = Self::new().await;
        for number in 1..=count {
            written.commit(&[&record(number)]).await;
        }
        written
    }

    /// Commits records in one segment.
    pub(crate) async fn commit(&mut self, records: &[&str]) {
        self.messages += 1;
        let writer = Writer::new(
            self.cloud.stores(1),
            self.cloud.staging.clone(),
            self.cloud.quarantine.clone(),
            Limits::unhurried(),
        );
        let now = Millis::new(START);
        let raw: Vec<&[u8]> = records.iter().map(|record| record.as_bytes()).collect();
        let request = format!("r{}", self.messages);
        let mut packed = message::pack(&request, now, &raw).expect("packed");
        let Form::Inline(body) = packed.remove(0).form else {
            unreachable!("small records")
        };
        let delivered = Delivered {
            message_id: format!("m{}", self.messages),
            receipt: "x".to_owned(),
            sent_at: now,
            receive_count: 1,
            ledger: Some(self.name.to_string()),
            body,
        };
        let outcome = writer.commit_batch(vec![delivered]).await;
        assert_eq!(outcome.counts.committed, records.len() as u64);
    }

    pub(crate) fn reader(&self) -> TestReader {
        self.reader_through(&Gate::new())
    }

    /// A reader whose calls pass a gate.
    pub(crate) fn reader_through(&self, gate: &Gate) -> TestReader {
        Reader::new(self.cloud.process(gate).stores(1))
    }

    /// Reads a record by a reader that knows nothing yet.
    pub(crate) async fn get(&self, number: u64) -> Result<Option<Found>, Error> {
        self.reader().get(&self.config, id(number)).await
    }

    /// The row of a record.
    pub(crate) async fn row(&self, number: u64) -> RecordRow {
        let key = rows::record(&self.name, &id(number), self.config.buckets);
        let item = self.cloud.rows.get(&key).await.expect("a read");
        RecordRow::from_item(&item.expect("a row")).expect("a row")
    }

    /// Changes the row of a record past all rules.
    pub(crate) async fn change_row(&self, number: u64, change: impl FnOnce(&mut RecordRow)) {
        let key = rows::record(&self.name, &id(number), self.config.buckets);
        let mut row = self.row(number).await;
        change(&mut row);
        self.cloud.rows.tamper(&key, Some(row.to_item()));
    }

    /// The row names a version that there is not, so the chain has to say which is right.
    pub(crate) async fn lose_version(&self, number: u64) {
        self.change_row(number, |row| {
            row.position.segment_version = VersionId("no-such-version".to_owned());
        })
        .await;
    }

    /// The bytes of the first version of a segment.
    pub(crate) fn segment(&self, start: u64) -> Bytes {
        let key = keys::segment(&self.name, start);
        self.cloud.segments.contents()[&key][0].clone()
    }

    /// Puts a version over a segment, as an intruder who may write could.
    pub(crate) fn plant(&self, start: u64, bytes: Bytes) -> VersionId {
        let key = keys::segment(&self.name, start);
        let segments = &self.cloud.segments;
        segments.overwrite(&self.config.retention_class, &key, bytes)
    }

    /// Plants another segment of the same entries at each of these starts, each naming the one
    /// before it; the first names what the true one names.
    pub(crate) fn plant_chain(&self, starts: std::ops::RangeInclusive<u64>) {
        let mut prev: Option<Hash> = None;
        for start in starts {
            let built = self.forged(start, prev);
            self.plant(start, Bytes::from(built.bytes));
            prev = Some(built.hash);
        }
    }

    /// The segment with its entries and another time, behind `prev` in place of what it names.
    pub(crate) fn forged(&self, start: u64, prev: Option<Hash>) -> Built {
        let bytes = self.segment(start);
        let truth = Segment::read(&bytes).expect("a segment");
        let header = &truth.header;
        let mut builder = Builder::new(
            self.name.clone(),
            header.frontier.clone(),
            prev.or(header.prev),
        );
        for item in &truth.items {
            builder.push(item.entry, item.body).expect("room");
        }
        builder
            .finish(Millis::new(header.created_at.get() + 1))
            .expect("entries")
    }

    /// Removes every version of a segment, which can be done once its retention has ended.
    pub(crate) async fn remove(&self, start: u64) {
        let (segments, class) = (&self.cloud.segments, &self.config.retention_class);
        let key = keys::segment(&self.name, start);
        self.cloud
            .clock
            .advance(std::time::Duration::from_hours(24 * 10_000));
        for version in segments.versions(class, &key).await.expect("a list") {
            segments
                .delete_version(class, &key, &version.id)
                .expect("a version whose retention has ended");
        }
    }
}

/// Everything that an error says, for whoever reads the log.
pub(crate) fn said(error: &Error) -> String {
    let mut said = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        said.push_str(&cause.to_string());
        source = cause.source();
    }
    said
}
