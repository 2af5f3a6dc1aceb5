//! Index and metrics against what the segments say.

use std::collections::BTreeMap;

use audit_record::RecordId;
use audit_storage::metric_row::MetricRow;
use audit_storage::record_row::RecordRow;
use audit_storage::rows::{self, PK, SK, TTL};
use audit_storage::stores::{Order, Query, RowStore};
use audit_storage::{Backend, Clock, Item, Result};

use super::segments::References;
use super::{Code, Verification};
use crate::derived::Derived;
use crate::sample::Sample;

/// Rows of one page of a query.
const PAGE_ROWS: u32 = 1_000;

impl<B: Backend> Verification<'_, '_, B> {
    /// Compares the rows of a segment's entries, byte for byte. Because a row's key is its id, two
    /// entries of one id can't both have theirs: that shows here without remembering any ids.
    pub(super) async fn check_rows(
        &mut self,
        derived: &Derived,
        references: &References,
    ) -> Result<()> {
        let mut ids: Vec<RecordId> = Vec::with_capacity(derived.rows.len());
        let mut expected: Vec<(RecordId, &Item)> = Vec::with_capacity(derived.rows.len());
        for row in &derived.rows {
            let id: RecordId = RecordRow::from_item(row)?.id;
            ids.push(id);
            expected.push((id, row));
            if let Ok(partition) = row.text(PK) {
                *self.partitions.entry(partition.to_owned()).or_default() += 1;
            }
        }
        ids.extend(references.iter().map(|(_, id, _)| *id));
        ids.sort_unstable();
        ids.dedup();
        let mut found: BTreeMap<String, Item> = BTreeMap::new();
        for item in self.session.record_items(&ids).await? {
            if let Ok(id) = item.text(SK) {
                found.insert(id.to_owned(), item);
            }
        }
        let now_s = self.session.backend.clock().now().get() / 1_000;
        for (id, row) in expected {
            let index = row.number("i").ok();
            match found.get(&id.to_string()) {
                Some(stored) if stored == row => {}
                Some(stored) if stored.number("i").ok() != index => {
                    let other = stored.number("i").unwrap_or_default();
                    let detail = format!("the row of {id} is that of entry {other}");
                    self.report.find(Code::DuplicateId, index, detail);
                }
                Some(_) => {
                    let detail = format!("the row of {id} is not what the segment says");
                    self.report.find(Code::RowDiffers, index, detail);
                }
                // DynamoDB may have dropped it by now, or in the next days.
                None if row.opt_number(TTL)?.is_some_and(|ends_s| ends_s <= now_s) => {}
                None => {
                    let detail = format!("{id} has no row");
                    self.report.find(Code::RowMissing, index, detail);
                }
            }
        }
        for (index, ref_id, ref_index) in references {
            let stored = found.get(&ref_id.to_string());
            if stored.and_then(|row| row.number("i").ok()) != Some(*ref_index) {
                let detail = format!("{ref_id} is not at {ref_index}");
                self.report.find(Code::Reference, Some(*index), detail);
            }
        }
        Ok(())
    }

    /// Counts the rows of each day that has entries: one too many stands for nothing committed.
    pub(super) async fn check_extra_rows(&mut self) -> Result<()> {
        let size = self.tip.size().0;
        for (partition, expected) in std::mem::take(&mut self.partitions) {
            let mut below = 0_u64;
            for item in self.partition(&partition).await? {
                let id = item.text(SK)?.to_owned();
                if item.number("i")? < size {
                    below += 1;
                } else if !self.may_be_above(&id).await? {
                    let detail = format!("{id} is not committed");
                    self.report.find(Code::RowExtra, None, detail);
                }
            }
            if below > expected {
                let detail =
                    format!("{partition} has {below} rows, its segments {expected} entries");
                self.report.find(Code::RowExtra, None, detail);
            }
        }
        Ok(())
    }

    /// Whether a row above the verified size may be there: it belongs to the segment that stands
    /// above HEAD, or to what writers have committed since.
    async fn may_be_above(&self, id: &str) -> Result<bool> {
        if self.is_pending {
            return Ok(self.pending.contains(id));
        }
        let size = self.tip.size().0;
        let head = self.session.head().await?;
        Ok(head.is_none_or(|head| head.size != size))
    }

    /// Folds a segment into the figures.
    pub(super) fn fold(&mut self, derived: &Derived) {
        for (hour, samples) in &derived.hours {
            let ledger = self.session.ledger();
            let row = self
                .hours
                .remove(hour)
                .unwrap_or_else(|| MetricRow::empty(ledger.clone(), *hour));
            let folded = row.fold(derived.start, samples.iter().map(Sample::facts));
            self.hours.insert(*hour, folded);
        }
    }

    /// Compares each hour's figures, byte for byte.
    pub(super) async fn check_metrics(&mut self) -> Result<()> {
        let size = self.tip.size().0;
        let mut expected = std::mem::take(&mut self.hours);
        let partition = rows::metrics(self.session.ledger());
        for item in self.partition(&partition).await? {
            self.report.hours += 1;
            let hour = item.text(SK).unwrap_or_default().to_owned();
            let row = match MetricRow::from_item(&item) {
                Ok(row) => row,
                Err(error) => {
                    self.report
                        .find(Code::Metric, None, format!("{hour}: {error}"));
                    continue;
                }
            };
            let due = expected.remove(&row.hour);
            // A segment above the verified size went in already: its turn is the next time.
            if row.applied.is_some_and(|applied| applied >= size) {
                continue;
            }
            if due.map(|due| due.to_item()).as_ref() != Some(&item) {
                let detail = format!("{hour}: the figures are not what the records add up to");
                self.report.find(Code::Metric, None, detail);
            }
        }
        for (hour, _) in expected {
            self.report.find(
                Code::Metric,
                None,
                format!("{hour}: the figures are missing"),
            );
        }
        Ok(())
    }

    async fn partition(&self, partition: &str) -> Result<Vec<Item>> {
        let mut query = Query {
            index: None,
            partition: partition.to_owned(),
            between: None,
            order: Order::Ascending,
            limit: PAGE_ROWS,
            after: None,
        };
        let mut items = Vec::new();
        loop {
            let session = self.session;
            let page = session
                .patience
                .ask(|| session.backend.rows().query(&query))
                .await?;
            items.extend(page.items);
            query.after = page.next;
            if query.after.is_none() {
                return Ok(items);
            }
        }
    }
}
