//! The deployable zips: cargo-lambda with zig as the linker, both from `PyPI`, in a folder of the
//! clone's own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{OrFail, Result};
use crate::process;
use crate::stack::{FUNCTIONS, python};
use crate::terminal::{self, Step};
use crate::workspace;

/// Builds `target/package/<function>.zip`, as `infra/` takes it, for each function and prints its
/// size.
pub(crate) fn package() -> Result<()> {
    let local = workspace::root().join(".local");
    let venv = local.join("package-venv");
    python::install_requirements("xtask/package.txt", &venv, Step::begin("Packager"))?;
    let log = local.join("log/package.log");
    let mut step = Step::begin("Functions");
    process::run(&mut build(&venv.join("bin")), &log, &mut step)?;
    step.done("compiled for release");
    terminal::line("");
    let package = workspace::target_dir().join("package");
    fs::create_dir_all(&package).or_fail(format_args!("make {}", package.display()))?;
    for function in FUNCTIONS {
        let zip = package.join(format!("{function}.zip"));
        fs::copy(built(function), &zip).or_fail(format_args!("write {}", zip.display()))?;
        let bytes = zip
            .metadata()
            .or_fail(format_args!("find {}", zip.display()))?
            .len();
        let size = terminal::megabytes(bytes);
        terminal::line(format!(
            "  {function:<8} {size:>8}  {}",
            process::shown(&zip)
        ));
    }
    terminal::line("\n  Deploy them as infra/README.md says.");
    Ok(())
}

/// Where cargo-lambda leaves a function.
fn built(function: &str) -> PathBuf {
    workspace::target_dir().join(format!("lambda/{function}/bootstrap.zip"))
}

fn build(bin: &Path) -> Command {
    let search = workspace::setting("PATH").unwrap_or_default();
    let mut command = Command::new(bin.join("cargo-lambda"));
    command
        .args(["lambda", "build", "--workspace", "--release", "--locked"])
        .args(["--x86-64"])
        .args(["--output-format", "zip"])
        .args(FUNCTIONS.iter().flat_map(|function| ["--bin", function]))
        .env("PATH", format!("{}:{search}", bin.display()))
        .env("CARGO_TARGET_DIR", workspace::target_dir())
        .current_dir(workspace::root());
    command
}
