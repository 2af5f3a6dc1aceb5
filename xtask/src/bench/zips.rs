//! Size of the deployable zips, as `cargo xtask package` makes them.

use std::os::fd::AsFd;
use std::process::{Command, Stdio};

use crate::failure::{Failure, OrFail, Result};
use crate::stack::FUNCTIONS;
use crate::workspace;

use super::budgets::Measured;

/// Packages the functions and looks at what came out.
pub(super) fn figures() -> Result<Vec<Measured>> {
    let this = std::env::current_exe().or_fail("find this program")?;
    // Its steps go to standard error: standard output is the figures'.
    let stderr = std::io::stderr()
        .as_fd()
        .try_clone_to_owned()
        .or_fail("share standard error")?;
    let status = Command::new(this)
        .arg("package")
        .stdin(Stdio::null())
        .stdout(stderr)
        .status()
        .or_fail("package the functions")?;
    if !status.success() {
        return Err(Failure::new("the functions could not be packaged"));
    }
    FUNCTIONS.iter().map(|function| size(function)).collect()
}

fn size(function: &str) -> Result<Measured> {
    let zip = workspace::target_dir().join(format!("package/{function}.zip"));
    let bytes = zip
        .metadata()
        .or_fail(format_args!("find {}", zip.display()))?
        .len();
    #[expect(clippy::cast_precision_loss, reason = "some megabytes")]
    let megabytes = bytes as f64 / 1e6;
    Ok(Measured::new(format!("zip.{function}"), megabytes))
}
