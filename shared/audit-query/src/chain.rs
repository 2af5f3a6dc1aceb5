//! A record's chain: what caused it, what it caused, and what belongs to the same decision or trace.
//!
//! Records name each other by `decision_id`, `trace_id` and `parent_id`, and the index `by_chain`
//! finds a record under the first of these that it has. A chain is what one step finds, from the
//! record both ways:
//!
//! - the records that it names, where one of its three ids is a record's id;
//! - the records under its own id: those that name it (a human review of it is one);
//! - the records under each of its three ids: those of the same decision, trace or parent.
//!
//! The record itself is among them. They come in the order of their ids, which is that of their
//! times, each once. The index is read eventually, so the last seconds' records may be missing.

use std::collections::{BTreeSet, VecDeque};

use audit_record::{LedgerName, RecordId};
use audit_storage::config::LedgerConfig;
use audit_storage::record_row::RecordRow;
use audit_storage::rows::{self, Index};
use audit_storage::stores::{Order, RowStore};
use audit_storage::{Clock, Error, Result};
use futures::future::try_join_all;
use sha2::{Digest as _, Sha256};

use crate::budget::Budget;
use crate::cursor::Cursor;
use crate::list::{ListError, cursor_key, head};
use crate::merge::Merge;
use crate::page::{Page, PageLimit};
use crate::stretch::{Place, Stretch};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ChainRequest<'a> {
    /// Whose chain.
    pub id: RecordId,
    /// How many records at most.
    pub limit: PageLimit,
    /// Where an earlier answer stopped.
    pub cursor: Option<&'a str>,
}

/// One answer.
#[derive(Debug)]
pub struct Chain {
    /// The ledger.
    pub ledger: LedgerName,
    /// The rows, by id.
    pub rows: Vec<RecordRow>,
    /// Where to go on; absent once everything has been answered.
    pub next: Option<String>,
    /// The size of the ledger that all pages keep to.
    pub size: u64,
}

/// Reads the chain of a record; `None` if the ledger has no such record.
///
/// # Errors
/// If the cursor is not one of this chain, or the storage fails.
pub(crate) async fn chain(
    store: &impl RowStore,
    clock: &impl Clock,
    ledger: &LedgerConfig,
    request: &ChainRequest<'_>,
) -> std::result::Result<Option<Chain>, ListError> {
    let Some(row) = record(store, ledger, request.id).await? else {
        return Ok(None);
    };
    let (key, asked) = (cursor_key(ledger)?, digest(request.id));
    let order = Order::Ascending;
    let cursor = request
        .cursor
        .map(|text| Cursor::decode(text, &key, &ledger.ledger, &asked, order))
        .transpose()?;
    let size = match cursor {
        Some(cursor) => cursor.size,
        // Its row is there before HEAD moves over it.
        None => head(store, ledger).await?.size.max(row.position.index + 1),
    };
    let whole = Stretch::of_times(None, None);
    let rest = match cursor {
        Some(cursor) => whole.and_then(|whole| whole.behind(cursor.reached, order)),
        None => whole,
    };
    let mut page = Page::new(request.limit);
    let rest = match rest {
        None => None,
        Some(rest) => {
            let partitions = partitions(&ledger.ledger, &row);
            let walk = Walk {
                store,
                budget: Budget::new(clock),
                merge: Merge::new(Some(Index::ByChain), partitions, rest, order),
                named: named(store, ledger, row).await?,
                size,
            };
            walk.run(rest, &mut page).await?
        }
    };
    let next = rest.map(|rest| {
        let reached = rest.before(order);
        Cursor { size, reached }.encode(&key, &ledger.ledger, &asked, order)
    });
    Ok(Some(Chain {
        ledger: ledger.ledger.clone(),
        rows: page.rows,
        next,
        size,
    }))
}

/// What a cursor of this chain is bound to; no filter's digest begins like it.
fn digest(id: RecordId) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"chain\0");
    hash.update(id.as_bytes());
    hash.finalize().into()
}

/// A record's row; entries of the ledger's own have no chain.
async fn record(
    store: &impl RowStore,
    ledger: &LedgerConfig,
    id: RecordId,
) -> Result<Option<RecordRow>> {
    let key = rows::record(&ledger.ledger, &id, ledger.buckets);
    let row = store.get(&key).await?;
    let row = row.as_ref().map(RecordRow::from_item).transpose()?;
    Ok(row.filter(RecordRow::is_record))
}

/// The three ids by which a record names others.
fn ids_of(row: &RecordRow) -> impl Iterator<Item = &str> {
    let members = &row.members;
    [&members.decision_id, &members.trace_id, &members.parent_id]
        .into_iter()
        .flatten()
        .map(String::as_str)
}

/// The partitions of the index that hold the chain.
fn partitions(ledger: &LedgerName, row: &RecordRow) -> Vec<String> {
    let own = row.id.to_string();
    let values: BTreeSet<&str> = ids_of(row).chain([own.as_str()]).collect();
    values
        .into_iter()
        .map(|value| rows::index_value(ledger, value))
        .collect()
}

/// The rows of the records that a record names, and its own, by id.
async fn named(
    store: &impl RowStore,
    ledger: &LedgerConfig,
    row: RecordRow,
) -> Result<VecDeque<RecordRow>> {
    let ids: BTreeSet<RecordId> = ids_of(&row)
        .filter_map(|id| RecordId::parse(id).ok())
        .filter(|id| *id != row.id)
        .collect();
    let others = try_join_all(ids.into_iter().map(|id| record(store, ledger, id))).await?;
    let mut rows: Vec<RecordRow> = others.into_iter().flatten().chain([row]).collect();
    rows.sort_by_key(|row| row.id);
    Ok(rows.into())
}

/// One answer being made.
struct Walk<'a, S, C> {
    store: &'a S,
    budget: Budget<'a, C>,
    merge: Merge,
    /// What is known without the index and still ahead, by id.
    named: VecDeque<RecordRow>,
    size: u64,
}

impl<S: RowStore, C: Clock> Walk<'_, S, C> {
    /// Fills the page from `whole` on and gives what is left, `None` if nothing is.
    async fn run(
        mut self,
        whole: Stretch,
        page: &mut Page,
    ) -> std::result::Result<Option<Stretch>, Error> {
        let mut rest = whole;
        loop {
            if self.merge.pages_needed() > 0 {
                if page.room() == 0 || (rest != whole && self.budget.is_spent()) {
                    return Ok(Some(rest));
                }
                for _ in 0..self.merge.pages_needed() {
                    self.budget.page();
                }
                let wanted = u32::try_from(page.room()).unwrap_or(u32::MAX);
                self.merge
                    .read(self.store, wanted.saturating_add(1))
                    .await?;
                continue;
            }
            let next = self.merge.take();
            let bound = next.as_ref().map(|(place, _)| *place);
            let found = next.map(|(_, row)| row);
            for row in self.before(bound).into_iter().chain(found) {
                let place = Place::of(row.id);
                if place < rest.low {
                    continue;
                }
                let shown = row.is_record() && row.position.index < self.size;
                if shown && page.push(row).is_err() {
                    return Ok(Some(rest));
                }
                match rest.behind(place, Order::Ascending) {
                    Some(left) => rest = left,
                    None => return Ok(None),
                }
            }
            if bound.is_none() {
                return Ok(None);
            }
        }
    }

    /// Takes the named rows that come before a place, or all of them. One that stands at the place
    /// is the row that the index found there.
    fn before(&mut self, bound: Option<Place>) -> Vec<RecordRow> {
        let mut rows = Vec::new();
        while let Some(row) = self.named.front() {
            let place = Place::of(row.id);
            if bound.is_some_and(|bound| place > bound) {
                break;
            }
            let row = self.named.pop_front();
            rows.extend(row.filter(|_| bound != Some(place)));
        }
        rows
    }
}
