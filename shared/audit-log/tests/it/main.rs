//! The ledger's formats from outside: round trips, changed bits, oracles, golden files, vectors.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "helpers of tests may panic, tables are long"
)]

mod document;
mod entries;
mod golden;
mod sample;
mod sealing;
mod segments;
mod vectors;
