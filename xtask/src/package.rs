//! The deployable zips: cargo-lambda with zig as the linker, both from `PyPI`, in a folder of the
//! clone's own.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{terminal, workspace};

/// What is installed, pinned.
const REQUIREMENTS: [&str; 2] = ["cargo-lambda==1.9.2", "ziglang==0.17.1"];

/// The functions that are packed.
const FUNCTIONS: [&str; 3] = ["ingest", "writer", "query"];

/// Builds `target/lambda/<function>/bootstrap.zip` for each function and prints its size.
pub(crate) fn package() -> Result<()> {
    let root = workspace::root();
    let venv = root.join(".tools/package-venv");
    let bin = venv.join("bin");
    if !bin.join("cargo-lambda").exists() {
        perform(
            Command::new("python3").args(["-m", "venv"]).arg(&venv),
            "Install Python 3 with its venv module.",
        )?;
        perform(
            Command::new(bin.join("pip"))
                .args(["install", "--quiet"])
                .args(REQUIREMENTS),
            "Check that the Python package index can be reached.",
        )?;
    }
    let search = workspace::setting("PATH").unwrap_or_default();
    perform(
        Command::new(bin.join("cargo-lambda"))
            .args([
                "lambda",
                "build",
                "--release",
                "--x86-64",
                "--output-format",
                "zip",
            ])
            .args(FUNCTIONS.iter().flat_map(|function| ["--bin", function]))
            .env("PATH", format!("{}:{search}", bin.display()))
            .env("CARGO_TARGET_DIR", workspace::target_dir())
            .current_dir(&root),
        "The compiler's message stands above.",
    )?;
    for function in FUNCTIONS {
        let zip = workspace::target_dir().join(format!("lambda/{function}/bootstrap.zip"));
        let bytes = zip
            .metadata()
            .map_err(|error| Failure::new(format!("no zip at {}: {error}", zip.display())))?
            .len();
        terminal::line(format!(
            "{function:<8} {}  {}",
            terminal::megabytes(bytes),
            zip.display()
        ));
    }
    Ok(())
}

fn perform(command: &mut Command, advice: &str) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(format!("{program} ended with {status}")).advise(advice)),
        Err(error) => {
            Err(Failure::new(format!("{program} can't be started: {error}")).advise(advice))
        }
    }
}
