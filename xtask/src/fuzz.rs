//! `cargo xtask fuzz`: the fuzz targets, for longer than the tests give them.

use crate::arguments::{Fuzz, Reader};
use crate::failure::{Failure, Result};
use crate::workspace;

/// Runs one target, or all of them beside each other, until the time is over or one fails.
pub(crate) fn run(fuzz: &Fuzz) -> Result<()> {
    let mut command = workspace::cargo();
    command
        .current_dir(workspace::root())
        .args(["test", "--locked", "-p", "audit-fuzz", "--test", "it", "--"])
        .args(fuzz.name.map(module))
        .arg("--nocapture")
        .env(
            "BOLERO_RANDOM_TEST_TIME_MS",
            (fuzz.seconds * 1_000).to_string(),
        );
    let status = command
        .status()
        .map_err(|error| Failure::new(format!("cargo can't be started: {error}")))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new("a fuzz target failed").advise(
        "BOLERO_RANDOM_SEED replays what it printed; add the input to shared/audit-fuzz/corpus",
    ))
}

/// The module that a reader's targets stand in, as the test runner's filter takes it.
const fn module(reader: Reader) -> &'static str {
    match reader {
        Reader::Record => "record::",
        Reader::Cursor => "cursor::",
        Reader::Message => "message::",
        Reader::Segment => "segment::",
        Reader::Entry => "entry::",
        Reader::Body => "body::",
    }
}
