//! `package`: the deployable zips, built by cargo-lambda with zig as linker, so that they run on
//! Lambda's own operating system whatever machine they are built on.

use std::fs;
use std::process::Command;

use crate::failure::{OrFail, Result};
use crate::process;
use crate::stack::{FUNCTIONS, install_tools};
use crate::terminal::{self, Step, megabytes};
use crate::workspace;

/// Builds the zips into `target/package/<function>.zip`, where the infrastructure takes them.
pub(crate) fn package() -> Result<()> {
    let tools = install_tools()?;
    let mut step = Step::begin("Functions");
    let built = workspace::target_dir().join("lambda");
    let path = workspace::setting("PATH").unwrap_or_default();
    let mut command = Command::new(tools.join("bin/cargo-lambda"));
    command
        .current_dir(workspace::root())
        .args(["lambda", "build", "--release", "--x86-64", "--locked"])
        .args(["--output-format", "zip", "--lambda-dir"])
        .arg(&built)
        .env("PATH", format!("{}:{path}", tools.join("bin").display()))
        .env("CARGO_LAMBDA_DISABLE_UPDATE_CHECK", "1");
    for name in FUNCTIONS {
        command.args(["--bin", name]);
    }
    let log = workspace::root().join(".local/log/package.log");
    process::run(&mut command, &log, &mut step)?;
    step.done("built");

    let into = workspace::root().join("target/package");
    fs::create_dir_all(&into).or_fail(format_args!("make {}", into.display()))?;
    for name in FUNCTIONS {
        let zip = into.join(format!("{name}.zip"));
        let bytes = fs::copy(built.join(name).join("bootstrap.zip"), &zip)
            .or_fail(format_args!("copy the zip of {name}"))?;
        terminal::line(format!(
            "  {name:20} {} {}",
            megabytes(bytes),
            process::shown(&zip)
        ));
    }
    Ok(())
}
