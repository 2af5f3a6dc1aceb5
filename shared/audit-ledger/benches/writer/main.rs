//! `cargo bench -p audit-ledger --bench writer`: how fast records are committed.

mod bare;
mod figures;
mod world;

use audit_testkit::measure::{Scale, report};

fn main() {
    report(&figures::figures(Scale::from_arguments()));
}
