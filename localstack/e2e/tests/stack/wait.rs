//! Waiting for what must come about, with a time after which it no longer may.

use std::time::Duration;

use audit_storage::Clock as _;
use audit_storage::system::SystemClock;

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    SystemClock.now().get()
}

/// Looks again and again until there is something to see.
pub(crate) fn until<T>(what: &str, seconds: u64, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = now_ms() + seconds * 1000;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(now_ms() < deadline, "not within {seconds} s: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
