//! A clock that stands still until the test moves it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use audit_record::Millis;
use audit_storage::Clock;

/// A manual clock. Clones are the same clock.
///
/// Whoever sleeps on it moves it: waiting costs a test no time, and a loop that waits for
/// something ends. Two sleepers therefore wait one after the other.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn new(start: Millis) -> Self {
        Self(Arc::new(AtomicU64::new(start.get())))
    }

    /// Another clock that shows the same time.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::new(self.now())
    }

    /// Moves it forward.
    pub fn advance(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Sets it, backwards too: clocks do jump.
    pub fn set(&self, time: Millis) {
        self.0.store(time.get(), Ordering::SeqCst);
    }
}

impl Default for ManualClock {
    /// 2026-01-01T00:00:00Z.
    fn default() -> Self {
        Self::new(Millis::new(1_767_225_600_000))
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Millis {
        Millis::new(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        let clock = self.clone();
        async move { clock.advance(duration) }
    }
}
