//! How many requests a thousand records cost, counted in process.

use std::collections::BTreeMap;

use super::check::ledger;
use super::process::Process;
use super::scripts::{Message, record, world_with};
use super::shown;
use crate::Limits;

/// The design's budget for 1,000 records in SDK batches of 100.
const BUDGET: usize = 75;

#[test]
fn a_thousand_records_stay_within_the_budget_of_requests() {
    let credit = ledger("credit");
    let messages: Vec<Message> = (0..10)
        .map(|batch: u64| {
            // All within two hours: a busy ledger.
            let records = (0..100).map(|number| record((batch * 100 + number) % 120, "x"));
            let records = records
                .enumerate()
                .map(|(number, text)| unique(&text, batch * 100 + number as u64));
            Message::of(&format!("m{batch}"), &credit, records.collect())
        })
        .collect();
    let world = world_with(&["credit"], &[]);
    let process = Process::new(&world, 1);
    let writer = process.writer(Limits::default());
    let delivered = messages.iter().map(Message::delivered).collect();
    let outcome = process.run(writer.commit_batch(delivered)).expect("alive");
    assert_eq!(outcome.counts.committed, 1_000);
    let mut by_name: BTreeMap<&str, usize> = BTreeMap::new();
    for call in process.gate.calls() {
        *by_name.entry(call.operation).or_default() += 1;
    }
    // Ten sends by ingest (its API key is cached), one receive and one delete of the mapping.
    let queue = 10 + 1 + 1;
    let total = process.gate.requests() + queue;
    shown(&format!(
        "requests for 1,000 records: {total} ({queue} of the queue, {by_name:?})"
    ));
    assert!(total <= BUDGET, "{total}");
}

/// The same record under an id of its own, without a subject.
fn unique(text: &str, number: u64) -> String {
    let id = format!("{number:012x}");
    let at = text.find("\",\"type\"").expect("a type follows the id");
    let text = format!("{}{id}{}", &text[..at - 12], &text[at..]);
    text.replace(r#""subject":{"id":"person-0"},"#, "")
        .replace(r#""subject":{"id":"person-1"},"#, "")
}
