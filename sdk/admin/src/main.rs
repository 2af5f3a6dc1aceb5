//! The operator's command: tenants, ledgers, keys, verification and rebuild.

mod connection;
mod failure;
mod key;
mod ledger;
mod options;
mod output;
mod tenant;
mod verify;

use std::process::ExitCode;

use clap::Parser;
use options::{Command, Options};
use output::Output;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let options = Options::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(&options.log))
        .with_writer(std::io::stderr)
        .without_time()
        .init();
    let output = Output::new(options.json);
    let result = match options.command {
        Command::Tenant(command) => tenant::run(&options.connection, &output, command).await,
        Command::Ledger(command) => ledger::run(&options.connection, &output, command).await,
        Command::Key(command) => key::run(&options.connection, &output, command).await,
        Command::VerifyLedger(arguments) => {
            verify::verify(&options.connection, &output, &arguments).await
        }
        Command::RebuildIndex(arguments) => {
            verify::rebuild(&options.connection, &output, arguments).await
        }
        Command::Sweep => verify::sweep(&options.connection, &output).await,
    };
    match result {
        Ok(code) => code,
        Err(failure) => {
            output.fail(&failure);
            ExitCode::from(failure::EXIT_FAILURE)
        }
    }
}
