//! The contract suites of `audit-testkit` on the adapters, against the emulator's services.
//!
//! The same suites hold the in-memory stores to the same promises, so what the protocol was proven
//! over is what it runs over. Each takes ledger names that nothing else has.

use audit_aws::Aws;
use audit_record::LedgerName;
use audit_storage::Access;
use audit_storage::config::Lane;
use audit_testkit::contract;

use crate::place::{place, wait};

/// The adapters, as the account's administrator.
pub(crate) fn adapters() -> Aws {
    let (access_key_id, secret_access_key) = place().root_keys();
    Aws::new(&Access {
        region: place().region.clone(),
        endpoint: Some(place().endpoint.clone()),
        access_key_id,
        secret_access_key,
        session_token: None,
    })
}

fn ledger(name: &str) -> LedgerName {
    LedgerName::new("contract", name).expect("a ledger's name")
}

#[test]
fn segments_keep_their_contract() {
    let store = adapters().segments(place().buckets.clone());
    let class = "trial".parse().expect("a class");
    wait(contract::segment_store(&store, &class, &ledger("a")));
}

#[test]
fn rows_keep_their_contract() {
    let store = adapters().rows(&place().table);
    wait(contract::row_store(&store, &ledger("a")));
}

#[test]
fn keys_keep_their_contract() {
    let store = adapters().keys(&place().keys_table);
    wait(contract::key_store(&store, &ledger("a")));
}

#[test]
fn the_wrapping_key_keeps_its_contract() {
    let wrapper = adapters().wrapper(&place().kms_key);
    wait(contract::key_wrapper(&wrapper, &ledger("a"), &ledger("b")));
}

#[test]
fn staging_keeps_its_contract() {
    let store = adapters().staging(&place().staging);
    wait(contract::staging_store(&store, &ledger("a")));
}

#[test]
fn quarantine_keeps_its_contract() {
    let store = adapters().quarantine(&place().quarantine);
    wait(contract::quarantine_store(&store, &ledger("a")));
}

#[test]
fn lanes_keep_their_contract() {
    let queue = adapters().lanes(vec![place().lane.clone()]);
    wait(contract::lane_queue(&queue, Lane(0), &ledger("a")));
}
