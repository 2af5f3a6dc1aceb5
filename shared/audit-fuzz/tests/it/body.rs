//! Bodies and the CBOR below them.

use audit_fuzz::hold;
use audit_log::cbor::Reader;
use audit_log::{Body, KeyBody};

use crate::golden;

#[test]
fn body() {
    hold(&golden(&["record-body", "genesis-body"]), |bytes| {
        if let Ok(body) = Body::read(bytes) {
            let mut written = Vec::new();
            body.write(&mut written);
            assert_eq!(written, bytes);
        }
        if let Ok(body) = KeyBody::read(bytes) {
            assert_eq!(body.to_vec(), bytes);
        }
    });
}

#[test]
fn cbor() {
    let mut seeds = golden(&["record-body", "genesis-body", "segment-00"]);
    // As deep as it is long: whoever recursed would run out of stack.
    seeds.push(vec![0x81; 200_000]);
    seeds.push([[0xd8, 0x20].repeat(50_000), vec![0x00]].concat());
    // A length that no memory holds.
    seeds.push(vec![0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    hold(&seeds, |bytes| {
        let mut reader = Reader::new(bytes);
        while !reader.is_at_end() {
            let before = reader.position();
            if reader.skip().is_err() {
                break;
            }
            assert!((before + 1..=bytes.len()).contains(&reader.position()));
        }
        // Lengths are never more than what follows.
        if let Ok(count) = Reader::new(bytes).array() {
            assert!(count <= bytes.len());
        }
        if let Ok(text) = Reader::new(bytes).text() {
            assert!(text.len() < bytes.len());
        }
    });
}
