//! `up`: from nothing to serving, or what changed to a stack that runs.

use std::time::Duration;

use crate::clock::{self, Stopwatch};
use crate::dashboard;
use crate::failure::Result;
use crate::terminal::{self, seconds};

use super::demo::{Demo, LEDGERS};
use super::settings::Settings;
use super::{Stack, emulator, functions, infrastructure, python};

/// What `up` shall do beside what it always does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Leave the stack running and return.
    pub(crate) detach: bool,
    /// How many sample records to send to a fresh stack.
    pub(crate) records: usize,
    /// Build the dashboard and serve it at the root.
    pub(crate) dashboard: bool,
}

/// Brings a stack up. A stack that this started and could not finish is stopped again.
pub(crate) fn up(stack: &Stack, options: Options) -> Result<()> {
    let watch = Stopwatch::start();
    let ran_before = stack.emulator_runs();
    prepare(stack, ran_before, &[])?;
    if options.dashboard {
        dashboard::build(&stack.log("dashboard"))?;
    }
    let demo = bring_up(stack, options, ran_before).inspect_err(|_| {
        if !ran_before {
            tidy_up(stack);
        }
    })?;
    terminal::line("");
    let verb = if ran_before { "Up to date" } else { "Serving" };
    terminal::line(format!("  {verb} after {}.", seconds(watch.elapsed())));
    describe(stack, &demo, options);
    if options.detach {
        return Ok(());
    }
    stay(stack)
}

/// What somebody needs of a stack that is up for them alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Needs {
    /// What is compiled besides, by the arguments of cargo, before anything is started.
    pub(crate) compiled_also: &'static [&'static str],
    /// How many sample records there shall be.
    pub(crate) records: usize,
    /// The dashboard, built and served at the root.
    pub(crate) dashboard: bool,
}

/// Brings a stack up afresh, does the work, and takes the stack down whatever came of it.
pub(crate) fn while_up<T>(
    stack: &Stack,
    needs: &Needs,
    work: impl FnOnce() -> Result<T>,
) -> Result<T> {
    prepare(stack, false, needs.compiled_also)?;
    if needs.dashboard {
        dashboard::build(&stack.log("dashboard"))?;
    }
    let options = Options {
        detach: true,
        records: needs.records,
        dashboard: needs.dashboard,
    };
    let worked = bring_up(stack, options, false).and_then(|_| work());
    let step = terminal::Step::begin("Stopping");
    stack.stop()?;
    stack.forget()?;
    step.done("stopped");
    worked
}

/// What must be there before anything can be started.
fn prepare(stack: &Stack, ran_before: bool, compile_also: &[&str]) -> Result<()> {
    infrastructure::program()?;
    stack.make_dir()?;
    if !ran_before {
        // Something of it may be left: an emulator that hangs, an edge without one.
        stack.stop()?;
        emulator::require_free_port(stack.emulator_port, "MiniStack")?;
        emulator::require_free_port(stack.edge_port, "the edge")?;
    }
    python::install()?;
    functions::build_everything(&stack.log("build"), compile_also)
}

fn bring_up(stack: &Stack, options: Options, ran_before: bool) -> Result<Demo> {
    stack.pack_functions()?;
    if !ran_before {
        stack.forget()?;
        stack.start_emulator()?;
    }
    let outputs = stack.apply_infrastructure()?;
    let mut settings: Settings = outputs.environment;
    settings.insert("AUDIT_URL".into(), stack.url());
    let known = stack.demo();
    let fresh = known.is_none();
    let demo = match known {
        Some(demo) => demo,
        None => stack.make_demo(&settings)?,
    };
    settings.insert("AUDIT_API_KEY".into(), demo.main_key.clone());
    for (ledger, key) in LEDGERS.iter().zip(&demo.ingest_keys) {
        let name = format!("AUDIT_API_KEY_{}", ledger.to_uppercase());
        settings.insert(name, key.clone());
    }
    stack.write_settings(&settings)?;
    stack.start_edge(&outputs.api_id, options.dashboard)?;
    if fresh && options.records > 0 {
        stack.send_records(&demo, options.records)?;
    }
    Ok(demo)
}

/// After a failure: nothing is left half running.
fn tidy_up(stack: &Stack) {
    let stopped = stack.stop().and_then(|_| stack.forget());
    if let Err(failure) = stopped {
        terminal::error(failure.to_string());
    }
}

fn describe(stack: &Stack, demo: &Demo, options: Options) {
    let (url, key) = (stack.url(), &demo.main_key);
    let now = clock::rfc3339(clock::now_ms());
    terminal::line(format!(
        "
  Open     {url}{site}
  Keys     {env} (AUDIT_API_KEY reads all three ledgers, writes to `credit`; AUDIT_API_KEY_HIRING and its like only write)
  Logs     cargo xtask logs ingest|writer|query [--follow]

  Post a record:
    curl -sS {url}/api/v1/audit/log -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' -d '{{\"type\":\"decision\",\"occurred_at\":\"{now}\",\"system\":\"my-first-system\",\"decision\":{{\"outcome\":\"approved\",\"risk_level\":\"minimal\"}}}}'

  Find it, a second or two later:
    curl -sS '{url}/api/v1/audit/logs?system=my-first-system' -H 'Authorization: Bearer {key}'

  Or from Python (pip install {sdk}), with AUDIT_URL={url} and AUDIT_API_KEY={key}:
    from audit_layer import AuditOpenAI    # in place of: from openai import OpenAI
",
        site = if options.dashboard {
            " (sign in with AUDIT_API_KEY)"
        } else {
            ""
        },
        env = crate::process::shown(&stack.env_file()),
        sdk = crate::process::shown(&crate::workspace::root().join("sdk/python")),
    ));
    if options.detach {
        terminal::line("  It goes on running. Stop it with: cargo xtask down\n");
    } else {
        terminal::line("  Ctrl-C stops it.\n");
    }
}

/// Stays until Ctrl-C, or until MiniStack ends by itself; then nothing is left running.
fn stay(stack: &Stack) -> Result<()> {
    while stack.emulator_process_runs() && clock::pause(Duration::from_millis(500)).is_ok() {}
    let by_itself = !clock::stopped();
    let step = terminal::Step::begin("Stopping");
    stack.stop()?;
    stack.forget()?;
    step.done("stopped");
    if by_itself {
        return Err(
            crate::failure::Failure::new("MiniStack ended by itself").advise(format!(
                "what it said is in {}",
                crate::process::shown(&stack.log("ministack"))
            )),
        );
    }
    Ok(())
}
