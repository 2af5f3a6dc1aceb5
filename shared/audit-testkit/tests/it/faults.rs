use std::collections::BTreeSet;

use audit_record::LedgerName;
use audit_storage::head::Head;
use audit_storage::stores::{RowStore, Written};
use audit_storage::{Item, Kind, Result, rows};
use audit_testkit::schedule::{explore, interleave};
use audit_testkit::{Cloud, Fault, Gate};

fn head(size: u64) -> Item {
    let key = rows::head(&LedgerName::new("acme", "credit").expect("a name"));
    Item::new()
        .with(rows::PK, key.pk)
        .with(rows::SK, key.sk)
        .with("size", size)
}

async fn create(cloud: &Cloud) -> Result<Written> {
    RowStore::put_if(&cloud.rows, head(1), Head::condition(None)).await
}

#[test]
fn each_fault_leaves_what_it_says() {
    for (fault, answer, applied) in [
        (Fault::NotApplied, Some(Kind::Unavailable), false),
        (Fault::ReplyLost, Some(Kind::Unknown), true),
        (Fault::DiesBefore, None, false),
        (Fault::DiesAfter, None, true),
    ] {
        let cloud = Cloud::new();
        let gate = Gate::failing_at(0, fault);
        let process = cloud.process(&gate);
        let result = gate.run(create(&process));
        let kind = result.map(|result| result.expect_err("failed").kind());
        assert_eq!(kind, answer, "{fault:?}");
        assert_eq!(!cloud.rows.contents().is_empty(), applied, "{fault:?}");
        assert_eq!(gate.is_dead(), answer.is_none());
        assert_eq!(gate.calls()[0].fault, Some(fault));
    }
}

#[test]
fn half_of_a_batch_stays_unprocessed_and_an_outage_lasts() {
    let cloud = Cloud::new();
    let gate = Gate::failing_at(0, Fault::Half);
    let process = cloud.process(&gate);
    let row = |sk: &str| Item::new().with(rows::PK, "p").with(rows::SK, sk);
    let batch = vec![row("a"), row("b"), row("c")];
    let left = gate.run(process.rows.batch_put(batch)).expect("alive");
    assert_eq!(left.expect("answered"), [row("c")]);

    let gate = Gate::failing_at(1, Fault::Outage);
    let process = cloud.process(&gate);
    for (key, answered) in [("a", true), ("b", false), ("c", false)] {
        let place = rows::RowKey::of(&row(key)).expect("a key");
        let read = gate.run(RowStore::get(&process.rows, &place));
        assert_eq!(read.expect("alive").is_ok(), answered, "{key}");
    }
}

#[test]
fn a_fork_goes_its_own_way_from_the_same_state() {
    let cloud = Cloud::new();
    let gate = Gate::new();
    gate.run(create(&cloud)).expect("alive").expect("written");
    let fork = cloud.fork();
    assert_eq!(fork.fingerprint(), cloud.fingerprint());
    fork.rows.clear();
    assert_ne!(fork.fingerprint(), cloud.fingerprint());
    assert_eq!(cloud.rows.contents().len(), 1);
}

#[test]
fn a_dead_process_makes_no_more_calls() {
    let cloud = Cloud::new();
    let gate = Gate::failing_at(0, Fault::DiesBefore);
    let process = cloud.process(&gate);
    assert!(gate.run(create(&process)).is_none());
    assert!(gate.run(create(&process)).is_none());
    assert!(cloud.rows.contents().is_empty());
    assert_eq!(gate.requests(), 1);
}

#[test]
fn two_processes_meet_in_every_order() {
    let mut winners = BTreeSet::new();
    let mut orders = BTreeSet::new();
    let runs = explore(1_000, |path| {
        let cloud = Cloud::new();
        let lanes = [Gate::new().stepping(), Gate::new().stepping()].map(|gate| {
            let process = cloud.process(&gate);
            let script = Box::pin(async move {
                let seen = RowStore::get(&process.rows, &rows::RowKey::of(&head(1))?).await?;
                if seen.is_some() {
                    return Ok(Written::ConditionFailed);
                }
                create(&process).await
            });
            (
                gate,
                script as std::pin::Pin<Box<dyn Future<Output = Result<Written>>>>,
            )
        });
        let results = interleave(lanes.into(), path);
        let done: Vec<bool> = results
            .into_iter()
            .map(|result| matches!(result, Some(Ok(Written::Done))))
            .collect();
        assert_eq!(
            done.iter().filter(|done| **done).count(),
            1,
            "exactly one creates"
        );
        winners.insert(done);
        assert!(orders.insert(path.taken()), "no order twice");
    });
    assert_eq!(winners.len(), 2);
    assert_eq!(runs, orders.len());
    // Both call twice, so each is polled up to three times: at most 6 over 3 orders.
    assert!((6..=20).contains(&runs), "{runs}");
}

#[test]
fn the_same_seed_fails_the_same_calls() {
    let faults = |seed| {
        let gate = Gate::failing_at_random(seed, 3);
        let process = Cloud::new().process(&gate);
        let script = async {
            for _ in 0..50 {
                drop(
                    RowStore::get(
                        &process.rows,
                        &rows::head(&LedgerName::new("a", "b").expect("a name")),
                    )
                    .await,
                );
            }
        };
        assert!(gate.is_dead() == gate.run(script).is_none() || gate.is_dead());
        gate.calls()
    };
    assert_eq!(faults(7), faults(7));
    assert_ne!(faults(7), faults(8));
}
