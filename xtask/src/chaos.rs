//! `cargo xtask chaos`: the long matrices of failures, each the business of what it belongs to.

use std::process::Command;

use crate::arguments::Matrix;
use crate::failure::{Failure, Result};
use crate::workspace;

/// Runs a matrix, passing on what it prints. With `AUDIT_URL` and `AUDIT_API_KEY` set it also runs
/// against that stack.
pub(crate) fn run(matrix: Matrix) -> Result<()> {
    let arguments = match matrix {
        Matrix::Sdk => ["sdk/python/check.py", "chaos"],
    };
    let status = Command::new("python3")
        .args(arguments)
        .current_dir(workspace::root())
        .status()
        .map_err(|error| Failure::new(format!("python3 can't be started: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(
        "the matrix of failures found one that costs records",
    ))
}
