//! The read side: lists, chains, figures and single records, out of the index and the segments.
//!
//! - [`Filter`] says which records, [`ListRequest`] in which order and how many;
//! - [`Reader::list`] goes through the index day by day, or along one sparse index, passing over
//!   the hours whose metric rows rule the filter out, and stops anywhere with a cursor;
//! - [`Reader::chain`] finds what belongs to one record, along the index of chains;
//! - [`Reader::metrics`] adds up the metric rows of a stretch of time;
//! - [`Reader::get`] reads one record out of its segment and checks it against its entry.
//!
//! Architecture invariant: reading never depends on writing. This crate knows nothing of
//! `audit-ledger`, of HTTP, of credentials or of AWS; whoever calls it has decided that the caller
//! may read the ledger.

mod budget;
mod chain;
mod cursor;
mod filter;
mod get;
mod health;
mod hours;
mod keyring;
mod list;
mod merge;
mod metrics;
mod page;
mod reader;
mod recover;
mod stretch;

pub use chain::{Chain, ChainRequest};
pub use cursor::InvalidCursor;
pub use filter::Filter;
pub use get::{Evidence, Found, PartEvidence};
pub use health::Health;
pub use list::{ListError, ListRequest, Listing};
pub use metrics::{Bucket, Figures, Metrics, MetricsRequest};
pub use page::PageLimit;
pub use reader::{LedgerState, Reader};
