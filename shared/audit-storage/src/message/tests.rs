use base64_simd::STANDARD;
use proptest::prelude::*;

use super::*;

const AT: Millis = Millis::new(1_700_000_000_123);

fn round_trip(records: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    for packed in pack("req-1", AT, records).expect("packed") {
        assert_eq!(packed.records.start, out.len());
        let read = match packed.form {
            Form::Inline(body) => {
                assert!(body.len() <= MAX_BODY_BYTES);
                match unpack(&body, MAX_UNPACKED_BYTES).expect("readable") {
                    Message::Records(records) => records,
                    Message::Staged(_) => panic!("not staged"),
                }
            }
            Form::Staged { object, sha256 } => {
                assert_eq!(packed.records.len(), 1);
                let body = staged_body("req-1", AT, "key", &sha256);
                let Ok(Message::Staged(staged)) = unpack(&body, MAX_UNPACKED_BYTES) else {
                    panic!("staged");
                };
                assert_eq!((staged.key.as_str(), staged.sha256), ("key", sha256));
                unpack_staged(&staged, &object, MAX_UNPACKED_BYTES).expect("readable")
            }
        };
        assert_eq!((read.request_id.as_str(), read.received_at), ("req-1", AT));
        out.extend(read.iter().map(<[u8]>::to_vec));
        assert_eq!(packed.records.end, out.len());
    }
    out
}

/// Bytes that don't compress, from a small generator (xorshift64).
fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[3]
        })
        .collect()
}

#[test]
fn a_usual_batch_is_one_message() {
    let records: Vec<Vec<u8>> = (0..100)
        .map(|n| {
            format!(
                r#"{{"id":"{n}","type":"llm_call","text":"{}"}}"#,
                "lorem ipsum ".repeat(250)
            )
            .into_bytes()
        })
        .collect();
    assert_eq!(pack("req", AT, &records).expect("packed").len(), 1);
    assert_eq!(round_trip(&records), records);
}

#[test]
fn what_does_not_compress_is_split_into_few_full_messages() {
    let records: Vec<Vec<u8>> = (0..400).map(|n| noise(3_000, n + 1)).collect();
    let total: usize = records.iter().map(Vec::len).sum();
    let messages = pack("req", AT, &records).expect("packed").len();
    let least = (total * 4 / 3).div_ceil(MAX_BODY_BYTES);
    assert!(messages <= least + 1, "{messages} for at least {least}");
    assert_eq!(round_trip(&records), records);
}

#[test]
fn only_a_record_that_fits_no_message_is_staged() {
    let records = vec![
        noise(1_000, 1),
        noise(400_000, 2),
        vec![b'a'; 2_000_000],
        noise(1_000, 3),
    ];
    let forms: Vec<bool> = pack("req", AT, &records)
        .expect("packed")
        .iter()
        .map(|packed| matches!(packed.form, Form::Staged { .. }))
        .collect();
    assert_eq!(forms, [false, true, false]);
    assert_eq!(round_trip(&records), records);
}

#[test]
fn nothing_packs_to_nothing() {
    assert!(
        pack("req", AT, &Vec::<Vec<u8>>::new())
            .expect("packed")
            .is_empty()
    );
}

#[test]
fn unpacking_stops_at_the_limit() {
    let records = [vec![b'x'; 100_000]];
    let packed = pack("req", AT, &records).expect("packed").remove(0);
    let Form::Inline(body) = packed.form else {
        panic!("inline");
    };
    assert_eq!(unpack(&body, 100_000), Err(UnpackError::TooLarge));
    let Ok(Message::Records(read)) = unpack(&body, 100_100) else {
        panic!("readable");
    };
    assert_eq!(unpack(&body, read.unpacked_bytes()).map(drop), Ok(()));
    assert_eq!(
        unpack(&body, read.unpacked_bytes() - 1),
        Err(UnpackError::TooLarge)
    );
}

#[test]
fn what_is_no_message_is_refused_by_name() {
    let zipped =
        |cbor: &[u8]| STANDARD.encode_to_string(zstd::bulk::compress(cbor, 1).expect("zstd"));
    let twice = {
        let frame = zstd::bulk::compress(b"\x80", 1).expect("zstd");
        STANDARD.encode_to_string([frame.clone(), frame].concat())
    };
    let time = b"\x78\x182023-11-14T22:13:20.123Z";
    let good = [b"\x84\x01\x61r", time.as_slice(), b"\x81\x41x"].concat();
    assert!(unpack(&zipped(&good), 1_000).is_ok());
    let table = [
        ("not base64!".to_owned(), UnpackError::Base64),
        (STANDARD.encode_to_string(b"plain"), UnpackError::Zstd),
        (String::new(), UnpackError::Zstd),
        (twice, UnpackError::Zstd),
        (zipped(b""), UnpackError::Form),
        (zipped(b"\x80"), UnpackError::Form),
        (
            zipped(&[good.as_slice(), b"\x00"].concat()),
            UnpackError::Form,
        ),
        (zipped(&good[..good.len() - 1]), UnpackError::Form),
        (
            zipped(&[b"\x84\x03\x61r", time.as_slice(), b"\x81\x41x"].concat()),
            UnpackError::Form,
        ),
        (
            zipped(&[b"\x84\x01\x61r", time.as_slice(), b"\x81\x61x"].concat()),
            UnpackError::Form,
        ),
        (zipped(b"\x84\x01\x61r\x61t\x80"), UnpackError::Form),
        (
            zipped(
                &[
                    b"\x84\x01\x61r",
                    time.as_slice(),
                    b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
                ]
                .concat(),
            ),
            UnpackError::Form,
        ),
    ];
    for (body, expected) in table {
        assert_eq!(unpack(&body, 1_000), Err(expected), "{body}");
    }
}

#[test]
fn a_staging_object_must_be_the_one_that_was_named() {
    let packed = pack("req", AT, &[noise(400_000, 5)])
        .expect("packed")
        .remove(0);
    let Form::Staged { mut object, sha256 } = packed.form else {
        panic!("staged");
    };
    let staged = Staged {
        request_id: "req".to_owned(),
        received_at: AT,
        key: "key".to_owned(),
        sha256,
    };
    let other = Staged {
        request_id: "other".to_owned(),
        ..staged.clone()
    };
    assert_eq!(
        unpack_staged(&other, &object, MAX_UNPACKED_BYTES),
        Err(UnpackError::Form)
    );
    object[0] ^= 1;
    assert_eq!(
        unpack_staged(&staged, &object, MAX_UNPACKED_BYTES),
        Err(UnpackError::Digest)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_record_comes_back_once_and_in_order(
        sizes in proptest::collection::vec(0usize..60_000, 0..30), seed: u64,
    ) {
        let records: Vec<Vec<u8>> = sizes
            .iter()
            .zip(1..)
            .map(|(size, n)| if n % 3 == 0 { vec![b'a'; *size] } else { noise(*size, seed ^ n) })
            .collect();
        prop_assert_eq!(round_trip(&records), records);
    }

    #[test]
    fn any_text_is_answered_without_a_panic(body in ".{0,200}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(unpack(&body, 1_000).is_err());
        let zipped = STANDARD.encode_to_string(zstd::bulk::compress(&bytes, 1).expect("zstd"));
        drop(unpack(&zipped, 1_000));
    }
}
