//! The direction of dependencies: four floors, a crate uses only what lies below it, and the
//! outside world's crates are named in one place each.

use serde_json::Value;

use crate::failure::{Failure, OrFail, Result};
use crate::process;
use crate::terminal::{self, Step};
use crate::workspace;

/// What each crate of ours may use of the others, outside its tests.
const MAY_USE: [(&str, &[&str]); 18] = [
    ("audit-record", &[]),
    ("audit-log", &["audit-record"]),
    ("audit-report", &["audit-log", "audit-record"]),
    ("audit-pdf", &["audit-record"]),
    ("audit-storage", &["audit-log", "audit-record"]),
    (
        "audit-testkit",
        &["audit-storage", "audit-log", "audit-record"],
    ),
    (
        "audit-ledger",
        &["audit-storage", "audit-log", "audit-record"],
    ),
    (
        "audit-query",
        &["audit-storage", "audit-log", "audit-record"],
    ),
    ("audit-aws", &["audit-storage", "audit-log", "audit-record"]),
    (
        "audit-lambda",
        &["audit-storage", "audit-log", "audit-record"],
    ),
    (
        "audit-ingest",
        &[
            "audit-aws",
            "audit-lambda",
            "audit-ledger",
            "audit-storage",
            "audit-log",
            "audit-record",
        ],
    ),
    (
        "audit-writer",
        &[
            "audit-aws",
            "audit-lambda",
            "audit-ledger",
            "audit-storage",
            "audit-log",
            "audit-record",
        ],
    ),
    (
        "audit-query-function",
        &[
            "audit-aws",
            "audit-lambda",
            "audit-query",
            "audit-storage",
            "audit-log",
            "audit-record",
        ],
    ),
    (
        "audit-admin",
        &[
            "audit-aws",
            "audit-ledger",
            "audit-storage",
            "audit-log",
            "audit-record",
        ],
    ),
    ("audit-fuzz", &[]),
    ("audit-e2e", &[]),
    ("audit-edge", &[]),
    ("xtask", &[]),
];

/// Crates from outside that may be named in few places, by how their names begin.
const ONLY_IN: [(&str, &[&str]); 3] = [
    ("lopdf", &["audit-pdf"]),
    ("aws-", &["audit-aws"]),
    (
        "lambda_",
        &[
            "audit-lambda",
            "audit-ingest",
            "audit-writer",
            "audit-query-function",
        ],
    ),
];

/// Checks every edge of the workspace's graph.
pub(crate) fn check() -> Result<usize> {
    let step = Step::begin("Direction");
    let mut command = workspace::cargo();
    command.current_dir(workspace::root()).args([
        "metadata",
        "--format-version=1",
        "--no-deps",
        "--locked",
    ]);
    let metadata: Value = serde_json::from_str(&process::output_of(&mut command)?)
        .or_fail("parse cargo's metadata")?;
    let (edges, broken) = judge(&metadata);
    if broken.is_empty() {
        step.done(&format!("{edges} edges"));
        return Ok(edges);
    }
    for line in &broken {
        terminal::line(format!("    {line}"));
    }
    Err(Failure::new("a crate uses what it must not").advise("see xtask/src/test/rules.rs"))
}

fn judge(metadata: &Value) -> (usize, Vec<String>) {
    let (mut edges, mut broken) = (0, Vec::new());
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let user = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == user) else {
            broken.push(format!("{user} has no place in the rules"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"] == "dev";
            edges += 1;
            let ours = MAY_USE.iter().any(|(name, _)| *name == used);
            if ours && !for_tests && !allowed.contains(&used) {
                broken.push(format!("{user} must not use {used}"));
            }
            for (prefix, places) in ONLY_IN {
                if used.starts_with(prefix) && !for_tests && !places.contains(&user) {
                    broken.push(format!("{user} must not name {used}"));
                }
            }
        }
    }
    (edges, broken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_that_point_upwards_or_outwards_are_named() {
        let package = |name: &str, used: &str, kind: Value| serde_json::json!({"packages": [{"name": name, "dependencies": [{"name": used, "kind": kind}]}]});
        for (name, used, kind, fine) in [
            ("audit-log", "audit-record", Value::Null, true),
            ("audit-record", "audit-log", Value::Null, false),
            ("audit-query", "audit-ledger", Value::Null, false),
            ("audit-query", "audit-testkit", "dev".into(), true),
            ("audit-query", "audit-testkit", Value::Null, false),
            ("audit-ledger", "aws-sdk-s3", Value::Null, false),
            ("audit-query", "lambda_http", Value::Null, false),
            ("newcomer", "serde", Value::Null, false),
        ] {
            assert_eq!(
                judge(&package(name, used, kind)).1.is_empty(),
                fine,
                "{name} {used}"
            );
        }
    }
}
