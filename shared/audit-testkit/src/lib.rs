//! Stores in memory that enforce AWS's rules and inject faults, a clock and randomness that a test
//! owns, and the contract suites. For tests only.
//!
//! A fake here promises what the trait's words say and nothing more, and where AWS would refuse a
//! request, so does it; what no service refuses but our invariants forbid (an index row moved to
//! another index, a HEAD that shrinks) ends the test at once. The suites in [`contract`] run on
//! these stores and on the adapters against an emulator alike, so that the two can't drift apart.
//!
//! - [`Cloud`]: all stores of one account; [`Cloud::process`] gives handles that pass one [`Gate`].
//! - [`Gate`]: the choke point of one process's storage calls: it counts, records, fails and kills.
//! - [`schedule`]: several processes interleaved call by call, exhaustively or by a seed.
//! - [`corpus`] and [`measure`]: records of real size and shape, and what benches measure with.
//! - [`WrongRequest`]: the table of wrong requests and their answers.

mod clock;
mod cloud;
pub mod contract;
pub mod corpus;
mod entropy;
mod gate;
mod kms;
mod lanes;
pub mod measure;
mod objects;
pub mod schedule;
mod segments;
mod table;
mod wrong_requests;

pub use clock::ManualClock;
pub use cloud::{Cloud, MemoryStores, Process};
pub use entropy::{Random, SeededEntropy};
pub use gate::{Bill, Call, Fault, Gate};
pub use kms::MemoryKeyWrapper;
pub use lanes::{MemoryLanes, Received};
pub use objects::MemoryObjects;
pub use segments::MemorySegments;
pub use table::{DerivedRows, MemoryTable, Place};
pub use wrong_requests::WrongRequest;
