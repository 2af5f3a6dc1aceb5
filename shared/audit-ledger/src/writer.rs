//! The writer: takes batches of messages from a lane and commits their records.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use audit_record::{LedgerName, Record};
use audit_storage::config::LedgerConfig;
use audit_storage::stores::{QuarantineStore, StagingStore};
use audit_storage::{Backend, Clock, Result, key_table};

use crate::commit::Committed;
use crate::concurrent::concurrently;
use crate::intake::{INVALID_RECORD, NO_RECORDS, Taken};
use crate::key_ring::KeyRing;
use crate::limits::Limits;
use crate::outcome::{
    BatchOutcome, Counts, Delivered, MessageOutcome, MessageResult, SweepOutcome,
};
use crate::patience::Patience;
use crate::piece::{Fate, Matter, Piece};
use crate::session::Session;
use crate::sweep::sweep_all;

/// Commits what a lane delivers. One for each process; it may be used from several tasks at once,
/// and any number of processes may write the same ledgers.
pub struct Writer<B, G, Q> {
    pub(crate) backend: B,
    pub(crate) staging: G,
    pub(crate) quarantine: Q,
    pub(crate) limits: Limits,
    pub(crate) ring: KeyRing,
    configs: Mutex<HashMap<LedgerName, CachedConfig>>,
    #[cfg(test)]
    pub(crate) mutation: Option<crate::tests::Mutation>,
}

struct CachedConfig {
    read_at: audit_record::Millis,
    config: Arc<LedgerConfig>,
}

/// The pieces of one ledger in a batch.
struct Group<'r> {
    config: Arc<LedgerConfig>,
    pieces: Vec<Piece<'r>>,
}

impl<B: Backend, G: StagingStore, Q: QuarantineStore> Writer<B, G, Q> {
    /// A writer over these stores.
    #[must_use]
    pub fn new(backend: B, staging: G, quarantine: Q, limits: Limits) -> Self {
        Self {
            backend,
            staging,
            quarantine,
            limits,
            ring: KeyRing::default(),
            configs: Mutex::default(),
            #[cfg(test)]
            mutation: None,
        }
    }

    /// Commits the records of a batch of messages, each ledger's by itself and at the same time.
    ///
    /// Never fails as a whole: each message has its own outcome, and one that is not surely
    /// committed is to be delivered again. Messages may come twice, in any order, and to several
    /// writers at once.
    pub async fn commit_batch(&self, messages: Vec<Delivered>) -> BatchOutcome {
        let patience = Patience::new(self.backend.clock(), &self.limits);
        let taken = self.take_in(&messages, &patience).await;
        let mut outcomes: Vec<MessageOutcome> = taken.iter().map(outcome_so_far).collect();
        let (mut groups, refused) = group(&taken);
        for (at, reason) in refused {
            let Taken::Addressed { config, object, .. } = &taken[at] else {
                continue;
            };
            let ledger = &config.ledger;
            match self
                .reject(&messages[at], ledger, reason, object.as_ref(), &patience)
                .await
            {
                Ok(rejection) => {
                    outcomes[at] = MessageOutcome::Quarantined;
                    let group = groups
                        .entry(ledger.clone())
                        .or_insert_with(|| Group::new(config));
                    group.pieces.push(Piece {
                        message: at,
                        id: rejection.id,
                        received_at: messages[at].sent_at,
                        matter: Matter::Rejected {
                            digest: rejection.digest,
                            reason: rejection.reason,
                        },
                    });
                }
                Err(error) => {
                    outcomes[at] = MessageOutcome::Retry;
                    tracing::warn!(
                        message_id = messages[at].message_id,
                        error = &error as &dyn std::error::Error,
                        "a message could not be put into quarantine, it comes again"
                    );
                }
            }
        }
        let groups: Vec<Group<'_>> = groups.into_values().collect();
        let mut work = Vec::with_capacity(groups.len());
        for group in &groups {
            work.push(self.commit_group(group, &patience));
        }
        let done = concurrently(self.limits.concurrent_ledgers, work).await;
        let mut counts = Counts::default();
        for (group, committed) in groups.iter().zip(&done) {
            counts += committed.counts;
            for (piece, fate) in group.pieces.iter().zip(&committed.fates) {
                let outcome = &mut outcomes[piece.message];
                *outcome = outcome_with(*outcome, *fate);
            }
        }
        BatchOutcome {
            messages: messages.into_iter().zip(outcomes).map(result).collect(),
            counts,
        }
    }

    async fn commit_group(
        &self,
        group: &Group<'_>,
        patience: &Patience<'_, B::Clock>,
    ) -> Committed {
        self.session(&group.config, patience)
            .commit(&group.pieces)
            .await
    }

    /// Rolls forward what stands at the size of each ledger's HEAD. Without it a HEAD could lag
    /// for ever: the writer of the last segment may have died, and no record may come after it.
    ///
    /// # Errors
    /// If the ledgers can't be listed. One that can't be swept is counted, not an error.
    pub async fn sweep(&self) -> Result<SweepOutcome> {
        sweep_all(&self.backend, &self.limits, &self.ring).await
    }

    fn session<'a>(
        &'a self,
        config: &'a LedgerConfig,
        patience: &'a Patience<'a, B::Clock>,
    ) -> Session<'a, B> {
        #[cfg_attr(not(test), expect(unused_mut, reason = "tests take safeguards away"))]
        let mut session = Session::new(&self.backend, &self.limits, patience, &self.ring, config);
        #[cfg(test)]
        {
            session.mutation = self.mutation;
        }
        session
    }

    /// A ledger's configuration, from memory if it is young. That there is none is never
    /// remembered: the ledger may be about to be made.
    pub(crate) async fn config(
        &self,
        ledger: &LedgerName,
        patience: &Patience<'_, B::Clock>,
    ) -> Result<Option<Arc<LedgerConfig>>> {
        let now = self.backend.clock().now();
        if let Some(cached) = self.configs().get(ledger) {
            // A clock that went back makes it look younger than it is, once.
            if now.get().saturating_sub(cached.read_at.get()) < self.limits.config_age_ms {
                return Ok(Some(cached.config.clone()));
            }
        }
        let read = patience
            .ask(|| key_table::ledger(self.backend.keys(), ledger))
            .await?;
        let Some(config) = read.map(Arc::new) else {
            return Ok(None);
        };
        let cached = CachedConfig {
            read_at: now,
            config: config.clone(),
        };
        self.configs().insert(ledger.clone(), cached);
        Ok(Some(config))
    }

    fn configs(&self) -> std::sync::MutexGuard<'_, HashMap<LedgerName, CachedConfig>> {
        self.configs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group<'_> {
    fn new(config: &Arc<LedgerConfig>) -> Self {
        Self {
            config: config.clone(),
            pieces: Vec::new(),
        }
    }
}

/// The records of all messages by ledger, and the messages that are refused: those that can't be
/// read, and those of which some record is none (its good records are committed all the same).
fn group(taken: &[Taken]) -> (BTreeMap<LedgerName, Group<'_>>, Vec<(usize, &'static str)>) {
    let mut groups: BTreeMap<LedgerName, Group<'_>> = BTreeMap::new();
    let mut refused = Vec::new();
    for (at, taken) in taken.iter().enumerate() {
        let Taken::Addressed {
            config, records, ..
        } = taken
        else {
            continue;
        };
        let records = match records {
            Ok(records) if records.is_empty() => {
                refused.push((at, NO_RECORDS));
                continue;
            }
            Ok(records) => records,
            Err(reason) => {
                refused.push((at, *reason));
                continue;
            }
        };
        let group = groups
            .entry(config.ledger.clone())
            .or_insert_with(|| Group::new(config));
        let mut bad = false;
        for raw in records.iter() {
            let Some((id, record)) = read_record(raw) else {
                bad = true;
                continue;
            };
            group.pieces.push(Piece {
                message: at,
                id,
                received_at: records.received_at,
                matter: Matter::Record(record),
            });
        }
        if bad {
            refused.push((at, INVALID_RECORD));
        }
    }
    (groups, refused)
}

fn read_record(raw: &[u8]) -> Option<(audit_record::RecordId, Record<'_>)> {
    let record = Record::parse(raw).ok()?;
    Some((record.id()?, record))
}

/// What is known of a message before its pieces are committed. A message's pieces can only make
/// it more than a duplicate.
fn outcome_so_far(taken: &Taken) -> MessageOutcome {
    match taken {
        Taken::Retry => MessageOutcome::Retry,
        Taken::Unaddressed => MessageOutcome::Quarantined,
        Taken::Addressed { .. } => MessageOutcome::Duplicate,
    }
}

fn outcome_with(outcome: MessageOutcome, fate: Fate) -> MessageOutcome {
    use MessageOutcome::{Committed, Conflict, Duplicate, Quarantined, Retry};
    match (outcome, fate) {
        (Retry, _) | (_, Fate::Pending) => Retry,
        (Quarantined, _) => Quarantined,
        (Conflict, _) | (_, Fate::Conflict) => Conflict,
        (Committed, _) | (_, Fate::Committed) => Committed,
        (Duplicate, Fate::Duplicate) => Duplicate,
    }
}

fn result((message, outcome): (Delivered, MessageOutcome)) -> MessageResult {
    MessageResult {
        message_id: message.message_id,
        receipt: message.receipt,
        receive_count: message.receive_count,
        outcome,
    }
}

/// A function's runtime may move an invocation between threads.
#[allow(dead_code, reason = "it only has to compile")]
fn invocations_can_be_moved<B: Backend, G: StagingStore, Q: QuarantineStore>(
    writer: &Writer<B, G, Q>,
) {
    fn movable(_: impl Send) {}
    movable(writer.commit_batch(Vec::new()));
    movable(writer.sweep());
}
