//! Standard SQS queues with their dead-letter queues, under the test's clock.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use audit_record::{LedgerName, Millis};
use audit_storage::config::Lane;
use audit_storage::message::{LEDGER_ATTRIBUTE, MAX_MESSAGE_BYTES};
use audit_storage::stores::{LaneQueue, Outgoing, Postponed, QUEUE_BATCH_ENTRIES};
use audit_storage::{Clock, Error, Result};

use crate::clock::ManualClock;
use crate::gate::{Gate, Touch};

/// SQS bills each started 64 KB as a request.
const UNIT_BYTES: usize = 64 * 1024;
/// `ChangeMessageVisibility` takes up to 12 hours.
const VISIBILITY_MAX_S: u32 = 43_200;

/// A message as a consumer gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message's id, the same each time.
    pub message_id: String,
    /// This receive's handle.
    pub receipt: String,
    /// The message attribute.
    pub ledger: LedgerName,
    /// The body.
    pub body: String,
    /// When it was sent.
    pub sent_at: Millis,
    /// How often it was received, this time included.
    pub receive_count: u32,
}

#[derive(Debug, Clone)]
struct Waiting {
    message: Received,
    visible_ms: u64,
}

#[derive(Debug, Clone, Default)]
struct Queues {
    lanes: BTreeMap<Lane, Vec<Waiting>>,
    dead: BTreeMap<Lane, Vec<Received>>,
    refused_entries: Vec<usize>,
    made: u64,
}

/// The lanes in memory. Clones share them.
#[derive(Debug, Clone)]
pub struct MemoryLanes {
    queues: Arc<Mutex<Queues>>,
    clock: ManualClock,
    gate: Gate,
    visibility_ms: u64,
    max_receives: u32,
}

impl MemoryLanes {
    /// Lanes 0 to `lanes` − 1, with a visibility of 30 s and at most 1,000 receives.
    #[must_use]
    pub fn new(clock: ManualClock, lanes: u16) -> Self {
        let queues = Queues {
            lanes: (0..lanes).map(|lane| (Lane(lane), Vec::new())).collect(),
            ..Queues::default()
        };
        Self {
            queues: Arc::new(Mutex::new(queues)),
            clock,
            gate: Gate::new(),
            visibility_ms: 30_000,
            max_receives: 1_000,
        }
    }

    /// The same lanes with another `maxReceiveCount`.
    #[must_use]
    pub fn with_max_receives(self, max_receives: u32) -> Self {
        Self {
            max_receives,
            ..self
        }
    }

    /// The same lanes through another process's gate.
    #[must_use]
    pub fn through(&self, gate: &Gate) -> Self {
        Self {
            gate: gate.clone(),
            ..self.clone()
        }
    }

    /// A copy on another clock that goes its own way.
    #[must_use]
    pub fn fork(&self, clock: &ManualClock) -> Self {
        Self {
            queues: Arc::new(Mutex::new(self.queues().clone())),
            clock: clock.clone(),
            gate: Gate::new(),
            ..self.clone()
        }
    }

    /// In the next batch that is sent, these entries fail though the request succeeds.
    pub fn refuse_entries(&self, entries: &[usize]) {
        self.queues().refused_entries = entries.to_vec();
    }

    /// Receives up to `limit` visible messages, oldest first, and hides them for the visibility
    /// time. One that was received too often goes to the dead letters instead.
    #[must_use]
    pub fn receive(&self, lane: Lane, limit: usize) -> Vec<Received> {
        let now = self.clock.now().get();
        let mut queues = self.queues();
        let (mut received, mut dead) = (Vec::new(), Vec::new());
        queues.made += 1;
        let round = queues.made;
        let Some(waiting) = queues.lanes.get_mut(&lane) else {
            return received;
        };
        waiting.retain_mut(|slot| {
            if slot.visible_ms > now || received.len() == limit {
                return true;
            }
            slot.message.receive_count += 1;
            if slot.message.receive_count > self.max_receives {
                dead.push(slot.message.clone());
                return false;
            }
            slot.message.receipt = format!("{}#{round}", slot.message.message_id);
            slot.visible_ms = now + self.visibility_ms;
            received.push(slot.message.clone());
            true
        });
        queues.dead.entry(lane).or_default().append(&mut dead);
        received
    }

    /// Deletes a received message. At least once: a receipt that is no longer the latest does
    /// nothing, and the message comes again.
    pub fn delete(&self, lane: Lane, receipt: &str) {
        if let Some(waiting) = self.queues().lanes.get_mut(&lane) {
            waiting.retain(|slot| slot.message.receipt != receipt);
        }
    }

    /// Delivers a message once more while it is invisible, as a standard queue may.
    pub fn redeliver(&self, lane: Lane, message_id: &str) {
        if let Some(waiting) = self.queues().lanes.get_mut(&lane) {
            for slot in waiting
                .iter_mut()
                .filter(|slot| slot.message.message_id == message_id)
            {
                slot.visible_ms = 0;
            }
        }
    }

    /// How many messages are in a lane, visible or not.
    #[must_use]
    pub fn len(&self, lane: Lane) -> usize {
        self.queues().lanes.get(&lane).map_or(0, Vec::len)
    }

    /// Whether a lane has no messages.
    #[must_use]
    pub fn is_empty(&self, lane: Lane) -> bool {
        self.len(lane) == 0
    }

    /// A lane's dead letters.
    #[must_use]
    pub fn dead_letters(&self, lane: Lane) -> Vec<Received> {
        self.queues().dead.get(&lane).cloned().unwrap_or_default()
    }

    fn enqueue(&self, lane: Lane, entries: &[Outgoing]) -> Result<Vec<Result<()>>> {
        if !(1..=QUEUE_BATCH_ENTRIES).contains(&entries.len()) {
            return Err(Error::invalid("a batch has 1 to 10 entries"));
        }
        let attribute = LEDGER_ATTRIBUTE.len() + "String".len();
        let size = |entry: &Outgoing| entry.body.len() + attribute + entry.ledger.as_str().len();
        if entries.iter().any(|entry| entry.body.is_empty()) {
            return Err(Error::invalid("a message has a body"));
        }
        let total: usize = entries.iter().map(size).sum();
        if total > MAX_MESSAGE_BYTES {
            return Err(Error::invalid("BatchRequestTooLong"));
        }
        self.gate
            .bill("sqs:SendMessageBatch", total.div_ceil(UNIT_BYTES) as u64);
        let now = self.clock.now();
        let mut queues = self.queues();
        let refused = std::mem::take(&mut queues.refused_entries);
        let mut results = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            if refused.contains(&at) {
                results.push(Err(Error::unavailable("entry (injected)")));
                continue;
            }
            queues.made += 1;
            let message = Received {
                message_id: format!("00000000-0000-4000-8000-{:012}", queues.made),
                receipt: String::new(),
                ledger: entry.ledger.clone(),
                body: entry.body.clone(),
                sent_at: now,
                receive_count: 0,
            };
            let waiting = queues
                .lanes
                .get_mut(&lane)
                .ok_or_else(|| Error::internal("no such lane"))?;
            waiting.push(Waiting {
                message,
                visible_ms: 0,
            });
            results.push(Ok(()));
        }
        Ok(results)
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().expect("no panic while it is held")
    }
}

impl LaneQueue for MemoryLanes {
    async fn send(&self, lane: Lane, entries: &[Outgoing]) -> Result<Vec<Result<()>>> {
        let send = || self.enqueue(lane, entries);
        self.gate
            .call("sqs:SendMessageBatch", Touch::Write, send)
            .await
    }

    async fn postpone(&self, lane: Lane, entries: &[Postponed]) -> Result<()> {
        let postpone = || {
            if !(1..=QUEUE_BATCH_ENTRIES).contains(&entries.len()) {
                return Err(Error::invalid("a batch has 1 to 10 entries"));
            }
            if entries
                .iter()
                .any(|entry| entry.visibility_s > VISIBILITY_MAX_S)
            {
                return Err(Error::invalid("visibility over 12 hours"));
            }
            self.gate.bill("sqs:ChangeMessageVisibilityBatch", 1);
            let now = self.clock.now().get();
            let mut queues = self.queues();
            let waiting = queues.lanes.entry(lane).or_default();
            for entry in entries {
                let slots = waiting.iter_mut();
                for slot in slots.filter(|slot| slot.message.receipt == entry.receipt) {
                    slot.visible_ms = now + u64::from(entry.visibility_s) * 1000;
                }
            }
            Ok(())
        };
        let operation = "sqs:ChangeMessageVisibilityBatch";
        self.gate.call(operation, Touch::Write, postpone).await
    }
}
