//! Lists and records over stores in memory.

mod fixture;
mod get;
mod list;
