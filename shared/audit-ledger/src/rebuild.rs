//! Rebuild: a ledger's whole index from its segments and the `keys` table. The same rows byte for
//! byte, because they come from the code that rolls a segment forward.

use audit_storage::config::LedgerConfig;
use audit_storage::rows;
use audit_storage::stores::{Order, Query, RowStore};
use audit_storage::{Backend, Error, Result};

use crate::head::Tip;
use crate::operator::Operator;
use crate::session::Session;
use crate::verify::Progress;

/// What a rebuild came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RebuildOutcome {
    /// The size of HEAD now.
    pub size: u64,
    /// Segments that were read.
    pub segments: u64,
    /// Versions or delete markers beside the ones that the chain demands: an alarm.
    pub extra_versions: u64,
}

impl<B: Backend> Operator<B> {
    /// The size that HEAD says; none if there is no HEAD.
    pub async fn size(&self, config: &LedgerConfig) -> Result<Option<u64>> {
        let patience = self.patience();
        let session = Session::new(
            self.backend(),
            self.limits(),
            &patience,
            self.ring(),
            config,
        );
        Ok(session.head().await?.map(|head| head.size))
    }

    /// Writes a ledger's rows, metrics and HEAD into a table that holds nothing of it; with
    /// `resume`, goes on with an earlier rebuild.
    ///
    /// # Errors
    /// `Conflict` if the table holds something of the ledger.
    pub async fn rebuild(
        &self,
        config: &LedgerConfig,
        resume: bool,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<RebuildOutcome> {
        let patience = self.patience();
        let session = Session::new(
            self.backend(),
            self.limits(),
            &patience,
            self.ring(),
            config,
        );
        let mut tip = match session.head().await? {
            Some(head) if resume => Tip::of(&head)?,
            Some(_) => return Err(Error::conflict("the table holds this ledger's HEAD")),
            None if !resume && session.has_metrics().await? => {
                return Err(Error::conflict("the table holds figures of this ledger"));
            }
            None => Tip::before_genesis(),
        };
        let mut outcome = RebuildOutcome {
            size: tip.size().0,
            ..RebuildOutcome::default()
        };
        while let Some((version, bytes, extra)) = session.demanded_at(&tip).await? {
            let segment = session.derive(&tip, &bytes, &version).await?;
            // If we crash here or anywhere in it, `resume` goes on from the HEAD that was written.
            session.roll_forward(&tip, &segment).await?;
            tip = Tip::of(&segment.head())?;
            outcome.size = tip.size().0;
            outcome.segments += 1;
            outcome.extra_versions += extra as u64;
            progress(Progress {
                done: outcome.size,
                segments: outcome.segments,
            });
        }
        if outcome.size == 0 {
            return Err(Error::not_found("the ledger has no genesis"));
        }
        Ok(outcome)
    }
}

impl<B: Backend> Session<'_, B> {
    async fn has_metrics(&self) -> Result<bool> {
        let query = Query {
            index: None,
            partition: rows::metrics(self.ledger()),
            between: None,
            order: Order::Ascending,
            limit: 1,
            after: None,
        };
        let page = self
            .patience
            .ask(|| self.backend.rows().query(&query))
            .await?;
        Ok(!page.items.is_empty())
    }
}
