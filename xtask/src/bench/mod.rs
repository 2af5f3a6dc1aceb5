//! `cargo xtask bench`: what the project promises of its own speed, size and cost, measured.
//!
//! Each figure is printed beside its target and its limit, which stand in `xtask/budgets.json` and
//! nowhere else. Benches of a crate are programs beside its code, run by cargo; what concerns whole
//! functions (instructions of a cold start, size of the zips) is measured from here. A figure that
//! can't be measured on this machine is said to be skipped, with what is missing, and is no success.

mod budgets;
mod cold;
mod zips;

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::{Failure, OrFail, Result};
use crate::terminal;
use crate::workspace;

use budgets::{Budget, Measured, Verdict};

/// A bench and how it is run.
struct Bench {
    name: &'static str,
    about: &'static str,
    work: Work,
}

enum Work {
    /// Bench targets of a crate, which print a figure a line.
    Cargo(&'static str, &'static [&'static str]),
    /// Measured from here.
    Here(fn() -> Result<Vec<Measured>>),
}

const BENCHES: [Bench; 6] = [
    Bench {
        name: "ingest",
        about: "the ingest handler beside serde_json alone",
        work: Work::Cargo("audit-ingest", &["ingest"]),
    },
    Bench {
        name: "writer",
        about: "the writer beside the bare loop, and its allocations",
        work: Work::Cargo("audit-ledger", &["writer", "allocations"]),
    },
    Bench {
        name: "bill",
        about: "requests and list price of records on their way from ingest to segment",
        work: Work::Cargo("audit-writer", &["bill"]),
    },
    Bench {
        name: "stored",
        about: "bytes of a record in S3 and in the index",
        work: Work::Cargo("audit-writer", &["bill"]),
    },
    Bench {
        name: "cold",
        about: "instructions from exec to the first answer (valgrind)",
        work: Work::Here(cold::figures),
    },
    Bench {
        name: "zip",
        about: "size of the deployable zips (cargo xtask package)",
        work: Work::Here(zips::figures),
    },
];

/// Runs one bench, or all, and prints their figures: a table, or one JSON object a line.
pub(crate) fn run(name: Option<&str>, json: bool) -> Result<()> {
    let chosen: Vec<&Bench> = BENCHES
        .iter()
        .filter(|bench| name.is_none_or(|name| name == bench.name))
        .collect();
    if chosen.is_empty() {
        let known: Vec<_> = BENCHES
            .iter()
            .map(|bench| format!("{} ({})", bench.name, bench.about))
            .collect();
        let what = format!("no bench is called {}", name.unwrap_or_default());
        return Err(Failure::new(what).advise(format!("The benches are: {}.", known.join(", "))));
    }
    let budgets = budgets::all()?;
    let mut verdicts = Vec::new();
    for bench in chosen {
        let measured = match bench.work {
            Work::Cargo(package, targets) => cargo_bench(package, targets)?,
            Work::Here(figures) => figures()?,
        };
        // One run may measure for two benches.
        for measured in measured
            .into_iter()
            .filter(|measured| measured.bench() == bench.name)
        {
            let verdict = Budget::of(&budgets, &measured)?.judge(measured);
            terminal::line(if json { verdict.json() } else { verdict.row() });
            verdicts.push(verdict);
        }
    }
    summarise(&verdicts)
}

fn summarise(verdicts: &[Verdict]) -> Result<()> {
    let missed: Vec<&str> = verdicts
        .iter()
        .filter(|verdict| verdict.ok == Some(false))
        .map(Verdict::name)
        .collect();
    if missed.is_empty() {
        return Ok(());
    }
    Err(
        Failure::new(format!("beyond its limit: {}", missed.join(", ")))
            .advise("docs/PERFORMANCE.md says what each figure is and what was tried"),
    )
}

/// Runs bench targets; what cargo says while it compiles goes to standard error.
fn cargo_bench(package: &str, targets: &[&str]) -> Result<Vec<Measured>> {
    let mut command = workspace::cargo();
    command
        .current_dir(workspace::root())
        .args(["bench", "--quiet", "--locked", "-p", package]);
    for target in targets {
        command.args(["--bench", target]);
    }
    let output = output_of(&mut command)?;
    output
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(measured)
        .collect()
}

fn measured(line: &str) -> Result<Measured> {
    let value: Value = serde_json::from_str(line).or_fail("read a bench's figure")?;
    let name = value["name"].as_str().or_fail("read a figure's name")?;
    let figure = value["figure"]
        .as_f64()
        .or_fail(format_args!("read the figure of {name}"))?;
    Ok(Measured::new(name, figure))
}

/// A program's standard output; what else it says is shown as it comes.
fn output_of(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .or_fail(format_args!("start {name}"))?;
    if !output.status.success() {
        return Err(Failure::new(format!("{name} failed ({})", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_budget_belongs_to_a_bench_and_every_bench_has_one() {
        let budgets = budgets::all().expect("budgets");
        let of = |bench: &Bench| budgets.iter().any(|budget| budget.bench() == bench.name);
        assert!(BENCHES.iter().all(of));
        for budget in &budgets {
            let known = BENCHES.iter().any(|bench| bench.name == budget.bench());
            assert!(known, "{}", budget.bench());
        }
    }

    #[test]
    fn a_line_of_a_bench_is_read_and_another_is_refused() {
        let read = measured(r#"{"name":"writer.ratio","figure":0.5}"#).expect("a figure");
        assert_eq!(read, Measured::new("writer.ratio", 0.5));
        for line in ["{}", r#"{"name":"x"}"#, r#"{"name":"x","figure":"1"}"#] {
            assert!(measured(line).is_err(), "{line}");
        }
    }

    #[test]
    fn an_unknown_bench_lists_the_known_ones() {
        let failure = run(Some("nothing"), true).expect_err("unknown").to_string();
        assert!(
            BENCHES.iter().all(|bench| failure.contains(bench.name)),
            "{failure}"
        );
    }
}
