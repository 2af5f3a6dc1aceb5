//! What the crash points run through: a world, the messages that are delivered in it, or a thing
//! that an operator does.

use audit_record::{LedgerName, Millis, RecordId};
use audit_storage::config::{Lane, RetentionClass, ScopeSetting};
use audit_storage::stores::StagingStore as _;
use audit_storage::{keys, message};
use audit_testkit::{Cloud, Fault, Gate};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::check::ledger;
use super::process::{PUT, Process};
use crate::{Delivered, Limits, NewLedger};

/// 2026-03-01T10:00:00Z.
pub(super) const NOW_MS: u64 = 1_772_359_200_000;

/// A message and what it holds.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) ledger: LedgerName,
    pub(super) sent_at: Millis,
    pub(super) body: String,
    /// Its good records.
    pub(super) records: Vec<String>,
    /// It, or a record in it, can't be read.
    pub(super) is_bad: bool,
}

impl Message {
    pub(super) fn delivered(&self) -> Delivered {
        Delivered {
            message_id: self.id.clone(),
            receipt: format!("receipt of {}", self.id),
            sent_at: self.sent_at,
            receive_count: 1,
            ledger: Some(self.ledger.to_string()),
            body: self.body.clone(),
        }
    }

    pub(super) fn of(id: &str, ledger: &LedgerName, records: Vec<String>) -> Self {
        let sent_at = Millis::new(NOW_MS);
        let packed = message::pack(id, sent_at, &records).expect("records");
        let [packed] = &packed[..] else {
            panic!("one message");
        };
        let message::Form::Inline(body) = &packed.form else {
            panic!("a small message");
        };
        Self {
            id: id.to_owned(),
            ledger: ledger.clone(),
            sent_at,
            body: body.clone(),
            records,
            is_bad: false,
        }
    }
}

/// A record of number `number`, minute by minute; `flavour` tells contents of one id apart.
pub(super) fn record(number: u64, flavour: &str) -> String {
    let at = Millis::new(NOW_MS + number * 60_000);
    let id = RecordId::mint(at, [u8::try_from(number % 251).expect("a byte"); 10]);
    format!(
        r#"{{"id":"{id}","type":"decision","occurred_at":"{at}","system":"credit","environment":"test",
        "subject":{{"id":"person-{}"}},"decision":{{"outcome":"approved","risk_level":"high"}},
        "attributes":{{"gen_ai.request.model":"gpt-5","gen_ai.usage.input_tokens":{number},
        "gen_ai.input.messages":"{flavour}"}}}}"#,
        number % 2
    )
}

/// What is done, and where.
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) world: Cloud,
    pub(super) messages: Vec<Message>,
    pub(super) limits: Limits,
    /// A ledger is made, instead of messages delivered.
    pub(super) creates: Option<NewLedger>,
}

/// The class of the tests' ledgers.
pub(super) fn class() -> RetentionClass {
    "trial".parse().expect("a class")
}

pub(super) fn new_ledger(name: &str) -> NewLedger {
    NewLedger {
        ledger: ledger(name),
        domain: "audit.test".to_owned(),
        retention_class: class(),
        buckets: 1,
        scope: ScopeSetting::Day,
        lane: Lane(0),
        index_days: None,
    }
}

/// A world with a tenant, these ledgers, and what these messages hold.
pub(super) fn world_with(ledgers: &[&str], messages: &[Message]) -> Cloud {
    let world = Cloud::new();
    world.clock.set(Millis::new(NOW_MS));
    let process = Process::new(&world, 7);
    let operator = process.operator();
    process
        .run(operator.create_tenant("demo"))
        .expect("alive")
        .expect("a tenant");
    for name in ledgers {
        let made = process.run(operator.create_ledger(&new_ledger(name)));
        made.expect("alive").expect("a ledger");
    }
    deliver(&process, messages);
    world
}

/// Delivers messages to a process that does not fail.
pub(super) fn deliver(process: &Process, messages: &[Message]) {
    let delivered = messages.iter().map(Message::delivered).collect();
    let outcome = process.run(process.writer(Limits::default()).commit_batch(delivered));
    let outcome = outcome.expect("alive");
    assert_eq!(outcome.retries().count(), 0, "{outcome:?}");
}

fn script(name: &'static str, world: Cloud, messages: Vec<Message>) -> Script {
    Script {
        name,
        world,
        messages,
        limits: Limits::default(),
        creates: None,
    }
}

/// All scripts.
pub(super) fn scripts() -> Vec<Script> {
    let credit = ledger("credit");
    let of = |id: &str, records: &[(u64, &str)]| {
        let records = records
            .iter()
            .map(|(number, flavour)| record(*number, flavour))
            .collect();
        Message::of(id, &credit, records)
    };
    let fresh = || world_with(&["credit"], &[]);
    let used = || world_with(&["credit"], &[of("before", &[(1, "first"), (2, "second")])]);
    let plain = vec![
        of("a", &[(1, "first"), (70, "later")]),
        of("b", &[(3, "third")]),
    ];
    vec![
        script("plain batch", fresh(), plain.clone()),
        script(
            "batch on a used ledger",
            used(),
            vec![of("a", &[(3, "x"), (4, "y")])],
        ),
        script(
            "conflict",
            used(),
            vec![of("a", &[(1, "other")]), of("b", &[(5, "new")])],
        ),
        script(
            "duplicates",
            used(),
            vec![
                of("a", &[(1, "first"), (6, "new")]),
                of("b", &[(2, "second")]),
            ],
        ),
        script(
            "conflict in the batch",
            fresh(),
            vec![
                of("a", &[(1, "first"), (1, "other"), (1, "first")]),
                of("b", &[(1, "other")]),
            ],
        ),
        staged(fresh()),
        rejected(fresh()),
        Script {
            creates: Some(new_ledger("hiring")),
            ..script("create ledger", fresh(), Vec::new())
        },
        Script {
            messages: [
                &plain[..],
                &[Message::of(
                    "h",
                    &ledger("hiring"),
                    vec![record(1, "first")],
                )],
            ]
            .concat(),
            ..script(
                "several ledgers",
                world_with(&["credit", "hiring"], &[]),
                Vec::new(),
            )
        },
        Script {
            limits: Limits {
                segment_entries: 2,
                ..Limits::default()
            },
            ..script(
                "second segment",
                fresh(),
                vec![of("a", &[(1, "a"), (2, "b"), (3, "c"), (3, "d"), (1, "a")])],
            )
        },
        script(
            "HEAD absent",
            without_head(used()),
            vec![of("a", &[(1, "first"), (7, "new")])],
        ),
        script(
            "all rows lost",
            without_rows(used()),
            vec![of("a", &[(1, "first"), (7, "new")])],
        ),
        script(
            "HEAD trails",
            trailing(&used()),
            vec![of("a", &[(1, "first"), (8, "eighth")])],
        ),
    ]
}

fn staged(world: Cloud) -> Script {
    let credit = ledger("credit");
    let mut staged = Message::of("staged", &credit, vec![record(1, "staged")]);
    let object = base64_simd::STANDARD
        .decode_to_vec(&staged.body)
        .expect("base64");
    let sha256: [u8; 32] = Sha256::digest(&object).into();
    let key = keys::staging(&credit, &sha256);
    staged.body = message::staged_body("staged", staged.sent_at, &key, &sha256);
    let put = world.staging.put(&key, Bytes::from(object));
    Gate::new().run(put).expect("alive").expect("written");
    script("staged message", world, vec![staged])
}

fn rejected(world: Cloud) -> Script {
    let credit = ledger("credit");
    let mut half_bad = Message::of(
        "half",
        &credit,
        vec![record(1, "good"), "{\"id\":1}".to_owned()],
    );
    half_bad.records.pop();
    half_bad.is_bad = true;
    let garbage = Message {
        id: "garbage".to_owned(),
        body: "no message".to_owned(),
        records: Vec::new(),
        ..half_bad.clone()
    };
    script("rejected", world, vec![half_bad, garbage])
}

fn without_head(world: Cloud) -> Cloud {
    for key in world.rows.contents().keys().filter(|key| key.sk == "HEAD") {
        world.rows.tamper(key, None);
    }
    world
}

fn without_rows(world: Cloud) -> Cloud {
    world.rows.clear();
    world
}

/// A world in which a writer committed one segment more and died.
fn trailing(world: &Cloud) -> Cloud {
    let message = Message::of("dead", &ledger("credit"), vec![record(8, "eighth")]);
    for call in 0.. {
        let tried = world.fork();
        let process = Process::behind(Gate::failing_at(call, Fault::DiesAfter), &tried, 3);
        let writer = process.writer(Limits::default());
        process.run(writer.commit_batch(vec![message.delivered()]));
        if process
            .gate
            .last_call()
            .is_some_and(|call| call.operation == PUT)
        {
            return tried;
        }
    }
    unreachable!("a writer writes a segment")
}
