//! The operator's command: tenants, ledgers, keys, verification and rebuild.

mod failure;
mod installation;
mod key;
mod ledger;
mod options;
mod output;
mod pace;
mod tenant;
#[cfg(test)]
mod tests;
mod verify;

use std::process::ExitCode;

use clap::Parser;
use failure::{EXIT_FAILURE, Result};
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
    let output = Output::standard(options.json);
    let code = perform(options, &output).await.unwrap_or_else(|failure| {
        output.fail(&failure);
        EXIT_FAILURE
    });
    ExitCode::from(code)
}

/// Runs a command on the installation that the environment names; gives its exit code.
async fn perform(options: Options, output: &Output) -> Result<u8> {
    let installation = options.connection.installation()?;
    let operator = installation.operator();
    match options.command {
        Command::Tenant(command) => tenant::run(&operator, output, command).await,
        Command::Ledger(command) => {
            ledger::run(&operator, &installation.ledgers(), output, command).await
        }
        Command::Key(command) => key::run(&operator, output, command).await,
        Command::VerifyLedger(arguments) => verify::verify(&operator, output, &arguments).await,
        Command::RebuildIndex(arguments) => {
            let operator = installation.operator_on(&arguments.table);
            verify::rebuild(&operator, output, &arguments).await
        }
        Command::Sweep => verify::sweep(&operator, output).await,
    }
}
