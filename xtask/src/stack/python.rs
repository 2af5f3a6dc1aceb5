//! The project's own Python environment: MiniStack and what the end-to-end tests use, pinned.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::{Failure, OrFail, Result};
use crate::process;
use crate::terminal::Step;
use crate::workspace;

/// The environment's folder: one for all stacks of this clone.
pub(crate) fn dir() -> PathBuf {
    workspace::root().join(".local/venv")
}

/// A program of the environment.
pub(crate) fn program(name: &str) -> PathBuf {
    dir().join("bin").join(name)
}

/// Makes the environment, unless it stands already as the requirements say.
pub(crate) fn install() -> Result<()> {
    install_requirements("localstack/requirements.txt", &dir(), Step::begin("Python"))
}

/// Makes an environment out of a file of pinned requirements.
pub(crate) fn install_requirements(
    requirements: &str,
    dir: &std::path::Path,
    mut step: Step,
) -> Result<()> {
    let file = workspace::root().join(requirements);
    let wanted = fs::read_to_string(&file).or_fail(format_args!("read {}", file.display()))?;
    let stamp = dir.join("requirements.installed");
    let python = dir.join("bin/python");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) && python.exists() {
        step.done("installed");
        return Ok(());
    }

    let system = workspace::find_program(&["python3", "python"]).ok_or_else(|| {
        Failure::new("there is no python3")
            .advise("install Python 3.10 or newer and run this again")
    })?;
    let log = workspace::root().join(".local/log/pip.log");
    let mut venv = Command::new(system);
    venv.args(["-m", "venv", "--clear"]).arg(dir);
    process::run(&mut venv, &log, &mut step).map_err(|failure| {
        failure.advise(format!(
            "python3 needs its venv module (on Debian: apt install python3-venv); see {}",
            process::shown(&log)
        ))
    })?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-deps",
        "-r",
    ])
    .arg(&file);
    process::run(&mut pip, &log, &mut step)?;
    fs::write(&stamp, &wanted).or_fail(format_args!("write {}", stamp.display()))?;
    step.done("installed");
    Ok(())
}
