//! The commit protocol for one ledger's part of a batch: rounds of steps 1 to 6 until every piece
//! has its fate.
//!
//! Safety rests on four things, each shown by a test that takes it away: a position is written at
//! most once (step 4), a row stands only for what is committed (5 after 4), HEAD moves only over
//! what is indexed (6 after 5), and whoever loses a position looks again for what the winner may
//! have committed (1 and 2 anew).

use audit_storage::stores::VersionId;
use audit_storage::{Backend, Kind, Result};
use bytes::Bytes;

use crate::draft::Draft;
use crate::head::{Moved, Tip};
use crate::outcome::Counts;
use crate::piece::{Fate, Matter, Piece};
use crate::place::Placed;
use crate::session::Session;

/// What became of a ledger's pieces.
pub(crate) struct Committed {
    /// One for each piece. Those still pending must come again.
    pub(crate) fates: Vec<Fate>,
    pub(crate) counts: Counts,
}

/// Whether a ledger's batch needs another round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    Again,
    Enough,
}

impl<B: Backend> Session<'_, B> {
    /// Commits pieces, as far as time and retries allow.
    ///
    /// A failure ends the ledger's part in this invocation and is logged here, once: what is
    /// pending then stays in the queue. Whether a segment in flight was written is unknown at
    /// that point, which does not matter: a redelivery finds out.
    pub(crate) async fn commit(&self, pieces: &[Piece<'_>]) -> Committed {
        let mut committed = Committed {
            fates: vec![Fate::Pending; pieces.len()],
            counts: Counts::default(),
        };
        for _ in 0..self.limits.rounds {
            if !committed.fates.contains(&Fate::Pending) || !self.patience.has_time() {
                break;
            }
            match Box::pin(self.round(pieces, &mut committed)).await {
                Ok(Next::Again) => {}
                Ok(Next::Enough) => break,
                Err(error) => {
                    if error.kind() == Kind::Corrupt {
                        committed.counts.alarms += 1;
                        tracing::error!(
                            alarm = "ledger_corrupt",
                            ledger = %self.ledger(),
                            error = &error as &dyn std::error::Error,
                            "the ledger stops, its messages stay queued"
                        );
                    } else {
                        tracing::warn!(
                            ledger = %self.ledger(),
                            error = &error as &dyn std::error::Error,
                            "the ledger's commit did not complete, its messages come again"
                        );
                    }
                    break;
                }
            }
        }
        committed
    }

    async fn round(&self, pieces: &[Piece<'_>], committed: &mut Committed) -> Result<Next> {
        // 1
        let tip = self.tip().await?;
        if tip.head_size.is_none() {
            let Some(found) = self.standing_at(tip.size().0).await? else {
                return Ok(Next::Again);
            };
            committed.counts.rolled_forward += self.catch_up(tip, found).await?;
            return Ok(Next::Again);
        }
        // 2
        let pending: Vec<usize> = (0..pieces.len())
            .filter(|at| committed.fates[*at] == Fate::Pending)
            .collect();
        let verdicts = self.dedup(pieces, &pending).await?;
        // 3. If we crash here, nothing is written but perhaps scope keys that nothing uses yet.
        let draft = self.draft(&tip, pieces, &verdicts).await?;
        let Some(built) = &draft.built else {
            committed.settle(&draft, pieces);
            return Ok(Next::Enough);
        };
        #[cfg(test)]
        self.index_before_put(&draft, built, pieces).await?;
        // 4
        match self.place(built).await? {
            Placed::Mine(version) => {
                committed.counts.segments += 1;
                let segment = self.derive_draft(&draft, built, pieces, version);
                // 5, 6
                if self.roll_forward(&tip, &segment).await? == Moved::Lost {
                    let end = segment.frontier.size().0;
                    let held = match self.head().await? {
                        Some(head) => self.chain_holds(&head, end, segment.sha256).await?,
                        None => false,
                    };
                    if !held {
                        return Ok(Next::Again);
                    }
                }
                committed.settle(&draft, pieces);
                Ok(Next::Again)
            }
            Placed::Theirs(version, bytes) => {
                #[cfg(test)]
                if self.breaks(crate::tests::Mutation::RetryWithoutDedup) {
                    return self
                        .retry_without_dedup(pieces, &verdicts, (tip, version, bytes), committed)
                        .await;
                }
                self.lost(tip, (version, bytes), committed).await
            }
        }
    }

    /// Another segment stands where ours was to go. It is committed, so it is rolled forward
    /// before we start again, dedup included: its records may be ours.
    async fn lost(
        &self,
        tip: Tip,
        found: (VersionId, Bytes),
        committed: &mut Committed,
    ) -> Result<Next> {
        committed.counts.rolled_forward += self.catch_up(tip, found).await?;
        Ok(Next::Again)
    }
}

impl Committed {
    /// Writes down the fates of a draft that is committed.
    pub(crate) fn settle(&mut self, draft: &Draft, pieces: &[Piece<'_>]) {
        for (at, fate) in &draft.fates {
            self.fates[*at] = *fate;
            match (fate, &pieces[*at].matter) {
                (Fate::Committed, Matter::Record(_)) => self.counts.committed += 1,
                (Fate::Committed, Matter::Rejected { .. }) => self.counts.rejected += 1,
                (Fate::Duplicate, _) => self.counts.duplicates += 1,
                (Fate::Conflict, _) => self.counts.conflicts += 1,
                (Fate::Pending, _) => {}
            }
        }
    }
}
