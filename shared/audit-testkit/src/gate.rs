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
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::NotApplied,
        Self::ReplyLost,
        Self::DiesBefore,
        Self::DiesAfter,
    ];
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
    stepping: bool,
    dead: bool,
}

/// The gate of one process. Clones are the same gate.
#[derive(Debug, Clone, Default)]
pub struct Gate(Arc<Mutex<State>>);

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

    /// The same gate, at which each call waits once before it is made, so that
    /// [`schedule::interleave`](crate::schedule::interleave) decides who goes first.
    #[must_use]
    pub fn stepping(self) -> Self {
        self.state().stepping = true;
        self
    }

    /// The calls so far, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
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
        write: bool,
        done: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        if self.state().stepping {
            crate::schedule::wait_for_turn().await;
        }
        if self.is_dead() {
            return std::future::pending().await;
        }
        match self.admit(operation, write) {
            None => done(),
            Some(Fault::NotApplied) => Err(Error::unavailable(format!("{operation} (injected)"))),
            Some(Fault::ReplyLost) => {
                // Its answer is lost, whatever it was.
                drop(done());
                let kind = if write {
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
        let fault = planned.or(drawn);
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
        self.0.lock().expect("no panic while it is held")
    }
}
