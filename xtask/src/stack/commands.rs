//! `down`, `reset`, `status` and `logs`.

use std::process::Command;

use crate::failure::{Failure, OrFail, Result};
use crate::terminal::{self, Step, grouped};
use crate::{process, workspace};

use super::api::Client;
use super::{FUNCTIONS, Options, Stack, demo, python, up};

/// Stops all that `up` started.
pub(crate) fn down(stack: &Stack) -> Result<()> {
    let step = Step::begin("Stopping");
    let ran = stack.stop()?;
    stack.forget()?;
    step.done(if ran {
        "stopped"
    } else {
        "nothing was running"
    });
    Ok(())
}

/// Back to the clean demo state. What was committed is locked, in the emulator as on AWS, so the
/// way back is a new emulator.
pub(crate) fn reset(stack: &Stack) -> Result<()> {
    down(stack)?;
    up(
        stack,
        Options {
            detach: true,
            records: crate::seed::COUNT,
            dashboard: false,
        },
    )
}

/// What runs, what answers, and how large the ledgers are.
pub(crate) fn status(stack: &Stack) -> Result<()> {
    let row = |name: &str, text: &str| terminal::line(format!("  {name:20} {text}"));
    let runs = stack.emulator_runs();
    let state = |runs: bool| if runs { "running" } else { "not running" };
    row(
        "MiniStack",
        &format!("{} (port {})", state(runs), stack.emulator_port),
    );
    row(
        "Edge",
        &format!("{} ({})", state(stack.edge_runs()), stack.url()),
    );
    if !runs {
        return Err(Failure::new("the stack is down").advise("start it with `cargo xtask up`"));
    }
    let settings = stack.read_settings()?;
    let key = settings
        .get("AUDIT_API_KEY")
        .or_fail("find AUDIT_API_KEY")?;
    let client = Client::new(&stack.address(), key);
    let health = client.get("/health")?;
    let parts = health.body["parts"]
        .as_object()
        .or_fail("read the health")?;
    for (part, word) in parts {
        row(part, word.as_str().unwrap_or("unknown"));
    }
    let ledgers = client.read("/ledgers")?;
    for ledger in ledgers["ledgers"].as_array().into_iter().flatten() {
        let size = ledger["size"]
            .as_u64()
            .and_then(|size| usize::try_from(size).ok());
        let name = ledger["ledger"].as_str().unwrap_or(demo::TENANT);
        row(name, &format!("{} entries", grouped(size.unwrap_or(0))));
    }
    if health.status == 200 {
        return Ok(());
    }
    Err(Failure::new("a part does not answer").advise("`cargo xtask logs query` tells more"))
}

/// A function's log, as the cloud's log service has it.
pub(crate) fn logs(stack: &Stack, function: &str, follow: bool) -> Result<()> {
    if !FUNCTIONS.contains(&function) {
        return Err(Failure::new(format!("there is no function {function}"))
            .advise(format!("it is one of {}", FUNCTIONS.join(", "))));
    }
    if !stack.emulator_runs() {
        return Err(Failure::new("the stack is down").advise("start it with `cargo xtask up`"));
    }
    let mut command = log_of(stack, function);
    command.args(follow.then_some("--follow"));
    let status = command.status().or_fail("read the log")?;
    if status.success() || crate::clock::stopped() {
        return Ok(());
    }
    Err(Failure::new("the log can't be read"))
}

/// Keeps the functions' logs in the stack's folder: the emulator's own are gone with it.
pub(crate) fn keep_logs(stack: &Stack) -> Result<()> {
    let mut step = Step::begin("Logs");
    for function in FUNCTIONS {
        process::run(
            &mut log_of(stack, function),
            &stack.log(function),
            &mut step,
        )?;
    }
    step.done(&process::shown(&stack.dir().join("log")));
    Ok(())
}

/// The program that prints a function's log.
fn log_of(stack: &Stack, function: &str) -> Command {
    let (key, secret) = super::emulator::ROOT_CREDENTIALS;
    let mut command = Command::new(python::program("python"));
    command
        .arg(workspace::root().join("localstack/logs.py"))
        .arg(format!("/aws/lambda/audit-local-{function}"))
        .env_clear()
        .envs(workspace::plain_environment())
        .env("AWS_ENDPOINT_URL", stack.endpoint())
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", key)
        .env("AWS_SECRET_ACCESS_KEY", secret);
    command
}
