//! The write side of a ledger: committing what the queue delivers, rolling forward what a crash
//! left behind, creating, verifying and rebuilding ledgers.
//!
//! - [`Writer`] runs the commit protocol: dedup, keys, seal, one write-once PUT as the commit, then
//!   index and HEAD. What each step leaves behind if the process dies there stands beside the step.
//! - [`Operator`] makes tenants and ledgers, verifies a ledger from its segments, and rebuilds its
//!   index.
//!
//! It deliberately knows neither AWS (that is `audit-aws`) nor Lambda: it stands on the storage
//! traits of `audit-storage` and the formats of `audit-log`. Reading records is `audit-query`'s.

mod candidates;
mod commit;
mod concurrent;
mod create;
mod dedup;
mod derived;
mod draft;
mod head;
mod index;
mod intake;
mod key_ring;
mod limits;
mod open;
mod operator;
mod outcome;
mod patience;
mod piece;
mod place;
mod rebuild;
mod roll_forward;
mod sample;
mod session;
mod sweep;
mod verify;
mod writer;

#[cfg(test)]
mod tests;

pub use create::{Creation, NewLedger};
pub use limits::Limits;
pub use operator::Operator;
pub use outcome::{BatchOutcome, Counts, Delivered, MessageOutcome, MessageResult, SweepOutcome};
pub use rebuild::RebuildOutcome;
pub use verify::{Code, Finding, Progress, Report};
pub use writer::Writer;
