//! `cargo bench -p audit-writer --bench bill`: what records cost, and how many bytes are held.

mod figures;
mod pipeline;
mod prices;

use audit_testkit::measure::{Scale, report};

fn main() {
    report(&figures::figures(Scale::from_arguments()));
}
