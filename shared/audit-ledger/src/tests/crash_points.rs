//! Every storage call of the writer fails in turn, in each way; then whoever is left goes on, the
//! queue delivers again what was not acknowledged, and the checker looks.

use std::sync::{Arc, Mutex};

use super::Mutation;
use super::check::{Explored, check};
use super::process::{Fault, Faults, Process, run};
use super::scripts::{Message, Script, scripts};
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
    let (calls, trace) = match run_case(script, Faults::None, mutation) {
        Ok(process) => (process.calls(), process.trace()),
        Err(failure) => {
            explored.failure = Some(format!("{}: without a fault: {failure}", script.name));
            return explored;
        }
    };
    explored.cases = 1;
    for call in 0..calls {
        for fault in Fault::ALL {
            explored.cases += 1;
            if let Err(failure) = run_case(script, Faults::At(call, fault), mutation) {
                let name = usize::try_from(call).ok().and_then(|call| trace.get(call));
                explored.failure = Some(format!(
                    "{}: {fault:?} at call {call} ({}): {failure}",
                    script.name,
                    name.unwrap_or(&"?")
                ));
                return explored;
            }
        }
    }
    explored
}

/// The first process meets the faults; those after it do not.
fn run_case(
    script: &Script,
    faults: Faults,
    mutation: Option<Mutation>,
) -> Result<Process, String> {
    let world = Arc::new(Mutex::new(script.world.clone()));
    let first = Process::new(&world, 1, faults)
        .writing_unconditionally(mutation == Some(Mutation::UnconditionalPut));
    let mut waiting: Vec<&Message> = script.messages.iter().collect();
    attempt(script, &first, &mut waiting, mutation);
    for round in 0..DELIVERIES {
        let next = Process::new(&world, 2 + round, Faults::None)
            .writing_unconditionally(mutation == Some(Mutation::UnconditionalPut));
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
    let sweeper = Process::new(&world, 50, Faults::None);
    let swept = run(&sweeper, sweeper.writer(Limits::default()).sweep());
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
        let _made = run(process, process.operator().create_ledger(new));
        return;
    }
    let mut writer = process.writer(script.limits);
    writer.mutation = mutation;
    let delivered = waiting.iter().map(|message| message.delivered()).collect();
    let outcome = run(process, writer.commit_batch(delivered));
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

#[test]
fn every_storage_call_may_fail_in_every_way() {
    let mut total = 0;
    for script in scripts() {
        let explored = explore_script(&script, None);
        if let Some(failure) = explored.failure {
            panic!("{failure}");
        }
        println!("crash points, {}: {} cases", script.name, explored.cases);
        total += explored.cases;
    }
    println!("crash points: {total} cases");
    assert!(total > 1_000, "{total} cases");
}
