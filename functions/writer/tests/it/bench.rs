//! The bench works.

use audit_testkit::measure::{Scale, check};

use crate::figures::figures;

#[test]
fn the_bench_prints_its_figures() {
    let (bill, stored): (Vec<_>, Vec<_>) = figures(Scale::Tiny)
        .into_iter()
        .partition(|figure| figure.name.starts_with("bill."));
    check("bill", &bill, &[]);
    check("stored", &stored, &[]);
}
