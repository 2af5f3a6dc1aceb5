//! Lists and records over stores in memory.

mod chain;
mod cost;
mod fixture;
mod get;
mod hard;
mod list;
mod metrics;
mod recover;
mod written;
