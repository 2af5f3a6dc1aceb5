//! When a message that was not committed comes back: later each time, so that an outage of a
//! service does not use up a message's receives, and soon enough after a short one.

use std::fmt;
use std::time::Duration;

use audit_ledger::MessageResult;
use audit_storage::config::Lane;
use audit_storage::stores::{LaneQueue, Postponed, QUEUE_BATCH_ENTRIES};
use futures::stream::{self, StreamExt as _};

/// The longest wait: 15 minutes.
const WAIT_MAX_S: u64 = 15 * 60;
/// Requests to the queue at a time.
const CONCURRENT: usize = 8;

/// Postpones messages on their lanes.
pub struct Retries<L> {
    lanes: L,
    /// The lanes' queue names, by number.
    names: Vec<String>,
    base: Duration,
}

impl<L> fmt::Debug for Retries<L> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Retries")
            .field("names", &self.names)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl<L: LaneQueue> Retries<L> {
    /// `urls` are the lanes' queues in their order; `base` is the wait after the first failure.
    #[must_use]
    pub fn new(lanes: L, urls: &[String], base: Duration) -> Self {
        let names = urls
            .iter()
            .map(|url| url.rsplit('/').next().unwrap_or_default().to_owned())
            .collect();
        Self { lanes, names, base }
    }

    /// Sets when these messages of the queue named `source` are visible again. What the queue
    /// does not take comes back after its own visibility time-out: nothing is lost by it.
    pub async fn postpone(&self, source: Option<&str>, messages: &[MessageResult]) {
        if messages.is_empty() {
            return;
        }
        let Some(lane) = self.lane(source) else {
            tracing::error!(
                source,
                "messages came from a queue that is no lane of this function"
            );
            return;
        };
        let postponed: Vec<Postponed> = messages
            .iter()
            .map(|message| Postponed {
                receipt: message.receipt.clone(),
                visibility_s: wait_s(self.base, message.receive_count),
            })
            .collect();
        let requests = postponed
            .chunks(QUEUE_BATCH_ENTRIES)
            .map(|entries| self.lanes.postpone(lane, entries));
        let mut results = stream::iter(requests).buffer_unordered(CONCURRENT);
        let mut failed = 0_u32;
        let mut last = None;
        while let Some(result) = results.next().await {
            if let Err(error) = result {
                failed += 1;
                last = Some(error);
            }
        }
        if let Some(error) = last {
            tracing::warn!(failed, %error, "messages come back after the queue's own time-out");
        }
    }

    fn lane(&self, source: Option<&str>) -> Option<Lane> {
        let place = self
            .names
            .iter()
            .position(|name| Some(name.as_str()) == source)?;
        u16::try_from(place).ok().map(Lane)
    }
}

/// The wait after the n-th receive failed: the base, doubled each time, up to 15 minutes.
fn wait_s(base: Duration, receives: u32) -> u32 {
    let doubled = base
        .as_secs()
        .saturating_mul(1 << receives.saturating_sub(1).min(20));
    u32::try_from(doubled.min(WAIT_MAX_S)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour() {
        for (base_s, receives, wait) in [
            (30, 0, 30),
            (30, 1, 30),
            (30, 2, 60),
            (30, 5, 480),
            (30, 6, 900),
            (30, 1_000, 900),
            (5, 1, 5),
            (5, 3, 20),
        ] {
            assert_eq!(
                wait_s(Duration::from_secs(base_s), receives),
                wait,
                "{base_s} {receives}"
            );
        }
    }
}
