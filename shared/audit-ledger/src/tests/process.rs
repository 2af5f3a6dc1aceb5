//! A process over the world: every storage call passes a gate at which the test decides whether it
//! is done, whether its reply arrives, and whether the process survives it.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use audit_record::{LedgerName, Millis};
use audit_storage::config::RetentionClass;
use audit_storage::rows::RowKey;
use audit_storage::stores::{
    BatchGot, Condition, DataKey, KeyStore, KeyWrapper, ListFrom, Page, Put, QuarantineStore,
    Query, RowStore, SegmentStore, StagingStore, Version, VersionId, VersionPage, Written,
};
use audit_storage::{Clock, Entropy, Error, Item, Result, Stores};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::world::World;
use crate::{Limits, Operator, Writer};

/// How a storage call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Refused: nothing was done.
    NotApplied,
    /// Done, and the reply lost. (A read's reply may as well be lost: it reads as unavailable.)
    ReplyLost,
    /// The process dies before the call reaches the store.
    DiesBefore,
    /// The process dies after it was done.
    DiesAfter,
    /// Of a batch, only the first half is processed; anything else is refused.
    Half,
    /// Refused, and everything after it too.
    Outage,
}

impl Fault {
    pub(super) const ALL: [Self; 6] = [
        Self::NotApplied,
        Self::ReplyLost,
        Self::DiesBefore,
        Self::DiesAfter,
        Self::Half,
        Self::Outage,
    ];
}

/// A small generator (`SplitMix64`), for faults and schedules as for keys and nonces.
#[derive(Debug, Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("below a usize")
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

/// What decides on a process's calls.
#[derive(Debug, Clone)]
pub(super) enum Faults {
    None,
    /// The call of that number fails.
    At(u64, Fault),
    /// Calls fail at random.
    Random(Random),
}

impl Faults {
    fn decide(&mut self, call: u64) -> Option<Fault> {
        match self {
            Self::None => None,
            Self::At(at, Fault::Outage) => (call >= *at).then_some(Fault::NotApplied),
            Self::At(at, fault) => (call == *at).then_some(*fault),
            Self::Random(random) => match random.next() % 200 {
                0..4 => Some(Fault::NotApplied),
                4..8 => Some(Fault::ReplyLost),
                8 => Some(Fault::DiesBefore),
                9 => Some(Fault::DiesAfter),
                10..18 => Some(Fault::Half),
                _ => None,
            },
        }
    }
}

#[derive(Debug)]
struct State {
    faults: Faults,
    random: Random,
    calls: u64,
    dead: bool,
    /// A segment's PUT was attempted.
    put: bool,
    /// Its calls in order, by name.
    trace: Vec<&'static str>,
}

/// One process. Clones are the same process.
#[derive(Debug, Clone)]
pub(super) struct Process {
    world: Arc<Mutex<World>>,
    state: Arc<Mutex<State>>,
    /// Segments are written without a condition: one of the ways to break the protocol.
    unconditional: bool,
}

/// What a call does, for the gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Reads what never changes, or what this test does not race on: no place to switch writers.
    Still,
    Read,
    Write,
}

impl Process {
    pub(super) fn new(world: &Arc<Mutex<World>>, seed: u64, faults: Faults) -> Self {
        let state = State {
            faults,
            random: Random(seed ^ 0x5eed),
            calls: 0,
            dead: false,
            put: false,
            trace: Vec::new(),
        };
        Self {
            world: world.clone(),
            state: Arc::new(Mutex::new(state)),
            unconditional: false,
        }
    }

    pub(super) fn writing_unconditionally(mut self, unconditional: bool) -> Self {
        self.unconditional = unconditional;
        self
    }

    pub(super) fn stores(&self) -> TestStores {
        Stores {
            segments: self.clone(),
            rows: Rows(self.clone()),
            keys: Keys(self.clone()),
            wrapper: self.clone(),
            clock: self.clone(),
            entropy: self.clone(),
        }
    }

    pub(super) fn writer(&self, limits: Limits) -> TestWriter {
        Writer::new(self.stores(), self.clone(), self.clone(), limits)
    }

    pub(super) fn operator(&self) -> Operator<TestStores> {
        Operator::new(self.stores(), Limits::default())
    }

    pub(super) fn calls(&self) -> u64 {
        self.state().calls
    }

    pub(super) fn trace(&self) -> Vec<&'static str> {
        self.state().trace.clone()
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state().dead
    }

    pub(super) fn attempted_put(&self) -> bool {
        self.state().put
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no test panics while it holds this")
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world
            .lock()
            .expect("no test panics while it holds this")
    }

    async fn call<T>(
        &self,
        name: &'static str,
        class: Class,
        done: impl FnOnce(&mut World) -> T,
    ) -> Result<T> {
        self.batch_call(name, class, |world, _| done(world)).await
    }

    /// `done` is told whether it may process only half.
    async fn batch_call<T>(
        &self,
        name: &'static str,
        class: Class,
        done: impl FnOnce(&mut World, bool) -> T,
    ) -> Result<T> {
        if class != Class::Still {
            Gate(false).await;
        }
        let fault = {
            let mut state = self.state();
            let call = state.calls;
            state.calls += 1;
            state.put |= name == PUT_SEGMENT;
            state.trace.push(name);
            state.faults.decide(call)
        };
        if class == Class::Write {
            self.world().changes += 1;
        }
        let refused = || Error::unavailable(name);
        match fault {
            None => Ok(done(&mut self.world(), false)),
            Some(Fault::Half) if name.starts_with("batch") => Ok(done(&mut self.world(), true)),
            Some(Fault::ReplyLost) if class == Class::Write => {
                done(&mut self.world(), false);
                Err(Error::unknown(name))
            }
            Some(Fault::NotApplied | Fault::Outage | Fault::Half | Fault::ReplyLost) => {
                Err(refused())
            }
            Some(Fault::DiesBefore) => {
                self.state().dead = true;
                std::future::pending().await
            }
            Some(Fault::DiesAfter) => {
                done(&mut self.world(), false);
                self.state().dead = true;
                std::future::pending().await
            }
        }
    }
}

const PUT_SEGMENT: &str = "put_segment";

/// Lets the scheduler choose who goes on.
struct Gate(bool);

impl Future for Gate {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls a process's work once: up to its next storage call.
pub(super) fn step<F: Future + ?Sized>(work: Pin<&mut F>) -> Poll<F::Output> {
    work.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs a process's work to its end; nothing if the process dies.
pub(super) fn run<T>(process: &Process, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    for _ in 0..2_000_000 {
        if let Poll::Ready(output) = step(work.as_mut()) {
            return Some(output);
        }
        if process.is_dead() {
            return None;
        }
    }
    panic!("the work does not end");
}

pub(super) type TestStores = Stores<Process, Rows, Keys, Process, Process, Process>;
pub(super) type TestWriter = Writer<TestStores, Process, Process>;

impl Clock for Process {
    fn now(&self) -> Millis {
        Millis::new(self.world().now_ms)
    }

    async fn sleep(&self, duration: Duration) {
        let passed = u64::try_from(duration.as_millis()).expect("a short pause");
        let mut world = self.world();
        world.now_ms += passed;
        world.changes += 1;
    }
}

impl Entropy for Process {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.state();
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&state.random.next().to_be_bytes()[..chunk.len()]);
        }
    }
}

/// Wraps by a keystream; `wrapped` begins with a check over ledger and key.
impl KeyWrapper for Process {
    async fn generate(&self, ledger: &LedgerName) -> Result<DataKey> {
        let plaintext: [u8; 32] = self.array();
        self.call("kms_generate", Class::Still, |_| ()).await?;
        let mut wrapped = check(ledger, &plaintext).to_vec();
        wrapped.extend(plaintext.map(|byte| !byte));
        Ok(DataKey {
            plaintext: plaintext.into(),
            wrapped,
            kms_key: "arn:test:key".to_owned(),
        })
    }

    async fn unwrap(
        &self,
        ledger: &LedgerName,
        _kms_key: &str,
        wrapped: &[u8],
    ) -> Result<zeroize::Zeroizing<[u8; 32]>> {
        self.call("kms_unwrap", Class::Still, |_| ()).await?;
        let (sum, hidden) = wrapped.split_at(32);
        let plaintext: [u8; 32] = hidden.try_into().expect("32 bytes");
        let plaintext = plaintext.map(|byte| !byte);
        if check(ledger, &plaintext) == sum {
            Ok(plaintext.into())
        } else {
            Err(Error::corrupt("another ledger's key"))
        }
    }

    async fn probe(&self) -> Result<()> {
        Ok(())
    }
}

fn check(ledger: &LedgerName, plaintext: &[u8; 32]) -> [u8; 32] {
    Sha256::new()
        .chain_update(ledger.as_str())
        .chain_update(plaintext)
        .finalize()
        .into()
}

impl SegmentStore for Process {
    async fn put_if_absent(
        &self,
        _class: &RetentionClass,
        key: &str,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Put> {
        assert_eq!(
            <[u8; 32]>::from(Sha256::digest(&body)),
            sha256,
            "the checksum is the body's"
        );
        let unconditional = self.unconditional;
        self.call(PUT_SEGMENT, Class::Write, |world| {
            world.put_segment(key, body, unconditional)
        })
        .await
    }

    async fn versions(&self, _class: &RetentionClass, key: &str) -> Result<Vec<Version>> {
        self.call("versions", Class::Read, |world| world.versions(key))
            .await
    }

    async fn list_versions(
        &self,
        _class: &RetentionClass,
        prefix: &str,
        from: Option<&ListFrom>,
        limit: u32,
    ) -> Result<VersionPage> {
        self.call("list_versions", Class::Read, |world| {
            world.list(prefix, from, limit)
        })
        .await
    }

    async fn read(&self, _: &RetentionClass, key: &str, version: &VersionId) -> Result<Bytes> {
        self.call("read_segment", Class::Still, |world| {
            world.read(key, version)
        })
        .await?
    }

    async fn read_range(
        &self,
        _class: &RetentionClass,
        key: &str,
        version: &VersionId,
        offset: u64,
        length: u64,
    ) -> Result<Bytes> {
        let bytes = self
            .call("read_range", Class::Still, |world| world.read(key, version))
            .await??;
        let range = usize::try_from(offset).expect("small")
            ..usize::try_from(offset + length).expect("small");
        if range.end > bytes.len() || range.is_empty() {
            return Err(Error::corrupt("range outside of the segment"));
        }
        Ok(bytes.slice(range))
    }
}

/// The `audit` table as a process sees it.
#[derive(Debug, Clone)]
pub(super) struct Rows(Process);

impl RowStore for Rows {
    async fn get(&self, key: &RowKey) -> Result<Option<Item>> {
        self.0
            .call("get_row", Class::Read, |world| {
                world.rows.0.get(key).cloned()
            })
            .await
    }

    async fn batch_get(&self, keys: &[RowKey]) -> Result<BatchGot> {
        self.0
            .batch_call("batch_get", Class::Read, |world, half| {
                let now = if half {
                    keys.len().div_ceil(2)
                } else {
                    keys.len()
                };
                let mut got = world.rows.batch_get(&keys[..now]);
                got.unprocessed = keys[now..].to_vec();
                got
            })
            .await
    }

    async fn batch_put(&self, items: Vec<Item>) -> Result<Vec<Item>> {
        self.0
            .batch_call("batch_put", Class::Write, |world, half| {
                let now = if half {
                    items.len().div_ceil(2)
                } else {
                    items.len()
                };
                world.rows.batch_put(&items[..now])?;
                Ok(items[now..].to_vec())
            })
            .await?
    }

    async fn put_if(&self, item: Item, condition: Condition) -> Result<Written> {
        self.0
            .call("put_row", Class::Write, |world| {
                world.rows.put_if(item, &condition)
            })
            .await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        self.0
            .call("query_rows", Class::Read, |world| world.rows.query(query))
            .await
    }
}

/// The `keys` table as a process sees it.
#[derive(Debug, Clone)]
pub(super) struct Keys(Process);

impl KeyStore for Keys {
    async fn get(&self, key: &RowKey) -> Result<Option<Item>> {
        self.0
            .call("get_key", Class::Still, |world| {
                world.keys.0.get(key).cloned()
            })
            .await
    }

    async fn put_if(&self, item: Item, condition: Condition) -> Result<Written> {
        self.0
            .call("put_key", Class::Write, |world| {
                world.keys.put_if(item, &condition)
            })
            .await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        self.0
            .call("query_keys", Class::Still, |world| world.keys.query(query))
            .await
    }
}

impl StagingStore for Process {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.call("put_staging", Class::Write, |world| {
            world.staging.insert(key.to_owned(), body);
        })
        .await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.call("get_staging", Class::Still, |world| {
            world.staging.get(key).cloned()
        })
        .await
    }
}

impl QuarantineStore for Process {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Put> {
        self.call("put_quarantine", Class::Write, |world| {
            if world.quarantine.contains_key(key) {
                return Put::AlreadyExists;
            }
            world.quarantine.insert(key.to_owned(), body);
            Put::Created(VersionId("q".to_owned()))
        })
        .await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        self.call("get_quarantine", Class::Still, |world| {
            world.quarantine.get(key).cloned()
        })
        .await
    }
}
