//! The end-to-end part: what the suites are told about the stack that is up for them.

use std::process::Command;

use crate::failure::Result;
use crate::stack::{self, Stack};
use crate::workspace;

/// With it, what needs a stack is compiled.
pub(super) const FEATURE: &str = "audit-e2e/stack";

/// The suites of `localstack/e2e`.
///
/// As the whole workspace, so that its crates are compiled with the features that they have in the
/// other tests, and not once more.
pub(super) fn suites(stack: &Stack) -> Result<Vec<Command>> {
    let (key, secret) = stack::ROOT_CREDENTIALS;
    let mut command = Command::new(workspace::cargo());
    command
        .args(["test", "--workspace", "--locked", "--no-fail-fast"])
        .args(["--features", FEATURE])
        .args(["--test", "stack"])
        .args(["--", "--show-output"])
        .envs(stack.read_settings()?)
        // The account's administrator: suites take on roles as they need them.
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", secret)
        .env_remove("AWS_SESSION_TOKEN")
        .env("AUDIT_STACK", stack.dir())
        .env("AUDIT_ADMIN", stack::binary("audit-admin"));
    Ok(vec![command])
}
