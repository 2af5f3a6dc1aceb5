//! Outcomes, counts and edges of the writer and the operator, one by one.

use std::sync::{Arc, Mutex};

use audit_storage::Kind;

use super::check::{check, ledger};
use super::process::{Faults, Process, run};
use super::scripts::{Message, new_ledger, record, world_with};
use super::world::World;
use crate::MessageOutcome::{Committed, Conflict, Duplicate, Quarantined, Retry};
use crate::{BatchOutcome, Creation, Limits, MessageOutcome, NewLedger};

fn commit(world: World, limits: Limits, messages: &[Message]) -> (Arc<Mutex<World>>, BatchOutcome) {
    let world = Arc::new(Mutex::new(world));
    let process = Process::new(&world, 5, Faults::None);
    let delivered = messages.iter().map(Message::delivered).collect();
    let outcome = run(&process, process.writer(limits).commit_batch(delivered)).expect("alive");
    (world, outcome)
}

fn outcomes(outcome: &BatchOutcome) -> Vec<MessageOutcome> {
    outcome
        .messages
        .iter()
        .map(|message| message.outcome)
        .collect()
}

fn of(id: &str, records: &[(u64, &str)]) -> Message {
    let records = records
        .iter()
        .map(|(number, flavour)| record(*number, flavour))
        .collect();
    Message::of(id, &ledger("credit"), records)
}

#[test]
fn each_message_has_its_own_outcome() {
    let world = world_with(&["credit"], &[of("before", &[(1, "a")])]);
    let garbage = Message {
        body: "?".to_owned(),
        records: Vec::new(),
        is_bad: true,
        ..of("garbage", &[(9, "a")])
    };
    let unknown = Message {
        ledger: ledger("nowhere"),
        ..of("unknown", &[(9, "a")])
    };
    let messages = [
        of("new", &[(1, "a"), (2, "a")]),
        of("again", &[(1, "a")]),
        of("other", &[(1, "b"), (3, "a")]),
        garbage,
        unknown,
    ];
    let (world, outcome) = commit(world, Limits::default(), &messages);
    assert_eq!(
        outcomes(&outcome),
        [Committed, Duplicate, Conflict, Quarantined, Quarantined]
    );
    let counts = outcome.counts;
    assert_eq!(
        (counts.committed, counts.duplicates, counts.conflicts),
        (2, 2, 1)
    );
    assert_eq!((counts.rejected, counts.segments, counts.alarms), (1, 1, 0));
    assert_eq!(world.lock().expect("a world").quarantine.len(), 2);
    check(&world, &messages[..4].iter().collect::<Vec<_>>()).expect("all there");
}

#[test]
fn what_does_not_fit_into_memory_goes_back_and_what_never_does_is_rejected() {
    let small = Limits {
        unpacked_bytes: 1_200,
        ..Limits::default()
    };
    let fresh = || world_with(&["credit"], &[]);
    let two = [
        of("one", &[(1, "a"), (2, "a")]),
        of("two", &[(3, "a"), (4, "a")]),
    ];
    let (_, outcome) = commit(fresh(), small, &two);
    assert_eq!(outcomes(&outcome), [Committed, Retry]);
    let (_, outcome) = commit(
        fresh(),
        small,
        &[of("large", &[(1, "a"), (2, "a"), (3, "a"), (4, "a")])],
    );
    assert_eq!(outcomes(&outcome), [Quarantined]);
}

#[test]
fn a_delete_marker_or_second_version_stops_the_ledger() {
    let intrusions: [fn(&mut World, &str); 2] = [
        |world, key| world.delete_segment(key),
        |world, key| {
            let bytes = world.segments[key][0].bytes.clone().expect("bytes");
            world.put_segment(key, bytes, true);
        },
    ];
    for intrude in intrusions {
        let mut world = world_with(&["credit"], &[of("before", &[(1, "a")])]);
        let key = world.segments.keys().last().expect("a segment").clone();
        // HEAD as it was before that segment, so that the writer meets the position again.
        let earlier = world_with(&["credit"], &[]);
        let head = earlier
            .rows
            .0
            .iter()
            .find(|(key, _)| key.sk == "HEAD")
            .expect("a HEAD");
        world.rows.0.insert(head.0.clone(), head.1.clone());
        intrude(&mut world, &key);
        let (_, outcome) = commit(
            world,
            Limits::default(),
            &[of("new", &[(1, "a"), (2, "a")])],
        );
        if outcome.counts.alarms == 0 {
            // A conditional PUT succeeds over a delete marker; only verify sees that.
            assert!(key.ends_with("001"));
        } else {
            assert_eq!(outcomes(&outcome), [Retry]);
        }
    }
}

#[test]
fn a_ledger_that_is_half_made_takes_nothing_and_a_rerun_completes_it() {
    let mut world = world_with(&["credit"], &[]);
    world.segments.clear();
    world.rows.0.clear();
    let (world, outcome) = commit(world, Limits::default(), &[of("early", &[(1, "a")])]);
    assert_eq!(outcomes(&outcome), [Retry]);
    let process = Process::new(&world, 6, Faults::None);
    let made = run(
        &process,
        process.operator().create_ledger(&new_ledger("credit")),
    );
    assert_eq!(made.expect("alive").expect("a ledger").1, Creation::Created);
    check(&world, &[]).expect("a sound ledger");
}

#[test]
fn making_what_exists_changes_nothing_and_other_settings_are_refused() {
    let world = Arc::new(Mutex::new(world_with(&["credit"], &[])));
    let before = world.lock().expect("a world").clone();
    let process = Process::new(&world, 6, Faults::None);
    let operator = process.operator();
    let create = |new: &NewLedger| run(&process, operator.create_ledger(new)).expect("alive");
    assert_eq!(
        create(&new_ledger("credit")).expect("a ledger").1,
        Creation::Existed
    );
    let tenant = run(&process, operator.create_tenant("demo")).expect("alive");
    assert_eq!(tenant.expect("a tenant").1, Creation::Existed);
    let other = NewLedger {
        buckets: 4,
        ..new_ledger("credit")
    };
    assert_eq!(create(&other).expect_err("refused").kind(), Kind::Conflict);
    let orphan = NewLedger {
        ledger: "nobody/credit".parse().expect("a name"),
        ..new_ledger("credit")
    };
    assert_eq!(create(&orphan).expect_err("refused").kind(), Kind::NotFound);
    let after = world.lock().expect("a world").clone();
    assert_eq!(
        (before.rows, before.keys, before.segments),
        (after.rows, after.keys, after.segments)
    );
}

#[test]
fn the_key_service_is_asked_once_for_a_ledger() {
    let world = Arc::new(Mutex::new(world_with(&["credit"], &[])));
    let process = Process::new(&world, 5, Faults::None);
    let writer = process.writer(Limits::default());
    for number in 1..4 {
        let delivered = vec![of(&format!("m{number}"), &[(number, "a")]).delivered()];
        run(&process, writer.commit_batch(delivered)).expect("alive");
    }
    let asked = process
        .trace()
        .iter()
        .filter(|call| **call == "kms_unwrap")
        .count();
    assert_eq!(asked, 1);
}
