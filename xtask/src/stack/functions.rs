//! The functions: compiled as they are tested, each as a zip with one file named `bootstrap`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::failure::{OrFail, Result};
use crate::process;
use crate::terminal::{Step, megabytes};
use crate::workspace;

use super::Stack;

/// The functions, by the names of their binaries.
pub(crate) const FUNCTIONS: [&str; 3] = ["ingest", "query", "writer"];

/// What a running stack needs beside them.
const TOOLS: [&str; 2] = ["audit-admin", "audit-edge"];

/// Compiles the functions, the edge and the admin tool, and what else cargo is told to.
pub(crate) fn build_everything(log: &Path, also: &[&str]) -> Result<()> {
    let mut step = Step::begin("Functions");
    let mut command = workspace::cargo();
    command
        .current_dir(workspace::root())
        .args(["build", "--locked", "--workspace", "--exclude", "xtask"])
        .arg("--bins")
        .args(also);
    process::run(&mut command, log, &mut step)?;
    step.done(&format!(
        "{} functions, {} tools compiled",
        FUNCTIONS.len(),
        TOOLS.len()
    ));
    Ok(())
}

/// A compiled program of this workspace.
pub(crate) fn binary(name: &str) -> PathBuf {
    workspace::target_dir().join("debug").join(name)
}

impl Stack {
    /// The folder of the zips that the infrastructure is made with.
    pub(super) fn zip_dir(&self) -> PathBuf {
        self.dir().join("functions")
    }

    /// Packs the compiled functions. The same binary gives the same zip, so that the
    /// infrastructure sees a change only where there is one.
    pub(super) fn pack_functions(&self) -> Result<()> {
        let step = Step::begin("Packages");
        let dir = self.zip_dir();
        fs::create_dir_all(&dir).or_fail(format_args!("make {}", dir.display()))?;
        let mut bytes = 0;
        for name in FUNCTIONS {
            bytes += pack(&binary(name), &dir.join(format!("{name}.zip")))?;
        }
        step.done(&format!("{} zips, {}", FUNCTIONS.len(), megabytes(bytes)));
        Ok(())
    }
}

fn pack(binary: &Path, zip: &Path) -> Result<u64> {
    let packing = format!("pack {} into {}", binary.display(), zip.display());
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .unix_permissions(0o755);
    let mut source = File::open(binary).or_fail(&packing)?;
    let target = File::create(zip).or_fail(&packing)?;
    let mut writer = ZipWriter::new(target);
    writer.start_file("bootstrap", options).or_fail(&packing)?;
    let bytes = std::io::copy(&mut source, &mut writer).or_fail(&packing)?;
    writer.finish().or_fail(&packing)?;
    Ok(bytes)
}
