//! What `verify` must find, one tampering after the other.

use std::sync::{Arc, Mutex};

use audit_storage::{Backend, key_table};

use super::check::ledger;
use super::process::{Faults, Process, run};
use super::scripts::{Message, record, world_with};
use super::world::World;
use crate::{Code, Report};

fn verify(world: World) -> Report {
    let world = Arc::new(Mutex::new(world));
    let process = Process::new(&world, 5, Faults::None);
    let operator = process.operator();
    let config = run(
        &process,
        key_table::ledger(operator.backend().keys(), &ledger("credit")),
    );
    let config = config.expect("alive").expect("readable").expect("a ledger");
    run(&process, operator.verify(&config, &|_| ()))
        .expect("alive")
        .expect("a report")
}

fn world() -> World {
    let credit = ledger("credit");
    let message = |id: &str, records: &[(u64, &str)]| {
        let records = records
            .iter()
            .map(|(number, flavour)| record(*number, flavour))
            .collect();
        Message::of(id, &credit, records)
    };
    let mut world = world_with(
        &["credit"],
        &[message("a", &[(1, "x"), (2, "y"), (1, "z")])],
    );
    let shared = Arc::new(Mutex::new(std::mem::take(&mut world)));
    super::scripts::deliver(
        &Process::new(&shared, 4, Faults::None),
        &[message("b", &[(3, "x")])],
    );
    let world = shared.lock().expect("a world");
    world.clone()
}

fn segment(world: &World, number: usize) -> String {
    world
        .segments
        .keys()
        .nth(number)
        .expect("a segment")
        .clone()
}

/// The key of the first row that satisfies a condition.
fn row(world: &World, is_it: impl Fn(&str, &str) -> bool) -> audit_storage::rows::RowKey {
    let mut keys = world.rows.0.keys();
    keys.find(|key| is_it(&key.pk, &key.sk))
        .expect("a row")
        .clone()
}

#[test]
fn a_sound_ledger_is_clean() {
    let report = verify(world());
    assert!(report.is_clean(), "{:?}", report.findings);
    assert_eq!(
        (
            report.size,
            report.segments,
            report.records,
            report.conflicts
        ),
        (5, 3, 3, 1)
    );
    assert_eq!((report.pending, report.complete), (0, true));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn each_tampering_is_found() {
    type Tampering = fn(&mut World);
    let table: [(&str, Tampering, Code); 13] = [
        (
            "a delete marker",
            |w| w.delete_segment(&segment(w, 1)),
            Code::ExtraVersion,
        ),
        (
            "a marker with a foreign segment over it",
            |w| {
                let key = segment(w, 2);
                w.delete_segment(&key);
                w.put_segment(&key, bytes::Bytes::from_static(b"foreign"), false);
            },
            Code::ExtraVersion,
        ),
        (
            "a segment gone",
            |w| {
                let key = segment(w, 1);
                w.segments.remove(&key);
            },
            Code::Gap,
        ),
        (
            "a byte changed",
            |w| {
                let key = segment(w, 1);
                let object = &mut w.segments.get_mut(&key).expect("a segment")[0];
                let mut bytes = object.bytes.as_ref().expect("bytes").to_vec();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                object.bytes = Some(bytes.into());
            },
            Code::Body,
        ),
        (
            "an object that is no segment",
            |w| {
                w.put_segment("ledgers/demo/credit/segments/readme", "x".into(), false);
            },
            Code::ForeignObject,
        ),
        (
            "a row gone",
            |w| {
                let key = row(w, |pk, _| pk.starts_with("R#"));
                w.rows.0.remove(&key);
            },
            Code::RowMissing,
        ),
        (
            "a row changed",
            |w| {
                let key = row(w, |pk, _| pk.starts_with("R#"));
                w.rows.0.get_mut(&key).expect("a row").set("oc", "denied");
            },
            Code::RowDiffers,
        ),
        (
            "a row of nothing",
            |w| {
                let mut key = row(w, |pk, _| pk.starts_with("R#"));
                let mut item = w.rows.0[&key].clone();
                key.sk.replace_range(35.., "f");
                item.set("sk", key.sk.as_str());
                w.rows.0.insert(key, item);
            },
            Code::RowExtra,
        ),
        (
            "HEAD gone",
            |w| w.rows.0.retain(|key, _| key.sk != "HEAD"),
            Code::Head,
        ),
        (
            "HEAD of another root",
            |w| {
                let key = row(w, |_, sk| sk == "HEAD");
                w.rows
                    .0
                    .get_mut(&key)
                    .expect("HEAD")
                    .set("root", [7_u8; 32]);
            },
            Code::Head,
        ),
        (
            "figures changed",
            |w| {
                let key = row(w, |pk, _| pk.starts_with("METRIC#"));
                w.rows.0.get_mut(&key).expect("a row").set("n", 7_u64);
            },
            Code::Metric,
        ),
        (
            "figures gone",
            |w| w.rows.0.retain(|key, _| !key.pk.starts_with("METRIC#")),
            Code::Metric,
        ),
        (
            "a scope key gone without a tombstone",
            |w| w.keys.0.retain(|key, _| !key.pk.starts_with("K#")),
            Code::Key,
        ),
    ];
    for (name, tamper, code) in table {
        let mut world = world();
        tamper(&mut world);
        let report = verify(world);
        let codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&code), "{name}: {:?}", report.findings);
    }
    println!("tamperings found: {}", table.len());
}
