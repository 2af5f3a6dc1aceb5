//! The ingest function in process, over stores in memory.

mod accept;
mod bench;
#[path = "../../benches/ingest/figures.rs"]
mod figures;
mod fixture;
mod malformed;
mod rate;
