//! What the crates that this project depends on may be: `deny.toml`, read by cargo-deny.
//!
//! Advisories are left out: their database is no registry's, and a check that needs it would fail
//! where only the registries can be reached. `cargo deny check advisories` runs them elsewhere.

use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{process, terminal, workspace};

const VERSION: &str = "0.20.2";

/// Installs cargo-deny into the clone, once, and checks with it.
pub(super) fn commands() -> Result<Vec<Command>> {
    let root = workspace::root().join(".local/cargo-deny").join(VERSION);
    let program = root.join("bin/cargo-deny");
    if !program.exists() {
        let mut step = terminal::Step::begin("cargo-deny");
        let mut install = workspace::cargo();
        install
            .current_dir(workspace::root())
            // Without optimisation: it runs for a second and compiles for minutes.
            .args([
                "install",
                "cargo-deny",
                "--locked",
                "--debug",
                "--version",
                VERSION,
            ])
            .arg("--root")
            .arg(&root);
        process::run(
            &mut install,
            &workspace::root().join(".local/log/cargo-deny.log"),
            &mut step,
        )
        .map_err(|failure: Failure| failure.advise("can the crate registry be reached?"))?;
        step.done(VERSION);
    }
    terminal::line("   advisories are not looked at here: run `cargo deny check advisories`");
    let mut check = Command::new(program);
    check.args(["check", "bans", "licenses", "sources"]);
    Ok(vec![check])
}
