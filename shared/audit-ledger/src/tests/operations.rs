//! Outcomes, counts and edges of the writer and the operator, one by one.

use audit_storage::Kind;
use audit_testkit::Cloud;

use super::check::{check, ledger};
use super::process::Process;
use super::scripts::{Message, class, new_ledger, record, world_with};
use crate::MessageOutcome::{Committed, Conflict, Duplicate, Quarantined, Retry};
use crate::{BatchOutcome, Creation, Limits, MessageOutcome, NewLedger};

fn commit(world: &Cloud, limits: Limits, messages: &[Message]) -> BatchOutcome {
    let process = Process::new(world, 5);
    let delivered = messages.iter().map(Message::delivered).collect();
    let outcome = process.run(process.writer(limits).commit_batch(delivered));
    outcome.expect("alive")
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
    let outcome = commit(&world, Limits::default(), &messages);
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
    assert_eq!(world.quarantine.contents().len(), 2);
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
    let outcome = commit(&fresh(), small, &two);
    assert_eq!(outcomes(&outcome), [Committed, Retry]);
    let outcome = commit(
        &fresh(),
        small,
        &[of("large", &[(1, "a"), (2, "a"), (3, "a"), (4, "a")])],
    );
    assert_eq!(outcomes(&outcome), [Quarantined]);
}

#[test]
fn a_delete_marker_or_second_version_stops_the_ledger() {
    let intrusions: [fn(&Cloud, &str); 2] = [
        |world, key| world.segments.hide(&class(), key),
        |world, key| {
            let bytes = world.segments.contents()[key][0].clone();
            world.segments.overwrite(&class(), key, bytes);
        },
    ];
    for intrude in intrusions {
        let world = world_with(&["credit"], &[of("before", &[(1, "a")])]);
        let segments = world.segments.contents();
        let key = segments.keys().last().expect("a segment");
        // HEAD as it was before that segment, so that the writer meets the position again.
        let earlier = world_with(&["credit"], &[]);
        let rows = earlier.rows.contents();
        let mut heads = rows.iter().filter(|(key, _)| key.sk == "HEAD");
        let (place, head) = heads.next().expect("a HEAD");
        world.rows.tamper(place, Some(head.clone()));
        intrude(&world, key);
        let outcome = commit(
            &world,
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
fn a_head_over_a_later_version_s_segment_stops_the_ledger() {
    let world = world_with(&["credit"], &[]);
    let rows = world.rows.contents();
    let mut heads = rows.iter().filter(|(key, _)| key.sk == "HEAD");
    let (place, head) = heads.next().expect("a HEAD");
    let later = head.clone().with("seg_v", 2_u64);
    world.rows.tamper(place, Some(later));
    let before = world.segments.contents();
    let outcome = commit(&world, Limits::default(), &[of("new", &[(1, "a")])]);
    assert_eq!(outcomes(&outcome), [Retry]);
    assert_eq!(world.segments.contents(), before);
}

#[test]
fn a_ledger_that_is_half_made_takes_nothing_and_a_rerun_completes_it() {
    let world = world_with(&["credit"], &[]);
    for key in world.segments.contents().keys() {
        world.segments.tamper(&class(), key, None);
    }
    world.rows.clear();
    let outcome = commit(&world, Limits::default(), &[of("early", &[(1, "a")])]);
    assert_eq!(outcomes(&outcome), [Retry]);
    let process = Process::new(&world, 6);
    let made = process.run(process.operator().create_ledger(&new_ledger("credit")));
    assert_eq!(made.expect("alive").expect("a ledger").1, Creation::Created);
    check(&world, &[]).expect("a sound ledger");
}

#[test]
fn making_what_exists_changes_nothing_and_other_settings_are_refused() {
    let world = world_with(&["credit"], &[]);
    let before = world.fingerprint();
    let process = Process::new(&world, 6);
    let operator = process.operator();
    let create = |new: &NewLedger| process.run(operator.create_ledger(new)).expect("alive");
    assert_eq!(
        create(&new_ledger("credit")).expect("a ledger").1,
        Creation::Existed
    );
    let tenant = process.run(operator.create_tenant("demo")).expect("alive");
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
    assert_eq!(world.fingerprint(), before);
}

#[test]
fn the_key_service_is_asked_once_for_a_ledger() {
    let world = world_with(&["credit"], &[]);
    let process = Process::new(&world, 5);
    let writer = process.writer(Limits::default());
    for number in 1..4 {
        let delivered = vec![of(&format!("m{number}"), &[(number, "a")]).delivered()];
        process.run(writer.commit_batch(delivered)).expect("alive");
    }
    let calls = process.gate.calls();
    let asked = calls.iter().filter(|call| call.operation == "kms:Decrypt");
    assert_eq!(asked.count(), 1);
}
