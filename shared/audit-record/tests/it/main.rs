//! The record crate from outside: the parser beside `serde_json` as oracle, validation, fields.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "helpers of tests may panic, tables are long"
)]

mod batch;
mod fields;
mod oracle;
mod parse;
mod validate;
