//! The protocol's tests: crash points, races, a seeded simulation, and the same with each
//! safeguard taken away in turn, to show that they miss it.
//!
//! They run over stores in memory that enforce AWS's rules ([`world`]), through a gate before each
//! storage call ([`process`]) at which a test decides who goes on, what fails and who dies.

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
mod world;

pub(crate) use sabotage::Mutation;
