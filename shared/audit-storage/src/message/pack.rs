//! Packing: as few messages as possible, each within the queue's limit.

use std::ops::Range;

use audit_record::Millis;
use base64_simd::STANDARD;
use minicbor::Encoder;
use sha2::{Digest, Sha256};

use super::{FORM_RECORDS, FORM_STAGED, MAX_BODY_BYTES, MAX_UNPACKED_BYTES, ZSTD_LEVEL};
use crate::error::{Error, Result};

/// A message to be sent and the records that are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Which of the records given.
    pub records: Range<usize>,
    /// The message.
    pub form: Form,
}

/// How a message's records travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// In the message: its body.
    Inline(String),
    /// One record that is too large: the object to be staged, durably before the message that
    /// [`staged_body`] makes is sent.
    Staged {
        /// The object's bytes.
        object: Vec<u8>,
        /// Their SHA-256.
        sha256: [u8; 32],
    },
}

/// Packs records in their order, as many into each message as fit.
///
/// All of them are tried first; if they are too many, a share is, by how much they were too large.
/// So a usual request is compressed once, and the largest a few times.
pub fn pack<R: AsRef<[u8]>>(
    request_id: &str,
    received_at: Millis,
    records: &[R],
) -> Result<Vec<Packed>> {
    let mut compressor = zstd::bulk::Compressor::new(ZSTD_LEVEL)
        .map_err(|error| Error::internal("start the compressor").caused_by(error))?;
    let mut packed = Vec::new();
    let mut from = 0;
    let mut budget = MAX_UNPACKED_BYTES;
    while from < records.len() {
        let count = within(&records[from..], budget.min(MAX_UNPACKED_BYTES));
        let chosen = &records[from..from + count];
        let cbor = encode(request_id, received_at, chosen);
        let object = compressor
            .compress(&cbor)
            .map_err(|error| Error::internal("compress a message").caused_by(error))?;
        let body_bytes = STANDARD.encoded_length(object.len());
        let form = if body_bytes <= MAX_BODY_BYTES {
            Form::Inline(STANDARD.encode_to_string(&object))
        } else if count == 1 {
            let sha256 = Sha256::digest(&object).into();
            Form::Staged { object, sha256 }
        } else {
            let fewer: usize = chosen[..count - 1].iter().map(|r| r.as_ref().len()).sum();
            budget = share(cbor.len(), body_bytes).min(fewer);
            continue;
        };
        // The next ones compress about as well as these; after a giant nothing is known.
        budget = match form {
            Form::Inline(_) if budget < MAX_UNPACKED_BYTES => share(cbor.len(), body_bytes),
            Form::Inline(_) | Form::Staged { .. } => MAX_UNPACKED_BYTES,
        };
        packed.push(Packed {
            records: from..from + count,
            form,
        });
        from += count;
    }
    Ok(packed)
}

/// How many bytes of records fill a message, if so many became so many: a little less than the
/// rule of three says, because the rest may compress worse.
fn share(unpacked: usize, body_bytes: usize) -> usize {
    let share = unpacked.saturating_mul(MAX_BODY_BYTES) / body_bytes.max(1);
    share - share / 32
}

/// How many records, at least one, have together at most `budget` bytes.
fn within<R: AsRef<[u8]>>(records: &[R], budget: usize) -> usize {
    // A byte string's head has at most 5 bytes here, the array's and the other members' some 100.
    let mut total = 256;
    let fitting = records.iter().take_while(|record| {
        total += record.as_ref().len() + 5;
        total <= budget
    });
    fitting.count().max(1)
}

/// The body of a message whose records are staged.
#[must_use]
pub fn staged_body(request_id: &str, received_at: Millis, key: &str, sha256: &[u8; 32]) -> String {
    let mut encoder = Encoder::new(Vec::new());
    let written = encoder
        .array(5)
        .and_then(|encoder| encoder.u8(FORM_STAGED))
        .and_then(|encoder| encoder.str(request_id))
        .and_then(|encoder| encoder.str(&received_at.to_string()))
        .and_then(|encoder| encoder.str(key))
        .and_then(|encoder| encoder.bytes(sha256).map(drop));
    written.expect("writing to memory does not fail");
    let object = zstd::bulk::compress(&encoder.into_writer(), ZSTD_LEVEL)
        .expect("some hundred bytes can be compressed");
    STANDARD.encode_to_string(object)
}

fn encode<R: AsRef<[u8]>>(request_id: &str, received_at: Millis, records: &[R]) -> Vec<u8> {
    let size: usize = records.iter().map(|record| record.as_ref().len() + 9).sum();
    let mut encoder = Encoder::new(Vec::with_capacity(size + 256));
    let written = encoder
        .array(4)
        .and_then(|encoder| encoder.u8(FORM_RECORDS))
        .and_then(|encoder| encoder.str(request_id))
        .and_then(|encoder| encoder.str(&received_at.to_string()))
        .and_then(|encoder| encoder.array(records.len() as u64))
        .and_then(|encoder| {
            records
                .iter()
                .try_for_each(|record| encoder.bytes(record.as_ref()).map(drop))
        });
    written.expect("writing to memory does not fail");
    encoder.into_writer()
}
