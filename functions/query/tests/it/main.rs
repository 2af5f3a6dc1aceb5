//! The function in process, over stores in memory.

mod account;
mod agreement;
mod docs;
mod document;
mod failures;
mod isolation;
mod requests;
mod schemas;
mod size;
