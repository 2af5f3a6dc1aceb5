//! Sample records: thirty days of three AI systems at work, as their SDKs would have sent them.
//!
//! The same seed and the same present give the same records. They are dated relative to the
//! present, so that a fresh stack always shows the last thirty days. All people, companies and
//! cases are invented.

mod case;
mod claims;
mod credit;
mod hiring;
mod random;

use serde_json::{Value, json};

use crate::clock;

use case::{Case, Draft};
use random::Random;

/// How many records a fresh stack gets.
pub(crate) const COUNT: usize = 1000;
/// The time that they are spread over.
pub(crate) const SPAN_MS: u64 = 30 * 86_400_000;

const SEED: u64 = 0x0A0D_1715_EED5;

/// One record, and the ledger that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    /// The ledger's short name.
    pub(crate) ledger: &'static str,
    /// The record, as it is sent.
    pub(crate) record: Value,
}

/// One of the three systems.
pub(crate) struct System {
    ledger: &'static str,
    name: &'static str,
    producer: &'static str,
    /// Of a hundred records, how many are its own.
    share: usize,
    /// One case from beginning to end: at most [`LONGEST_CASE`] records.
    case: fn(&mut Random, &mut Case),
}

const SYSTEMS: [System; 3] = [
    System {
        ledger: "credit",
        name: "credit-decisions",
        producer: "credit-api-7d9f",
        share: 40,
        case: credit::case,
    },
    System {
        ledger: "hiring",
        name: "hiring-screening",
        producer: "screening-worker-02",
        share: 30,
        case: hiring::case,
    },
    System {
        ledger: "claims",
        name: "medical-claims-triage",
        producer: "triage-eu-1",
        share: 30,
        case: claims::case,
    },
];

const LONGEST_CASE: usize = 6;

/// `count` records that end at `now`.
pub(crate) fn samples(count: usize, now: u64) -> Vec<Sample> {
    let mut samples = Vec::with_capacity(count);
    for (at, system) in SYSTEMS.iter().enumerate() {
        let last = at + 1 == SYSTEMS.len();
        let quota = if last {
            count - samples.len()
        } else {
            count * system.share / 100
        };
        let mut random = Random::new(SEED ^ (u64::try_from(at).unwrap_or(0) << 56));
        samples.extend(of_system(system, quota, now, &mut random));
    }
    samples
}

fn of_system(system: &System, quota: usize, now: u64, random: &mut Random) -> Vec<Sample> {
    // The last hour stays free: a case takes up to that long.
    let (first, last) = (now - SPAN_MS, now - 3_600_000);
    let mut drafts: Vec<Draft> = Vec::with_capacity(quota);
    while quota - drafts.len() > LONGEST_CASE {
        let start = working_hours(random.between(first, last), random, last);
        let mut case = Case::begin(start, random);
        (system.case)(random, &mut case);
        drafts.extend(case.finish());
    }
    while drafts.len() < quota {
        let at = random.between(first, last);
        drafts.push(housekeeping(system, drafts.len(), at, random));
    }
    drafts.sort_by_key(|draft| draft.at);
    number(system, drafts)
}

/// Three of four cases fall into the hours in which people work.
fn working_hours(at: u64, random: &mut Random, last: u64) -> u64 {
    if random.chance(25) {
        return at;
    }
    let midnight = at - at % 86_400_000;
    let start = midnight + random.between(7 * 3_600_000, 18 * 3_600_000);
    if start > last { at } else { start }
}

/// What a producer adds: its running number, and the system it belongs to.
fn number(system: &System, drafts: Vec<Draft>) -> Vec<Sample> {
    drafts
        .into_iter()
        .zip(1_u32..)
        .map(|(draft, seq)| {
            let mut record = draft.record;
            record.insert("id".into(), draft.id.into());
            record.insert("occurred_at".into(), clock::rfc3339(draft.at).into());
            record.insert("system".into(), system.name.into());
            record.insert("environment".into(), "production".into());
            record.insert(
                "producer".into(),
                json!({"id": system.producer, "seq": seq, "sdk": "sample/1.0"}),
            );
            Sample {
                ledger: system.ledger,
                record: Value::Object(record),
            }
        })
        .collect()
}

/// What happens beside the cases.
fn housekeeping(system: &System, nth: usize, at: u64, random: &mut Random) -> Draft {
    let record = match nth % 4 {
        0 => json!({
            "type": "config_change",
            "actor": {"id": "deploy-pipeline", "type": "service"},
            "attributes": {
                "audit.config.setting": "prompt.version",
                "audit.config.from": "2026-09",
                "audit.config.to": "2026-10",
            },
        }),
        1 => json!({
            "type": "access",
            "actor": {"id": "n.lindqvist", "type": "user"},
            "attributes": {"audit.access.reason": "quarterly model review"},
        }),
        2 => json!({
            "type": "export",
            "actor": {"id": "n.lindqvist", "type": "user"},
            "attributes": {
                "audit.export.format": "csv",
                "audit.export.records": random.between(20, 400),
            },
        }),
        _ => json!({
            "type": "heartbeat",
            "actor": {"id": system.producer, "type": "service"},
        }),
    };
    Draft::new(at, record, random)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use super::*;

    const NOW: u64 = 1_795_510_923_045;

    fn text<'a>(record: &'a Value, pointer: &str) -> Option<&'a str> {
        record.pointer(pointer).and_then(Value::as_str)
    }

    #[test]
    fn the_same_present_gives_the_same_records() {
        let records = |now| -> Vec<Value> {
            samples(200, now)
                .into_iter()
                .map(|sample| sample.record)
                .collect()
        };
        assert_eq!(records(NOW), records(NOW));
        assert_ne!(records(NOW), records(NOW + 1));
    }

    #[test]
    fn exactly_as_many_as_asked_for_and_each_with_its_own_id() {
        for count in [30, 100, COUNT] {
            let samples = samples(count, NOW);
            let ids: HashSet<&str> = samples
                .iter()
                .filter_map(|sample| text(&sample.record, "/id"))
                .collect();
            assert_eq!((samples.len(), ids.len()), (count, count));
        }
    }

    #[test]
    fn they_lie_in_the_last_thirty_days_and_their_ids_say_the_same_time() {
        let (first, last) = (clock::rfc3339(NOW - SPAN_MS), clock::rfc3339(NOW));
        for sample in samples(COUNT, NOW) {
            let at = text(&sample.record, "/occurred_at").expect("a time");
            assert!(at >= first.as_str() && at <= last.as_str(), "{at}");
            let id = text(&sample.record, "/id").expect("an id");
            let ms = u64::from_str_radix(&id.replace('-', "")[..12], 16).expect("digits");
            assert_eq!(clock::rfc3339(ms), at);
            assert_eq!(&id[14..15], "7");
        }
    }

    #[test]
    fn producers_number_their_records_without_a_gap() {
        let mut next: BTreeMap<String, u64> = BTreeMap::new();
        for sample in samples(COUNT, NOW) {
            let producer = text(&sample.record, "/producer/id").expect("a producer");
            let expected = next.entry(producer.to_owned()).or_insert(1);
            assert_eq!(sample.record["producer"]["seq"], *expected);
            *expected += 1;
        }
        assert_eq!(next.len(), SYSTEMS.len());
    }

    #[test]
    fn they_show_what_the_product_is_for() {
        let samples = samples(COUNT, NOW);
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for sample in &samples {
            for pointer in [
                "/type",
                "/decision/outcome",
                "/decision/risk_level",
                "/decision/oversight/action",
                "/attributes/gen_ai.provider.name",
                "/attributes/gen_ai.request.model",
                "/attributes/audit.call.completion",
                "/attributes/error.type",
            ] {
                if let Some(value) = text(&sample.record, pointer) {
                    *seen.entry(format!("{pointer}={value}")).or_default() += 1;
                }
            }
        }
        for (what, at_least) in [
            ("/type=llm_call", 200),
            ("/type=decision", 150),
            ("/type=human_review", 40),
            ("/type=tool_call", 50),
            ("/type=config_change", 1),
            ("/decision/outcome=approved", 50),
            ("/decision/outcome=denied", 20),
            ("/decision/outcome=escalated", 10),
            ("/decision/outcome=error", 3),
            ("/decision/risk_level=high", 30),
            ("/decision/oversight/action=overridden", 10),
            ("/attributes/audit.call.completion=error", 5),
        ] {
            let count = seen.get(what).copied().unwrap_or(0);
            assert!(count >= at_least, "{what}: {count}\n{seen:#?}");
        }
        let models = seen
            .keys()
            .filter(|key| key.starts_with("/attributes/gen_ai.request.model="))
            .count();
        assert!(models >= 6, "{seen:#?}");
    }
}
