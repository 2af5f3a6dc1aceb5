//! How many records a tenant may send.

use crate::error::{Error, Result};

/// A tenant's limit: a token bucket, of which each record takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    records_per_second: u32,
    burst_records: u32,
}

impl RateLimit {
    /// The least burst, four requests of 500: half of a bucket is kept for keys that send little,
    /// and the other half must hold a whole request twice, so that none waits for what can never
    /// come.
    pub const BURST_MIN: u32 = 2_000;

    /// What holds where nothing was set: 2,000 records a second, four times what one partition of
    /// a ledger's index takes; and as a burst two minutes of it, so that what a client gathered
    /// during an outage comes in without a refusal.
    pub const DEFAULT: Self = Self {
        records_per_second: 2_000,
        burst_records: 240_000,
    };

    /// A limit.
    ///
    /// # Errors
    /// `Invalid` for no record a second, or a burst below [`BURST_MIN`](Self::BURST_MIN).
    pub fn new(records_per_second: u32, burst_records: u32) -> Result<Self> {
        if records_per_second == 0 {
            return Err(Error::invalid("rate limit of no record a second"));
        }
        if burst_records < Self::BURST_MIN {
            return Err(Error::invalid(format!(
                "rate limit with a burst below {} records",
                Self::BURST_MIN
            )));
        }
        Ok(Self {
            records_per_second,
            burst_records,
        })
    }

    /// Records a second, for as long as one likes.
    #[must_use]
    pub const fn records_per_second(self) -> u32 {
        self.records_per_second
    }

    /// Records at once, after a while without any: what the bucket holds.
    #[must_use]
    pub const fn burst_records(self) -> u32 {
        self.burst_records
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_lets_every_request_through_in_the_end() {
        for (rate, burst, good) in [
            (1, 2_000, true),
            (u32::MAX, u32::MAX, true),
            (0, 2_000, false),
            (2_000, 1_999, false),
        ] {
            assert_eq!(RateLimit::new(rate, burst).is_ok(), good, "{rate} {burst}");
        }
        let request = u32::try_from(audit_record::limits::BATCH_RECORDS_MAX).expect("500");
        assert_eq!(RateLimit::BURST_MIN, 4 * request);
        let default = RateLimit::DEFAULT;
        assert_eq!(
            RateLimit::new(default.records_per_second(), default.burst_records()).expect("a limit"),
            default
        );
    }
}
