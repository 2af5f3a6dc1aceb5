//! `verify-ledger`, `rebuild-index`, `sweep`.

use std::process::ExitCode;

use audit_ledger::{Progress, Report};
use audit_record::LedgerName;
use audit_storage::config::LedgerConfig;
use audit_storage::stores::KeyStore;
use audit_storage::{Backend, Kind, key_table};
use serde_json::{Value, json};

use crate::failure::{Failure, Result};
use crate::options::{ConnectionOptions, RebuildArguments, VerifyArguments};
use crate::output::Output;

/// Exit code of a verification that found something.
const EXIT_FINDINGS: u8 = 1;
/// A line of progress for each so many segments.
const PROGRESS_SEGMENTS: u64 = 20;

pub(crate) async fn verify(
    connection: &ConnectionOptions,
    output: &Output,
    arguments: &VerifyArguments,
) -> Result<ExitCode> {
    let operator = connection.operator()?;
    let config = configuration(operator.backend().keys(), &arguments.ledger).await?;
    let report = operator.verify(&config, &|at| say(output, at)).await?;
    output.say(&human(&report), &value(&report));
    Ok(if report.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(EXIT_FINDINGS)
    })
}

pub(crate) async fn rebuild(
    connection: &ConnectionOptions,
    output: &Output,
    arguments: RebuildArguments,
) -> Result<ExitCode> {
    let operator = connection.operator_on(&arguments.table)?;
    let config = configuration(operator.backend().keys(), &arguments.ledger).await?;
    let rebuilt = operator
        .rebuild(&config, arguments.resume, &|at| say(output, at))
        .await;
    let outcome = rebuilt.map_err(|error| match error.kind() {
        Kind::Conflict => Failure::new(
            format!("{}: {}", arguments.table, error.context()),
            "name a table that holds nothing of this ledger, or go on with an interrupted \
             rebuild by --resume",
        ),
        _ => error.into(),
    })?;
    let text = format!(
        "rebuilt the index of {} in {}: {} entries from {} segments{}",
        arguments.ledger,
        arguments.table,
        outcome.size,
        outcome.segments,
        if outcome.extra_versions > 0 {
            "\nALARM: segments have extra versions or delete markers; run verify-ledger"
        } else {
            ""
        }
    );
    let value = json!({
        "ledger": arguments.ledger.as_str(),
        "table": arguments.table,
        "size": outcome.size,
        "segments": outcome.segments,
        "extra_versions": outcome.extra_versions,
    });
    output.say(&text, &value);
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn sweep(connection: &ConnectionOptions, output: &Output) -> Result<ExitCode> {
    let outcome = connection.operator()?.sweep().await?;
    let text = format!(
        "{} ledgers, {} segments rolled forward, {} ledgers failed",
        outcome.ledgers, outcome.rolled_forward, outcome.failed
    );
    let value = json!({
        "ledgers": outcome.ledgers,
        "rolled_forward": outcome.rolled_forward,
        "failed": outcome.failed,
    });
    output.say(&text, &value);
    Ok(ExitCode::SUCCESS)
}

async fn configuration(keys: &impl KeyStore, ledger: &LedgerName) -> Result<LedgerConfig> {
    key_table::ledger(keys, ledger).await?.ok_or_else(|| {
        Failure::new(
            format!("there is no ledger {ledger}"),
            format!(
                "find its name with `audit-admin ledger list {}`",
                ledger.tenant()
            ),
        )
    })
}

fn say(output: &Output, at: Progress) {
    if at.segments.is_multiple_of(PROGRESS_SEGMENTS) {
        output.progress(&format!(
            "{} entries in {} segments …",
            at.done, at.segments
        ));
    }
}

fn human(report: &Report) -> String {
    let mut text = format!(
        "{}: {} entries in {} segments: {} records, {} conflicts, {} rejected, {} erased, \
         {} of later versions; figures of {} hours\nroot {}\n",
        report.ledger,
        report.size,
        report.segments,
        report.records,
        report.conflicts,
        report.rejected,
        report.erased,
        report.unknown,
        report.hours,
        report.root,
    );
    if report.pending > 0 {
        text.push_str("a segment stands above HEAD and is not rolled forward yet: run `sweep`\n");
    }
    for finding in &report.findings {
        let place = finding
            .index
            .map_or_else(String::new, |index| format!(" at {index}"));
        text.push_str(&format!(
            "FINDING {}{place}: {}\n",
            finding.code.as_str(),
            finding.detail
        ));
    }
    if report.is_clean() {
        text.push_str("clean: nothing is wrong\n");
    } else {
        text.push_str(&format!("{} findings\n", report.total_findings));
    }
    text
}

fn value(report: &Report) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "code": finding.code.as_str(),
                "index": finding.index,
                "detail": finding.detail,
            })
        })
        .collect();
    json!({
        "ledger": report.ledger.as_str(),
        "clean": report.is_clean(),
        "complete": report.complete,
        "size": report.size,
        "root": report.root.to_string(),
        "segments": report.segments,
        "records": report.records,
        "conflicts": report.conflicts,
        "rejected": report.rejected,
        "erased": report.erased,
        "unknown": report.unknown,
        "hours": report.hours,
        "pending": report.pending,
        "findings": findings,
        "total_findings": report.total_findings,
    })
}
