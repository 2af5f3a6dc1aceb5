//! The machine's own clock and randomness: the one place that reads them.

use std::future::Future;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use audit_record::Millis;

use crate::ports::{Clock, Entropy};

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port's implementation"
    )]
    fn now(&self) -> Millis {
        // A clock that stands before 1970 reads as 1970; u64 milliseconds end long after year 9999.
        let elapsed = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Millis::new(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX))
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the port's implementation"
    )]
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }
}

/// The operating system's random generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes)
            .expect("the operating system's generator answers once it has booted");
    }
}
