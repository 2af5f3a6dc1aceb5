//! How a tenant's bucket fills, and who may take how much from it. Pure: time is an argument.
//!
//! The bucket fills at the tenant's rate. Its upper half is for whoever comes first. The lower
//! half is kept for the keys' shares: each key that took something within the last minute has one
//! of the same size, filled at the same rate, and one more is kept for a key that has yet to come.
//! So a key that sends much gets all that the others leave, and a key that stays below its share is
//! never refused for what another one sends. Both halves are one bucket: what all keys together
//! get within a time is bounded by the burst and the rate of the tenant, whatever they do.

use audit_record::Millis;
use audit_storage::config::{ApiKeyId, RateLimit};
use audit_storage::rate_row::{KeyShare, RateRow};

/// How long a key counts as one that sends, after it last took something.
const BUSY_MS: u64 = 60_000;
/// Keys whose shares are kept: they take some 70 bytes each of a row that is written with each
/// lease. Of more, those that took something last.
const KEYS_MAX: usize = 32;
/// Tokens count in thousandths of a record, so a rate in records a second is one in tokens a
/// millisecond.
const TOKENS: u64 = 1_000;
/// Requests of the usual size that a lease is for, so that its two calls of the table are far
/// below one for a hundred requests.
const LEASE_REQUESTS: u64 = 512;
/// The part of what a key may take now that one lease takes at most: instances that begin at the
/// same time each find something.
const LEASE_PART: u64 = 6;

/// What became of a wish for records.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Draw {
    /// So many records may be sent, once the bucket is written as it is then.
    Granted {
        /// At least as many as were needed.
        records: u64,
        /// What is left.
        after: RateRow,
    },
    /// Not now; the same wish is granted after that many milliseconds if nobody else takes
    /// anything meanwhile.
    Wait(u64),
}

/// A bucket that nobody took from.
pub(super) fn full(tenant: &str, limit: RateLimit, now: Millis) -> RateRow {
    RateRow {
        tenant: tenant.to_owned(),
        tokens: capacity(limit),
        at: now,
        keys: Vec::new(),
        full_at: now,
        revision: 0,
    }
}

/// Takes a lease for a key that needs so many records at once, and whose requests have
/// `usual` of them.
pub(super) fn draw(
    row: RateRow,
    limit: RateLimit,
    key: &ApiKeyId,
    now: Millis,
    need: u64,
    usual: u64,
) -> Draw {
    let level = Level::of(&row, limit, key, now);
    let available = level.available() / TOKENS;
    let wanted = usual.max(need).saturating_mul(LEASE_REQUESTS);
    // A lease of a few records would be used up at once: rather is a client told to come back in
    // a second than the table asked for each request.
    let least = wanted
        .min(u64::from(limit.records_per_second()))
        .min(u64::from(limit.burst_records()) / LEASE_PART)
        .max(need);
    if available < least {
        return Draw::Wait(level.wait(least * TOKENS));
    }
    let records = (available / LEASE_PART).clamp(least, wanted.max(least));
    Draw::Granted {
        records,
        after: level.taken(row, key, records * TOKENS),
    }
}

fn capacity(limit: RateLimit) -> u64 {
    u64::from(limit.burst_records()) * TOKENS
}

/// A bucket as it stands now, seen by one key.
struct Level {
    now: Millis,
    /// Tokens a millisecond.
    rate: u64,
    capacity: u64,
    /// What only shares are for.
    kept: u64,
    tokens: u64,
    /// How many shares there are, one of them for a key that has yet to come.
    shares: u64,
    /// The busy keys, the one that asks in front, each with its share's level.
    keys: Vec<KeyShare>,
}

impl Level {
    fn of(row: &RateRow, limit: RateLimit, key: &ApiKeyId, now: Millis) -> Self {
        // The instances' clocks differ a little: one that is behind adds nothing.
        let now = now.max(row.at);
        let elapsed_ms = now.get() - row.at.get();
        let rate = u64::from(limit.records_per_second());
        let capacity = capacity(limit);
        let kept = capacity / 2;
        let busy = |share: &&KeyShare| now.get().saturating_sub(share.used_at.get()) < BUSY_MS;
        let mut others: Vec<KeyShare> = row
            .keys
            .iter()
            .filter(busy)
            .filter(|share| share.key != *key)
            .cloned()
            .collect();
        others.sort_by_key(|share| std::cmp::Reverse(share.used_at));
        others.truncate(KEYS_MAX - 1);
        let shares = others.len() as u64 + 2;
        let own = row.keys.iter().filter(busy).find(|share| share.key == *key);
        let mut keys = vec![KeyShare {
            key: key.clone(),
            // Who was quiet has a full share.
            level: own.map_or(u64::MAX, |share| share.level),
            used_at: now,
        }];
        keys.append(&mut others);
        for share in &mut keys {
            let filled = share.level.saturating_add(rate * elapsed_ms / shares);
            share.level = filled.min(kept / shares);
        }
        Self {
            now,
            rate,
            capacity,
            kept,
            tokens: row
                .tokens
                .saturating_add(rate.saturating_mul(elapsed_ms))
                .min(capacity),
            shares,
            keys,
        }
    }

    /// What the key may take now.
    fn available(&self) -> u64 {
        self.after(0)
    }

    /// What it may take so many milliseconds later.
    fn after(&self, ms: u64) -> u64 {
        let tokens = self
            .tokens
            .saturating_add(self.rate.saturating_mul(ms))
            .min(self.capacity);
        let share = self.keys[0]
            .level
            .saturating_add(self.rate.saturating_mul(ms) / self.shares)
            .min(self.kept / self.shares);
        tokens.saturating_sub(self.kept) + share.min(tokens)
    }

    /// The first millisecond from now at which so many can be taken. What can be taken only grows
    /// with time, so it is found by halving; within twice the time that fills the whole bucket
    /// everything that a lease asks for is there.
    fn wait(&self, tokens: u64) -> u64 {
        let (mut low, mut high) = (0, self.capacity / self.rate * 2);
        while low < high {
            let middle = low.midpoint(high);
            if self.after(middle) >= tokens {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// The bucket after so many were taken: first of what is for everybody, then of the share.
    fn taken(mut self, row: RateRow, key: &ApiKeyId, tokens: u64) -> RateRow {
        debug_assert_eq!(self.keys[0].key, *key);
        let own = tokens.saturating_sub(self.tokens.saturating_sub(self.kept));
        self.keys[0].level = self.keys[0].level.saturating_sub(own);
        let left = self.tokens.saturating_sub(tokens);
        RateRow {
            tokens: left,
            at: self.now,
            full_at: Millis::new(self.now.get() + (self.capacity - left).div_ceil(self.rate)),
            keys: self.keys,
            ..row
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(name: char) -> ApiKeyId {
        name.to_string().repeat(16).parse().expect("a key id")
    }

    fn limit(rate: u32, burst: u32) -> RateLimit {
        RateLimit::new(rate, burst).expect("a limit")
    }

    fn at(ms: u64) -> Millis {
        Millis::new(1_700_000_000_000 + ms)
    }

    /// Takes until there is a wait; gives what was taken and the wait.
    fn drain(row: &mut RateRow, limit: RateLimit, key: &ApiKeyId, now: Millis) -> (u64, u64) {
        let mut taken = 0;
        loop {
            match draw(row.clone(), limit, key, now, 1, 1) {
                Draw::Wait(ms) => return (taken, ms),
                Draw::Granted { records, after } => {
                    taken += records;
                    *row = after;
                }
            }
        }
    }

    #[test]
    fn a_single_key_gets_three_quarters_at_once_and_then_the_whole_rate() {
        let limit = limit(100, 10_000);
        let mut row = full("acme", limit, at(0));
        let (burst, wait) = drain(&mut row, limit, &key('a'), at(0));
        // The upper half and its share of the lower one; less than a lease is left.
        assert!((7_400..=7_500).contains(&burst), "{burst}");
        assert!((1..=2_000).contains(&wait), "{wait} ms");
        let mut sent = 0;
        for second in 1..=1_000 {
            sent += drain(&mut row, limit, &key('a'), at(second * 1_000)).0;
        }
        // Less the 2,500 that fill up what is kept for a second key.
        assert!((97_400..=97_700).contains(&sent), "{sent}");
    }

    #[test]
    fn a_quiet_key_is_served_whatever_a_noisy_one_takes() {
        let limit = limit(100, 10_000);
        let (noisy, quiet) = (key('n'), key('q'));
        let mut row = full("acme", limit, at(0));
        let mut lease = 0;
        let mut leases = 0;
        for second in 0..600 {
            drain(&mut row, limit, &noisy, at(second * 1_000));
            // Ten a second, which is less than a third of the rate.
            if lease < 10 {
                match draw(
                    row.clone(),
                    limit,
                    &quiet,
                    at(second * 1_000),
                    10 - lease,
                    10,
                ) {
                    Draw::Granted { records, after } => {
                        leases += 1;
                        lease += records;
                        row = after;
                    }
                    Draw::Wait(ms) => panic!("refused at second {second} for {ms} ms"),
                }
            }
            lease -= 10;
        }
        assert!(leases <= 60, "{leases}");
    }

    #[test]
    fn what_one_key_leaves_another_one_gets() {
        let limit = limit(100, 10_000);
        let mut row = full("acme", limit, at(0));
        for name in ['a', 'b'] {
            drain(&mut row, limit, &key(name), at(0));
        }
        let mut taken = [0, 0];
        for second in 1..=300 {
            // The first one stops after the first minute.
            let first = if second <= 60 {
                drain(&mut row, limit, &key('a'), at(second * 1_000)).0
            } else {
                0
            };
            let second = drain(&mut row, limit, &key('b'), at(second * 1_000)).0;
            taken = [taken[0] + first, taken[1] + second];
        }
        // Each has a third while both send; the rest fills the half that is for everybody first.
        assert!(taken[0] >= 1_700, "{taken:?}");
        assert!(taken[1] >= 1_700 + 20_000, "{taken:?}");
    }

    #[test]
    fn the_wait_is_the_least_and_true() {
        let limit = limit(7, 2_000);
        let mut row = full("acme", limit, at(0));
        let key = key('a');
        let (_, wait) = drain(&mut row, limit, &key, at(0));
        for (later, granted) in [(wait - 1, false), (wait, true)] {
            let draw = draw(row.clone(), limit, &key, at(later), 1, 1);
            assert_eq!(matches!(draw, Draw::Granted { .. }), granted, "{later}");
        }
        // A whole batch of 500 waits longer and is not refused for ever.
        let Draw::Wait(ms) = draw(row.clone(), limit, &key, at(0), 500, 500) else {
            panic!("an empty bucket");
        };
        assert!(matches!(
            draw(row, limit, &key, at(ms), 500, 500),
            Draw::Granted { .. }
        ));
    }

    #[test]
    fn a_clock_behind_adds_nothing_and_takes_nothing_away() {
        let limit = limit(100, 2_000);
        let mut row = full("acme", limit, at(10_000));
        drain(&mut row, limit, &key('a'), at(10_000));
        let (taken, _) = drain(&mut row.clone(), limit, &key('a'), at(0));
        assert_eq!(taken, 0);
        let (taken, _) = drain(&mut row, limit, &key('a'), at(12_000));
        assert!((100..=200).contains(&taken), "{taken}");
    }

    #[test]
    fn the_row_is_gone_no_sooner_than_it_would_be_full() {
        let limit = limit(100, 2_000);
        let mut row = full("acme", limit, at(0));
        let (taken, _) = drain(&mut row, limit, &key('a'), at(0));
        assert_eq!(row.full_at, at(taken * 10));
    }

    #[test]
    fn a_crowd_of_keys_keeps_the_row_small() {
        let limit = limit(100_000, 10_000_000);
        let mut row = full("acme", limit, at(0));
        for number in 0..100_u64 {
            let letter =
                |digit: u64| char::from(b"abcdefghij"[usize::try_from(digit).expect("a digit")]);
            let name: String = format!("{}{}", letter(number / 10), letter(number % 10)).repeat(8);
            let key = name.parse().expect("a key id");
            let Draw::Granted { after, .. } = draw(row, limit, &key, at(number), 1, 1) else {
                panic!("a full bucket");
            };
            row = after;
        }
        assert_eq!(row.keys.len(), KEYS_MAX);
        let size = row.to_item().size();
        assert!(size < 3_000, "{size} bytes");
    }

    proptest! {
        #[test]
        fn all_keys_together_never_get_more_than_burst_and_rate(
            rate in 1..5_000_u32,
            burst in RateLimit::BURST_MIN..100_000_u32,
            wishes in proptest::collection::vec((0..3_000_u64, 0..4_usize, 1..=500_u64), 1..200),
        ) {
            let limit = limit(rate, burst);
            let names = ['a', 'b', 'c', 'd'].map(key);
            let mut row = full("acme", limit, at(0));
            let (mut now, mut taken) = (0, 0);
            for (pause, who, need) in wishes {
                now += pause;
                match draw(row.clone(), limit, &names[who], at(now), need, need) {
                    Draw::Wait(ms) => {
                        let later = draw(row.clone(), limit, &names[who], at(now + ms), need, need);
                        let granted = matches!(later, Draw::Granted { .. });
                        prop_assert!(ms > 0 && granted);
                    }
                    Draw::Granted { records, after } => {
                        prop_assert!(records >= need);
                        taken += records;
                        row = after;
                    }
                }
                let most = u64::from(burst) + u64::from(rate) * now / 1_000;
                prop_assert!(taken <= most, "{taken} of {most}");
            }
        }
    }
}
