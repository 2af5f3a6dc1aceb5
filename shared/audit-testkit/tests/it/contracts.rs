use audit_record::LedgerName;
use audit_storage::config::Lane;
use audit_testkit::{Cloud, Gate, contract};

fn ledger() -> LedgerName {
    LedgerName::new("acme", "credit").expect("a name")
}

#[test]
fn the_stores_in_memory_keep_every_contract() {
    let (cloud, gate) = (Cloud::new(), Gate::new());
    let stores = cloud.process(&gate);
    let other = LedgerName::new("acme", "hiring").expect("a name");
    let class = "7y".parse().expect("a class");
    let all = async {
        contract::segment_store(&stores.segments, &class, &ledger()).await;
        contract::row_store(&stores.rows, &ledger()).await;
        contract::key_store(&stores.keys, &ledger()).await;
        contract::key_wrapper(&stores.wrapper, &ledger(), &other).await;
        contract::staging_store(&stores.staging, &ledger()).await;
        contract::quarantine_store(&stores.quarantine, &ledger()).await;
        contract::lane_queue(&stores.lanes, Lane(0), &ledger()).await;
    };
    assert_eq!(gate.run(all), Some(()));
}
