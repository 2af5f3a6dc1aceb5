//! The record crate from outside: the parser beside `serde_json` as oracle, validation, fields.

mod batch;
mod fields;
mod oracle;
mod parse;
mod validate;
