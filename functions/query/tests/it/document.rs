//! The checked-in document is the code's.

use audit_query_function::openapi::{CHECKED_IN, document};

#[test]
fn the_checked_in_document_is_the_code_s() {
    assert_eq!(
        document().expect("a document"),
        CHECKED_IN,
        "run: cargo run -p audit-query-function --example openapi"
    );
}

#[test]
fn every_route_is_described() {
    for path in [
        "/api/v1/audit/log",
        "/api/v1/audit/logs",
        "/api/v1/audit/logs/{id}",
        "/api/v1/ledgers",
        "/api/v1/health",
        "/api/v1/openapi.json",
    ] {
        assert!(CHECKED_IN.contains(&format!("\"{path}\"")), "{path}");
    }
}
