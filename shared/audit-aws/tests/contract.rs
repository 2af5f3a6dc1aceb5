//! The contract suites of `audit-testkit` on these adapters, against a running stack.
//!
//! A program and no test of the usual run, because it needs the stack's buckets, tables, queue
//! and key. With what `cargo xtask up` writes to `.local/env` in the environment:
//! `cargo test -p audit-aws --features emulator --test contract`. It prints a line for each suite
//! and ends with a panic at the first promise that is not kept. Each run takes ledger names of
//! its own and the retention class of 1 day, and leaves what it wrote.

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use audit_aws::Aws;
use audit_record::LedgerName;
use audit_storage::config::Lane;
use audit_storage::system::SystemClock;
use audit_storage::{Access, Clock as _};
use audit_testkit::contract;

#[expect(
    clippy::disallowed_methods,
    reason = "a program of its own, told where the stack is"
)]
fn told(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn needed(name: &str) -> String {
    let value = told(name);
    assert!(
        value.is_some(),
        "{name} is not set: put .local/env into the environment"
    );
    value.unwrap_or_default()
}

fn kept(suite: &str) {
    writeln!(io::stdout(), "contract kept: {suite}").expect("standard output takes a line");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let aws = Aws::new(&Access {
        region: needed("AWS_REGION"),
        endpoint: told("AWS_ENDPOINT_URL"),
        access_key_id: needed("AWS_ACCESS_KEY_ID"),
        secret_access_key: needed("AWS_SECRET_ACCESS_KEY"),
        session_token: told("AWS_SESSION_TOKEN"),
    });
    let buckets: BTreeMap<String, String> =
        serde_json::from_str(&needed("AUDIT_RECORDS_BUCKETS")).expect("a JSON object of buckets");
    let lanes: Vec<String> =
        serde_json::from_str(&needed("AUDIT_LANES")).expect("a JSON array of queues");
    let run = SystemClock.now().get();
    let name = |ledger: &str| LedgerName::new(&format!("contract-{run}"), ledger).expect("a name");
    let class = "trial".parse().expect("a class");

    contract::segment_store(&aws.segments(buckets), &class, &name("a")).await;
    kept("segments");
    contract::row_store(&aws.rows(&needed("AUDIT_TABLE")), &name("a")).await;
    kept("rows");
    contract::key_store(&aws.keys(&needed("AUDIT_KEYS_TABLE")), &name("a")).await;
    kept("keys");
    contract::key_wrapper(
        &aws.wrapper(&needed("AUDIT_KMS_KEY_ID")),
        &name("a"),
        &name("b"),
    )
    .await;
    kept("wrapping key");
    contract::staging_store(&aws.staging(&needed("AUDIT_STAGING_BUCKET")), &name("a")).await;
    kept("staging");
    contract::quarantine_store(
        &aws.quarantine(&needed("AUDIT_QUARANTINE_BUCKET")),
        &name("a"),
    )
    .await;
    kept("quarantine");
    contract::lane_queue(&aws.lanes(lanes), Lane(0), &name("a")).await;
    kept("lanes");
}
