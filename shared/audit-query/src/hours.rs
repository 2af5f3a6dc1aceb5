//! The hours of a ledger that can hold a match, in reading order.
//!
//! Each hour of ids that has records has a metric row. A list reads these rows along with its own
//! way, so hours without records cost it nothing and hours whose counts rule its filter out are
//! never opened. What the rows say is sure: an hour's row is written before HEAD moves over the
//! records it counts, so for records below the pinned size it counts each of them. It counts later
//! ones too, which can only make an hour look possible that is not.

use std::collections::VecDeque;

use audit_record::LedgerName;
use audit_storage::metric_row::MetricRow;
use audit_storage::rows::{self, Day, Hour};
use audit_storage::stores::{Order, Query, RowStore};
use audit_storage::{Clock, Error, Item, Result};

use crate::budget::Budget;
use crate::filter::Filter;
use crate::stretch::{Place, Stretch};

/// Metric rows of the first page: a day of them. Most lists end within it.
const FIRST_HOURS: u32 = 24;
/// Metric rows of a further page; 1 MB ends it earlier, at some 500 hours.
const MORE_HOURS: u32 = 1_000;
/// Rows that are rather read and dropped than stepped over with a query of their own: some 60 kB,
/// which is 8 read units more against one round trip less.
const BRIDGED_ROWS: u64 = 100;

/// Where a list reads next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// This stretch can hold matches, nothing before it does.
    Read(Stretch),
    /// The budget ended while hours were ruled out; this is left.
    Stopped(Stretch),
    /// Nothing is left.
    End,
}

/// What the list's filter makes of one hour.
#[derive(Debug)]
struct Figures {
    stretch: Stretch,
    records: u64,
    possible: bool,
}

/// The hours ahead of a list.
#[derive(Debug)]
pub(crate) struct Hours<'a, R> {
    rows: &'a R,
    filter: &'a Filter,
    order: Order,
    ahead: VecDeque<Figures>,
    /// The next page of metric rows; absent once all are read.
    next: Option<Query>,
}

impl<'a, R: RowStore> Hours<'a, R> {
    /// The hours of a stretch; nothing is read yet.
    pub(crate) fn new(
        rows: &'a R,
        ledger: &LedgerName,
        filter: &'a Filter,
        order: Order,
        stretch: Stretch,
    ) -> Self {
        let hour = |place: Place| Hour::of(place.time()).to_string();
        let next = Query {
            index: None,
            partition: rows::metrics(ledger),
            between: Some((hour(stretch.low), hour(stretch.high))),
            order,
            limit: FIRST_HOURS,
            after: None,
        };
        Self {
            rows,
            filter,
            order,
            ahead: VecDeque::new(),
            next: Some(next),
        }
    }

    /// Finds the next stretch of `rest` to read; with `within_a_day` it does not cross midnight.
    pub(crate) async fn next(
        &mut self,
        mut rest: Stretch,
        within_a_day: bool,
        budget: &mut Budget<'_, impl Clock>,
    ) -> Result<Step> {
        let mut has_read = false;
        loop {
            while let Some(hour) = self.ahead.front() {
                if hour.possible && hour.stretch.meet(rest).is_some() {
                    return Ok(self.take(rest, within_a_day).map_or(Step::End, Step::Read));
                }
                let Some(left) = rest.behind(hour.stretch.last(self.order), self.order) else {
                    return Ok(Step::End);
                };
                rest = left;
                self.ahead.pop_front();
            }
            if self.next.is_none() {
                return Ok(Step::End);
            }
            if has_read && budget.is_spent() {
                return Ok(Step::Stopped(rest));
            }
            self.read_page(budget).await?;
            has_read = true;
        }
    }

    /// Whether it is known, without reading, that nothing behind can match.
    pub(crate) fn end_is_known(&self) -> bool {
        self.next.is_none() && self.ahead.iter().all(|hour| !hour.possible)
    }

    /// Takes the possible hours in front as one stretch, bridging what is cheap to read over.
    fn take(&mut self, rest: Stretch, within_a_day: bool) -> Option<Stretch> {
        let day = |stretch: Stretch| Day::of(stretch.low.time());
        let first = self.ahead.front()?.stretch.meet(rest)?;
        let (mut last, mut taken, mut gap) = (first, 1, 0);
        for (at, hour) in self.ahead.iter().enumerate().skip(1) {
            let Some(stretch) = hour.stretch.meet(rest) else {
                break;
            };
            if within_a_day && day(stretch) != day(first) {
                break;
            }
            if hour.possible {
                (last, taken, gap) = (stretch, at + 1, 0);
            } else {
                gap += hour.records;
                if gap > BRIDGED_ROWS {
                    break;
                }
            }
        }
        self.ahead.drain(..taken);
        Stretch::new(first.low.min(last.low), first.high.max(last.high))
    }

    async fn read_page(&mut self, budget: &mut Budget<'_, impl Clock>) -> Result<()> {
        let Some(query) = &mut self.next else {
            return Ok(());
        };
        budget.page();
        let page = self.rows.query(query).await?;
        for item in &page.items {
            self.ahead.push_back(figures(item, self.filter)?);
        }
        match page.next {
            Some(after) => {
                query.after = Some(after);
                query.limit = MORE_HOURS;
            }
            None => self.next = None,
        }
        Ok(())
    }
}

fn figures(item: &Item, filter: &Filter) -> Result<Figures> {
    let row = MetricRow::from_item(item)?;
    let stretch = Stretch::of_times(Some(row.hour.start()), Some(row.hour.next().start()))
        .ok_or_else(|| Error::corrupt("metric row of no hour"))?;
    Ok(Figures {
        stretch,
        records: row.records,
        possible: row.records > 0 && filter.may_hold(&row),
    })
}
