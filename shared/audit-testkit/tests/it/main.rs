//! The stores in memory keep the contracts, and enforce what AWS enforces.

mod contracts;
mod faults;
mod rules;
