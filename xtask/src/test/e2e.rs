//! The end-to-end part: what the suites are told about the stack that is up for them.

use std::process::Command;

use crate::failure::Result;
use crate::stack::{self, Needs, Stack};
use crate::{seed, workspace};

/// With it, what needs a stack is compiled.
pub(super) const FEATURE: &str = "audit-e2e/stack";
/// The functions are compiled together with the suites: so with the features that tests bring, as
/// for the other parts, and no dependency once more.
const COMPILE: [&str; 4] = ["--test", "stack", "--features", FEATURE];

/// The sample records, and the suites compiled.
pub(super) fn needs() -> Needs {
    Needs {
        compiled_also: &COMPILE,
        records: seed::COUNT,
        dashboard: false,
    }
}

/// The suites of `localstack/e2e`.
pub(super) fn suites(stack: &Stack) -> Result<Vec<Command>> {
    let (key, secret) = stack::ROOT_CREDENTIALS;
    let mut command = workspace::cargo();
    command
        .args(["test", "--locked", "--workspace", "--exclude", "xtask"])
        .args(["--features", FEATURE, "--test", "stack"])
        .args(["--", "--show-output"])
        .envs(stack.read_settings()?)
        // The account's administrator: suites take on roles as they need them.
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env("AUDIT_STACK", stack.dir())
        .env("AUDIT_ADMIN", stack::binary("audit-admin"));
    Ok(vec![command])
}
