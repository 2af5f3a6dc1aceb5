//! The protocol's tests: crash points, races, a seeded simulation, and the same with each
//! safeguard taken away in turn, to show that they miss it.
//!
//! They run over the stores of `audit-testkit`, which enforce AWS's rules and keep the contracts
//! that the adapters keep, through a gate before each storage call at which a test decides who goes
//! on, what fails and who dies. How many cases each of them runs is asserted and printed: a number
//! that changes is a change of the protocol, of a script, or of what is tried.

mod budget;
mod check;
mod crash_points;
mod operations;
mod process;
mod races;
mod sabotage;
mod scripts;
mod simulation;
mod verification;

use std::io::Write as _;

pub(crate) use sabotage::Mutation;

/// Says what was shown past the capture of output, so that it stands in every run's.
fn shown(what: &str) {
    writeln!(std::io::stdout(), "    {what}").expect("standard output takes a line");
}
