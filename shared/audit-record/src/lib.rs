//! The record: strict parsing, limits, validation, fields and the facts table. Pure: no clock, no
//! randomness, no I/O.
//!
//! This crate knows what a client may send and how a record splits into fields. It deliberately
//! knows nothing of hashing, sealing or storage: `audit-log` stands on it for the ledger's formats.
//! The wire form and the split are specified in `docs/LEDGER.md`.
//!
//! The way through it: [`json::parse`] (or [`json::elements`], [`json::lines`] for a batch), then
//! [`Record::validate`], then [`Record::for_each_field`].

mod error;
pub mod facts;
mod fields;
mod id;
pub mod json;
pub mod limits;
mod name;
mod pointer;
mod record;
pub mod time;
mod validate;
pub mod vocabulary;

pub use error::{Code, FieldError};
pub use facts::Part;
pub use fields::{Field, Fields, Producer, Usage};
pub use id::{InvalidId, RecordId};
pub use name::{InvalidName, LedgerName, is_name};
pub use record::Record;
pub use time::Millis;
pub use vocabulary::{ActorType, RecordType};
