//! What `verify` must find, one tampering after the other.

use audit_storage::rows::RowKey;
use audit_storage::stores::SegmentStore as _;
use audit_storage::{Value, key_table};
use audit_testkit::{Cloud, Gate, MemoryTable};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::check::ledger;
use super::process::Process;
use super::scripts::{Message, class, record, world_with};
use super::shown;
use crate::{Code, Report};

fn verify(world: &Cloud) -> Report {
    let process = Process::new(world, 5);
    let operator = process.operator();
    let config = process.run(key_table::ledger(&process.stores().keys, &ledger("credit")));
    let config = config.expect("alive").expect("readable").expect("a ledger");
    process
        .run(operator.verify(&config, &|_| ()))
        .expect("alive")
        .expect("a report")
}

fn world() -> Cloud {
    let credit = ledger("credit");
    let message = |id: &str, records: &[(u64, &str)]| {
        let records = records
            .iter()
            .map(|(number, flavour)| record(*number, flavour))
            .collect();
        Message::of(id, &credit, records)
    };
    let world = world_with(
        &["credit"],
        &[message("a", &[(1, "x"), (2, "y"), (1, "z")])],
    );
    super::scripts::deliver(&Process::new(&world, 4), &[message("b", &[(3, "x")])]);
    world
}

fn segment(world: &Cloud, number: usize) -> String {
    let segments = world.segments.contents();
    segments.keys().nth(number).expect("a segment").clone()
}

fn put(world: &Cloud, key: &str, body: &'static [u8]) {
    let (class, sha256) = (class(), Sha256::digest(body).into());
    let body = Bytes::from_static(body);
    let put = world.segments.put_if_absent(&class, key, body, sha256);
    Gate::new().run(put).expect("alive").expect("written");
}

/// Changes an attribute of a row.
fn change(world: &Cloud, key: &RowKey, name: &str, value: impl Into<Value>) {
    let mut item = world.rows.contents()[key].clone();
    item.set(name, value);
    world.rows.tamper(key, Some(item));
}

/// Loses the rows of a table that satisfy a condition.
fn lose(table: &MemoryTable, is_it: impl Fn(&RowKey) -> bool) {
    for key in table.contents().keys().filter(|key| is_it(key)) {
        table.tamper(key, None);
    }
}

/// The key of the first row that satisfies a condition.
fn row(world: &Cloud, is_it: impl Fn(&str, &str) -> bool) -> RowKey {
    let rows = world.rows.contents();
    let mut keys = rows.into_keys();
    keys.find(|key| is_it(&key.pk, &key.sk)).expect("a row")
}

#[test]
fn a_sound_ledger_is_clean() {
    let report = verify(&world());
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
    type Tampering = fn(&Cloud);
    let table: [(&str, Tampering, Code); 13] = [
        (
            "a delete marker",
            |w| w.segments.hide(&class(), &segment(w, 1)),
            Code::ExtraVersion,
        ),
        (
            "a marker with a foreign segment over it",
            |w| {
                let key = segment(w, 2);
                w.segments.hide(&class(), &key);
                put(w, &key, b"foreign");
            },
            Code::ExtraVersion,
        ),
        (
            "a segment gone",
            |w| {
                w.segments.tamper(&class(), &segment(w, 1), None);
            },
            Code::Gap,
        ),
        (
            "a byte changed",
            |w| {
                let key = segment(w, 1);
                let mut bytes = w.segments.contents()[&key][0].to_vec();
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
                w.segments.tamper(&class(), &key, Some(bytes.into()));
            },
            Code::Body,
        ),
        (
            "an object that is no segment",
            |w| put(w, "ledgers/demo/credit/segments/readme", b"x"),
            Code::ForeignObject,
        ),
        (
            "a row gone",
            |w| {
                let key = row(w, |pk, _| pk.starts_with("R#"));
                w.rows.tamper(&key, None);
            },
            Code::RowMissing,
        ),
        (
            "a row changed",
            |w| {
                let key = row(w, |pk, _| pk.starts_with("R#"));
                change(w, &key, "oc", "denied");
            },
            Code::RowDiffers,
        ),
        (
            "a row of nothing",
            |w| {
                let mut key = row(w, |pk, _| pk.starts_with("R#"));
                let mut item = w.rows.contents()[&key].clone();
                key.sk.replace_range(35.., "f");
                item.set("sk", key.sk.as_str());
                w.rows.tamper(&key, Some(item));
            },
            Code::RowExtra,
        ),
        (
            "HEAD gone",
            |w| lose(&w.rows, |key| key.sk == "HEAD"),
            Code::Head,
        ),
        (
            "HEAD of another root",
            |w| {
                let key = row(w, |_, sk| sk == "HEAD");
                change(w, &key, "root", [7_u8; 32]);
            },
            Code::Head,
        ),
        (
            "figures changed",
            |w| {
                let key = row(w, |pk, _| pk.starts_with("METRIC#"));
                change(w, &key, "n", 7_u64);
            },
            Code::Metric,
        ),
        (
            "figures gone",
            |w| lose(&w.rows, |key| key.pk.starts_with("METRIC#")),
            Code::Metric,
        ),
        (
            "a scope key gone without a tombstone",
            |w| lose(&w.keys, |key| key.pk.starts_with("K#")),
            Code::Key,
        ),
    ];
    for (name, tamper, code) in table {
        let world = world();
        tamper(&world);
        let report = verify(&world);
        let codes: Vec<Code> = report.findings.iter().map(|finding| finding.code).collect();
        assert!(codes.contains(&code), "{name}: {:?}", report.findings);
    }
    shown(&format!("tamperings found: {}", table.len()));
}
