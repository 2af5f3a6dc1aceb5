//! Time and randomness as ports, so that tests own both.

use std::future::Future;
use std::time::Duration;

use audit_record::Millis;

/// The time of day.
pub trait Clock: Send + Sync {
    /// The current time. May go backwards: nothing's safety depends on it.
    fn now(&self) -> Millis;

    /// Completes once `duration` has passed on this clock.
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// Unpredictable bytes, for keys, nonces, salts and ids.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` from the operating system's generator or, in a test, from a seed.
    fn fill(&self, bytes: &mut [u8]);

    /// A fresh array, for instance a key or a nonce.
    fn array<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
