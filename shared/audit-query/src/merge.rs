//! Reading a stretch of ids in order out of the partitions that it is spread over.
//!
//! A day's rows lie in one partition for each bucket, those of one actor or subject in a single
//! one of a sparse index. Each partition answers in order; this merges them, and always knows up to
//! which place everything has been seen, so that an answer may stop between any two rows.

use std::collections::VecDeque;

use audit_storage::record_row::RecordRow;
use audit_storage::rows::Index;
use audit_storage::stores::{Order, Query, RowStore};
use audit_storage::{Error, Result};
use futures::future::try_join_all;

use crate::stretch::{Place, Stretch};

/// One partition on the way through a stretch.
#[derive(Debug)]
struct Stream {
    index: Option<Index>,
    partition: String,
    /// What has not been asked for yet.
    unread: Option<Stretch>,
    read: VecDeque<RecordRow>,
}

impl Stream {
    fn is_hungry(&self) -> bool {
        self.read.is_empty() && self.unread.is_some()
    }
}

/// A stretch being read.
#[derive(Debug)]
pub(crate) struct Merge {
    streams: Vec<Stream>,
    order: Order,
}

impl Merge {
    /// Reads a stretch of these partitions of the table, or of an index.
    pub(crate) fn new(
        index: Option<Index>,
        partitions: Vec<String>,
        stretch: Stretch,
        order: Order,
    ) -> Self {
        let streams = partitions
            .into_iter()
            .map(|partition| Stream {
                index,
                partition,
                unread: Some(stretch),
                read: VecDeque::new(),
            })
            .collect();
        Self { streams, order }
    }

    /// How many pages must be read before the next row is known.
    pub(crate) fn pages_needed(&self) -> usize {
        self.streams
            .iter()
            .filter(|stream| stream.is_hungry())
            .count()
    }

    /// Whether every row has been taken.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.streams
            .iter()
            .all(|stream| stream.read.is_empty() && stream.unread.is_none())
    }

    /// Reads the pages that are needed, all at once, of at most `limit` rows each.
    pub(crate) async fn read(&mut self, store: &impl RowStore, limit: u32) -> Result<()> {
        let order = self.order;
        let hungry = self.streams.iter_mut().filter(|stream| stream.is_hungry());
        try_join_all(hungry.map(|stream| read_page(stream, store, order, limit))).await?;
        Ok(())
    }

    /// Takes the next row in order; `None` if there is none, or a page is needed first.
    pub(crate) fn take(&mut self) -> Option<(Place, RecordRow)> {
        if self.pages_needed() > 0 {
            return None;
        }
        let heads = self
            .streams
            .iter_mut()
            .filter(|stream| !stream.read.is_empty());
        let first = match self.order {
            Order::Ascending => heads.min_by_key(|stream| stream.read[0].id),
            Order::Descending => heads.max_by_key(|stream| stream.read[0].id),
        };
        let row = first?.read.pop_front()?;
        Some((Place::of(row.id), row))
    }
}

async fn read_page(
    stream: &mut Stream,
    store: &impl RowStore,
    order: Order,
    limit: u32,
) -> Result<()> {
    let Some(unread) = stream.unread else {
        return Ok(());
    };
    let query = Query {
        index: stream.index,
        partition: stream.partition.clone(),
        between: Some(unread.sort_keys()),
        order,
        limit,
        after: None,
    };
    let page = store.query(&query).await?;
    // A page goes on behind the key that it names, which need not be its last row's.
    stream.unread = match page
        .next
        .as_ref()
        .map(|next| Place::from_sort_key(&next.sk))
    {
        None => None,
        Some(place) => unread.behind(
            place.ok_or_else(|| Error::corrupt("page ends at no id"))?,
            order,
        ),
    };
    stream.read = page
        .items
        .iter()
        .map(RecordRow::from_item)
        .collect::<Result<_>>()?;
    Ok(())
}
