//! The rows of both tables.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};

use super::{Answer, Row, Scene, of, tried};
use crate::place::Clients;

/// The partition of rows that no ledger has.
const PARTITION: &str = "SCRATCH";

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn get(by: &Clients, table: &str) -> Answer {
    let request = by.dynamodb.get_item().table_name(table);
    of(request
        .key("pk", text("LEDGER#demo/credit"))
        .key("sk", text("HEAD"))
        .send())
}

fn query(by: &Clients, table: &str, attribute: &str) -> QueryFluentBuilder {
    let request = by.dynamodb.query().table_name(table);
    request
        .key_condition_expression("#k = :v")
        .expression_attribute_names("#k", attribute)
        .expression_attribute_values(":v", text("LEDGER#demo/credit"))
}

fn put(by: &Clients, at: &Scene, table: &str) -> Answer {
    let request = by.dynamodb.put_item().table_name(table);
    of(request
        .item("pk", text(PARTITION))
        .item("sk", text(&at.caller))
        .send())
}

fn put_batch(by: &Clients, at: &Scene, table: &str) -> Answer {
    let put = PutRequest::builder()
        .item("pk", text(PARTITION))
        .item("sk", text(&at.caller))
        .build()
        .expect("complete");
    let write = WriteRequest::builder().put_request(put).build();
    of(by
        .dynamodb
        .batch_write_item()
        .request_items(table, vec![write])
        .send())
}

fn update(by: &Clients, at: &Scene, table: &str) -> Answer {
    let request = by.dynamodb.update_item().table_name(table);
    of(request
        .key("pk", text(PARTITION))
        .key("sk", text(&at.caller))
        .update_expression("SET n = :n")
        .expression_attribute_values(":n", text("n"))
        .send())
}

fn delete(by: &Clients, at: &Scene, table: &str) -> Answer {
    let request = by.dynamodb.delete_item().table_name(table);
    of(request
        .key("pk", text(PARTITION))
        .key("sk", text(&at.caller))
        .send())
}

#[rustfmt::skip]
const AUDIT: &[Row] = &[
    // Ingest has the rate limits' rows and no other; only AWS tells them apart.
    ("read a row of the index", ["yes", "yes", "yes", "yes"], "yes", |by, at| get(by, &at.table)),
    ("query the index", ["no", "no", "yes", "yes"], "yes", |by, at| of(query(by, &at.table, "pk").send())),
    ("query the index by actor", ["no", "no", "yes", "no"], "yes",
        |by, at| of(query(by, &at.table, "ak").index_name("by_actor").send())),
    ("scan the index", ["no", "no", "no", "no"], "yes", |by, at| of(by.dynamodb.scan().table_name(&at.table).limit(1).send())),
    ("put a row into the index", ["yes", "yes", "no", "yes"], "yes", |by, at| put(by, at, &at.table)),
    ("put rows into the index", ["no", "yes", "no", "yes"], "yes", |by, at| put_batch(by, at, &at.table)),
    ("change a row of the index", ["no", "no", "no", "no"], "yes", |by, at| update(by, at, &at.table)),
    ("delete a row of the index", ["no", "no", "no", "no"], "yes", |by, at| delete(by, at, &at.table)),
    ("delete the index", ["no", "no", "no", "no"], "yes", |by, at| of(by.dynamodb.delete_table().table_name(&at.table).send())),
];

#[rustfmt::skip]
const KEYS: &[Row] = &[
    ("read a row of the keys", ["yes", "yes", "yes", "yes"], "yes", |by, at| get(by, &at.keys_table)),
    ("query the keys", ["no", "yes", "yes", "yes"], "yes", |by, at| of(query(by, &at.keys_table, "pk").send())),
    ("scan the keys", ["no", "no", "no", "no"], "yes", |by, at| of(by.dynamodb.scan().table_name(&at.keys_table).limit(1).send())),
    ("put a row into the keys", ["no", "yes", "no", "yes"], "yes", |by, at| put(by, at, &at.keys_table)),
    ("put rows into the keys", ["no", "no", "no", "no"], "yes", |by, at| put_batch(by, at, &at.keys_table)),
    ("change a row of the keys", ["no", "no", "no", "no"], "yes", |by, at| update(by, at, &at.keys_table)),
    ("delete a row of the keys", ["no", "no", "no", "no"], "yes", |by, at| delete(by, at, &at.keys_table)),
    ("delete the keys", ["no", "no", "no", "no"], "yes", |by, at| of(by.dynamodb.delete_table().table_name(&at.keys_table).send())),
];

#[test]
fn the_index_is_written_by_the_writer_and_never_by_those_who_read_or_take_in() {
    println!("{}", tried(AUDIT));
}

#[test]
fn rows_of_keys_are_made_and_read_and_never_taken_away() {
    println!("{}", tried(KEYS));
}
