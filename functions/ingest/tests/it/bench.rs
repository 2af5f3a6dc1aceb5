//! The bench works.

use audit_testkit::measure::{Scale, check};

use crate::figures::figures;

#[test]
fn the_bench_prints_its_figures() {
    check("ingest", &figures(Scale::Tiny), &[]);
}
