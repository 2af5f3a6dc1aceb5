//! The write side: batch, dedup, keys, commit, roll forward, rebuild, verify.
