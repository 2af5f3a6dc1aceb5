//! The dashboard: a static export that npm makes of `frontend/` and that the edge serves. How it is
//! installed, built and checked is said in `frontend/scripts`; here they are only started.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;
use crate::stack::Settings;
use crate::terminal::Step;
use crate::workspace;

/// The names that Chromium goes by.
const CHROMIUMS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Where the export lies once it is made.
pub(crate) fn export() -> PathBuf {
    workspace::root().join("frontend/out")
}

/// Makes the export, unless it stands already for these very sources.
pub(crate) fn build(log: &Path) -> Result<()> {
    let mut step = Step::begin("Dashboard");
    process::run(&mut script("export.mjs")?, log, &mut step)?;
    step.done("built");
    Ok(())
}

/// Every check that needs no running stack.
pub(crate) fn checks() -> Result<Vec<Command>> {
    Ok(vec![script("check.mjs")?])
}

/// A script that drives a browser on a running stack, which it finds by `settings`.
pub(crate) fn in_browser(name: &str, settings: &Settings) -> Result<Command> {
    let chromium = workspace::setting("CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| workspace::find_program(&CHROMIUMS))
        .ok_or_else(|| {
            Failure::new("there is no Chromium").advise(
                "install it (on Debian: apt install chromium), or say in CHROMIUM where it is",
            )
        })?;
    let mut command = script(name)?;
    command.envs(settings).env("CHROMIUM", chromium);
    Ok(command)
}

fn script(name: &str) -> Result<Command> {
    let node = workspace::find_program(&["node"]).ok_or_else(|| {
        Failure::new("there is no node")
            .advise("install Node.js 20.19 or newer with npm and run this again")
    })?;
    let mut command = Command::new(node);
    command
        .arg(workspace::root().join("frontend/scripts").join(name))
        .current_dir(workspace::root());
    Ok(command)
}
