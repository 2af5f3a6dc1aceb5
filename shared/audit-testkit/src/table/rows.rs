//! What a table holds, and what its sparse indexes show of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use audit_storage::rows::{Index, RowKey};
use audit_storage::stores::{Order, Query};
use audit_storage::{Item, Value};

use super::derived::DerivedRows;

/// A row's place in an index: which one, the value of its key, the row's sort and partition key.
type Indexed = (Index, String, String, String);

/// Rows in the order of their keys, in the table and in each index.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    stored: BTreeMap<RowKey, Item>,
    indexed: BTreeSet<Indexed>,
    /// The rows that the indexes do not show yet, the oldest first, and how many there may be.
    unseen: VecDeque<RowKey>,
    lag: usize,
    derived: Option<Arc<DerivedRows>>,
}

/// A row on the way into a page, with its sort key.
pub(super) struct Found {
    pub(super) key: RowKey,
    pub(super) item: Item,
}

impl Rows {
    /// Rows that are made when they are read.
    pub(super) fn derived(rows: DerivedRows) -> Self {
        Self {
            derived: Some(Arc::new(rows)),
            ..Self::default()
        }
    }

    /// What was written.
    pub(super) fn stored(&self) -> &BTreeMap<RowKey, Item> {
        &self.stored
    }

    pub(super) fn get(&self, key: &RowKey) -> Option<Item> {
        let derived = || self.derived.as_ref()?.get(key);
        self.stored.get(key).cloned().or_else(derived)
    }

    pub(super) fn insert(&mut self, key: RowKey, item: Item) {
        self.remove_from_indexes(&key);
        for index in Index::ALL {
            if let Some(Value::Text(value)) = item.value(index.attribute()) {
                let place = (index, value.clone(), key.sk.clone(), key.pk.clone());
                self.indexed.insert(place);
            }
        }
        if self.stored.insert(key.clone(), item).is_none() && self.lag > 0 {
            self.unseen.push_back(key);
            if self.unseen.len() > self.lag {
                self.unseen.pop_front();
            }
        }
    }

    pub(super) fn remove(&mut self, key: &RowKey) {
        self.remove_from_indexes(key);
        self.stored.remove(key);
    }

    fn remove_from_indexes(&mut self, key: &RowKey) {
        let Some(item) = self.stored.get(key) else {
            return;
        };
        for index in Index::ALL {
            if let Some(Value::Text(value)) = item.value(index.attribute()) {
                let place = (index, value.clone(), key.sk.clone(), key.pk.clone());
                self.indexed.remove(&place);
            }
        }
    }

    /// From now on the indexes do not show the last so many rows that were written for the first
    /// time; with 0 they show all.
    pub(super) fn set_lag(&mut self, rows: usize) {
        self.lag = rows;
        while self.unseen.len() > rows {
            self.unseen.pop_front();
        }
    }

    /// What a query finds, from its `after` on, in its order.
    pub(super) fn find<'r>(&'r self, query: &'r Query) -> Box<dyn Iterator<Item = Found> + 'r> {
        if let Some(derived) = &self.derived
            && let Some(found) = derived.find(query)
        {
            return found;
        }
        match query.index {
            None => self.find_in_table(query),
            Some(index) => self.find_in_index(index, query),
        }
    }

    fn find_in_table<'r>(&'r self, query: &'r Query) -> Box<dyn Iterator<Item = Found> + 'r> {
        let place = |sk: &str| RowKey {
            pk: query.partition.clone(),
            sk: sk.to_owned(),
        };
        let after = query.after.as_ref().map(|after| place(&after.sk));
        let Some(range) = range(query, place, after) else {
            return Box::new(std::iter::empty());
        };
        let found = self.stored.range(range);
        let found = found.map(|(key, item)| Found {
            key: key.clone(),
            item: item.clone(),
        });
        in_order(found, query.order)
    }

    fn find_in_index<'r>(
        &'r self,
        index: Index,
        query: &'r Query,
    ) -> Box<dyn Iterator<Item = Found> + 'r> {
        let place = |sk: &str| -> Indexed {
            (index, query.partition.clone(), sk.to_owned(), String::new())
        };
        let after = query.after.as_ref().map(|after| {
            let (index, value, sk, _) = place(&after.sk);
            (index, value, sk, after.pk.clone())
        });
        let Some(range) = range(query, place, after) else {
            return Box::new(std::iter::empty());
        };
        let found = self.indexed.range(range).filter_map(|(.., sk, pk)| {
            let key = RowKey {
                pk: pk.clone(),
                sk: sk.clone(),
            };
            let seen = !self.unseen.contains(&key);
            let item = self.stored.get(&key).filter(|_| seen)?.clone();
            Some(Found { key, item })
        });
        in_order(found, query.order)
    }
}

/// The places between which a query looks; `None` if there is nothing between them. `place` is the
/// first one with a sort key.
fn range<P: Ord + Clone>(
    query: &Query,
    place: impl Fn(&str) -> P,
    after: Option<P>,
) -> Option<(Bound<P>, Bound<P>)> {
    let (low, high) = match &query.between {
        // Nothing stands between a key and the same one with a zero byte more.
        Some((low, high)) => (place(low), place(&format!("{high}\0"))),
        // No key of ours holds the last character that there is.
        None => (place(""), place("\u{10ffff}")),
    };
    let (mut from, mut to) = (Bound::Included(low.clone()), high.clone());
    match (query.order, after) {
        (Order::Ascending, Some(after)) if after >= low => from = Bound::Excluded(after),
        (Order::Descending, Some(after)) => to = to.min(after),
        _ => {}
    }
    let start = match &from {
        Bound::Included(start) | Bound::Excluded(start) => start,
        Bound::Unbounded => return None,
    };
    (*start < to).then_some((from, Bound::Excluded(to)))
}

/// The rows in a query's order.
pub(super) fn in_order<'r>(
    found: impl DoubleEndedIterator<Item = Found> + 'r,
    order: Order,
) -> Box<dyn Iterator<Item = Found> + 'r> {
    match order {
        Order::Ascending => Box::new(found),
        Order::Descending => Box::new(found.rev()),
    }
}
