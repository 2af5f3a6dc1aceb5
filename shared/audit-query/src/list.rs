//! The list: exactly the matching records below the size that the first page pinned, each once.
//!
//! The first page reads HEAD and pins its size in the cursor. Every row below it was written before
//! HEAD moved there, so pages read later see each of them, and what was committed meanwhile has a
//! higher index and is left out. Only a sparse index, which DynamoDB reads eventually, may lack the
//! last seconds' rows; the answer says so.

use audit_record::{LedgerName, Millis};
use audit_storage::config::LedgerConfig;
use audit_storage::head::Head;
use audit_storage::record_row::RecordRow;
use audit_storage::rows::{self, Index};
use audit_storage::stores::{Order, RowStore};
use audit_storage::{Clock, Error};

use crate::budget::Budget;
use crate::cursor::{Cursor, CursorKey, InvalidCursor};
use crate::filter::Filter;
use crate::hours::{Hours, Step};
use crate::merge::Merge;
use crate::page::{Page, PageLimit};
use crate::stretch::Stretch;

/// Rows of one page where rows are dropped by a filter, at first and at most: 1 MB, at which
/// DynamoDB ends a page, holds some 1,700 of them.
const FIRST_FILTERED_ROWS: u32 = 100;
const MOST_FILTERED_ROWS: u32 = 2_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct ListRequest<'a> {
    /// Which records.
    pub filter: &'a Filter,
    /// In which order of their ids.
    pub order: Order,
    /// How many at most.
    pub limit: PageLimit,
    /// Where an earlier answer stopped.
    pub cursor: Option<&'a str>,
}

/// One answer.
#[derive(Debug)]
pub struct Listing {
    /// The ledger.
    pub ledger: LedgerName,
    /// The rows, in order.
    pub rows: Vec<RecordRow>,
    /// Where to go on; absent once everything has been answered. May be there although nothing
    /// follows.
    pub next: Option<String>,
    /// The size of the ledger that all pages of this list keep to.
    pub size: u64,
    /// The beginning of the time that this answer and those before it cover; absent if open.
    pub searched_from: Option<Millis>,
    /// The end of that time, itself not included; absent if open.
    pub searched_to: Option<Millis>,
    /// The rows came from a sparse index, which may lack the last seconds'.
    pub eventual: bool,
}

/// Why a list has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The cursor belongs to another list, or to none.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] Error),
}

/// Lists records of a ledger.
///
/// # Errors
/// If the cursor is not one of this list, or the storage fails.
pub(crate) async fn list(
    store: &impl RowStore,
    clock: &impl Clock,
    ledger: &LedgerConfig,
    request: &ListRequest<'_>,
) -> Result<Listing, ListError> {
    let ListRequest { filter, order, .. } = *request;
    let key = cursor_key(ledger)?;
    let asked = filter.digest();
    let cursor = request
        .cursor
        .map(|text| Cursor::decode(text, &key, &ledger.ledger, &asked, order))
        .transpose()?;
    let budget = Budget::new(clock);
    let size = match cursor {
        Some(cursor) => cursor.size,
        None => head(store, ledger).await?.size,
    };
    let whole = filter.stretch();
    let rest = match cursor {
        Some(cursor) => whole.and_then(|whole| whole.behind(cursor.reached, order)),
        None => whole,
    };
    let route = Route::of(filter);
    let eventual = route.index().is_some();
    let mut page = Page::new(request.limit);
    let rest = match rest {
        None => None,
        Some(rest) => {
            let mut walk = Walk {
                store,
                ledger,
                filter,
                order,
                size,
                route,
                budget,
                page_rows: FIRST_FILTERED_ROWS,
            };
            walk.run(rest, &mut page).await?
        }
    };
    let next = rest.map(|rest| {
        Cursor {
            size,
            reached: rest.before(order),
        }
        .encode(&key, &ledger.ledger, &asked, order)
    });
    let reached = rest.map(|rest| rest.first(order).time());
    let (searched_from, searched_to) = match order {
        Order::Ascending => (filter.from, reached.or(filter.to)),
        Order::Descending => (reached.or(filter.from), filter.to),
    };
    Ok(Listing {
        ledger: ledger.ledger.clone(),
        rows: page.rows,
        next,
        size,
        searched_from,
        searched_to,
        eventual,
    })
}

/// A ledger's first key never changes, so cursors outlive a change of keys.
pub(crate) fn cursor_key(ledger: &LedgerConfig) -> Result<CursorKey, Error> {
    let first = ledger.keys.first();
    let first = first.ok_or_else(|| Error::corrupt("ledger without a key"))?;
    Ok(CursorKey::new(&first.wrapped))
}

/// Reads how far a ledger has come.
///
/// # Errors
/// `Unavailable` if there is no HEAD: the ledger is just being made, or its index rebuilt.
pub(crate) async fn head(store: &impl RowStore, ledger: &LedgerConfig) -> Result<Head, Error> {
    let row = store.get(&rows::head(&ledger.ledger)).await?;
    row.as_ref()
        .map(Head::from_item)
        .transpose()?
        .ok_or_else(|| Error::unavailable("ledger without HEAD"))
}

/// The way through the index.
#[derive(Debug, Clone)]
enum Route<'a> {
    /// Day by day, all buckets of each merged.
    Days,
    /// Through one partition of a sparse index.
    Sparse(Index, &'a str),
}

impl<'a> Route<'a> {
    /// A subject has fewer records than an actor, which may be a service; both have fewer than a
    /// ledger.
    fn of(filter: &'a Filter) -> Self {
        match (&filter.subject, &filter.actor) {
            (Some(subject), _) => Self::Sparse(Index::BySubject, subject),
            (None, Some(actor)) => Self::Sparse(Index::ByActor, actor),
            (None, None) => Self::Days,
        }
    }

    fn index(&self) -> Option<Index> {
        match self {
            Self::Days => None,
            Self::Sparse(index, _) => Some(*index),
        }
    }
}

/// What came of reading a stretch.
enum Read {
    /// All of it.
    Whole,
    /// Up to here; this is left of it.
    Left(Stretch),
}

/// One answer being made.
struct Walk<'a, S, C> {
    store: &'a S,
    ledger: &'a LedgerConfig,
    filter: &'a Filter,
    order: Order,
    size: u64,
    route: Route<'a>,
    budget: Budget<'a, C>,
    page_rows: u32,
}

impl<S: RowStore, C: Clock> Walk<'_, S, C> {
    /// Fills the page from `rest` on and gives what is left, `None` if nothing is.
    async fn run(&mut self, rest: Stretch, page: &mut Page) -> Result<Option<Stretch>, Error> {
        let mut rest = rest;
        let by_day = matches!(self.route, Route::Days);
        if !by_day {
            // What one actor or subject did often fits one page: the hours are asked about only
            // where it does not, and could rule something out.
            let narrowed = self.filter.rules_out_hours();
            match self.read(rest, page, narrowed).await? {
                Read::Whole => return Ok(None),
                Read::Left(left) if !narrowed || page.room() == 0 || self.budget.is_spent() => {
                    return Ok(Some(left));
                }
                Read::Left(left) => rest = left,
            }
        }
        let mut hours = Hours::new(
            self.store,
            &self.ledger.ledger,
            self.filter,
            self.order,
            rest,
        );
        let mut first_step = by_day;
        loop {
            if page.room() == 0 && hours.end_is_known() {
                return Ok(None);
            }
            if page.room() == 0 || (!first_step && self.budget.is_spent()) {
                return Ok(Some(rest));
            }
            first_step = false;
            let stretch = match hours.next(rest, by_day, &mut self.budget).await? {
                Step::End => return Ok(None),
                Step::Stopped(left) => return Ok(Some(left)),
                Step::Read(stretch) => stretch,
            };
            let reached = match self.read(stretch, page, false).await? {
                Read::Left(left) => return Ok(rest.behind(left.before(self.order), self.order)),
                Read::Whole => stretch.last(self.order),
            };
            match rest.behind(reached, self.order) {
                Some(left) => rest = left,
                None => return Ok(None),
            }
        }
    }

    /// Reads a stretch, which for the days' route lies within one. Stops where the page is full,
    /// where the budget ends, or with `one_page` after the first page.
    async fn read(
        &mut self,
        stretch: Stretch,
        page: &mut Page,
        one_page: bool,
    ) -> Result<Read, Error> {
        let mut merge = Merge::new(
            self.route.index(),
            self.partitions(stretch),
            stretch,
            self.order,
        );
        let mut rest = stretch;
        let mut has_read = false;
        loop {
            while let Some((place, row)) = merge.take() {
                if row.is_record()
                    && row.position.index < self.size
                    && self.filter.holds(&row.members)
                    && page.push(row).is_err()
                {
                    return Ok(Read::Left(rest));
                }
                match rest.behind(place, self.order) {
                    Some(left) => rest = left,
                    None => return Ok(Read::Whole),
                }
            }
            if merge.is_exhausted() {
                return Ok(Read::Whole);
            }
            // A page without a row leaves the place where it was: then one more is read, whatever
            // the budget says, so that a cursor always gets further.
            let may_stop = has_read && rest != stretch;
            if page.room() == 0 || (may_stop && (one_page || self.budget.is_spent())) {
                return Ok(Read::Left(rest));
            }
            let limit = self.rows_wanted(page.room(), merge.pages_needed());
            for _ in 0..merge.pages_needed() {
                self.budget.page();
            }
            merge.read(self.store, limit).await?;
            has_read = true;
        }
    }

    fn partitions(&self, stretch: Stretch) -> Vec<String> {
        let name = &self.ledger.ledger;
        match &self.route {
            Route::Sparse(_, value) => vec![rows::index_value(name, value)],
            Route::Days => {
                let day = rows::Day::of(stretch.low.time());
                (0..self.ledger.buckets.max(1))
                    .map(|bucket| rows::record_partition(name, day, bucket))
                    .collect()
            }
        }
    }

    /// How many rows to ask each of some partitions for: one more than there is room for, so that
    /// the last page knows that it is the last; where rows are dropped, more with each page.
    fn rows_wanted(&mut self, room: usize, partitions: usize) -> u32 {
        let room = u32::try_from(room)
            .unwrap_or(MOST_FILTERED_ROWS)
            .saturating_add(1);
        if self.filter.narrows() {
            let wanted = self.page_rows.max(room).min(MOST_FILTERED_ROWS);
            self.page_rows = wanted.saturating_mul(2);
            return wanted;
        }
        // Ids spread evenly over the buckets: twice an even share is seldom too little.
        let share = room
            .saturating_mul(2)
            .div_ceil(u32::try_from(partitions).unwrap_or(1).max(1));
        share.min(room)
    }
}
