//! Rows that are made when they are read: a million of them in the room of their keys.

use std::collections::BTreeMap;
use std::fmt;

use audit_storage::Item;
use audit_storage::rows::{Index, PK, RowKey};
use audit_storage::stores::Query;

use super::rows::{Found, in_order};

/// Where a row stands.
#[derive(Debug, Clone)]
pub struct Place {
    /// Its key.
    pub key: RowKey,
    /// The indexes that it is in, with the value of their key.
    pub indexed: Vec<(Index, String)>,
}

/// Rows of a table that are a function of their number.
pub struct DerivedRows {
    /// By the row's number, which is their order too.
    sort_keys: Vec<String>,
    /// The rows of each partition, of the table (`pk`) and of each index (its attribute).
    partitions: BTreeMap<(&'static str, String), Vec<u32>>,
    make: Box<dyn Fn(usize) -> Item + Send + Sync>,
}

impl fmt::Debug for DerivedRows {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DerivedRows({})", self.sort_keys.len())
    }
}

impl DerivedRows {
    /// Rows in the order of their sort keys, and what makes the one with a number. A partition of
    /// theirs holds nothing else.
    ///
    /// # Panics
    /// If they do not come in order.
    pub fn new(
        places: impl IntoIterator<Item = Place>,
        make: impl Fn(usize) -> Item + Send + Sync + 'static,
    ) -> Self {
        let mut sort_keys: Vec<String> = Vec::new();
        let mut partitions: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for place in places {
            assert!(sort_keys.last().is_none_or(|last| *last < place.key.sk));
            let number = u32::try_from(sort_keys.len()).expect("fewer than 2^32 rows");
            let indexed = place.indexed.into_iter();
            let indexed = indexed.map(|(index, value)| (index.attribute(), value));
            for partition in indexed.chain([(PK, place.key.pk)]) {
                partitions.entry(partition).or_default().push(number);
            }
            sort_keys.push(place.key.sk);
        }
        Self {
            sort_keys,
            partitions,
            make: Box::new(make),
        }
    }

    pub(super) fn get(&self, key: &RowKey) -> Option<Item> {
        let partition = self.partitions.get(&(PK, key.pk.clone()))?;
        let at = partition.partition_point(|number| *self.sort_key(*number) < *key.sk);
        let number = *partition.get(at)?;
        (self.sort_key(number) == key.sk).then(|| self.row(number).item)
    }

    /// What a query finds; `None` if the partition is none of these.
    pub(super) fn find<'r>(
        &'r self,
        query: &'r Query,
    ) -> Option<Box<dyn Iterator<Item = Found> + 'r>> {
        let attribute = query.index.map_or(PK, Index::attribute);
        let partition = self.partitions.get(&(attribute, query.partition.clone()))?;
        // The rows of one query differ in their sort key, which is the record's id.
        let holds = |number: &&u32| {
            let sk = self.sort_key(**number);
            let after = query.after.as_ref().map(|after| after.sk.as_str());
            after != Some(sk)
        };
        let (mut low, mut high) = (0, partition.len());
        let place =
            |bound: &str| partition.partition_point(|number| self.sort_key(*number) < bound);
        if let Some((first, last)) = &query.between {
            (low, high) = (place(first), place(&format!("{last}\0")));
        }
        if let Some(after) = &query.after {
            match query.order {
                audit_storage::stores::Order::Ascending => low = low.max(place(&after.sk)),
                audit_storage::stores::Order::Descending => {
                    high = high.min(place(&format!("{}\0", after.sk)));
                }
            }
        }
        let rows = partition.get(low..high).unwrap_or_default().iter();
        let found = rows.filter(holds).map(|number| self.row(*number));
        Some(in_order(found, query.order))
    }

    fn sort_key(&self, number: u32) -> &str {
        &self.sort_keys[number as usize]
    }

    fn row(&self, number: u32) -> Found {
        let item = (self.make)(number as usize);
        let key = RowKey::of(&item).expect("a row has its key");
        assert_eq!(
            key.sk,
            self.sort_key(number),
            "a row stands where it was said to"
        );
        Found { key, item }
    }
}
