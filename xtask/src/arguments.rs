//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::seed;

/// Every task of the project.
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask", disable_help_subcommand = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) task: Task,
}

/// One task.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Bring up the local stack: functions, emulator, infrastructure, demo data, edge
    ///
    /// On a stack that still runs it applies what changed and sends no sample records again.
    Up(Up),
    /// Stop all that `up` started
    Down,
    /// Back to the clean demo state
    Reset,
    /// What runs, what answers, and how large the ledgers are
    Status,
    /// A function's log: ingest, writer or query
    Logs(Logs),
    /// Build the deployable zips with cargo-lambda and zig
    Package,
    /// Run all tests and checks, or the parts named
    Test(Parts),
    /// Measure speed, size and cost beside their limits: all, or one of ingest, writer, bill,
    /// stored, cold, zip
    Bench(Bench),
    /// Run a long matrix of failures: `sdk`, the Python SDK's
    Chaos(Chaos),
    /// Run the fuzz targets, or the one named, for longer than the tests do
    Fuzz(Fuzz),
}

/// How `up` shall go about it.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Leave the stack running and return
    #[arg(long)]
    pub(crate) detach: bool,
    /// Send no sample records
    #[arg(long, conflicts_with = "records")]
    pub(crate) no_seed: bool,
    /// How many sample records to send to a fresh stack
    #[arg(long, default_value_t = seed::COUNT, value_name = "N")]
    pub(crate) records: usize,
    /// Build the dashboard, a preview for now, and serve it at the root; the API's page moves to
    /// `/reference/`
    #[arg(long)]
    pub(crate) dashboard: bool,
}

/// Which log.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// The function's short name
    pub(crate) function: String,
    /// Go on printing what is added
    #[arg(long, short)]
    pub(crate) follow: bool,
}

/// What is measured.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// The bench; all if none is named
    pub(crate) name: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which matrix.
#[derive(Debug, Args)]
pub(crate) struct Chaos {
    /// Whose
    #[arg(value_enum)]
    pub(crate) matrix: Matrix,
}

/// The matrices of failures that take minutes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Matrix {
    /// The Python SDK's: signals, outages, forks, full disks, clocks
    Sdk,
}

/// Which target, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// What reads; all if none is named
    #[arg(value_enum)]
    pub(crate) name: Option<Reader>,
    /// How long each target runs
    #[arg(long, default_value_t = 60, value_name = "N")]
    pub(crate) seconds: u64,
}

/// The readers of bytes from outside that have fuzz targets.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Reader {
    /// JSON, records and batches
    Record,
    /// Cursors of lists
    Cursor,
    /// Messages of a queue
    Message,
    /// Segments
    Segment,
    /// Entries
    Entry,
    /// Bodies and CBOR
    Body,
}

/// Which parts.
#[derive(Debug, Args)]
pub(crate) struct Parts {
    /// Parts to run; all if none is named
    pub(crate) names: Vec<String>,
}
