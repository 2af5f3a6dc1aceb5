//! A DynamoDB table with its sparse indexes.

mod derived;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard};

use audit_storage::rows::{Index, RowKey, SK};
use audit_storage::stores::{
    BATCH_GET_KEYS, BATCH_PUT_ITEMS, BatchGot, Condition, KeyStore, Page, Query, RowStore, Written,
};
use audit_storage::{Error, Item, Result, Value};

pub use derived::{DerivedRows, Place};
use rows::{Found, Rows};

use crate::gate::{Gate, Touch};

const ITEM_BYTES: usize = 400 * 1024;
const PAGE_BYTES: usize = 1024 * 1024;
const PARTITION_KEY_BYTES: usize = 2048;
const SORT_KEY_BYTES: usize = 1024;

#[derive(Debug, Clone, Default)]
struct Table {
    rows: Rows,
    /// How many keys or items of the next batches stay unprocessed.
    unprocessed: usize,
}

impl Table {
    /// How many of a batch stay unprocessed.
    fn leave(&mut self, batch: usize, half: bool) -> usize {
        let left = self.unprocessed.min(batch);
        self.unprocessed -= left;
        if half { left.max(batch / 2) } else { left }
    }
}

/// A table in memory, a [`RowStore`] and a [`KeyStore`]. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryTable {
    table: Arc<Mutex<Table>>,
    gate: Gate,
}

impl MemoryTable {
    /// A table that holds these rows, which are made when they are read. What is written besides
    /// them goes into other partitions.
    #[must_use]
    pub fn of(rows: DerivedRows) -> Self {
        let table = Table {
            rows: Rows::derived(rows),
            unprocessed: 0,
        };
        Self {
            table: Arc::new(Mutex::new(table)),
            gate: Gate::new(),
        }
    }

    /// The same table through another process's gate.
    #[must_use]
    pub fn through(&self, gate: &Gate) -> Self {
        Self {
            table: Arc::clone(&self.table),
            gate: gate.clone(),
        }
    }

    /// A copy that goes its own way.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            table: Arc::new(Mutex::new(self.table().clone())),
            gate: Gate::new(),
        }
    }

    /// Every row that was written.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<RowKey, Item> {
        self.table().rows.stored().clone()
    }

    /// Loses every row, as somebody who drops the table does.
    pub fn clear(&self) {
        *self.table() = Table::default();
    }

    /// Changes a row past all rules, as an intruder would; `None` removes it.
    pub fn tamper(&self, key: &RowKey, item: Option<Item>) {
        let rows = &mut self.table().rows;
        match item {
            Some(item) => rows.insert(key.clone(), item),
            None => rows.remove(key),
        }
    }

    /// From now on the indexes do not show the last `rows` rows that were written for the first
    /// time, as DynamoDB's are behind by a moment. Those written before are shown.
    pub fn lag_indexes(&self, rows: usize) {
        self.table().rows.set_lag(rows);
    }

    /// The indexes show everything again.
    pub fn catch_up(&self) {
        self.lag_indexes(0);
    }

    /// The next `count` keys or items of batches stay unprocessed, the last ones of each first.
    pub fn leave_unprocessed(&self, count: usize) {
        self.table().unprocessed = count;
    }

    pub(crate) fn fingerprint(&self, hasher: &mut impl Hasher) {
        self.table().rows.stored().hash(hasher);
    }

    fn read(&self, key: &RowKey) -> Result<Option<Item>> {
        check_key(key)?;
        let row = self.table().rows.get(key);
        self.gate.bill(
            "dynamodb:GetItem",
            read_units(row.as_ref().map_or(0, Item::size)),
        );
        Ok(row)
    }

    fn write_if(&self, item: Item, condition: &Condition) -> Result<Written> {
        let key = RowKey::of(&item)?;
        check(&key, &item)?;
        let mut table = self.table();
        let stored = table.rows.stored().get(&key);
        self.gate
            .bill("dynamodb:PutItem", write_units(stored, &item));
        let holds = match (stored, condition) {
            (stored, Condition::Absent) => stored.is_none(),
            (None, Condition::Equals { .. }) => false,
            (Some(stored), Condition::Equals { attribute, value }) => {
                stored.value(attribute) == Some(value)
            }
        };
        if !holds {
            return Ok(Written::ConditionFailed);
        }
        if let Some(stored) = stored {
            check_successor(stored, &item);
        }
        table.rows.insert(key, item);
        Ok(Written::Done)
    }

    fn read_batch(&self, keys: &[RowKey], half: bool) -> Result<BatchGot> {
        if !(1..=BATCH_GET_KEYS).contains(&keys.len()) {
            return Err(Error::invalid("BatchGetItem takes 1 to 100 keys"));
        }
        if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
            return Err(Error::invalid("BatchGetItem takes distinct keys"));
        }
        keys.iter().try_for_each(check_key)?;
        let mut table = self.table();
        let left = table.leave(keys.len(), half);
        let (asked, unprocessed) = keys.split_at(keys.len() - left);
        let rows: Vec<Option<Item>> = asked.iter().map(|key| table.rows.get(key)).collect();
        let units = rows
            .iter()
            .map(|row| read_units(row.as_ref().map_or(0, Item::size)))
            .sum();
        self.gate.bill("dynamodb:BatchGetItem", units);
        Ok(BatchGot {
            found: rows.into_iter().flatten().collect(),
            unprocessed: unprocessed.to_vec(),
        })
    }

    fn write_batch(&self, items: Vec<Item>, half: bool) -> Result<Vec<Item>> {
        if !(1..=BATCH_PUT_ITEMS).contains(&items.len()) {
            return Err(Error::invalid("BatchWriteItem takes 1 to 25 items"));
        }
        let keys: Vec<RowKey> = items.iter().map(RowKey::of).collect::<Result<_>>()?;
        if keys.iter().collect::<BTreeSet<_>>().len() != keys.len() {
            return Err(Error::invalid("BatchWriteItem takes distinct keys"));
        }
        for (key, item) in keys.iter().zip(&items) {
            check(key, item)?;
        }
        let mut table = self.table();
        let left = table.leave(items.len(), half);
        let written = items.len() - left;
        let mut rest = Vec::new();
        for (at, (key, item)) in keys.into_iter().zip(items).enumerate() {
            if at >= written {
                rest.push(item);
                continue;
            }
            let stored = table.rows.stored().get(&key);
            self.gate
                .bill("dynamodb:BatchWriteItem", write_units(stored, &item));
            if let Some(stored) = stored {
                check_successor(stored, &item);
            }
            table.rows.insert(key, item);
        }
        Ok(rest)
    }

    fn page(&self, query: &Query) -> Result<Page> {
        if query.limit == 0 {
            return Err(Error::invalid("Query takes a limit of at least 1"));
        }
        if query.partition.is_empty() {
            return Err(Error::invalid("Query takes a key that is not empty"));
        }
        if query.between.as_ref().is_some_and(|(low, high)| low > high) {
            return Err(Error::invalid("BETWEEN takes its lower bound first"));
        }
        let page = cut_page(self.table().rows.find(query), query.limit);
        let bytes: usize = page.items.iter().map(Item::size).sum();
        let halves = if query.index.is_some() { 1 } else { 2 };
        let units = bytes.div_ceil(4096).max(1) as u64 * halves;
        self.gate.bill("dynamodb:Query", units);
        Ok(page)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().expect("no panic while it is held")
    }
}

/// Up to `limit` rows and 1 MB. As with the service, a page that its limit ended names a next one
/// even if nothing follows.
fn cut_page(found: impl Iterator<Item = Found>, limit: u32) -> Page {
    let mut page = Page::default();
    let mut bytes = 0;
    for Found { key, item } in found {
        bytes += item.size();
        if bytes > PAGE_BYTES && !page.items.is_empty() {
            return page;
        }
        page.items.push(item);
        page.next = Some(key);
        if page.items.len() == limit as usize {
            return page;
        }
    }
    page.next = None;
    page
}

fn check_key(key: &RowKey) -> Result<()> {
    let fits = (1..=PARTITION_KEY_BYTES).contains(&key.pk.len())
        && (1..=SORT_KEY_BYTES).contains(&key.sk.len());
    fits.then_some(())
        .ok_or_else(|| Error::invalid("key is empty or too long"))
}

fn check(key: &RowKey, item: &Item) -> Result<()> {
    check_key(key)?;
    if item.size() > ITEM_BYTES {
        return Err(Error::invalid("item has over 400 KB"));
    }
    for index in Index::ALL {
        if let Some(value) = item.value(index.attribute()) {
            let Value::Text(text) = value else {
                return Err(Error::invalid("index key is no string"));
            };
            if !(1..=PARTITION_KEY_BYTES).contains(&text.len()) {
                return Err(Error::invalid("index key is empty or too long"));
            }
        }
    }
    Ok(())
}

/// What no service refuses and our invariants forbid: a record row that moves to another place in
/// its ledger, a HEAD that shrinks.
fn check_successor(stored: &Item, item: &Item) {
    let key = RowKey::of(item).ok();
    if item.value(SK) == Some(&"HEAD".into()) {
        let (Some(Value::Number(before)), Some(Value::Number(after))) =
            (stored.value("size"), item.value("size"))
        else {
            return;
        };
        assert!(before < after, "HEAD goes from size {before} to {after}");
    }
    for place in ["i", "ss", "h"] {
        assert_eq!(
            stored.value(place),
            item.value(place),
            "row {key:?} was moved"
        );
    }
}

/// Half units: a consistent read of each started 4 KB is two of them.
fn read_units(bytes: usize) -> u64 {
    bytes.div_ceil(4096).max(1) as u64 * 2
}

/// One unit for each started 1 KB of the larger of old and new row, in the table and in each index
/// that shows the row and sees a change.
fn write_units(stored: Option<&Item>, item: &Item) -> u64 {
    let size = |item: &Item| item.size().div_ceil(1024).max(1) as u64;
    let units = size(item).max(stored.map_or(0, size));
    let indexes = Index::ALL.into_iter().filter(|index| {
        let held = |row: &Item| row.value(index.attribute()).is_some();
        (held(item) || stored.is_some_and(held)) && stored != Some(item)
    });
    units * (1 + indexes.count() as u64)
}

impl RowStore for MemoryTable {
    async fn get(&self, key: &RowKey) -> Result<Option<Item>> {
        let read = || self.read(key);
        self.gate.call("dynamodb:GetItem", Touch::Read, read).await
    }

    async fn batch_get(&self, keys: &[RowKey]) -> Result<BatchGot> {
        let read = |half| self.read_batch(keys, half);
        let operation = "dynamodb:BatchGetItem";
        self.gate.batch_call(operation, Touch::Read, read).await
    }

    async fn batch_put(&self, items: Vec<Item>) -> Result<Vec<Item>> {
        let write = |half| self.write_batch(items, half);
        let operation = "dynamodb:BatchWriteItem";
        self.gate.batch_call(operation, Touch::Write, write).await
    }

    async fn put_if(&self, item: Item, condition: Condition) -> Result<Written> {
        let write = || self.write_if(item, &condition);
        self.gate
            .call("dynamodb:PutItem", Touch::Write, write)
            .await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        let read = || self.page(query);
        self.gate.call("dynamodb:Query", Touch::Read, read).await
    }
}

impl KeyStore for MemoryTable {
    async fn get(&self, key: &RowKey) -> Result<Option<Item>> {
        RowStore::get(self, key).await
    }

    async fn put_if(&self, item: Item, condition: Condition) -> Result<Written> {
        RowStore::put_if(self, item, condition).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        if query.index.is_some() {
            return Err(Error::invalid("the keys table has no index"));
        }
        RowStore::query(self, query).await
    }
}
