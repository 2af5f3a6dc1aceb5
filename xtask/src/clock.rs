//! Time: reading it, measuring it, and waiting in a way that Ctrl-C ends.

use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use signal_hook::consts::{SIGINT, SIGTERM};

use crate::failure::{Failure, OrFail, Result};

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// From here on Ctrl-C asks the running task to stop and tidy up; a second one ends it at once.
pub(crate) fn listen_for_stop() -> Result<()> {
    let stop = Arc::clone(STOP.get_or_init(Arc::default));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the first handler sees the flag only as an earlier signal left it.
        signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&stop))
            .or_fail("listen for Ctrl-C")?;
        signal_hook::flag::register(signal, Arc::clone(&stop)).or_fail("listen for Ctrl-C")?;
    }
    Ok(())
}

/// Whether somebody asked to stop.
pub(crate) fn stopped() -> bool {
    STOP.get().is_some_and(|stop| stop.load(Ordering::Relaxed))
}

/// Waits, unless somebody asks to stop meanwhile.
pub(crate) fn pause(time: Duration) -> Result<()> {
    let slice = Duration::from_millis(50);
    let mut left = time;
    while !left.is_zero() {
        if stopped() {
            return Err(Failure::interrupted());
        }
        let now = left.min(slice);
        std::thread::sleep(now);
        left -= now;
    }
    Ok(())
}

/// Waits whatever happens: for tidying up after a stop.
pub(crate) fn pause_regardless(time: Duration) {
    std::thread::sleep(time);
}

/// A moment to measure from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts measuring.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since.
    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// Milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// A time as the API takes it, RFC 3339 in UTC with milliseconds.
pub(crate) fn rfc3339(ms: u64) -> String {
    let (days, in_day) = (ms / 86_400_000, ms % 86_400_000);
    let (year, month, day) = civil(days);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1000 % 60, in_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Year, month and day of a day since 1970 (Howard Hinnant, `civil_from_days`, for days ≥ 0).
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_api_reads_them() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_704_067_199_999, "2023-12-31T23:59:59.999Z"),
            (1_795_510_923_045, "2026-11-24T09:02:03.045Z"),
        ] {
            assert_eq!(rfc3339(ms), text);
        }
    }
}
