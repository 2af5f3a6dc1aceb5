//! `verify-ledger`, `rebuild-index`, `sweep`.

use audit_ledger::{Operator, Report};
use audit_record::LedgerName;
use audit_storage::config::LedgerConfig;
use audit_storage::{Backend, Kind, key_table};
use serde_json::{Value, json};

use crate::failure::{DONE, EXIT_FAILURE, EXIT_FINDINGS, Failure, Result};
use crate::options::{RebuildArguments, VerifyArguments};
use crate::output::{Output, counted, number};
use crate::pace::Pace;

pub(crate) async fn verify<B: Backend>(
    operator: &Operator<B>,
    output: &Output,
    arguments: &VerifyArguments,
) -> Result<u8> {
    let config = configuration(operator, &arguments.ledger).await?;
    let size = operator.size(&config).await?;
    let pace = Pace::new(output, operator.backend().clock(), size);
    let report = operator.verify(&config, &|at| pace.say(at)).await?;
    output.say(&human(&report), &value(&report));
    Ok(if report.is_clean() {
        DONE
    } else {
        EXIT_FINDINGS
    })
}

pub(crate) async fn rebuild<B: Backend>(
    operator: &Operator<B>,
    output: &Output,
    arguments: &RebuildArguments,
) -> Result<u8> {
    let config = configuration(operator, &arguments.ledger).await?;
    let pace = Pace::new(output, operator.backend().clock(), None);
    let rebuilt = operator
        .rebuild(&config, arguments.resume, &|at| pace.say(at))
        .await;
    let outcome = rebuilt.map_err(|error| match error.kind() {
        Kind::Conflict => Failure::new(
            format!("{}: {}", arguments.table, error.context()),
            "name a table that holds nothing of this ledger, or go on with an interrupted \
             rebuild by --resume",
        ),
        _ => error.into(),
    })?;
    let mut text = format!(
        "rebuilt the index of {} in {}: {} from {}\n",
        arguments.ledger,
        arguments.table,
        counted(outcome.size, "entry", "entries"),
        counted(outcome.segments, "segment", "segments"),
    );
    if outcome.extra_versions > 0 {
        text.push_str("ALARM: segments have extra versions or delete markers; run verify-ledger\n");
    }
    let value = json!({
        "ledger": arguments.ledger.as_str(),
        "table": arguments.table,
        "size": outcome.size,
        "segments": outcome.segments,
        "extra_versions": outcome.extra_versions,
    });
    output.say(&text, &value);
    Ok(if outcome.extra_versions == 0 {
        DONE
    } else {
        EXIT_FINDINGS
    })
}

pub(crate) async fn sweep<B: Backend>(operator: &Operator<B>, output: &Output) -> Result<u8> {
    let outcome = operator.sweep().await?;
    let text = format!(
        "{}: {} rolled forward, {} failed",
        counted(outcome.ledgers, "ledger", "ledgers"),
        counted(outcome.rolled_forward, "segment", "segments"),
        outcome.failed
    );
    let value = json!({
        "ledgers": outcome.ledgers,
        "rolled_forward": outcome.rolled_forward,
        "failed": outcome.failed,
    });
    output.say(&text, &value);
    if outcome.failed == 0 {
        return Ok(DONE);
    }
    output.progress("which ledgers failed, and why, stands in the log lines above");
    Ok(EXIT_FAILURE)
}

async fn configuration<B: Backend>(
    operator: &Operator<B>,
    ledger: &LedgerName,
) -> Result<LedgerConfig> {
    let found = key_table::ledger(operator.backend().keys(), ledger).await?;
    found.ok_or_else(|| {
        Failure::new(
            format!("there is no ledger {ledger}"),
            "find its name with `audit-admin ledger list`",
        )
    })
}

fn human(report: &Report) -> String {
    let mut text = String::new();
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
    let kept = report.findings.len() as u64;
    if report.total_findings > kept {
        let more = report.total_findings - kept;
        text.push_str(&format!("… and {} more\n", number(more)));
    }
    let verdict = if report.is_clean() {
        "clean, nothing is wrong".to_owned()
    } else {
        counted(report.total_findings, "finding", "findings")
    };
    text.push_str(&format!("{}: {verdict}\n", report.ledger));
    if !report.complete {
        text.push_str("  not all of it could be read: what follows is what could\n");
    }
    let entries = counted(report.size, "entry", "entries");
    let segments = counted(report.segments, "segment", "segments");
    for (what, count) in [
        ("verified", format!("{entries} in {segments}")),
        ("records", number(report.records)),
        ("conflicts", number(report.conflicts)),
        ("rejected", number(report.rejected)),
        ("erased", number(report.erased)),
        ("unknown", number(report.unknown)),
        ("hours", number(report.hours)),
        ("root", report.root.to_string()),
    ] {
        text.push_str(&format!("  {what:<10} {count}\n"));
    }
    if report.pending > 0 {
        text.push_str("a segment stands above HEAD and is not rolled forward yet: run `sweep`\n");
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
