//! Steps 5 and 6, index and HEAD: what makes a committed segment visible. The writer that made a
//! segment and the one that found it run the same code.

use audit_storage::metric_row::MetricRow;
use audit_storage::rows::{self, Hour};
use audit_storage::stores::{RowStore, VersionId, Written};
use audit_storage::{Backend, Error, Kind, Result};
use bytes::Bytes;

use crate::concurrent::concurrently;
use crate::derived::Derived;
use crate::head::{Moved, Tip};
use crate::sample::Sample;
use crate::session::Session;

impl<B: Backend> Session<'_, B> {
    /// Writes a segment's rows, folds it into its hours, and moves HEAD over it.
    pub(crate) async fn roll_forward(&self, tip: &Tip, segment: &Derived) -> Result<Moved> {
        #[cfg(test)]
        if self.breaks(crate::tests::Mutation::HeadBeforeIndex) {
            self.move_head(tip.head_size, &segment.head()).await?;
        }
        self.put_rows(&segment.rows).await?;
        // If we crash here, rows point into a committed segment, which is all a row promises;
        // readers ignore them as long as HEAD is below. Whoever comes next writes them again.
        self.fold_hours(segment).await?;
        // If we crash here, `applied` of each hour says that the segment went in, so it goes in
        // once. HEAD may trail until the sweep, or the next writer, finds the segment at its size.
        self.move_head(tip.head_size, &segment.head()).await
        // If we crash here, everything is done but the report: the queue delivers the records
        // again, and their rows say that they are duplicates.
    }

    /// Rolls forward a segment that was found at the tip, and those that stand after it.
    ///
    /// Returns how many. Losing HEAD to another writer ends it early: that one goes on.
    pub(crate) async fn catch_up(&self, tip: Tip, found: (VersionId, Bytes)) -> Result<u64> {
        let mut rolled = 0;
        let (mut tip, mut next) = (tip, Some(found));
        while let Some((version, bytes)) = next {
            let segment = self.derive(&tip, &bytes, &version).await?;
            let moved = self.roll_forward(&tip, &segment).await?;
            rolled += 1;
            let enough = rolled >= u64::from(self.limits.recovery_segments);
            if moved == Moved::Lost || enough || !self.patience.has_time() {
                break;
            }
            tip = Tip::of(&segment.head())?;
            next = self.standing_at(tip.size().0).await?;
        }
        Ok(rolled)
    }

    /// Folds a segment into the row of each hour that its records belong to, exactly once: a row
    /// that holds this segment or a later one is left alone. Segments are applied in order,
    /// because nobody writes one before HEAD has passed the one below.
    async fn fold_hours(&self, segment: &Derived) -> Result<()> {
        let mut work = Vec::with_capacity(segment.hours.len());
        for (hour, samples) in &segment.hours {
            work.push(self.fold_hour(segment.start, *hour, samples));
        }
        let folded = concurrently(self.limits.concurrent_requests, work).await;
        folded.into_iter().collect()
    }

    async fn fold_hour(&self, start: u64, hour: Hour, samples: &[Sample]) -> Result<()> {
        let key = rows::metric(self.ledger(), hour);
        let mut attempt = 0;
        loop {
            let item = self.patience.ask(|| self.backend.rows().get(&key)).await?;
            let row = match &item {
                Some(item) => MetricRow::from_item(item)?,
                None => MetricRow::empty(self.ledger().clone(), hour),
            };
            if row.holds(start) {
                return Ok(());
            }
            let condition = row.condition();
            let folded = row.fold(start, samples.iter().map(Sample::facts));
            #[cfg(test)]
            if self.breaks(crate::tests::Mutation::MetricInTwoWrites) {
                return self.fold_in_two_writes(&folded, condition).await;
            }
            // The row is written whole: if we crash before, it holds nothing of this segment, if
            // after, all of it. A lost reply is settled by reading `applied` again.
            let error = match self
                .backend
                .rows()
                .put_if(folded.to_item(), condition)
                .await
            {
                Ok(Written::Done) => return Ok(()),
                Ok(Written::ConditionFailed) => Error::conflict("a metric row changed meanwhile"),
                Err(error) => error,
            };
            attempt += 1;
            let worth_it = matches!(
                error.kind(),
                Kind::Conflict | Kind::Unavailable | Kind::Unknown
            );
            if !worth_it || !self.patience.pause(attempt).await {
                return Err(error);
            }
        }
    }
}
