//! The commands over stores in memory: what they print, and how they exit.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use audit_ledger::{Limits, Operator, Progress};
use audit_storage::rows::RowKey;
use audit_testkit::{Cloud, Gate, MemoryStores};
use clap::Parser;
use serde_json::Value;

use crate::failure::Failure;
use crate::installation::LedgerPlace;
use crate::options::{Command, Options};
use crate::output::Output;
use crate::pace::Pace;
use crate::{key, ledger, tenant, verify};

/// A stream that can be read afterwards.
#[derive(Debug, Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("no panic while it is held")
            .write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn text(&self) -> String {
        let bytes = self.0.lock().expect("no panic while it is held").clone();
        String::from_utf8(bytes).expect("text")
    }
}

/// What a command printed, and how it ended.
struct Ran {
    ended: Result<u8, Failure>,
    results: String,
    remarks: String,
}

impl Ran {
    fn refused(&self) -> &str {
        let Err(failure) = &self.ended else {
            panic!("{} went through", self.results);
        };
        &failure.what
    }

    fn json(&self) -> Value {
        assert_eq!(self.results.lines().count(), 1, "{}", self.results);
        serde_json::from_str(&self.results).expect("JSON")
    }
}

/// Runs a command line on an account.
fn run(cloud: &Cloud, line: &str) -> Ran {
    let options = Options::try_parse_from(std::iter::once("audit-admin").chain(line.split(' ')));
    let options = options.expect("a command line");
    let (results, remarks) = (Paper::default(), Paper::default());
    let output = Output::new(options.json, results.clone(), remarks.clone());
    let operator = Operator::new(cloud.stores(1), Limits::default());
    let ended = Gate::new().run(perform(cloud, &operator, &output, options.command));
    Ran {
        ended: ended.expect("alive"),
        results: results.text(),
        remarks: remarks.text(),
    }
}

async fn perform(
    cloud: &Cloud,
    operator: &Operator<MemoryStores>,
    output: &Output,
    command: Command,
) -> crate::failure::Result<u8> {
    let buckets = BTreeMap::from([("trial".to_owned(), "records".to_owned())]);
    let place = LedgerPlace {
        domain: "audit.test",
        buckets: &buckets,
    };
    match command {
        Command::Tenant(command) => tenant::run(operator, output, command).await,
        Command::Ledger(command) => ledger::run(operator, &place, output, command).await,
        Command::Key(command) => key::run(operator, output, command).await,
        Command::VerifyLedger(arguments) => verify::verify(operator, output, &arguments).await,
        Command::RebuildIndex(arguments) => {
            if arguments.table == "empty" {
                cloud.rows.clear();
            }
            verify::rebuild(operator, output, &arguments).await
        }
        Command::Sweep => verify::sweep(operator, output).await,
    }
}

/// An account with the tenant `demo` and its ledger `credit`.
fn account() -> Cloud {
    let cloud = Cloud::new();
    for line in [
        "tenant create demo",
        "ledger create demo/credit --class trial",
    ] {
        assert_eq!(run(&cloud, line).ended.expect("done"), 0);
    }
    cloud
}

#[test]
fn what_exists_is_left_as_it_is_and_said_so() {
    let cloud = Cloud::new();
    for (line, said) in [
        ("tenant list", "no tenants yet\n"),
        ("ledger list", "no ledgers yet\n"),
        ("tenant create demo", "tenant demo created\n"),
        ("tenant create demo", "tenant demo exists already\n"),
        (
            "ledger create demo/credit --class trial",
            "ledger demo/credit created (audit.test/demo/credit)\n",
        ),
        (
            "ledger create demo/credit --class trial",
            "ledger demo/credit exists already\n",
        ),
        (
            "ledger list demo",
            "LEDGER       CLASS  SIZE  BUCKETS  SCOPE  CREATED\n\
             demo/credit  trial  1     1        day    2026-01-01T00:00:00.000Z\n",
        ),
        ("key list demo", "tenant demo has no keys yet\n"),
        (
            "tenant limit demo",
            "tenant demo may send 2,000 records a second, 240,000 at once (the installation's limit)\n",
        ),
        (
            "tenant limit demo --records-per-second 50 --burst 5000",
            "tenant demo may send 50 records a second, 5,000 at once (its own limit)\n",
        ),
        (
            "tenant limit demo",
            "tenant demo may send 50 records a second, 5,000 at once (its own limit)\n",
        ),
        ("tenant create demo", "tenant demo exists already\n"),
        (
            "tenant limit demo --default --default-records-per-second 7 --default-burst 2000",
            "tenant demo may send 7 records a second, 2,000 at once (the installation's limit)\n",
        ),
    ] {
        let ran = run(&cloud, line);
        assert_eq!((ran.ended.expect("done"), ran.results.as_str()), (0, said));
    }
}

#[test]
fn what_cannot_be_is_refused_before_anything_is_written() {
    let cloud = account();
    let before = cloud.fingerprint();
    for (line, what) in [
        (
            "ledger create demo/other --class gold",
            "no bucket for the retention class gold",
        ),
        (
            "ledger create nobody/credit --class trial",
            "there is no tenant nobody",
        ),
        (
            "ledger create demo/credit --class trial --buckets 2",
            "ledger demo/credit exists with other settings",
        ),
        (
            "ledger create demo/credit --class trial --scope record",
            "ledger demo/credit exists with other settings",
        ),
        ("ledger list nobody", "there is no tenant nobody"),
        ("key list nobody", "there is no tenant nobody"),
        ("tenant limit nobody --default", "there is no tenant nobody"),
        (
            "key create demo --name x --scope records:write",
            "records:write and records:read need a home ledger",
        ),
        (
            "key create demo/other --name x --scope records:read",
            "there is no ledger demo/other",
        ),
        (
            "key create nobody --name x --scope tenant:read",
            "there is no tenant nobody",
        ),
        (
            "key create demo --name x --scope tenant:read --expires 2020-01-01T00:00:00Z",
            "the key would have expired before it is made",
        ),
        (
            "key revoke aaaaaaaaaaaaaaaa",
            "there is no key aaaaaaaaaaaaaaaa",
        ),
        ("verify-ledger demo/other", "there is no ledger demo/other"),
        (
            "rebuild-index demo/credit --table full",
            "full: the table holds this ledger's HEAD",
        ),
    ] {
        let ran = run(&cloud, line);
        assert_eq!(ran.refused(), what, "{line}");
        assert_eq!(ran.results, "", "{line}");
    }
    assert_eq!(cloud.fingerprint(), before);
}

#[test]
fn a_key_stands_alone_on_standard_output_and_is_revoked_by_its_id() {
    let cloud = account();
    let line = "key create demo/credit --name ingest --scope records:write --scope records:read";
    let made = run(&cloud, line);
    let token = made.results.trim_end();
    let id = token.split('_').nth(1).expect("an id");
    assert!(token.starts_with("aal_") && !token.contains('\n'));
    assert!(made.remarks.starts_with("keep it now"));
    let stored = format!("{:?}", cloud.keys.contents());
    let secret = token.split_once(&format!("{id}_")).expect("a secret").1;
    assert!(stored.contains(id) && !stored.contains(secret));

    let status = |expected: &str| {
        let listed = run(&cloud, "--json key list demo").json();
        let key = &listed["keys"][0];
        assert_eq!((&key["id"], &key["status"]), (&id.into(), &expected.into()));
        assert!(key.get("key").is_none());
    };
    status("live");
    for _ in 0..2 {
        assert_eq!(
            run(&cloud, &format!("key revoke {id}"))
                .ended
                .expect("done"),
            0
        );
        status("revoked");
    }
    assert!(run(&cloud, "key list demo").results.contains("revoked"));
}

#[test]
fn a_program_gets_one_line_of_json() {
    let cloud = Cloud::new();
    let created = run(&cloud, "--json tenant create demo");
    assert_eq!(created.json()["created"], true);
    assert_eq!(
        run(&cloud, "--json tenant create demo").json()["created"],
        false
    );
    let ledger = run(&cloud, "ledger create demo/credit --class trial --json").json();
    assert_eq!(ledger["origin"], "audit.test/demo/credit");
    let key = run(
        &cloud,
        "--json key create demo --name all --scope tenant:read",
    );
    assert!(
        key.json()["key"]
            .as_str()
            .expect("a key")
            .starts_with("aal_")
    );
    assert_eq!(key.remarks, "");
    assert_eq!(
        run(&cloud, "--json ledger list").json()["ledgers"][0]["size"],
        1
    );
    assert_eq!(run(&cloud, "--json sweep").json()["failed"], 0);
    assert_eq!(
        run(&cloud, "--json verify-ledger demo/credit").json()["clean"],
        true
    );

    let paper = Paper::default();
    Output::new(true, io::sink(), paper.clone()).fail(&Failure::new("what", "next"));
    assert_eq!(
        paper.text(),
        "{\"error\":{\"message\":\"what\",\"next\":\"next\"}}\n"
    );
    let paper = Paper::default();
    Output::new(false, io::sink(), paper.clone()).fail(&Failure::new("what", "next"));
    assert_eq!(paper.text(), "error: what\nnext:  next\n");
}

#[test]
fn findings_are_named_and_exit_with_1() {
    let cloud = account();
    let clean = run(&cloud, "verify-ledger demo/credit");
    assert_eq!(clean.ended.expect("done"), 0);
    assert!(
        clean.results.starts_with(
            "demo/credit: clean, nothing is wrong\n  verified   1 entry in 1 segment\n"
        )
    );
    let rows = cloud.rows.contents();
    let record = |key: &&RowKey| key.pk.starts_with("R#");
    cloud
        .rows
        .tamper(rows.keys().find(record).expect("a row"), None);
    let broken = run(&cloud, "verify-ledger demo/credit");
    assert_eq!(broken.ended.expect("done"), 1);
    assert!(broken.results.starts_with("FINDING row_missing at 0: "));
    assert!(broken.results.contains("demo/credit: 1 finding\n"));

    let rebuilt = run(&cloud, "rebuild-index demo/credit --table empty");
    assert_eq!(rebuilt.ended.expect("done"), 0);
    assert_eq!(
        rebuilt.results,
        "rebuilt the index of demo/credit in empty: 1 entry from 1 segment\n"
    );
    assert_eq!(cloud.rows.contents(), rows);
}

#[test]
fn a_ledger_that_cannot_be_swept_fails_the_sweep() {
    let cloud = account();
    assert_eq!(
        run(&cloud, "sweep").results,
        "1 ledger: 0 segments rolled forward, 0 failed\n"
    );
    let key = "ledgers/demo/credit/segments/00000000000000000001";
    let class = "trial".parse().expect("a class");
    cloud.segments.overwrite(&class, key, "no segment".into());
    let swept = run(&cloud, "sweep");
    assert_eq!(swept.ended.expect("done"), 3);
    assert_eq!(
        swept.results,
        "1 ledger: 0 segments rolled forward, 1 failed\n"
    );
}

#[test]
fn progress_is_said_once_in_two_seconds() {
    let cloud = Cloud::new();
    for (of, said) in [
        (Some(4_000), "1,500 of 4,000 entries (37 %)\n"),
        (None, "1,500 entries in 3 segments\n"),
    ] {
        let paper = Paper::default();
        let output = Output::new(false, io::sink(), paper.clone());
        let pace = Pace::new(&output, &cloud.clock, of);
        let mut at = Progress {
            done: 500,
            segments: 1,
        };
        for _ in 0..4 {
            pace.say(at);
            cloud.clock.advance(Duration::from_millis(900));
            at.done += 333;
            at.segments += 1;
        }
        assert_eq!(paper.text().lines().count(), 1);
        let paper = Paper::default();
        let output = Output::new(false, io::sink(), paper.clone());
        let pace = Pace::new(&output, &cloud.clock, of);
        cloud.clock.advance(Duration::from_secs(2));
        pace.say(Progress {
            done: 1_500,
            segments: 3,
        });
        assert_eq!(paper.text(), said);
    }
}
