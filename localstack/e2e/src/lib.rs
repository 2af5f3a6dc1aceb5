//! What is true of the whole on a running stack: real functions in their own roles, behind the
//! real API.
//!
//! This crate is its tests, `tests/stack`. They need a stack of their own, which
//! `cargo xtask test e2e` brings up for them and takes down after them: with the demo tenant, its
//! sample records, and nothing else. All of them share it, so each writes to ledgers of its own.
