//! Every storage call of the writer fails in turn, in each way; then whoever is left goes on, the
//! queue delivers again what was not acknowledged, and the checker looks.

use audit_testkit::{Fault, Gate};

use super::check::{Explored, caught, check};
use super::process::Process;
use super::scripts::{Message, Script, scripts};
use super::{Mutation, shown};
use crate::Limits;

/// Deliveries until everything must be acknowledged, once nothing fails any more.
const DELIVERIES: u64 = 6;

/// Runs all scripts, with each call failing in each way.
pub(super) fn explore(mutation: Option<Mutation>) -> Explored {
    let mut explored = Explored::default();
    for script in scripts() {
        let cases = explore_script(&script, mutation);
        explored.cases += cases.cases;
        if cases.failure.is_some() {
            explored.failure = cases.failure;
            return explored;
        }
    }
    explored
}

fn explore_script(script: &Script, mutation: Option<Mutation>) -> Explored {
    let mut explored = Explored::default();
    let calls = match run_case(script, Gate::new(), mutation) {
        Ok(process) => process.gate.calls(),
        Err(failure) => {
            explored.failure = Some(format!("{}: without a fault: {failure}", script.name));
            return explored;
        }
    };
    explored.cases = 1;
    for (ordinal, call) in calls.iter().enumerate() {
        for fault in Fault::ALL {
            explored.cases += 1;
            let gate = Gate::failing_at(ordinal, fault);
            if let Err(failure) = caught(|| run_case(script, gate, mutation)) {
                explored.failure = Some(format!(
                    "{}: {fault:?} at call {ordinal} ({}): {failure}",
                    script.name, call.operation
                ));
                return explored;
            }
        }
    }
    explored
}

/// The first process meets the faults; those after it do not.
fn run_case(script: &Script, gate: Gate, mutation: Option<Mutation>) -> Result<Process, String> {
    let world = script.world.fork();
    let first = Process::behind(gate, &world, 1).breaking(mutation);
    let mut waiting: Vec<&Message> = script.messages.iter().collect();
    attempt(script, &first, &mut waiting, mutation);
    for round in 0..DELIVERIES {
        let next = Process::new(&world, 2 + round).breaking(mutation);
        if round == 0 {
            // What comes again comes in another order.
            waiting.reverse();
        }
        if script.creates.is_some() || !waiting.is_empty() {
            attempt(script, &next, &mut waiting, mutation);
        }
    }
    if !waiting.is_empty() {
        return Err(format!(
            "LIVE: {} messages are never acknowledged",
            waiting.len()
        ));
    }
    let sweeper = Process::new(&world, 50);
    let swept = sweeper.run(sweeper.writer(Limits::default()).sweep());
    swept
        .expect("alive")
        .map_err(|error| format!("sweep: {error}"))?;
    let acknowledged: Vec<&Message> = script.messages.iter().collect();
    check(&world, &acknowledged)?;
    Ok(first)
}

/// One process takes what waits, and acknowledges what it reports as done.
fn attempt(
    script: &Script,
    process: &Process,
    waiting: &mut Vec<&Message>,
    mutation: Option<Mutation>,
) {
    if let Some(new) = &script.creates {
        // A failure is the operator's to repeat.
        let _made = process.run(process.operator().create_ledger(new));
        return;
    }
    let writer = process.writer(script.limits);
    let delivered = waiting.iter().map(|message| message.delivered()).collect();
    let outcome = process.run(writer.commit_batch(delivered));
    if mutation == Some(Mutation::AckBeforePut) && process.attempted_put() {
        waiting.clear();
    }
    let Some(outcome) = outcome else {
        return;
    };
    let done = |message: &&Message| {
        outcome
            .messages
            .iter()
            .any(|result| result.message_id == message.id && result.outcome.is_final())
    };
    waiting.retain(|message| !done(message));
}

/// How many storage calls each script makes undisturbed; each is failed in six ways.
const CALLS: [(&str, u64); 13] = [
    ("plain batch", 17),
    ("batch on a used ledger", 11),
    ("conflict", 14),
    ("duplicates", 16),
    ("conflict in the batch", 12),
    ("staged message", 13),
    ("rejected", 14),
    ("create ledger", 8),
    ("several ledgers", 29),
    ("second segment", 26),
    ("HEAD absent", 90),
    ("all rows lost", 98),
    ("HEAD trails", 22),
];

#[test]
fn every_storage_call_may_fail_in_every_way() {
    let mut calls = Vec::new();
    let mut total = 0;
    for script in scripts() {
        let explored = explore_script(&script, None);
        if let Some(failure) = explored.failure {
            panic!("{failure}");
        }
        calls.push((script.name, (explored.cases - 1) / Fault::ALL.len() as u64));
        total += explored.cases;
    }
    shown(&format!(
        "crash points: {total} cases, {} scripts of {} storage calls, each failed in {} ways",
        calls.len(),
        calls.iter().map(|(_, calls)| calls).sum::<u64>(),
        Fault::ALL.len(),
    ));
    assert_eq!(calls, CALLS);
}
