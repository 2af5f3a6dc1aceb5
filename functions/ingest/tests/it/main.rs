//! The ingest function in process, over stores in memory.

mod accept;
mod fixture;
mod malformed;
mod rate;
