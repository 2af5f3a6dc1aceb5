//! The choke point of one process's storage calls.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use audit_storage::{Error, Kind, Result};

use crate::entropy::Random;

/// How a storage call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Refused: nothing was done, `Unavailable`.
    NotApplied,
    /// Done, and the reply lost: `Unknown` for a write, `Unavailable` for a read.
    ReplyLost,
    /// The process dies before the call reaches the store.
    DiesBefore,
    /// The process dies after it was done.
    DiesAfter,
    /// Of a batch only the first half is done, the rest stays unprocessed; what is no batch is
    /// refused.
    Half,
    /// Refused, and every call of this process after it too.
    Outage,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NotApplied,
        Self::ReplyLost,
        Self::DiesBefore,
        Self::DiesAfter,
        Self::Half,
        Self::Outage,
    ];
}

/// What a call touches: whether its place among other processes' calls matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Reads what never changes (a version of an object), or asks the key service: it comes to the
    /// same whoever goes first, so that no turn is waited for.
    Fixed,
    /// Reads what others may be writing.
    Read,
    /// Writes.
    Write,
}

/// One storage call, as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service's operation, for instance `s3:PutObject`.
    pub operation: &'static str,
    /// Whether it writes.
    pub write: bool,
    /// What was done to it.
    pub fault: Option<Fault>,
}

/// What one operation cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bill {
    /// Requests made, failed ones too.
    pub requests: u64,
    /// Units billed: for DynamoDB writes one for each 1 KB and index, for its reads *half* units of
    /// 4 KB (a consistent one is two), for SQS one for each 64 KB, for S3 and KMS the request.
    pub units: u64,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Call>,
    bills: BTreeMap<&'static str, Bill>,
    planned: BTreeMap<usize, Fault>,
    random: Option<(Random, usize)>,
    writes: u64,
    down: bool,
    dead: bool,
}

/// The gate of one process. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate {
    state: Arc<Mutex<State>>,
    stepping: bool,
}

impl Gate {
    /// A gate at which nothing fails.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A gate at which the call of that ordinal, from 0, fails.
    #[must_use]
    pub fn failing_at(ordinal: usize, fault: Fault) -> Self {
        let gate = Self::new();
        gate.state().planned.insert(ordinal, fault);
        gate
    }

    /// A gate at which one call in `odds` fails in some way, by a seed.
    #[must_use]
    pub fn failing_at_random(seed: u64, odds: usize) -> Self {
        let gate = Self::new();
        gate.state().random = Some((Random::new(seed), odds));
        gate
    }

    /// The same gate for handles whose calls wait once before they are made, so that
    /// [`schedule::interleave`](crate::schedule::interleave) decides who goes first. Calls that
    /// read what never changes don't wait: no order of theirs makes a difference.
    #[must_use]
    pub fn stepping(self) -> Self {
        Self {
            stepping: true,
            ..self
        }
    }

    /// The calls so far, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The last call so far.
    #[must_use]
    pub fn last_call(&self) -> Option<Call> {
        self.state().calls.last().cloned()
    }

    /// How many writes were attempted.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.state().writes
    }

    /// What each operation cost so far.
    #[must_use]
    pub fn bills(&self) -> BTreeMap<&'static str, Bill> {
        self.state().bills.clone()
    }

    /// How many calls were made of all operations.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.state().calls.len()
    }

    /// Whether the process died.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Runs a process's future to its end; `None` if the process died on the way.
    ///
    /// The stores never wait for anything outside, so no runtime is needed.
    pub fn run<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(done) => return Some(done),
                Poll::Pending if self.is_dead() => return None,
                Poll::Pending => {}
            }
        }
    }

    /// Passes a call through: records it, fails it as planned, or does it.
    pub(crate) async fn call<T>(
        &self,
        operation: &'static str,
        touch: Touch,
        done: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        match self.enter(operation, touch).await {
            Some(Fault::Half) => Err(refused(operation)),
            fault => self.carry_out(operation, touch, fault, done).await,
        }
    }

    /// Passes a batch through: `done` is told whether it may do only half of it.
    pub(crate) async fn batch_call<T>(
        &self,
        operation: &'static str,
        touch: Touch,
        done: impl FnOnce(bool) -> Result<T>,
    ) -> Result<T> {
        match self.enter(operation, touch).await {
            Some(Fault::Half) => done(true),
            fault => {
                let done = || done(false);
                self.carry_out(operation, touch, fault, done).await
            }
        }
    }

    /// Waits for its turn, and says how the call fails, if it does.
    async fn enter(&self, operation: &'static str, touch: Touch) -> Option<Fault> {
        if self.stepping && touch != Touch::Fixed {
            crate::schedule::wait_for_turn().await;
        }
        if self.is_dead() {
            return std::future::pending().await;
        }
        self.admit(operation, touch == Touch::Write)
    }

    async fn carry_out<T>(
        &self,
        operation: &'static str,
        touch: Touch,
        fault: Option<Fault>,
        done: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        match fault {
            None => done(),
            Some(Fault::NotApplied | Fault::Half | Fault::Outage) => Err(refused(operation)),
            Some(Fault::ReplyLost) => {
                // Its answer is lost, whatever it was.
                drop(done());
                let kind = if touch == Touch::Write {
                    Kind::Unknown
                } else {
                    Kind::Unavailable
                };
                Err(Error::new(kind, format!("{operation} (injected, applied)")))
            }
            Some(Fault::DiesBefore) => self.die().await,
            Some(Fault::DiesAfter) => {
                drop(done());
                self.die().await
            }
        }
    }

    /// Adds to what an operation cost.
    pub(crate) fn bill(&self, operation: &'static str, units: u64) {
        self.state().bills.entry(operation).or_default().units += units;
    }

    /// Records the next call and says how it fails, if it does.
    fn admit(&self, operation: &'static str, write: bool) -> Option<Fault> {
        let mut state = self.state();
        let ordinal = state.calls.len();
        let planned = state.planned.get(&ordinal).copied();
        let drawn = state.random.as_mut().and_then(|(random, odds)| {
            let hit = random.below(*odds) == 0;
            hit.then(|| Fault::ALL[random.below(Fault::ALL.len())])
        });
        let fault = if state.down {
            Some(Fault::NotApplied)
        } else {
            planned.or(drawn)
        };
        state.down |= fault == Some(Fault::Outage);
        state.writes += u64::from(write);
        state.calls.push(Call {
            operation,
            write,
            fault,
        });
        state.bills.entry(operation).or_default().requests += 1;
        fault
    }

    async fn die<T>(&self) -> T {
        self.state().dead = true;
        std::future::pending().await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no panic while it is held")
    }
}

fn refused(operation: &str) -> Error {
    Error::unavailable(format!("{operation} (injected)"))
}
