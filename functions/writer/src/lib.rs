//! The writer function: commits queued records to write-once segments.
//!
//! Two events come in: a lane's messages, and the minute's sweep. Everything that makes a commit
//! safe is in `audit-ledger`; this crate turns events into its calls and its outcomes into what
//! the queue understands. An error reaches the queue as the messages it concerns, never as a
//! failed invocation, which would bring the whole batch back.

mod event;
mod retries;

use std::fmt;

use audit_lambda::RuntimeError;
use audit_ledger::{BatchOutcome, Delivered, MessageOutcome, SweepOutcome, Writer};
use audit_storage::stores::{LaneQueue, QuarantineStore, StagingStore};
use audit_storage::{Backend, Clock};
use serde::Serialize;

pub use event::{Batch, Event, InvalidEvent};
pub use retries::Retries;

/// The function: a ledger writer, and the lanes that get back what it could not commit.
pub struct WriterFunction<B, G, Q, L, C> {
    writer: Writer<B, G, Q>,
    retries: Retries<L>,
    clock: C,
}

impl<B, G, Q, L, C> fmt::Debug for WriterFunction<B, G, Q, L, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WriterFunction")
            .finish_non_exhaustive()
    }
}

/// What the function answers.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To a lane: which messages it must deliver again (AWS: "Reporting batch item failures").
    Batch(BatchAnswer),
    /// To the schedule: what the sweep came to.
    Sweep(SweepAnswer),
}

/// The messages of a batch that are to be delivered again.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    batch_item_failures: Vec<ItemFailure>,
}

impl BatchAnswer {
    /// The ids of the messages that are to be delivered again.
    pub fn failures(&self) -> impl Iterator<Item = &str> {
        self.batch_item_failures
            .iter()
            .map(|failure| failure.item_identifier.as_str())
    }
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// What a sweep came to.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct SweepAnswer {
    ledgers: u64,
    rolled_forward: u64,
    failed: u64,
    alarms: u64,
}

impl<B, G, Q, L, C> WriterFunction<B, G, Q, L, C>
where
    B: Backend,
    G: StagingStore,
    Q: QuarantineStore,
    L: LaneQueue,
    C: Clock,
{
    /// Puts the function together.
    #[must_use]
    pub fn new(writer: Writer<B, G, Q>, retries: Retries<L>, clock: C) -> Self {
        Self {
            writer,
            retries,
            clock,
        }
    }

    /// Handles one event and writes the invocation's log line.
    ///
    /// # Errors
    /// For an event that is neither a lane's nor the schedule's, and for a sweep that could not
    /// begin; the schedule tries again in a minute.
    pub async fn handle(&self, event: Event, request_id: String) -> Result<Answer, RuntimeError> {
        match Batch::try_from(event)? {
            Batch::Messages { messages, source } => Ok(Answer::Batch(
                self.commit(messages, source.as_deref(), &request_id).await,
            )),
            Batch::Sweep => Ok(Answer::Sweep(self.sweep(&request_id).await?)),
        }
    }

    async fn commit(
        &self,
        messages: Vec<Delivered>,
        source: Option<&str>,
        request_id: &str,
    ) -> BatchAnswer {
        let oldest = messages.iter().map(|message| message.sent_at).min();
        // On the heap: the protocol's futures nest too deeply to be laid out as one.
        let outcome = Box::pin(self.writer.commit_batch(messages)).await;
        let again: Vec<_> = outcome.retries().cloned().collect();
        self.retries.postpone(source, &again).await;
        let lag_ms = oldest.map(|oldest| self.clock.now().get().saturating_sub(oldest.get()));
        log_batch(request_id, &outcome, lag_ms);
        BatchAnswer {
            batch_item_failures: again
                .into_iter()
                .map(|message| ItemFailure {
                    item_identifier: message.message_id,
                })
                .collect(),
        }
    }

    async fn sweep(&self, request_id: &str) -> Result<SweepAnswer, RuntimeError> {
        let swept = Box::pin(self.writer.sweep()).await;
        if let Err(error) = &swept {
            let cause = std::error::Error::source(error);
            tracing::error!(request_id, %error, cause, "the sweep could not begin");
        }
        let SweepOutcome {
            ledgers,
            rolled_forward,
            failed,
            alarms,
        } = swept?;
        tracing::info!(
            request_id,
            ledgers,
            rolled_forward,
            failed,
            alarms,
            "swept {ledgers} ledgers, rolled {rolled_forward} segments forward"
        );
        Ok(SweepAnswer {
            ledgers,
            rolled_forward,
            failed,
            alarms,
        })
    }
}

/// The one line of a batch: counts only.
fn log_batch(request_id: &str, outcome: &BatchOutcome, lag_ms: Option<u64>) {
    let of = |wanted: MessageOutcome| {
        outcome
            .messages
            .iter()
            .filter(|message| message.outcome == wanted)
            .count()
    };
    let messages = outcome.messages.len();
    let counts = outcome.counts;
    tracing::info!(
        request_id,
        messages,
        quarantined = of(MessageOutcome::Quarantined),
        retried = of(MessageOutcome::Retry),
        committed = counts.committed,
        duplicates = counts.duplicates,
        conflicts = counts.conflicts,
        rejected = counts.rejected,
        segments = counts.segments,
        rolled_forward = counts.rolled_forward,
        alarms = counts.alarms,
        lag_ms,
        "committed {} records of {messages} messages",
        counts.committed
    );
}
