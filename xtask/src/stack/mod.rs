//! The local stack: MiniStack with the project's own infrastructure in it, the edge in front, and
//! the demo tenant with its sample records.
//!
//! A stack lives in one folder and on two ports: `.local`, 4566 and 3000, or for tests
//! `.local/test`, 4570 and 3070. Nothing of a stack lies outside its folder but the Python
//! environment and the provider plugins, and nothing in that folder is worth keeping: MiniStack
//! holds its state in memory, so a stack that was stopped starts afresh.

pub(crate) mod api;
pub(crate) mod commands;
pub(crate) mod demo;
mod edge;
mod emulator;
mod functions;
mod infrastructure;
pub(crate) mod python;
mod records;
mod settings;
mod site;
mod up;

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{OrFail, Result};
use crate::process::Background;
use crate::workspace;

pub(crate) use emulator::ROOT_CREDENTIALS;
pub(crate) use functions::{FUNCTIONS, binary};
pub(crate) use infrastructure::plugin_environment;
pub(crate) use settings::Settings;
pub(crate) use up::{Needs, Options, up, while_up};

/// One local stack.
#[derive(Clone, Debug)]
pub(crate) struct Stack {
    dir: PathBuf,
    /// MiniStack's port.
    pub(crate) emulator_port: u16,
    /// The edge's port.
    pub(crate) edge_port: u16,
}

impl Stack {
    /// The developer's own.
    pub(crate) fn own() -> Self {
        Self {
            dir: workspace::root().join(".local"),
            emulator_port: 4566,
            edge_port: 3000,
        }
    }

    /// The tests' own, which may run beside it.
    pub(crate) fn for_tests() -> Self {
        Self {
            dir: workspace::root().join(".local/test"),
            emulator_port: 4570,
            edge_port: 3070,
        }
    }

    /// Where everything of it lies.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Makes its folder.
    fn make_dir(&self) -> Result<()> {
        for dir in [self.dir.clone(), self.dir.join("log"), self.dir.join("tmp")] {
            fs::create_dir_all(&dir).or_fail(format_args!("make {}", dir.display()))?;
        }
        Ok(())
    }

    /// The file that says how to talk to it.
    pub(crate) fn env_file(&self) -> PathBuf {
        self.dir.join("env")
    }

    /// What was sent as sample records, one JSON object a line.
    pub(crate) fn sent_file(&self) -> PathBuf {
        self.dir.join("sent.ndjson")
    }

    /// A log file of it.
    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.dir.join("log").join(format!("{name}.log"))
    }

    /// Where a browser finds it.
    pub(crate) fn url(&self) -> String {
        format!("http://localhost:{}", self.edge_port)
    }

    /// The same, as an address that needs no name resolution.
    fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.edge_port)
    }

    /// Where MiniStack listens.
    fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.emulator_port)
    }

    fn emulator_pid_file(&self) -> PathBuf {
        self.dir.join("ministack.pid")
    }

    fn edge_pid_file(&self) -> PathBuf {
        self.dir.join("edge.pid")
    }

    /// Whether the edge runs.
    fn edge_runs(&self) -> bool {
        let pid_file = self.edge_pid_file();
        let edge = Background {
            name: "the edge",
            pid_file: &pid_file,
        };
        edge.running().is_some()
    }

    /// Whether MiniStack's process is there, answering or not.
    fn emulator_process_runs(&self) -> bool {
        let pid_file = self.emulator_pid_file();
        let emulator = Background {
            name: "MiniStack",
            pid_file: &pid_file,
        };
        emulator.running().is_some()
    }

    /// Stops all that runs of it; says whether anything did.
    pub(crate) fn stop(&self) -> Result<bool> {
        let edge = self.edge_pid_file();
        let emulator = self.emulator_pid_file();
        let edge = Background {
            name: "the edge",
            pid_file: &edge,
        }
        .stop();
        let emulator = Background {
            name: "MiniStack",
            pid_file: &emulator,
        }
        .stop();
        Ok(edge? | emulator?)
    }

    /// Forgets what the emulator held: it is gone with its process.
    fn forget(&self) -> Result<()> {
        for name in [
            "terraform.tfstate",
            "terraform.tfstate.backup",
            infrastructure::APPLIED,
            "env",
            "demo.json",
            "sent.ndjson",
        ] {
            crate::process::remove_if_there(&self.dir.join(name))?;
        }
        let tmp = self.dir.join("tmp");
        match fs::remove_dir_all(&tmp) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).or_fail(format_args!("remove {}", tmp.display()))
            }
            _ => self.make_dir(),
        }
    }
}

/// Writes a file that only its owner can read, because it holds a secret.
fn write_secret(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    // Removed first: an older file would keep its mode.
    crate::process::remove_if_there(path)?;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .or_fail(format_args!("write {}", path.display()))
}
