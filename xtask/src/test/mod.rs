//! `cargo xtask test`: every check of the project, part by part, with a summary of what ran.
//!
//! A part streams its output as it comes; the summary counts the tests that the runners report.

mod browser;
mod deny;
mod e2e;
mod rules;
mod tidy;

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::clock::{self, Stopwatch};
use crate::failure::{Failure, Result};
use crate::stack::{self, Stack};
use crate::{dashboard, process, terminal, workspace};

/// One part: a name, what it checks, and what does it.
struct Part {
    name: &'static str,
    about: &'static str,
    work: Work,
}

/// How a part does its checks: with programs that count tests, with such programs on a stack that
/// is brought up for them and taken down after them, or by itself, giving the number of things it
/// looked at.
enum Work {
    Commands(fn() -> Result<Vec<Command>>),
    OnStack(fn() -> OnStack),
    Check(fn() -> Result<usize>),
}

/// What a part needs of its stack, and what it runs on it.
struct OnStack {
    needs: stack::Needs,
    commands: fn(&Stack) -> Result<Vec<Command>>,
}

const PARTS: [Part; 12] = [
    Part {
        name: "rules",
        about: "which crate may use which",
        work: Work::Check(rules::check),
    },
    Part {
        name: "tidy",
        about: "module docs, file lengths, names",
        work: Work::Check(tidy::check),
    },
    Part {
        name: "format",
        about: "rustfmt",
        work: Work::Commands(|| Ok(format())),
    },
    Part {
        name: "lints",
        about: "clippy, warnings are errors",
        work: Work::Commands(|| Ok(lints())),
    },
    Part {
        name: "rust",
        about: "unit, property, golden and crash tests",
        work: Work::Commands(|| Ok(rust())),
    },
    Part {
        name: "vectors",
        about: "the vectors, by a second implementation",
        work: Work::Commands(|| Ok(vectors())),
    },
    Part {
        name: "sdk",
        about: "the Python SDK: ruff, mypy, pyright, pytest",
        work: Work::Commands(|| Ok(sdk())),
    },
    Part {
        name: "dashboard",
        about: "the dashboard: types, lints, unit tests, export, size",
        work: Work::Commands(dashboard::checks),
    },
    Part {
        name: "deny",
        about: "licences, sources and bans of all dependencies",
        work: Work::Commands(deny::commands),
    },
    Part {
        name: "infra",
        about: "terraform fmt, validate and test",
        work: Work::Commands(infra),
    },
    Part {
        name: "e2e",
        about: "the functions on a stack of their own",
        work: Work::OnStack(|| OnStack {
            needs: e2e::needs(),
            commands: e2e::suites,
        }),
    },
    Part {
        name: "browser",
        about: "the dashboard in Chromium, on a stack of its own",
        work: Work::OnStack(|| OnStack {
            needs: browser::needs(),
            commands: browser::suites,
        }),
    },
];

/// What a part came to.
struct Outcome {
    name: &'static str,
    passed: usize,
    failed: usize,
    time: Duration,
}

/// Runs the parts named, or all, and prints the summary.
pub(crate) fn run(names: &[String]) -> Result<()> {
    if let Some(unknown) = names
        .iter()
        .find(|name| PARTS.iter().all(|part| part.name != **name))
    {
        let known: Vec<_> = PARTS
            .iter()
            .map(|part| format!("{} ({})", part.name, part.about))
            .collect();
        return Err(
            Failure::new(format!("no part of the tests is called {unknown}"))
                .advise(format!("The parts are: {}.", known.join(", "))),
        );
    }
    let chosen = PARTS
        .iter()
        .filter(|part| names.is_empty() || names.iter().any(|name| name == part.name));
    let outcomes = chosen.map(perform).collect::<Result<Vec<_>>>()?;
    summarise(&outcomes)
}

fn perform(part: &Part) -> Result<Outcome> {
    terminal::line(format!("== {}: {}", part.name, part.about));
    let watch = Stopwatch::start();
    let mut outcome = Outcome {
        name: part.name,
        passed: 0,
        failed: 0,
        time: Duration::ZERO,
    };
    match part.work {
        Work::Commands(commands) => perform_commands(commands()?, &mut outcome)?,
        Work::OnStack(on_stack) => {
            let stack = Stack::for_tests();
            let OnStack { needs, commands } = on_stack();
            let worked = stack::while_up(&stack, &needs, || {
                perform_commands(commands(&stack)?, &mut outcome)?;
                if outcome.failed > 0 {
                    stack::commands::keep_logs(&stack)?;
                }
                Ok(())
            });
            fail_unless_stopped(worked, &mut outcome)?;
        }
        Work::Check(check) => {
            let looked_at = check().map(|count| outcome.passed = count);
            fail_unless_stopped(looked_at, &mut outcome)?;
        }
    }
    outcome.time = watch.elapsed();
    Ok(outcome)
}

/// A part that failed is one of the summary's lines; after Ctrl-C there is no summary.
fn fail_unless_stopped(worked: Result<()>, outcome: &mut Outcome) -> Result<()> {
    if let Err(failure) = worked {
        if clock::stopped() {
            return Err(failure);
        }
        terminal::error(failure.to_string());
        outcome.failed += 1;
    }
    Ok(())
}

fn perform_commands(commands: Vec<Command>, outcome: &mut Outcome) -> Result<()> {
    for mut command in commands {
        let (counts, success) = stream(&mut command)?;
        // A check that counts nothing is itself one test.
        let (passed, failed) = if counts == (0, 0) {
            (usize::from(success), 0)
        } else {
            counts
        };
        outcome.passed += passed;
        outcome.failed += if success { failed } else { failed.max(1) };
    }
    Ok(())
}

/// Runs a command, passing on its output, and counts what its runner reports.
///
/// It runs in a process group of its own, so that Ctrl-C reaches it once, from here.
fn stream(command: &mut Command) -> Result<((usize, usize), bool)> {
    let program = command.get_program().to_string_lossy().into_owned();
    let refused = |error| {
        Failure::new(format!("{program} can't be started: {error}"))
            .advise("Install it, or put it on the PATH.")
    };
    let mut child = command
        .current_dir(
            command
                .get_current_dir()
                .map_or_else(workspace::root, PathBuf::from),
        )
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(refused)?;
    let output = child.stdout.take();
    let counts = std::thread::scope(|scope| {
        let reader = scope.spawn(|| output.map(pass_on).unwrap_or_default());
        let mut asked_to_stop = false;
        while !reader.is_finished() {
            if clock::stopped() && !asked_to_stop {
                asked_to_stop = true;
                process::interrupt(child.id());
            }
            clock::pause_regardless(Duration::from_millis(20));
        }
        reader.join().unwrap_or_default()
    });
    let status = child
        .wait()
        .map_err(|error| Failure::new(format!("{program}: {error}")))?;
    if clock::stopped() {
        return Err(Failure::interrupted());
    }
    Ok((counts, status.success()))
}

/// Prints an output as it comes, and counts the tests in it.
fn pass_on(output: impl Read) -> (usize, usize) {
    let mut counts = (0, 0);
    for text in BufReader::new(output)
        .lines()
        .map_while(std::result::Result::ok)
    {
        let (passed, failed) = counted(&text).unwrap_or_default();
        counts = (counts.0 + passed, counts.1 + failed);
        terminal::line(text);
    }
    counts
}

/// Reads `test result: ok. 3 passed; 0 failed; …` and `Success! 3 passed, 0 failed.`
fn counted(text: &str) -> Option<(usize, usize)> {
    let rest = text
        .strip_prefix("test result: ")
        .or_else(|| text.strip_prefix("Success! "))
        .or_else(|| text.strip_prefix("Failure! "))?;
    let before = |word: &str| {
        rest.split([' ', ';', ',', '.'])
            .filter(|piece| !piece.is_empty())
            .collect::<Vec<_>>()
            .windows(2)
            .find(|pair| pair[1] == word)
            .and_then(|pair| pair[0].parse().ok())
    };
    Some((before("passed")?, before("failed")?))
}

fn summarise(outcomes: &[Outcome]) -> Result<()> {
    terminal::line("");
    for outcome in outcomes {
        let verdict = if outcome.failed == 0 { "ok" } else { "FAILED" };
        terminal::line(format!(
            "{:<9} {:>6} passed {:>4} failed {:>9}  {verdict}",
            outcome.name,
            outcome.passed,
            outcome.failed,
            terminal::seconds(outcome.time)
        ));
    }
    let passed: usize = outcomes.iter().map(|outcome| outcome.passed).sum();
    let failed: usize = outcomes.iter().map(|outcome| outcome.failed).sum();
    terminal::line(format!("{passed} passed, {failed} failed"));
    if failed == 0 {
        return Ok(());
    }
    let parts: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.failed > 0)
        .map(|outcome| outcome.name)
        .collect();
    Err(
        Failure::new(format!("tests failed in: {}", parts.join(", "))).advise(format!(
            "Their output stands above; run them alone with cargo xtask test {}.",
            parts.join(" ")
        )),
    )
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = workspace::cargo();
    command.args(arguments);
    command
}

fn format() -> Vec<Command> {
    vec![cargo(&["fmt", "--all", "--check"])]
}

fn lints() -> Vec<Command> {
    vec![cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--features",
        e2e::FEATURE,
        "--",
        "-D",
        "warnings",
    ])]
}

fn rust() -> Vec<Command> {
    vec![cargo(&["test", "--workspace", "--no-fail-fast"])]
}

fn vectors() -> Vec<Command> {
    let mut command = Command::new("python3");
    command.arg("shared/vectors/check.py");
    vec![command]
}

fn sdk() -> Vec<Command> {
    let mut command = Command::new("python3");
    command.arg("sdk/python/check.py");
    vec![command]
}

/// Terraform on the access policies and on each environment, with providers from the machine's mirror where it has one.
fn infra() -> Result<Vec<Command>> {
    let mut commands = Vec::new();
    let mut fmt = terraform(".")?;
    fmt.args(["fmt", "-check", "-recursive", "infra"]);
    commands.push(fmt);
    for folder in ["modules/access", "environments/local", "environments/aws"] {
        for arguments in [
            &["init", "-backend=false", "-input=false"][..],
            &["validate"],
            &["test"],
        ] {
            let mut command = terraform(&format!("infra/{folder}"))?;
            command.args(arguments).arg("-no-color");
            commands.push(command);
        }
    }
    Ok(commands)
}

fn terraform(folder: &str) -> Result<Command> {
    let mut command = Command::new("terraform");
    command
        .current_dir(workspace::root().join(folder))
        .envs(crate::stack::plugin_environment()?);
    Ok(command)
}
