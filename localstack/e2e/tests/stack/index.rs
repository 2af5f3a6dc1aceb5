//! The index: derived from the segments, and so made again from them, byte for byte.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use aws_sdk_dynamodb::types::{AttributeValue, BillingMode, TableStatus};

use crate::ledger::{admin, demo, verified};
use crate::place::{Clients, place, wait};
use crate::wait::until;

/// Rows by primary key, each with all its attributes.
type Rows = BTreeMap<(String, String), HashMap<String, AttributeValue>>;

/// Makes a ledger's index again beside the one in use: no row differs in anything, no row is
/// missing, and there is none too many. Nothing is excepted.
pub(crate) fn assert_rebuilt_alike(ledger: &str) -> usize {
    let table = rebuilt_table();
    admin(&["rebuild-index", ledger, "--table", table]);
    let (in_use, rebuilt) = (rows(&place().table, ledger), rows(table, ledger));
    assert!(
        in_use.contains_key(&(format!("LEDGER#{ledger}"), "HEAD".to_owned())),
        "{ledger} has no HEAD"
    );
    let keys = in_use.keys().chain(rebuilt.keys());
    let different: Vec<_> = keys
        .filter(|key| in_use.get(*key) != rebuilt.get(*key))
        .collect();
    let first = different.first().copied();
    assert!(
        different.is_empty(),
        "{ledger}: {} rows differ, the first\n  in use  {:?}\n  rebuilt {:?}",
        different.len(),
        first.and_then(|key| in_use.get(key)),
        first.and_then(|key| rebuilt.get(key)),
    );
    in_use.len()
}

/// The table that an operator may rebuild into, made once for all tests, by the administrator.
fn rebuilt_table() -> &'static str {
    static TABLE: OnceLock<String> = OnceLock::new();
    TABLE.get_or_init(|| {
        let name = format!("{}-rebuilt", place().table);
        let dynamodb = &Clients::root().dynamodb;
        let like = wait(dynamodb.describe_table().table_name(&place().table).send())
            .expect("the table in use");
        let like = like.table().expect("a description");
        let keys = ["pk", "sk"];
        let attributes = like.attribute_definitions().iter();
        wait(
            dynamodb
                .create_table()
                .table_name(&name)
                .billing_mode(BillingMode::PayPerRequest)
                .set_key_schema(like.key_schema.clone())
                .set_attribute_definitions(Some(
                    attributes
                        .filter(|attribute| keys.contains(&attribute.attribute_name()))
                        .cloned()
                        .collect(),
                ))
                .send(),
        )
        .expect("a table beside it");
        until("the table is there", 30, || {
            let described = wait(dynamodb.describe_table().table_name(&name).send()).ok()?;
            let status = described.table()?.table_status()?.clone();
            (status == TableStatus::Active).then_some(())
        });
        name
    })
}

/// The rows of a ledger, out of a scan of everything.
fn rows(table: &str, ledger: &str) -> Rows {
    let mut rows = Rows::new();
    let mut from = None;
    loop {
        let page = wait(
            Clients::root()
                .dynamodb
                .scan()
                .table_name(table)
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send(),
        )
        .expect("a page of the table");
        for row in page.items() {
            let text = |name: &str| row[name].as_s().expect("a string").clone();
            let key = (text("pk"), text("sk"));
            if key.0.split('#').nth(1) == Some(ledger) {
                assert!(rows.insert(key, row.clone()).is_none());
            }
        }
        from = page.last_evaluated_key().cloned();
        if from.is_none() {
            return rows;
        }
    }
}

#[test]
fn the_demo_ledgers_verify_and_their_index_is_rebuilt_byte_for_byte() {
    for ledger in demo() {
        let report = verified(&ledger.name);
        let rows = assert_rebuilt_alike(&ledger.name);
        println!(
            "{}: {} records in {} segments, clean; {rows} rows rebuilt alike",
            ledger.name, report["records"], report["segments"]
        );
    }
}
