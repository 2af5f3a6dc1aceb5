//! The checker after every case: UNIQUE, DURABLE, CONTIGUOUS, INDEXED and REBUILD.
//!
//! `verify` does most of it. What it can't know is done here: that everything that was acknowledged
//! stands in the ledger, read from the segments alone.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use audit_log::segment::Segment;
use audit_log::{Kind, canonical, own_id};
use audit_record::{LedgerName, Record, RecordId};
use audit_storage::config::LedgerConfig;
use audit_storage::message::Quarantined;
use audit_storage::rows::RowKey;
use audit_storage::{Backend, Item, key_table, keys};
use audit_testkit::{Cloud, MemoryTable};

use super::process::Process;
use super::scripts::Message;
use crate::Operator;
use crate::key_ring::KeyRing;
use crate::limits::Limits;
use crate::open::Contents;
use crate::patience::Patience;
use crate::piece::canonical_of;
use crate::session::Session;

/// What an exploration came to.
#[derive(Debug, Default)]
pub(super) struct Explored {
    pub(super) cases: u64,
    /// The first case that broke an invariant.
    pub(super) failure: Option<String>,
}

/// What a ledger holds, by its segments.
#[derive(Debug, Default)]
struct Held {
    records: BTreeMap<RecordId, Vec<u8>>,
    conflicts: BTreeSet<(RecordId, Vec<u8>)>,
    rejected: BTreeSet<RecordId>,
}

type Outcome = Result<(), String>;

/// Runs a case in which a store that sees a rule broken ends the test: that it did is the finding.
pub(super) fn caught<T>(case: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(case)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(format!("the store: {}", text.unwrap_or("a panic")))
    })
}

/// Checks a world at rest, in which these messages were acknowledged.
pub(super) fn check(world: &Cloud, acknowledged: &[&Message]) -> Outcome {
    let process = Process::new(world, 99);
    let operator = process.operator();
    let configs = process
        .run(key_table::ledgers(operator.backend().keys()))
        .expect("nobody dies")
        .expect("ledgers");
    for config in &configs {
        check_ledger(&process, &operator, config, true)?;
        check_rebuild(world, config)?;
        let held = held(&process, config)?;
        for message in acknowledged
            .iter()
            .filter(|message| message.ledger == config.ledger)
        {
            check_durable(world, message, &held)?;
        }
    }
    Ok(())
}

/// Checks a world in which writers are still at work.
pub(super) fn check_midway(world: &Cloud, config: &LedgerConfig) -> Outcome {
    let process = Process::new(world, 99);
    check_ledger(&process, &process.operator(), config, false)
}

fn check_ledger<B: Backend>(
    process: &Process,
    operator: &Operator<B>,
    config: &LedgerConfig,
    at_rest: bool,
) -> Outcome {
    let report = process
        .run(operator.verify(config, &|_| ()))
        .expect("nobody dies")
        .map_err(|error| format!("verify {}: {error}", config.ledger))?;
    if let Some(finding) = report.findings.first() {
        return Err(format!("{}: {finding:?}", config.ledger));
    }
    if at_rest && report.pending > 0 {
        return Err(format!(
            "{}: a segment was never rolled forward",
            config.ledger
        ));
    }
    Ok(())
}

/// Rebuilds the ledger into an empty table, which must come out the same.
fn check_rebuild(world: &Cloud, config: &LedgerConfig) -> Outcome {
    let rebuilt = world.fork();
    rebuilt.rows.clear();
    let process = Process::new(&rebuilt, 98);
    process
        .run(process.operator().rebuild(config, false, &|_| ()))
        .expect("nobody dies")
        .map_err(|error| format!("rebuild: {error}"))?;
    let ours = |table: &MemoryTable| -> BTreeMap<RowKey, Item> {
        let name = config.ledger.as_str();
        let of_ledger = |pk: &str| {
            [
                format!("R#{name}#"),
                format!("LEDGER#{name}"),
                format!("METRIC#{name}"),
            ]
            .iter()
            .any(|prefix| pk.starts_with(prefix.as_str()))
        };
        let mut rows = table.contents();
        rows.retain(|key, _| of_ledger(&key.pk));
        rows
    };
    if ours(&rebuilt.rows) == ours(&world.rows) {
        Ok(())
    } else {
        Err(format!("{}: the rebuilt rows differ", config.ledger))
    }
}

fn held(process: &Process, config: &LedgerConfig) -> Result<Held, String> {
    let backend = process.stores();
    let limits = Limits::default();
    let patience = Patience::new(&backend.clock, &limits);
    let ring = KeyRing::default();
    let session = Session::new(backend, &limits, &patience, &ring, config);
    let mut held = Held::default();
    let mut start = 0;
    while let Some((_, bytes)) = process
        .run(session.standing_at(start))
        .expect("nobody dies")
        .map_err(|error| format!("read segment {start}: {error}"))?
    {
        let segment = Segment::read(&bytes).map_err(|error| error.to_string())?;
        for item in &segment.items {
            let opened = process
                .run(session.open_entry(item.entry, item.body))
                .expect("nobody dies")
                .map_err(|error| format!("open {}: {error}", item.index))?;
            let mut text = Vec::new();
            if let Contents::Whole(fields) = &opened.contents {
                canonical::write_object(&fields.to_object(), &mut text);
            }
            match opened.entry.kind {
                Kind::Record if held.records.contains_key(&opened.entry.id) => {
                    return Err(format!("UNIQUE: {} is there twice", opened.entry.id));
                }
                Kind::Record => {
                    held.records.insert(opened.entry.id, text);
                }
                Kind::Conflict { ref_id, .. } => {
                    held.conflicts.insert((ref_id, text));
                }
                Kind::Rejected { .. } => {
                    held.rejected.insert(opened.entry.id);
                }
                _ => {}
            }
        }
        start += segment.header.count;
    }
    Ok(held)
}

/// An acknowledged message: each of its records is in the ledger or named by a conflict, and a
/// message that can't be read is named by a `rejected` entry and kept in quarantine.
fn check_durable(world: &Cloud, message: &Message, held: &Held) -> Outcome {
    for raw in &message.records {
        let record = Record::parse(raw.as_bytes()).expect("a record");
        let id = record.id().expect("an id");
        let text = canonical_of(&record);
        let committed =
            held.records.get(&id) == Some(&text) || held.conflicts.contains(&(id, text));
        if !committed {
            return Err(format!(
                "DURABLE: {id} of {} was acknowledged and is nowhere",
                message.id
            ));
        }
    }
    if message.is_bad {
        let id = own_id::derive("rejected", &message.id, message.sent_at);
        let key = keys::quarantine(Some(&message.ledger), &message.id);
        let kept = world.quarantine.contents().remove(&key);
        let kept = kept.and_then(|bytes| Quarantined::decode(&bytes).ok());
        if !held.rejected.contains(&id) || kept.is_none() {
            return Err(format!(
                "DURABLE: the bad message {} is not named",
                message.id
            ));
        }
    }
    Ok(())
}

/// The name of a test's ledger.
pub(super) fn ledger(name: &str) -> LedgerName {
    LedgerName::new("demo", name).expect("a name")
}
