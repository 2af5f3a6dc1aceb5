//! The cold path: how many instructions a function takes from its exec to its first answer.
//!
//! The release binary runs under valgrind's callgrind against a loopback server that is the Lambda
//! runtime API and AWS at once ([`services`]), with plain HTTP as in the local stack: what TLS
//! takes comes on top. Instructions are the same on a busy machine as on a quiet one.

mod answers;
mod services;

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::clock::{self, Stopwatch};
use crate::failure::{Failure, OrFail, Result};
use crate::process;
use crate::stack::FUNCTIONS;
use crate::workspace;

use super::budgets::Measured;
use services::Services;

/// What API Gateway hands over for a record, and for a list.
const POST_LOG: &str = include_str!("../../../../functions/ingest/tests/data/post_log.json");
const LIST_RECORDS: &str = include_str!("../../../../functions/query/tests/data/list_records.json");
/// What SQS hands over.
const SQS: &str = include_str!("../../../../functions/writer/tests/data/sqs.json");
/// The record of [`POST_LOG`] with an id, as ingest packs it.
const MESSAGE: &str = include_str!("message.txt");
/// Valgrind is some fifty times slower than the processor.
const PATIENCE: Duration = Duration::from_mins(2);

/// Instructions of each function's cold path, in millions.
pub(super) fn figures() -> Result<Vec<Measured>> {
    if workspace::find_program(&["valgrind"]).is_none() {
        let why = "valgrind is not installed (Debian: apt-get install valgrind)";
        let skipped = |function| Measured::skipped(format!("cold.{function}"), why);
        return Ok(FUNCTIONS.into_iter().map(skipped).collect());
    }
    build()?;
    FUNCTIONS.into_iter().map(figure).collect()
}

fn build() -> Result<()> {
    let mut command = workspace::cargo();
    command
        .current_dir(workspace::root())
        .args(["build", "--quiet", "--release", "--locked", "--bins"])
        .args([
            "-p",
            "audit-ingest",
            "-p",
            "audit-query-function",
            "-p",
            "audit-writer",
        ]);
    super::output_of(&mut command).map(drop)
}

fn figure(function: &str) -> Result<Measured> {
    let services = Services::start(&event(function)?)?;
    let folder = workspace::target_dir().join("bench");
    fs::create_dir_all(&folder).or_fail(format_args!("make {}", folder.display()))?;
    let counts = folder.join(format!("callgrind.{function}"));
    let log = folder.join(format!("cold.{function}.log"));
    let mut child = valgrind(function, &counts, &log, &services)?;
    let answer = wait_for_answer(&services, &mut child);
    process::interrupt(child.id());
    child.wait().or_fail("wait for valgrind")?;
    let answer =
        answer.map_err(|failure| failure.advise(format!("see {}", process::shown(&log))))?;
    expect_success(function, &answer)?;
    Ok(Measured::new(
        format!("cold.{function}"),
        millions(&counts)?,
    ))
}

/// The event of a function's first invocation.
fn event(function: &str) -> Result<String> {
    let (text, batch) = match function {
        "ingest" => (POST_LOG, false),
        "query" => (LIST_RECORDS, false),
        _ => (SQS, true),
    };
    let mut event: Value = serde_json::from_str(text).or_fail("read a recorded event")?;
    if batch {
        let message = &mut event["Records"][0];
        message["body"] = MESSAGE.trim().into();
        message["messageAttributes"]["ledger"]["stringValue"] = answers::LEDGER.into();
    } else {
        event["headers"]["authorization"] = format!("Bearer {}", answers::TOKEN).into();
    }
    Ok(event.to_string())
}

fn valgrind(
    function: &str,
    counts: &Path,
    log: &Path,
    services: &Services,
) -> Result<std::process::Child> {
    let output = fs::File::create(log).or_fail(format_args!("write {}", log.display()))?;
    let errors = output.try_clone().or_fail("share a log file")?;
    let address = services.address();
    let buckets = r#"{"7y":"audit-bench-records-7y"}"#;
    let lanes = format!(r#"["http://{address}/000000000000/audit-bench-lane-0"]"#);
    Command::new("valgrind")
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(workspace::target_dir().join("release").join(function))
        .env_clear()
        .envs(workspace::plain_environment())
        .env("AWS_LAMBDA_RUNTIME_API", &address)
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .env(
            "AWS_LAMBDA_FUNCTION_NAME",
            format!("audit-bench-{function}"),
        )
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .env(
            "AWS_SECRET_ACCESS_KEY",
            "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        )
        .env("AWS_SESSION_TOKEN", "session")
        .env("AUDIT_TABLE", "audit-bench-audit")
        .env("AUDIT_KEYS_TABLE", "audit-bench-keys")
        .env("AUDIT_RECORDS_BUCKETS", buckets)
        .env("AUDIT_STAGING_BUCKET", "audit-bench-staging")
        .env("AUDIT_QUARANTINE_BUCKET", "audit-bench-quarantine")
        .env("AUDIT_KMS_KEY_ID", answers::KMS_KEY)
        .env("AUDIT_DOMAIN", "audit.test")
        .env("AUDIT_LANES", lanes)
        // A group of its own, which is what is ended once the answer is there.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(errors)
        .spawn()
        .or_fail("start valgrind")
}

fn wait_for_answer(services: &Services, child: &mut std::process::Child) -> Result<String> {
    let watch = Stopwatch::start();
    loop {
        if let Some(answer) = services.answer() {
            return Ok(answer);
        }
        if child.try_wait().or_fail("wait for valgrind")?.is_some() {
            return Err(Failure::new("the function ended without an answer"));
        }
        if watch.elapsed() > PATIENCE {
            return Err(Failure::new("the function gave no answer"));
        }
        clock::pause(Duration::from_millis(20))?;
    }
}

/// An answer that says that something failed would make the figure one of another path.
fn expect_success(function: &str, answer: &str) -> Result<()> {
    let value: Value = serde_json::from_str(answer).or_fail("read the function's answer")?;
    let good = match function {
        "ingest" => value["statusCode"] == 202,
        "query" => value["statusCode"] == 200,
        _ => value["batchItemFailures"]
            .as_array()
            .is_some_and(Vec::is_empty),
    };
    if good {
        return Ok(());
    }
    Err(Failure::new(format!("{function} answered {answer}")))
}

/// The sum of a callgrind file.
fn millions(counts: &Path) -> Result<f64> {
    let text = fs::read_to_string(counts).or_fail(format_args!("read {}", counts.display()))?;
    let total = |line: &str| {
        let sum = line
            .strip_prefix("summary: ")
            .or_else(|| line.strip_prefix("totals: "))?;
        sum.split_whitespace().next()?.parse::<f64>().ok()
    };
    let sum = text.lines().rev().find_map(total);
    Ok(sum.or_fail(format_args!("find the sum in {}", counts.display()))? / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_has_an_event_that_names_this_account() {
        for function in FUNCTIONS {
            let event = event(function).expect("an event");
            let named = [answers::TOKEN, answers::LEDGER]
                .iter()
                .any(|name| event.contains(name));
            assert!(named, "{event}");
        }
    }

    #[test]
    fn only_the_answer_of_the_usual_path_counts() {
        for (function, answer, good) in [
            ("ingest", r#"{"statusCode":202}"#, true),
            ("ingest", r#"{"statusCode":503}"#, false),
            ("query", r#"{"statusCode":200}"#, true),
            ("writer", r#"{"batchItemFailures":[]}"#, true),
            (
                "writer",
                r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#,
                false,
            ),
        ] {
            assert_eq!(
                expect_success(function, answer).is_ok(),
                good,
                "{function} {answer}"
            );
        }
    }
}
