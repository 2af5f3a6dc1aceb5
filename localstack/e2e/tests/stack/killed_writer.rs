//! The writer's process dies in the middle of its work: nothing is lost, nothing is doubled.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use audit_record::Millis;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::json;

use crate::index::assert_rebuilt_alike;
use crate::ledger::{Ledger, verified};
use crate::place::{Clients, place, wait};
use crate::processes;
use crate::wait::{now_ms, until};

const RECORDS: usize = 2000;
const KILLS: usize = 3;
/// Records of one request. Small, so that the writer has many commits to die in.
const BATCH: usize = 10;
/// Callers at once.
const CALLERS: usize = 4;
/// If no kill succeeds, the posting ends here.
const AT_MOST: usize = 20_000;

/// How far the posting is.
#[derive(Default)]
struct Progress {
    begun: AtomicUsize,
    posted: AtomicUsize,
    kills: AtomicUsize,
}

#[test]
fn a_writer_that_is_killed_loses_no_record_and_doubles_none() {
    let ledgers = [
        Ledger::create("e2e/killed-a"),
        Ledger::create("e2e/killed-b"),
    ];
    let progress = Progress::default();
    // The number that each record carries, by its id.
    let numbers = [(); 2].map(|()| Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (ledger, numbers) = (&ledgers[caller % 2], &numbers[caller % 2]);
            scope.spawn(|| post(ledger, numbers, &progress));
        }
        for nth in 1..=KILLS {
            let enough = RECORDS * nth / (KILLS + 1);
            until("enough records are posted", 120, || {
                (progress.posted.load(Ordering::Relaxed) >= enough).then_some(())
            });
            let in_flight = kill_at_work();
            progress.kills.fetch_add(1, Ordering::Relaxed);
            println!(
                "kill -9 of the writer after {} records, {in_flight} messages in its hands",
                progress.posted.load(Ordering::Relaxed)
            );
        }
    });
    let mut total = 0;
    for (ledger, numbers) in ledgers.iter().zip(numbers) {
        let numbers = numbers.into_inner().expect("no caller failed");
        total += numbers.len();
        assert_each_once(ledger, &numbers);
    }
    assert!(total >= RECORDS);
    println!("{total} records posted, all found, none twice");
}

/// Posts until there are enough records, and all kills are done.
fn post(ledger: &Ledger, numbers: &Mutex<BTreeMap<String, usize>>, progress: &Progress) {
    let api = ledger.api();
    loop {
        let killed = progress.kills.load(Ordering::Relaxed) == KILLS;
        let first = progress.begun.fetch_add(BATCH, Ordering::Relaxed);
        if first >= if killed { RECORDS } else { AT_MOST } {
            return;
        }
        let record = |number: usize| {
            json!({
                "type": "decision",
                "occurred_at": Millis::new(now_ms()).to_string(),
                "system": "killed",
                "decision": {"outcome": "approved", "risk_level": "high"},
                "subject": {"id": format!("person-{}", number % 50)},
                "attributes": {"number": number},
            })
        };
        let records: Vec<_> = (first..first + BATCH).map(record).collect();
        let ids = api.post(&records);
        let mut numbers = numbers.lock().expect("no caller failed");
        numbers.extend(ids.into_iter().zip(first..));
        progress.posted.fetch_add(BATCH, Ordering::Relaxed);
    }
}

/// Kills the writer while it has messages in its hands, and says how many.
///
/// To be sure of that, its processes are stopped first: then the queue is asked.
fn kill_at_work() -> usize {
    until("the writer is at work", 60, || {
        let writers = processes::of_function("audit-local-writer");
        if writers.is_empty() {
            return None;
        }
        writers.iter().for_each(processes::Process::stop);
        let in_flight = in_flight();
        if in_flight == 0 {
            writers.iter().for_each(processes::Process::go_on);
            return None;
        }
        writers.iter().for_each(processes::Process::kill);
        Some(in_flight)
    })
}

/// Messages that were received and are not deleted yet.
fn in_flight() -> usize {
    let attribute = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
    let output = wait(
        Clients::root()
            .sqs
            .get_queue_attributes()
            .queue_url(&place().lane)
            .attribute_names(attribute.clone())
            .send(),
    )
    .expect("the queue's attributes");
    let attributes = output.attributes().expect("attributes");
    attributes[&attribute].parse().expect("a number")
}

/// Each record is listed once and has an entry, and no entry is without its record.
fn assert_each_once(ledger: &Ledger, numbers: &BTreeMap<String, usize>) {
    let api = ledger.api();
    let listed = until(&format!("all of {}", ledger.name), 120, || {
        let summaries = api.list("limit=500&order=asc");
        (summaries.len() >= numbers.len()).then_some(summaries)
    });
    let ids: Vec<&str> = listed
        .iter()
        .filter_map(|summary| summary["id"].as_str())
        .collect();
    assert!(ids.iter().eq(numbers.keys()), "{} differs", ledger.name);
    for (id, number) in numbers.iter().step_by(25) {
        let record = api.get(&format!("/audit/logs/{id}")).good();
        assert_eq!(record["record"]["attributes"]["number"], *number, "{id}");
    }
    let report = verified(&ledger.name);
    assert_eq!(report["records"], numbers.len(), "{report:#}");
    assert_eq!(report["conflicts"], 0, "{report:#}");
    assert_eq!(report["rejected"], 0, "{report:#}");
    // Genesis and the records are all that there is.
    assert_eq!(report["size"], numbers.len() + 1, "{report:#}");
    assert_rebuilt_alike(&ledger.name);
}
