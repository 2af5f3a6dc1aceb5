//! The index's requests in bulk: what one call of the store does not take, or leaves unprocessed,
//! is asked for again here.

use std::collections::BTreeMap;

use audit_record::RecordId;
use audit_storage::record_row::RecordRow;
use audit_storage::rows::{self, RowKey};
use audit_storage::stores::{BATCH_GET_KEYS, BATCH_PUT_ITEMS, RowStore};
use audit_storage::{Backend, Error, Item, Kind, Result};

use crate::concurrent::concurrently;
use crate::session::Session;

impl<B: Backend> Session<'_, B> {
    /// Reads the rows of entries, consistently: those that exist, by id.
    pub(crate) async fn record_rows(
        &self,
        ids: &[RecordId],
    ) -> Result<BTreeMap<RecordId, RecordRow>> {
        let items = self.record_items(ids).await?;
        items
            .iter()
            .map(|item| {
                let row = RecordRow::from_item(item)?;
                Ok((row.id, row))
            })
            .collect()
    }

    /// Reads the rows of entries as they are stored, in no particular order.
    pub(crate) async fn record_items(&self, ids: &[RecordId]) -> Result<Vec<Item>> {
        let keys: Vec<RowKey> = ids
            .iter()
            .map(|id| rows::record(self.ledger(), id, self.config.buckets))
            .collect();
        let mut work = Vec::new();
        for keys in keys.chunks(BATCH_GET_KEYS) {
            work.push(self.read_batch(keys.to_vec()));
        }
        let mut items = Vec::with_capacity(ids.len());
        for found in concurrently(self.limits.concurrent_requests, work).await {
            items.extend(found?);
        }
        Ok(items)
    }

    async fn read_batch(&self, mut keys: Vec<RowKey>) -> Result<Vec<Item>> {
        let mut found = Vec::with_capacity(keys.len());
        let mut attempt = 0;
        loop {
            let error = match self.backend.rows().batch_get(&keys).await {
                Ok(got) => {
                    found.extend(got.found);
                    if got.unprocessed.is_empty() {
                        return Ok(found);
                    }
                    if got.unprocessed.len() < keys.len() {
                        attempt = 0;
                    }
                    keys = got.unprocessed;
                    Error::unavailable("rows were left unread")
                }
                Err(error) if error.retryable() => error,
                Err(error) => return Err(error),
            };
            attempt += 1;
            if !self.patience.pause(attempt).await {
                return Err(error);
            }
        }
    }

    /// Writes rows of entries that are committed. They are a pure function of what is committed, so
    /// writing one again, or over another writer's, changes nothing.
    pub(crate) async fn put_rows(&self, items: &[Item]) -> Result<()> {
        let mut work = Vec::new();
        for items in items.chunks(BATCH_PUT_ITEMS) {
            work.push(self.write_batch(items.to_vec()));
        }
        let written = concurrently(self.limits.concurrent_requests, work).await;
        written.into_iter().collect()
    }

    async fn write_batch(&self, mut items: Vec<Item>) -> Result<()> {
        let mut attempt = 0;
        loop {
            let error = match self.backend.rows().batch_put(items.clone()).await {
                Ok(unprocessed) if unprocessed.is_empty() => return Ok(()),
                Ok(unprocessed) => {
                    if unprocessed.len() < items.len() {
                        attempt = 0;
                    }
                    items = unprocessed;
                    Error::unavailable("rows were left unwritten")
                }
                Err(error) if matches!(error.kind(), Kind::Unavailable | Kind::Unknown) => error,
                Err(error) => return Err(error),
            };
            attempt += 1;
            if !self.patience.pause(attempt).await {
                return Err(error);
            }
        }
    }
}
