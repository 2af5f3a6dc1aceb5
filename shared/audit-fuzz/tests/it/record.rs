//! The record parser: JSON, batches, records.

use audit_fuzz::{files, hold};
use audit_log::canonical;
use audit_record::json::{Value, elements, lines, parse};
use audit_record::limits::{BATCH_RECORDS_MAX, DEPTH_MAX};
use audit_record::{Record, RecordId};

use crate::golden;

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = golden(&["record-sent", "entries"]);
    seeds.extend(files("audit-fuzz/corpus/record"));
    let vectors = include_str!("../../../vectors/parse.json");
    let vectors: serde_json::Value = serde_json::from_str(vectors).expect("JSON");
    for record in vectors["records"].as_array().expect("records") {
        seeds.push(record["record"].to_string().into_bytes());
    }
    seeds
}

/// How deep it is, and how many values it has.
fn measure(value: &Value<'_>) -> (usize, usize) {
    let inner: Vec<(usize, usize)> = match value {
        Value::Array(values) => values.iter().map(measure).collect(),
        Value::Object(object) => object.iter().map(|(_, value)| measure(value)).collect(),
        _ => return (0, 1),
    };
    let depth = inner.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    (
        depth + 1,
        1 + inner.iter().map(|(_, count)| count).sum::<usize>(),
    )
}

#[test]
fn json() {
    hold(&seeds(), |bytes| {
        let Ok(value) = parse(bytes) else { return };
        // What we read, others read too.
        assert!(serde_json::from_slice::<serde_json::Value>(bytes).is_ok());
        let (depth, count) = measure(&value);
        assert!(depth <= DEPTH_MAX && count <= bytes.len());
        let written = canonical::to_vec(&value);
        let again = parse(&written).expect("what was written is JSON");
        assert_eq!(canonical::to_vec(&again), written);
        assert_eq!(measure(&again), (depth, count));
    });
}

#[test]
fn record() {
    let id = RecordId::parse("01999999-9999-7aaa-8bbb-0123456789ff").expect("an id");
    hold(&seeds(), |bytes| {
        let Ok(record) = Record::parse(bytes) else {
            return;
        };
        // Fields are all of it: put together they are the record again.
        let mut whole = Vec::new();
        canonical::write_object(record.members(), &mut whole);
        let fields = record.fields();
        let fields = fields
            .iter()
            .map(|field| (field.pointer.as_ref(), field.value.clone()));
        let assembled = Record::assemble(fields).expect("pointers");
        let mut again = Vec::new();
        canonical::write_object(&assembled, &mut again);
        assert_eq!(again, whole);
        if record.id().is_none() {
            let with_id = Record::insert_id(bytes, id);
            let with_id = Record::parse(&with_id).expect("a record with an id");
            assert_eq!(with_id.id(), Some(id));
        }
    });
}

#[test]
fn batch() {
    let sent: Vec<Vec<u8>> = seeds();
    let array = [b"[".as_slice(), &sent[1..].join(&b","[..]), b"]"].concat();
    let seeds = vec![array, sent.join(&b"\n"[..]), b"[]".to_vec()];
    hold(&seeds, |bytes| {
        for batch in [
            elements(bytes, BATCH_RECORDS_MAX),
            lines(bytes, BATCH_RECORDS_MAX),
        ]
        .into_iter()
        .flatten()
        {
            assert!(batch.len() <= BATCH_RECORDS_MAX);
            let mut end = 0;
            for element in &batch {
                assert!(element.offset >= end, "elements do not overlap");
                end = element.offset + element.raw.len();
                assert_eq!(bytes.get(element.offset..end), Some(element.raw));
                // Alone it is what it is in the batch.
                assert_eq!(parse(element.raw).is_ok(), element.value.is_ok());
            }
        }
    });
}
