//! How often a long command says how far it has come.

use std::sync::atomic::{AtomicU64, Ordering};

use audit_ledger::Progress;
use audit_storage::Clock;

use crate::output::{Output, number};

/// Time between two lines.
const PAUSE_MS: u64 = 2_000;

/// Says how far a verification or a rebuild has come, once in two seconds: a short one says
/// nothing, a long one fills no screen.
pub(crate) struct Pace<'o, C> {
    output: &'o Output,
    clock: &'o C,
    /// How many entries there are to do, as far as HEAD knows.
    of: Option<u64>,
    last_ms: AtomicU64,
}

impl<'o, C: Clock> Pace<'o, C> {
    pub(crate) fn new(output: &'o Output, clock: &'o C, of: Option<u64>) -> Self {
        Self {
            last_ms: AtomicU64::new(clock.now().get()),
            output,
            clock,
            of,
        }
    }

    pub(crate) fn say(&self, at: Progress) {
        let now_ms = self.clock.now().get();
        if now_ms < self.last_ms.load(Ordering::Relaxed) + PAUSE_MS {
            return;
        }
        self.last_ms.store(now_ms, Ordering::Relaxed);
        let done = number(at.done);
        let line = match self.of.filter(|of| *of > 0) {
            Some(of) => {
                let percent = (at.done.saturating_mul(100) / of).min(100);
                format!("{done} of {} entries ({percent} %)", number(of))
            }
            None => format!("{done} entries in {} segments", number(at.segments)),
        };
        self.output.progress(&line);
    }
}
