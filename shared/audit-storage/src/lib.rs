//! Where things stand in storage: object keys, row forms, queue messages and the storage traits.
//!
//! - [`keys`] and [`rows`]: every S3 key and every DynamoDB key, each in one file with a golden
//!   listing.
//! - [`item`], [`record_row`], [`metric_row`], [`head`], [`rate_row`], [`config`]: row forms, as pure functions
//!   to and from a neutral attribute map.
//! - [`message`]: what goes through a queue.
//! - [`stores`] and [`ports`]: what writer and reader need of the outside world, as small traits
//!   whose contracts stand in words; [`backend`] bundles them. [`system`] implements the clock and
//!   the randomness.
//! - [`access`]: where the services are, and as whom to call them.
//!
//! It deliberately knows no client library (that is `audit-aws`) and no protocol (that is
//! `audit-ledger` and `audit-query`): in which order things are written is not decided here.

pub mod access;
pub mod backend;
pub mod config;
pub mod encode;
mod error;
pub mod head;
pub mod item;
pub mod key_table;
pub mod keys;
pub mod message;
pub mod metric_row;
pub mod ports;
pub mod rate_row;
pub mod record_row;
pub mod rows;
pub mod stores;
pub mod system;

pub use access::Access;
pub use backend::{Backend, Stores};
pub use error::{Error, Kind, Result};
pub use item::{Item, Value};
pub use ports::{Clock, Entropy};
