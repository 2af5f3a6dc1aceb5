//! Two writers at once: every interleaving of a short script at the granularity of storage calls,
//! and random ones of longer scripts.
//!
//! A writer's state is what it has seen, so it is named by the states of the world at its calls.
//! Two interleavings that meet in the same states of both writers and of the world go on alike:
//! the second is followed no further. That leaves out nothing, and makes all of them affordable.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use audit_storage::Clock as _;
use audit_testkit::schedule::step;
use audit_testkit::{Cloud, Gate, Random};

use super::check::{Explored, caught, check, ledger};
use super::process::Process;
use super::scripts::{Message, record, world_with};
use super::{Mutation, shown};
use crate::{BatchOutcome, Limits};

/// The states of two writers and of the world between them.
type Meeting = (u64, u64, u64);

/// Which writer goes next where both can: the schedule of one interleaving.
struct Schedule<'s> {
    /// The choices so far; from then on the first writer goes.
    prefix: Vec<bool>,
    taken: Vec<bool>,
    seen: &'s mut HashSet<Meeting>,
}

impl Schedule<'_> {
    /// Nothing if an earlier interleaving went on from here.
    fn choose(&mut self, meeting: Meeting) -> Option<bool> {
        let at = self.taken.len();
        if at >= self.prefix.len() && !self.seen.insert(meeting) {
            return None;
        }
        let choice = self.prefix.get(at).copied().unwrap_or(false);
        self.taken.push(choice);
        Some(choice)
    }

    /// The next interleaving in order: the last choice that can be turned is.
    fn next(mut taken: Vec<bool>) -> Option<Vec<bool>> {
        while let Some(last) = taken.pop() {
            if !last {
                taken.push(true);
                return Some(taken);
            }
        }
        None
    }
}

/// What two writers race through.
#[derive(Debug, Clone, Copy)]
enum Stage {
    /// All but the `keys` table, of which short scripts only read what stays.
    Commit,
    /// Every call.
    Everything,
}

/// Runs two writers, `choose` saying who goes next; then the checker.
fn race(
    (world, stage): (&Cloud, Stage),
    batches: &[Vec<Message>; 2],
    mutation: Option<Mutation>,
    checked: &mut HashSet<u64>,
    mut choose: impl FnMut(Meeting) -> Option<bool>,
) -> Result<(), String> {
    let world = world.fork();
    let processes = [1, 2].map(|seed| {
        let process = match stage {
            Stage::Commit => Process::racing_for_the_commit(&world, seed),
            Stage::Everything => Process::behind(Gate::new().stepping(), &world, seed),
        };
        process.breaking(mutation)
    });
    let writers = processes
        .each_ref()
        .map(|process| process.writer(Limits::default()));
    let mut work: Vec<Option<Pin<Box<dyn Future<Output = BatchOutcome> + '_>>>> = Vec::new();
    for (writer, batch) in writers.iter().zip(batches) {
        let delivered = batch.iter().map(Message::delivered).collect();
        work.push(Some(Box::pin(writer.commit_batch(delivered))));
    }
    let mut outcomes = [None, None];
    let mut seen = [0_u64; 2];
    let mut known = None;
    loop {
        // The world's state is taken anew only when something may have changed it.
        let writes = processes.each_ref().map(|process| process.gate.writes());
        let changes = (writes, world.clock.now());
        let now = match known {
            Some((then, fingerprint)) if then == changes => fingerprint,
            _ => world.fingerprint(),
        };
        known = Some((changes, now));
        let at = match (&work[0], &work[1]) {
            (None, None) => break,
            (Some(_), None) => 0,
            (None, Some(_)) => 1,
            (Some(_), Some(_)) => match choose((seen[0], seen[1], now)) {
                Some(second) => usize::from(second),
                None => return Ok(()),
            },
        };
        seen[at] = follow(seen[at], now);
        if let Some(future) = &mut work[at]
            && let Poll::Ready(outcome) = step(future.as_mut())
        {
            outcomes[at] = Some(outcome);
            work[at] = None;
        }
    }
    drop(work);
    // The same outcomes in the same world need no second check.
    let mut end = follow(0, world.fingerprint());
    for outcome in outcomes
        .iter()
        .flatten()
        .flat_map(|outcome| &outcome.messages)
    {
        end = follow(end, outcome.outcome as u64);
    }
    if !checked.insert(end) {
        return Ok(());
    }
    let mut retries: Vec<&Message> = Vec::new();
    for (outcome, batch) in outcomes.iter().zip(batches) {
        let outcome = outcome.as_ref().expect("both came to an end");
        for (result, message) in outcome.messages.iter().zip(batch) {
            if !result.outcome.is_final() {
                retries.push(message);
            }
        }
    }
    let last = Process::new(&world, 9);
    let writer = last.writer(Limits::default());
    if !retries.is_empty() {
        let delivered = retries.iter().map(|message| message.delivered()).collect();
        let outcome = last.run(writer.commit_batch(delivered)).expect("alive");
        if outcome.retries().count() > 0 {
            return Err("LIVE: a message is never acknowledged".to_owned());
        }
    }
    last.run(writer.sweep())
        .expect("alive")
        .map_err(|error| error.to_string())?;
    let all: Vec<&Message> = batches.iter().flatten().collect();
    check(&world, &all)
}

/// A writer's state after it has seen another state of the world.
fn follow(state: u64, world: u64) -> u64 {
    Random::new(state ^ world.rotate_left(17)).bits()
}

fn batch(name: &str, records: &[(u64, &str)]) -> Vec<Message> {
    let records = records
        .iter()
        .map(|(number, flavour)| record(*number, flavour))
        .collect();
    vec![Message::of(name, &ledger("credit"), records)]
}

/// The short scripts: two writers with the same record, with two records of one id, and with
/// nothing in common. The scope's key exists, so that what races is the commit.
fn short_scripts() -> Vec<(&'static str, Cloud, [Vec<Message>; 2])> {
    let world = world_with(&["credit"], &batch("before", &[(40, "a"), (41, "b")]));
    vec![
        (
            "the same record",
            world.clone(),
            [batch("a", &[(1, "x")]), batch("b", &[(1, "x")])],
        ),
        (
            "one id, two contents",
            world.clone(),
            [batch("a", &[(1, "x")]), batch("b", &[(1, "y")])],
        ),
        (
            "different records",
            world,
            [batch("a", &[(1, "x")]), batch("b", &[(3, "y")])],
        ),
    ]
}

/// The most interleavings of one script that are run while looking for a broken safeguard.
const MOST_BROKEN: u64 = 3_000;

fn every_interleaving(
    world: &Cloud,
    batches: &[Vec<Message>; 2],
    mutation: Option<Mutation>,
) -> Explored {
    let mut explored = Explored::default();
    let mut prefix = Vec::new();
    let mut seen = HashSet::new();
    let mut checked = HashSet::new();
    loop {
        let mut schedule = Schedule {
            prefix,
            taken: Vec::new(),
            seen: &mut seen,
        };
        explored.cases += 1;
        let choose = |meeting| schedule.choose(meeting);
        if let Err(failure) = caught(|| {
            race(
                (world, Stage::Commit),
                batches,
                mutation,
                &mut checked,
                choose,
            )
        }) {
            explored.failure = Some(failure);
            return explored;
        }
        match Schedule::next(schedule.taken) {
            Some(next) if mutation.is_none() || explored.cases < MOST_BROKEN => prefix = next,
            _ => return explored,
        }
    }
}

fn random_race(seed: u64, mutation: Option<Mutation>) -> Result<(), String> {
    let mut random = Random::new(seed);
    let world = world_with(&["credit"], &batch("before", &[(1, "a"), (2, "b")]));
    let batches = ["a", "b"].map(|writer| {
        (0..=random.below(3))
            .flat_map(|number| {
                let records: Vec<(u64, &str)> = (0..=random.below(3))
                    .map(|_| {
                        let flavour = if random.chance(80) { "a" } else { "b" };
                        (random.bits() % 6 + 1, flavour)
                    })
                    .collect();
                batch(&format!("{writer}{number}"), &records)
            })
            .collect()
    });
    let world = (&world, Stage::Everything);
    race(world, &batches, mutation, &mut HashSet::new(), |_| {
        Some(random.chance(50))
    })
}

/// Races, broken on purpose or not, until the first failure.
pub(super) fn explore(mutation: Option<Mutation>) -> Explored {
    let mut explored = Explored::default();
    for (name, world, batches) in short_scripts() {
        let races = every_interleaving(&world, &batches, mutation);
        explored.cases += races.cases;
        if let Some(failure) = races.failure {
            explored.failure = Some(format!("{name}: {failure}"));
            return explored;
        }
    }
    explored
}

/// How many runs cover every interleaving of each short script.
const RUNS: [(&str, u64); 3] = [
    ("the same record", 3_403),
    ("one id, two contents", 16_295),
    ("different records", 25_219),
];

#[test]
fn two_writers_are_safe_in_every_interleaving_of_a_short_script() {
    let threads = short_scripts().into_iter().map(|(name, world, batches)| {
        std::thread::spawn(move || (name, every_interleaving(&world, &batches, None)))
    });
    let mut cases = Vec::new();
    for thread in threads.collect::<Vec<_>>() {
        let (name, explored) = thread.join().expect("a thread");
        assert_eq!(explored.failure, None, "{name}, case {}", explored.cases);
        cases.push((name, explored.cases));
    }
    let total: u64 = cases.iter().map(|(_, cases)| cases).sum();
    shown(&format!(
        "races: {total} runs cover every interleaving of {} scripts",
        cases.len()
    ));
    assert_eq!(cases, RUNS);
}

#[test]
fn two_writers_are_safe_in_random_interleavings_of_longer_scripts() {
    const SEEDS: u64 = 1_000;
    for seed in 0..SEEDS {
        if let Err(failure) = caught(|| random_race(seed, None)) {
            panic!("seed {seed}: {failure}");
        }
    }
    shown(&format!("random races: {SEEDS} seeds"));
}
