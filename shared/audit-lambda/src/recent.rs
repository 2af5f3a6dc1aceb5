//! A small cache of what was read not long ago.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use audit_record::Millis;

/// Values that are kept for a while, at most so many of them: when it is full, the oldest goes.
///
/// The time is the caller's; a clock that went backwards makes a value stale, never young.
pub struct Recent<K, V> {
    for_ms: u64,
    capacity: usize,
    values: Mutex<HashMap<K, (Millis, V)>>,
}

impl<K, V> fmt::Debug for Recent<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Recent")
            .field("for_ms", &self.for_ms)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

impl<K: Eq + Hash + Clone, V: Clone> Recent<K, V> {
    /// An empty cache.
    #[must_use]
    pub fn new(for_ms: u64, capacity: usize) -> Self {
        Self {
            for_ms,
            capacity,
            values: Mutex::new(HashMap::new()),
        }
    }

    /// The value, where it is not too old.
    pub fn get(&self, key: &K, now: Millis) -> Option<V> {
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, value) = values.get(key)?;
        let age = now.get().checked_sub(at.get())?;
        (age < self.for_ms).then(|| value.clone())
    }

    /// Keeps a value that was read at `now`.
    pub fn put(&self, key: K, value: V, now: Millis) {
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.len() >= self.capacity && !values.contains_key(&key) {
            let oldest = values
                .iter()
                .min_by_key(|(_, (at, _))| *at)
                .map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                values.remove(&oldest);
            }
        }
        values.insert(key, (now, value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_for_its_time_and_no_longer() {
        let recent = Recent::new(60_000, 2);
        recent.put("a", 1, Millis::new(100_000));
        for (now, value) in [
            (100_000, Some(1)),
            (159_999, Some(1)),
            (160_000, None),
            (99_999, None),
        ] {
            assert_eq!(recent.get(&"a", Millis::new(now)), value, "{now}");
        }
        assert_eq!(recent.get(&"b", Millis::new(100_000)), None);
    }

    #[test]
    fn when_it_is_full_the_oldest_goes() {
        let recent = Recent::new(60_000, 2);
        for (key, at) in [("a", 2), ("b", 1), ("b", 3), ("c", 4)] {
            recent.put(key, at, Millis::new(at));
        }
        let now = Millis::new(5);
        assert_eq!(
            (
                recent.get(&"a", now),
                recent.get(&"b", now),
                recent.get(&"c", now)
            ),
            (None, Some(3), Some(4))
        );
    }
}
