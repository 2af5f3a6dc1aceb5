//! The checked-in document is the code's, and of use to a generator of clients.

use std::collections::BTreeSet;

use audit_query_function::openapi::{CHECKED_IN, document};
use serde_json::Value;

use crate::schemas::Schemas;

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
    let operations = Schemas::new().operations();
    let described: BTreeSet<(&str, &str)> = operations
        .iter()
        .map(|(method, path, _)| (method.as_str(), path.as_str()))
        .collect();
    let routes = BTreeSet::from([
        ("POST", "/api/v1/audit/log"),
        ("POST", "/api/v1/audit/logs"),
        ("GET", "/api/v1/audit/logs"),
        ("GET", "/api/v1/audit/logs/{id}"),
        ("GET", "/api/v1/audit/logs/{id}/chain"),
        ("GET", "/api/v1/audit/metrics"),
        ("GET", "/api/v1/ledgers"),
        ("GET", "/api/v1/health"),
        ("GET", "/api/v1/openapi.json"),
    ]);
    assert_eq!(described, routes);
}

#[test]
fn every_operation_has_what_a_generator_needs() {
    let schemas = Schemas::new();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in schemas.operations() {
        let what = format!("{method} {path}");
        let id = operation["operationId"]
            .as_str()
            .expect("an operation id")
            .to_owned();
        assert!(ids.insert(id), "{what}: an operation id twice");
        assert_eq!(
            operation["tags"].as_array().map(Vec::len),
            Some(1),
            "{what}"
        );
        assert!(operation["security"].is_array(), "{what}");
        let summary = operation["summary"].as_str().expect("a summary");
        assert!(!summary.is_empty() && !summary.ends_with('.'), "{what}");
        let open = operation["security"][0] == serde_json::json!({});
        let responses = operation["responses"].as_object().expect("responses");
        for (status, response) in responses {
            assert!(status.parse::<u16>().is_ok(), "{what}: {status}");
            let response = schemas.resolved(response);
            assert!(response["description"].is_string(), "{what} {status}");
            let media = &response["content"]["application/json"];
            assert!(media["schema"].is_object(), "{what} {status}");
        }
        assert_eq!(responses.contains_key("401"), !open, "{what}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(
                parameter["description"].is_string(),
                "{what}: {}",
                parameter["name"]
            );
        }
    }
}

#[test]
fn every_example_is_one() {
    let schemas = Schemas::new();
    let document: Value = serde_json::from_str(CHECKED_IN).expect("JSON");
    let mut checked = 0;
    for (name, schema) in document["components"]["schemas"]
        .as_object()
        .expect("schemas")
    {
        let example = &schema["example"];
        if !example.is_null() {
            assert!(schemas.takes(name, example), "{name}");
            checked += 1;
        }
    }
    for (name, response) in document["components"]["responses"]
        .as_object()
        .expect("responses")
    {
        let example = &response["content"]["application/json"]["example"];
        assert!(schemas.takes("Problem", example), "{name}: {example}");
        checked += 1;
    }
    assert!(checked >= 10, "{checked}");
}
