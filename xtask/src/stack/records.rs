//! Sample records: sent through the real API, then waited for until every one is committed.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::{self, Stopwatch};
use crate::failure::{Failure, OrFail, Result};
use crate::seed::{self, Sample};
use crate::terminal::{Step, grouped};

use super::Stack;
use super::api::Client;
use super::demo::{Demo, LEDGERS};

/// As many as an SDK would send at once.
const BATCH: usize = 100;
/// Longer than any retry on the way of a record takes on this stack.
const COMMITTED_WITHIN: Duration = Duration::from_secs(90);

impl Stack {
    /// Sends the sample records and waits until a query finds each of them.
    pub(super) fn send_records(&self, demo: &Demo, count: usize) -> Result<()> {
        let mut step = Step::begin("Sample records");
        let samples = seed::samples(count, clock::now_ms());
        self.write_sent(&samples)?;
        let mut sent = 0;
        for (ledger, key) in LEDGERS.iter().zip(&demo.ingest_keys) {
            let client = Client::new(&self.address(), key);
            let records: Vec<Value> = samples
                .iter()
                .filter(|sample| sample.ledger == *ledger)
                .map(|sample| sample.record.clone())
                .collect();
            for batch in records.chunks(BATCH) {
                send(&client, batch)?;
                sent += batch.len();
                step.progress(&format!("{} of {} accepted", grouped(sent), grouped(count)));
                clock::pause(Duration::ZERO)?;
            }
        }
        self.await_commits(demo, &samples, &mut step)?;
        step.done(&format!(
            "{} accepted, {} committed",
            grouped(sent),
            grouped(count)
        ));
        Ok(())
    }

    fn write_sent(&self, samples: &[Sample]) -> Result<()> {
        let mut lines = String::new();
        for sample in samples {
            let line = json!({"ledger": sample.ledger, "record": sample.record});
            writeln!(lines, "{line}").or_fail("format a record")?;
        }
        let file = self.sent_file();
        fs::write(&file, lines).or_fail(format_args!("write {}", file.display()))
    }

    fn await_commits(&self, demo: &Demo, samples: &[Sample], step: &mut Step) -> Result<()> {
        let client = Client::new(&self.address(), &demo.main_key);
        let started = Stopwatch::start();
        for ledger in LEDGERS {
            let mut missing: HashSet<&str> = samples
                .iter()
                .filter(|sample| sample.ledger == ledger)
                .filter_map(|sample| sample.record["id"].as_str())
                .collect();
            loop {
                for id in committed_ids(&client, ledger)? {
                    missing.remove(id.as_str());
                }
                if missing.is_empty() {
                    break;
                }
                let waiting = grouped(missing.len());
                step.progress(&format!("{waiting} of {ledger} not yet committed"));
                if started.elapsed() > COMMITTED_WITHIN {
                    let what = format!("{waiting} records of {ledger} were never committed");
                    return Err(Failure::new(what).advise("see `cargo xtask logs writer`"));
                }
                clock::pause(Duration::from_millis(300))?;
            }
        }
        Ok(())
    }
}

fn send(client: &Client, batch: &[Value]) -> Result<()> {
    let answer = client.post_records(batch)?;
    if answer.status == 202 && answer.body["accepted"] == batch.len() {
        return Ok(());
    }
    let refused = answer.body["results"]
        .as_array()
        .and_then(|results| results.iter().find(|result| result["status"] != "accepted"));
    match refused {
        Some(result) => Err(Failure::new(format!(
            "a sample record was refused: {result}"
        ))),
        None => Err(answer.refused("POST /audit/logs")),
    }
}

/// The ids of all records of a ledger, page by page.
fn committed_ids(client: &Client, ledger: &str) -> Result<Vec<String>> {
    let from = clock::rfc3339(clock::now_ms() - seed::SPAN_MS - 86_400_000);
    let first = format!("/audit/logs?ledger={ledger}&from={from}&limit=500");
    let mut ids = Vec::new();
    let mut path = first.clone();
    loop {
        let page = client.read(&path)?;
        let records = page["records"]
            .as_array()
            .or_fail("read a page of records")?;
        ids.extend(
            records
                .iter()
                .filter_map(|record| record["id"].as_str())
                .map(str::to_owned),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("{first}&cursor={cursor}"),
            None => return Ok(ids),
        }
    }
}
