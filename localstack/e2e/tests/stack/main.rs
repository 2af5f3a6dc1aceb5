//! The suites, in one process on one stack.

mod access;
mod api;
mod contracts;
mod index;
mod isolation;
mod killed_writer;
mod ledger;
mod malformed;
mod place;
mod poison;
mod processes;
mod seeded;
mod wait;
