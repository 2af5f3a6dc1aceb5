//! Messages of a queue: what anybody who may send to a lane could put there.

use audit_fuzz::{files, hold};
use audit_record::Millis;
use audit_storage::message::{Form, Message, pack, staged_body, unpack, unpack_staged};
use base64_simd::STANDARD;

/// Small, so that bombs are met.
const LIMIT: usize = 64 * 1024;

/// A message that was read says the same when it is written and read again.
fn check(body: &str) {
    match unpack(body, LIMIT) {
        Ok(Message::Records(records)) => {
            let bytes: usize = records.iter().map(<[u8]>::len).sum();
            assert!(bytes <= records.unpacked_bytes() && records.unpacked_bytes() <= LIMIT);
            let sent: Vec<&[u8]> = records.iter().collect();
            if sent.is_empty() {
                return;
            }
            let packed = pack(&records.request_id, records.received_at, &sent).expect("packed");
            assert_eq!(packed.len(), 1);
            let Form::Inline(again) = &packed[0].form else {
                return;
            };
            let Ok(Message::Records(again)) = unpack(again, LIMIT * 2) else {
                unreachable!("what was packed is a message")
            };
            assert!(again.iter().eq(sent));
            assert_eq!(again.request_id, records.request_id);
            assert_eq!(again.received_at, records.received_at);
        }
        Ok(Message::Staged(staged)) => {
            let again = staged_body(
                &staged.request_id,
                staged.received_at,
                &staged.key,
                &staged.sha256,
            );
            assert_eq!(
                unpack(&again, LIMIT * 2),
                Ok(Message::Staged(staged.clone()))
            );
            // No object but the one that it names.
            assert!(unpack_staged(&staged, body.as_bytes(), LIMIT).is_err());
        }
        Err(error) => assert!(!error.reason().is_empty()),
    }
}

/// As the way into a lane makes it of a CBOR text.
fn wrapped(cbor: &[u8]) -> String {
    STANDARD.encode_to_string(zstd::bulk::compress(cbor, -1).expect("compressed"))
}

fn bodies() -> Vec<Vec<u8>> {
    let now = Millis::new(1_767_225_600_000);
    let records: Vec<Vec<u8>> = (0..5).map(|at| vec![b'x'; at * 7]).collect();
    let packed = pack("request-1", now, &records).expect("packed");
    let mut bodies: Vec<Vec<u8>> = packed
        .into_iter()
        .filter_map(|packed| match packed.form {
            Form::Inline(body) => Some(body.into_bytes()),
            Form::Staged { .. } => None,
        })
        .collect();
    bodies.push(staged_body("request-2", now, "ledgers/a/b/key", &[7; 32]).into_bytes());
    bodies.push(wrapped(&vec![0; 4 * 1024 * 1024]).into_bytes());
    bodies
}

#[test]
fn message() {
    let mut seeds = bodies();
    seeds.extend(files("audit-fuzz/corpus/message"));
    hold(&seeds, |bytes| check(&String::from_utf8_lossy(bytes)));
}

#[test]
fn unpacked_message() {
    let seeds: Vec<Vec<u8>> = bodies()[..2]
        .iter()
        .map(|body| {
            let object = STANDARD.decode_to_vec(body).expect("base64");
            zstd::bulk::decompress(&object, LIMIT).expect("zstd")
        })
        .collect();
    hold(&seeds, |bytes| check(&wrapped(bytes)));
}
