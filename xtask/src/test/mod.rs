//! `test`: every check that the project has, in parts, with a table of what ran at the end.

mod rules;
mod tidy;

use std::process::Command;

use crate::clock::{self, Stopwatch};
use crate::failure::{Failure, OrFail, Result};
use crate::process;
use crate::stack::{self, install_python, plugin_environment, python_program, terraform_program};
use crate::terminal::{self, Step, seconds};
use crate::workspace;

/// One part: its name, what it does, and how it is run. It gives the number of its tests.
struct Part {
    name: &'static str,
    about: &'static str,
    run: fn() -> Result<usize>,
}

const PARTS: [Part; 9] = [
    Part {
        name: "fmt",
        about: "formatting",
        run: format,
    },
    Part {
        name: "clippy",
        about: "lints, warnings being errors",
        run: clippy,
    },
    Part {
        name: "rules",
        about: "which crate may use which",
        run: rules::check,
    },
    Part {
        name: "deny",
        about: "licences, sources and bans of dependencies",
        run: deny,
    },
    Part {
        name: "tidy",
        about: "rules of the source tree",
        run: tidy::check,
    },
    Part {
        name: "rust",
        about: "unit, property and integration tests",
        run: rust,
    },
    Part {
        name: "vectors",
        about: "the formats' second implementation",
        run: vectors,
    },
    Part {
        name: "infra",
        about: "Terraform: format, validity, who may do what",
        run: infra,
    },
    Part {
        name: "e2e",
        about: "a whole stack, end to end",
        run: end_to_end,
    },
];

/// Runs the parts named, or all.
pub(crate) fn run(names: &[String]) -> Result<()> {
    for name in names {
        if !PARTS.iter().any(|part| part.name == name) {
            let parts: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
            return Err(Failure::new(format!("there is no part {name}"))
                .advise(format!("the parts are {}", parts.join(", "))));
        }
    }
    let (mut rows, mut passed, mut failed) = (Vec::new(), 0, 0);
    for part in PARTS
        .iter()
        .filter(|part| names.is_empty() || names.iter().any(|name| name == part.name))
    {
        let watch = Stopwatch::start();
        let outcome = (part.run)();
        if clock::stopped() {
            return Err(Failure::interrupted());
        }
        let (count, result) = match outcome {
            Ok(count) => {
                passed += count;
                (count, "passed")
            }
            Err(failure) => {
                failed += 1;
                terminal::error(failure.to_string());
                (0, "FAILED")
            }
        };
        let time = seconds(watch.elapsed());
        rows.push(format!(
            "  {:10} {:46} {count:>6} {time:>9}  {result}",
            part.name, part.about
        ));
    }
    terminal::line("");
    rows.into_iter().for_each(terminal::line);
    terminal::line("");
    terminal::line(format!("{passed} passed, {failed} failed"));
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::new(format!("{failed} parts failed")))
}

/// Runs a command as a step and returns the end of what it said.
fn step(label: &str, name: &str, command: &mut Command) -> Result<String> {
    let mut step = Step::begin(label);
    let log = workspace::root()
        .join(".local/log")
        .join(format!("test-{name}.log"));
    process::run(command, &log, &mut step)?;
    step.done("passed");
    Ok(process::tail(&log, 4 * 1024 * 1024))
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(workspace::cargo());
    command.current_dir(workspace::root()).args(arguments);
    command
}

/// The sum of the numbers that stand before ` passed` in lines with this word in them.
fn passed_in(log: &str, word: &str) -> usize {
    log.lines()
        .filter(|line| line.contains(word))
        .filter_map(|line| {
            line.split_once(" passed")?
                .0
                .rsplit(' ')
                .next()?
                .parse::<usize>()
                .ok()
        })
        .sum()
}

fn format() -> Result<usize> {
    step("Format", "fmt", &mut cargo(&["fmt", "--all", "--check"]))?;
    Ok(1)
}

fn clippy() -> Result<usize> {
    let arguments = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    step("Lints", "clippy", &mut cargo(&arguments))?;
    Ok(1)
}

fn deny() -> Result<usize> {
    const VERSION: &str = "0.20.2";
    let tools = workspace::root().join(".tools");
    let program = tools.join("bin/cargo-deny");
    let version = Command::new(&program).arg("--version").output();
    let installed =
        version.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains(VERSION));
    if !installed {
        let mut install = cargo(&[
            "install",
            "--locked",
            "--debug",
            "--force",
            "--version",
            VERSION,
            "cargo-deny",
            "--root",
        ]);
        install
            .arg(&tools)
            .env("CARGO_TARGET_DIR", tools.join("build"));
        step("cargo-deny", "deny-install", &mut install)?;
    }
    let mut check = Command::new(&program);
    check
        .current_dir(workspace::root())
        .args(["--locked", "check", "bans", "licenses", "sources"]);
    step("Dependencies", "deny", &mut check)?;
    terminal::line(
        "  advisories are not part of this: their database is a clone of its own (cargo deny check advisories)",
    );
    Ok(3)
}

fn rust() -> Result<usize> {
    let log = step(
        "Rust",
        "rust",
        &mut cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]),
    )?;
    Ok(passed_in(&log, "test result: ok."))
}

fn vectors() -> Result<usize> {
    install_python()?;
    let mut command = Command::new(python_program("python"));
    command
        .current_dir(workspace::root())
        .arg("shared/vectors/check.py");
    Ok(passed_in(
        &step("Vectors", "vectors", &mut command)?,
        "passed",
    ))
}

fn infra() -> Result<usize> {
    let mut passed = 1;
    terraform("format", "infra", &["fmt", "-check", "-recursive"])?;
    for (folder, name) in [
        ("infra/modules/access", "access"),
        ("infra/environments/aws", "aws"),
        ("infra/environments/local", "local"),
    ] {
        terraform(name, folder, &["init", "-input=false", "-backend=false"])?;
        terraform(name, folder, &["validate"])?;
        passed += 1 + passed_in(&terraform(name, folder, &["test"])?, "Success!");
    }
    Ok(passed)
}

fn terraform(name: &str, folder: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(terraform_program()?);
    command
        .current_dir(workspace::root().join(folder))
        .env_clear()
        .envs(workspace::plain_environment())
        .envs(plugin_environment()?)
        .env(
            "TF_DATA_DIR",
            workspace::root().join(".local/test-terraform").join(name),
        )
        .args(arguments);
    if arguments[0] != "fmt" {
        command.arg("-no-color");
    }
    let verb = arguments[0];
    step(
        &format!("Terraform {verb}"),
        &format!("terraform-{name}-{verb}"),
        &mut command,
    )
}

fn end_to_end() -> Result<usize> {
    let stack = stack::Stack::for_tests();
    let options = stack::Options {
        detach: true,
        records: crate::seed::COUNT,
    };
    stack.stop()?;
    let outcome = stack::up(&stack, options).and_then(|()| {
        let mut command = Command::new(python_program("python"));
        command
            .current_dir(workspace::root().join("localstack/tests"))
            .args(["-m", "pytest", "-q", "-p", "no:cacheprovider"])
            .env_clear()
            .envs(workspace::plain_environment())
            .envs(stack.read_settings()?)
            .env("AUDIT_STACK", stack.dir())
            .env(
                "AUDIT_ADMIN",
                workspace::target_dir().join("debug/audit-admin"),
            );
        Ok(passed_in(
            &step("End to end", "e2e", &mut command)?,
            " passed in ",
        ))
    });
    stack.stop().or_fail("stop the stack of the tests")?;
    outcome
}

#[cfg(test)]
mod tests {
    use super::passed_in;

    #[test]
    fn passed_tests_are_counted_in_what_each_runner_prints() {
        let cargo =
            "test result: ok. 12 passed; 0 failed;\nx\ntest result: ok. 3 passed; 0 failed;";
        assert_eq!(passed_in(cargo, "test result: ok."), 15);
        assert_eq!(passed_in("Success! 9 passed, 0 failed.", "Success!"), 9);
        assert_eq!(passed_in("41 passed in 3.2s", " passed in "), 41);
    }
}
