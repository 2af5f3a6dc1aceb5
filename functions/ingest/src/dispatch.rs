//! The good records' way into the queue: packed, the large ones staged, sent, tried again.
//!
//! A reply that was lost is no failure here: the same message is sent again, and the writer finds
//! by their ids that its records are there already.

use std::sync::Arc;
use std::time::Duration;

use audit_lambda::http::ApiError;
use audit_record::Millis;
use audit_storage::config::LedgerConfig;
use audit_storage::message::{Form, MAX_MESSAGE_BYTES, Packed, pack, staged_body};
use audit_storage::stores::{LaneQueue, Outgoing, QUEUE_BATCH_ENTRIES, StagingStore};
use audit_storage::{Clock, Entropy, Error, keys};
use bytes::Bytes;
use futures::future::join_all;

use crate::verdict::{Good, Verdict};

/// Attempts of a request to queue or bucket, the first included.
const ATTEMPTS: u32 = 4;
/// The wait before the second attempt, at most; doubled each time, drawn at random below it.
const BACKOFF: Duration = Duration::from_millis(100);
/// No further attempt begins later than that after the first: the client's own time-out is
/// usually 10 s, and a 503 that reaches it is worth more than an answer that does not.
const GIVE_UP_MS: u64 = 5_000;
/// What SQS counts beside a body: the attribute's name, type and value.
const ATTRIBUTE_BYTES: usize = 139;

/// Sends records.
pub(crate) struct Dispatch<Q, S, C, E> {
    queue: Q,
    staging: S,
    clock: C,
    entropy: E,
}

/// A message and which of the good records are in it.
struct Letter {
    outgoing: Outgoing,
    records: std::ops::Range<usize>,
    sent: bool,
}

impl<Q: LaneQueue, S: StagingStore, C: Clock, E: Entropy> Dispatch<Q, S, C, E> {
    pub(crate) fn new(queue: Q, staging: S, clock: C, entropy: E) -> Self {
        Self {
            queue,
            staging,
            clock,
            entropy,
        }
    }

    pub(crate) fn clock(&self) -> &C {
        &self.clock
    }

    pub(crate) fn entropy(&self) -> &E {
        &self.entropy
    }

    /// Sends the good records and marks those that a queue has. Gives the number of messages.
    ///
    /// # Errors
    /// Only where packing fails, before anything was sent.
    pub(crate) async fn send(
        &self,
        request_id: &str,
        received_at: Millis,
        ledger: &Arc<LedgerConfig>,
        verdicts: &mut [Verdict<'_>],
    ) -> Result<usize, ApiError> {
        let mut good: Vec<&mut Good<'_>> = verdicts
            .iter_mut()
            .filter_map(|verdict| match verdict {
                Verdict::Good(good) => Some(good),
                Verdict::Bad { .. } => None,
            })
            .collect();
        let records: Vec<&[u8]> = good.iter().map(|good| good.bytes.as_ref()).collect();
        let packed = pack(request_id, received_at, &records)?;
        let letters = packed
            .into_iter()
            .map(|packed| self.letter(request_id, received_at, ledger, packed));
        let letters: Vec<Letter> = join_all(letters).await.into_iter().flatten().collect();
        let batches = batches(letters);
        let sent = join_all(
            batches
                .into_iter()
                .map(|batch| self.send_batch(ledger, batch)),
        )
        .await;
        let mut messages = 0;
        for letter in sent.into_iter().flatten().filter(|letter| letter.sent) {
            messages += 1;
            for good in good.get_mut(letter.records).into_iter().flatten() {
                good.sent = true;
            }
        }
        Ok(messages)
    }

    /// Makes a message, its records staged first where they do not fit; none where they could
    /// not be staged.
    async fn letter(
        &self,
        request_id: &str,
        received_at: Millis,
        ledger: &LedgerConfig,
        packed: Packed,
    ) -> Option<Letter> {
        let body = match packed.form {
            Form::Inline(body) => body,
            Form::Staged { object, sha256 } => {
                let key = keys::staging(&ledger.ledger, &sha256);
                let object = Bytes::from(object);
                let mut patience = Patience::new(&self.clock, &self.entropy);
                while let Err(error) = self.staging.put(&key, object.clone()).await {
                    if !patience.again("a record could not be staged", &error).await {
                        return None;
                    }
                }
                staged_body(request_id, received_at, &key, &sha256)
            }
        };
        let outgoing = Outgoing {
            ledger: ledger.ledger.clone(),
            body,
        };
        Some(Letter {
            outgoing,
            records: packed.records,
            sent: false,
        })
    }

    /// Sends one batch, what was refused again.
    async fn send_batch(&self, ledger: &LedgerConfig, mut batch: Vec<Letter>) -> Vec<Letter> {
        let mut patience = Patience::new(&self.clock, &self.entropy);
        loop {
            let left: Vec<usize> = (0..batch.len())
                .filter(|index| !batch[*index].sent)
                .collect();
            let entries: Vec<Outgoing> = left
                .iter()
                .map(|index| batch[*index].outgoing.clone())
                .collect();
            let failure = match self.queue.send(ledger.lane, &entries).await {
                Err(error) => Some(error),
                Ok(results) => {
                    let mut failure = None;
                    for (index, result) in left.into_iter().zip(results) {
                        match result {
                            Ok(()) => batch[index].sent = true,
                            Err(error) => failure = Some(error),
                        }
                    }
                    failure
                }
            };
            match failure {
                None => return batch,
                Some(error) => {
                    if !patience
                        .again("a message could not be queued", &error)
                        .await
                    {
                        return batch;
                    }
                }
            }
        }
    }
}

/// Messages in batches that SQS takes: so many entries, and so many bytes together.
fn batches(letters: Vec<Letter>) -> Vec<Vec<Letter>> {
    let mut batches: Vec<Vec<Letter>> = Vec::new();
    let mut bytes = 0;
    for letter in letters {
        let size = letter.outgoing.body.len() + ATTRIBUTE_BYTES;
        match batches.last_mut() {
            Some(batch)
                if batch.len() < QUEUE_BATCH_ENTRIES && bytes + size <= MAX_MESSAGE_BYTES =>
            {
                bytes += size;
                batch.push(letter);
            }
            _ => {
                bytes = size;
                batches.push(vec![letter]);
            }
        }
    }
    batches
}

/// Decides whether a request that failed is tried again, and waits until then.
struct Patience<'a, C, E> {
    clock: &'a C,
    entropy: &'a E,
    since: Millis,
    failures: u32,
}

impl<'a, C: Clock, E: Entropy> Patience<'a, C, E> {
    fn new(clock: &'a C, entropy: &'a E) -> Self {
        Self {
            clock,
            entropy,
            since: clock.now(),
            failures: 0,
        }
    }

    async fn again(&mut self, what: &'static str, error: &Error) -> bool {
        use audit_storage::Kind;
        self.failures += 1;
        let may_pass = matches!(
            error.kind(),
            Kind::Unavailable | Kind::Unknown | Kind::Conflict
        );
        let elapsed_ms = self.clock.now().get().saturating_sub(self.since.get());
        let again = may_pass && self.failures < ATTEMPTS && elapsed_ms < GIVE_UP_MS;
        tracing::warn!(again, failures = self.failures, error = %error, cause = std::error::Error::source(error), "{what}");
        if again {
            let most = BACKOFF * 2_u32.pow(self.failures - 1);
            let share = u32::from(self.entropy.array::<1>()[0]) + 1;
            self.clock.sleep(most * share / 256).await;
        }
        again
    }
}
