//! Lists and records over stores in memory.

mod cost;
mod fixture;
mod get;
mod list;
mod recover;
mod written;
