//! Step 2: which pieces are new, which were committed before, and which bear an id that belongs
//! to something else.

use std::collections::{BTreeMap, BTreeSet};

use audit_log::own_id;
use audit_record::RecordId;
use audit_storage::record_row::RecordRow;
use audit_storage::{Backend, Error, Result};

use crate::open::{Contents, last_part_salt};
use crate::piece::{Matter, Piece, canonical_of};
use crate::session::Session;

/// What is to be done with a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Committed before, or a twin of such a one.
    Duplicate,
    /// It gets an entry.
    New,
    /// It is the same as an earlier piece of this batch, whose fate it shares.
    Twin {
        /// That piece.
        of: usize,
    },
    /// It gets a `conflict` entry that refers to an entry of the ledger.
    Conflict {
        /// The id of the conflict entry.
        id: RecordId,
        /// The index of the first.
        ref_index: u64,
    },
    /// It gets a `conflict` entry that refers to an earlier piece of this batch. The entry's id
    /// follows from the salt under which that one is sealed, so it is new whenever that one is.
    ConflictWith {
        /// That piece.
        of: usize,
    },
}

/// Pieces by their place in the batch, with what is to be done with each.
pub(crate) type Verdicts = BTreeMap<usize, Verdict>;

impl<B: Backend> Session<'_, B> {
    /// Decides on each of the `pending` pieces.
    ///
    /// The first of an id in the batch wins, later ones are compared with it. Done anew in each
    /// round, because the other writer that was first may have committed the very same records.
    pub(crate) async fn dedup(&self, pieces: &[Piece<'_>], pending: &[usize]) -> Result<Verdicts> {
        let mut by_id: BTreeMap<RecordId, Vec<usize>> = BTreeMap::new();
        for at in pending {
            by_id.entry(pieces[*at].id).or_default().push(*at);
        }
        let ids: Vec<RecordId> = by_id.keys().copied().collect();
        let rows = self.record_rows(&ids).await?;
        let mut verdicts = Verdicts::new();
        for (id, same_id) in by_id {
            match rows.get(&id) {
                Some(row) => {
                    self.compare_with_stored(pieces, &same_id, row, &mut verdicts)
                        .await?;
                }
                None => self.compare_in_batch(pieces, &same_id, &mut verdicts),
            }
        }
        self.drop_known_conflicts(&mut verdicts).await?;
        Ok(verdicts)
    }

    #[cfg_attr(
        not(test),
        expect(clippy::unused_self, reason = "tests take a safeguard away")
    )]
    fn compare_in_batch(&self, pieces: &[Piece<'_>], same_id: &[usize], verdicts: &mut Verdicts) {
        let Some((first, later)) = same_id.split_first() else {
            return;
        };
        verdicts.insert(*first, Verdict::New);
        let mut others: Vec<usize> = Vec::new();
        for at in later {
            #[cfg(test)]
            if self.breaks(crate::tests::Mutation::TwiceInBatch) {
                verdicts.insert(*at, Verdict::New);
                continue;
            }
            let twin = std::iter::once(first)
                .chain(&others)
                .find(|other| pieces[*at].same_as(&pieces[**other]));
            let verdict = match twin {
                Some(of) => Verdict::Twin { of: *of },
                None => Verdict::ConflictWith { of: *first },
            };
            if twin.is_none() {
                others.push(*at);
            }
            verdicts.insert(*at, verdict);
        }
    }

    /// An id that the ledger holds, the rare path: the index keeps no fingerprint, so the stored
    /// record is opened and compared.
    async fn compare_with_stored(
        &self,
        pieces: &[Piece<'_>],
        same_id: &[usize],
        row: &RecordRow,
        verdicts: &mut Verdicts,
    ) -> Result<()> {
        if !row.is_record() {
            // The ledger's own ids are made from what they stand for: the same id, the same thing.
            verdicts.extend(same_id.iter().map(|at| (*at, Verdict::Duplicate)));
            return Ok(());
        }
        let stored = self.open_stored(row).await?;
        if stored.entry.id != row.id {
            return Err(Error::corrupt("a row points at an entry of another id"));
        }
        let opened = match &stored.contents {
            Contents::Whole(opened) => Some(opened),
            // What was erased can't be compared any more; what comes again is taken for the same.
            Contents::Erased(_) => None,
            Contents::None => return Err(Error::corrupt("a record without parts")),
        };
        let mut stored_canonical = Vec::new();
        if let Some(opened) = opened {
            audit_log::canonical::write_object(&opened.to_object(), &mut stored_canonical);
        }
        for at in same_id {
            let verdict = match (opened, &pieces[*at].matter) {
                (None, _) | (_, Matter::Rejected { .. }) => Verdict::Duplicate,
                (Some(opened), Matter::Record(record)) => {
                    let canonical = canonical_of(record);
                    if canonical == stored_canonical {
                        Verdict::Duplicate
                    } else {
                        let salt = last_part_salt(opened)?;
                        Verdict::Conflict {
                            id: own_id::conflict(row.id, salt, &canonical),
                            ref_index: row.position.index,
                        }
                    }
                }
            };
            verdicts.insert(*at, verdict);
        }
        Ok(())
    }

    /// A conflict's id is deterministic too: one that the ledger holds is a duplicate, and of
    /// several in this batch the first wins.
    async fn drop_known_conflicts(&self, verdicts: &mut Verdicts) -> Result<()> {
        let ids: BTreeSet<RecordId> = verdicts
            .values()
            .filter_map(|verdict| match verdict {
                Verdict::Conflict { id, .. } => Some(*id),
                _ => None,
            })
            .collect();
        if ids.is_empty() {
            return Ok(());
        }
        let asked: Vec<RecordId> = ids.into_iter().collect();
        let known = self.record_rows(&asked).await?;
        let mut first: BTreeMap<RecordId, usize> = BTreeMap::new();
        for (at, verdict) in verdicts.iter_mut() {
            let Verdict::Conflict { id, .. } = *verdict else {
                continue;
            };
            if known.contains_key(&id) {
                *verdict = Verdict::Duplicate;
            } else if let Some(of) = first.get(&id) {
                *verdict = Verdict::Twin { of: *of };
            } else {
                first.insert(id, *at);
            }
        }
        Ok(())
    }
}
