//! A ledger's index, written row by row as a writer leaves it, and the oracle that lists it.

use std::collections::BTreeMap;

use audit_query::{Filter, ListRequest, Listing, PageLimit, Reader};
use audit_record::json::Value;
use audit_record::{Fields, LedgerName, Millis, RecordId};
use audit_storage::config::{Lane, LedgerConfig, LedgerKey, ScopeSetting};
use audit_storage::head::{Head, LastSegment};
use audit_storage::metric_row::{MetricFacts, MetricRow};
use audit_storage::record_row::{Opened, Position, RecordRow, RowEntry, RowSettings};
use audit_storage::rows::Hour;
use audit_storage::stores::{Condition, Order, RowStore as _, VersionId};
use audit_testkit::{Cloud, Gate, MemoryStores};

pub(crate) type TestReader = Reader<MemoryStores>;

/// What a record says, by pointer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said(pub(crate) BTreeMap<&'static str, Value<'static>>);

impl Fields for Said {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        self.0.get(pointer)
    }
}

pub(crate) struct World {
    pub(crate) cloud: Cloud,
    pub(crate) config: LedgerConfig,
    pub(crate) written: Vec<RecordRow>,
    metrics: BTreeMap<Hour, MetricRow>,
}

impl World {
    pub(crate) fn new(buckets: u16) -> Self {
        let key = LedgerKey {
            key_id: [1; 16],
            kms_key: "key".to_owned(),
            wrapped: vec![7; 32],
        };
        let config = LedgerConfig {
            ledger: LedgerName::parse("acme/credit").expect("a name"),
            origin: "audit.localhost/acme/credit".to_owned(),
            retention_class: "7y".parse().expect("a class"),
            buckets,
            scope: ScopeSetting::Day,
            lane: Lane(0),
            index_days: None,
            keys: vec![key],
            created_at: Millis::new(0),
            revision: 1,
        };
        Self {
            cloud: Cloud::new(),
            config,
            written: Vec::new(),
            metrics: BTreeMap::new(),
        }
    }

    pub(crate) fn reader(&self) -> TestReader {
        self.reader_through(&Gate::new())
    }

    /// A reader whose calls pass a gate.
    pub(crate) fn reader_through(&self, gate: &Gate) -> TestReader {
        Reader::new(self.cloud.process(gate).stores(1))
    }

    /// Commits records in one segment: rows, metric rows, then HEAD.
    pub(crate) async fn commit(&mut self, records: &[(RecordId, &str, Said)]) {
        let start = self.written.len() as u64;
        let mut items = Vec::new();
        let mut by_hour: BTreeMap<Hour, Vec<&Said>> = BTreeMap::new();
        for (at, (id, kind, said)) in records.iter().enumerate() {
            let entry = RowEntry {
                ledger: &self.config.ledger,
                id: *id,
                kind,
                received_at: id.millis(),
                leaf_hash: [3; 32],
            };
            let position = Position {
                index: start + at as u64,
                segment_start: start,
                segment_version: VersionId("v".to_owned()),
                offset: 0,
                length: 1,
            };
            let opened = if *kind == "record" {
                Opened::Whole(said)
            } else {
                Opened::OwnKind
            };
            let row = RecordRow::derive(&entry, &opened, position, RowSettings::from(&self.config));
            if row.is_record() {
                by_hour.entry(Hour::of(id.millis())).or_default().push(said);
            }
            items.push(row.to_item());
            self.written.push(row);
        }
        for chunk in items.chunks(25) {
            assert!(
                self.cloud
                    .rows
                    .batch_put(chunk.to_vec())
                    .await
                    .expect("rows")
                    .is_empty()
            );
        }
        for (hour, records) in by_hour {
            let empty = MetricRow::empty(self.config.ledger.clone(), hour);
            let row = self.metrics.remove(&hour).unwrap_or(empty);
            let condition = row.condition();
            let folded = row.fold(start, records.iter().map(|said| MetricFacts::of(*said)));
            self.cloud
                .rows
                .put_if(folded.to_item(), condition)
                .await
                .expect("a metric row");
            self.metrics.insert(hour, folded);
        }
        self.move_head(start).await;
    }

    async fn move_head(&self, start: u64) {
        let size = self.written.len() as u64;
        let head = Head {
            size,
            root: [0; 32],
            frontier: vec![[0; 32]; size.count_ones() as usize],
            last: LastSegment {
                start,
                sha256: [0; 32],
                version: VersionId("v".to_owned()),
                form: 1,
            },
        };
        let condition = if start == 0 {
            Condition::Absent
        } else {
            Head::condition(Some(start))
        };
        self.cloud
            .rows
            .put_if(head.to_item(&self.config.ledger), condition)
            .await
            .expect("HEAD");
    }

    /// What a list must give: all matching records below `size`, in order.
    pub(crate) fn oracle(&self, filter: &Filter, order: Order, size: u64) -> Vec<RecordId> {
        let mut ids: Vec<RecordId> = self
            .written
            .iter()
            .filter(|row| row.is_record() && row.position.index < size && matches(filter, row))
            .map(|row| row.id)
            .collect();
        ids.sort();
        if order == Order::Descending {
            ids.reverse();
        }
        ids
    }

    pub(crate) async fn page(
        &self,
        filter: &Filter,
        order: Order,
        rows: usize,
        cursor: Option<&str>,
    ) -> Listing {
        let limit = PageLimit {
            rows,
            weight: usize::MAX,
            weigh: |_| 1,
        };
        let request = ListRequest {
            filter,
            order,
            limit,
            cursor,
        };
        self.reader()
            .list(&self.config, &request)
            .await
            .expect("a page")
    }
}

/// The filter, told a second time and straight.
fn matches(filter: &Filter, row: &RecordRow) -> bool {
    let is = |wanted: Option<&str>, column: &Option<String>| {
        wanted.is_none() || wanted == column.as_deref()
    };
    let members = &row.members;
    filter.from.is_none_or(|from| row.id.millis() >= from)
        && filter.to.is_none_or(|to| row.id.millis() < to)
        && is(
            filter.record_type.map(audit_record::RecordType::as_str),
            &members.record_type,
        )
        && is(filter.outcome.as_deref(), &members.outcome)
        && is(
            filter
                .risk_level
                .map(audit_record::vocabulary::RiskLevel::as_str),
            &members.risk_level,
        )
        && is(filter.actor.as_deref(), &members.actor_id)
        && is(filter.subject.as_deref(), &members.subject_id)
        && is(filter.system.as_deref(), &members.system)
        && is(filter.model.as_deref(), &members.model)
        && is(filter.provider.as_deref(), &members.provider)
        && is(filter.environment.as_deref(), &members.environment)
}
