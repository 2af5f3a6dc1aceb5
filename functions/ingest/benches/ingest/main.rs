//! `cargo bench -p audit-ingest --bench ingest`: how fast records are taken in.

mod figures;

use audit_testkit::measure::{Scale, report};

fn main() {
    report(&figures::figures(Scale::from_arguments()));
}
