//! What goes through a queue: the records of one request, packed, or a pointer to where they lie.
//!
//! A body is `base64(zstd(CBOR))`, because SQS takes text only and refuses some characters. The
//! CBOR (deterministic, RFC 8949 section 4.2.1) is an array:
//! - `[1, request id, received_at, [record, …]]`: records as byte strings, the validated JSON as it
//!   was sent, a minted id inserted;
//! - `[2, request id, received_at, key, sha256]`: the staging object of that key holds
//!   `zstd(CBOR)` of the first form, its SHA-256 is the one given.
//!
//! Reading is bounded: nothing is unpacked beyond the limit that the caller gives. Whether a
//! record parses is not decided here.

mod pack;
mod quarantine;
mod unpack;

use std::ops::Range;

use audit_record::Millis;

pub use pack::{Form, Packed, pack, staged_body};
pub use quarantine::Quarantined;
pub use unpack::{UnpackError, unpack, unpack_staged};

/// The most bytes of a message with its attributes (SQS, "Message quotas"; also the most of a whole
/// batch of them). The service takes more by now; provider and emulator do not.
pub const MAX_MESSAGE_BYTES: usize = 256 * 1024;
/// The name of the message attribute that says whose records they are.
pub const LEDGER_ATTRIBUTE: &str = "ledger";
/// What is left for the body: the attribute takes its name (6), its type `String` (6) and its value
/// (63 + 1 + 63 = 127), which is 139.
pub const MAX_BODY_BYTES: usize = MAX_MESSAGE_BYTES - 139;
/// The most bytes that one message may unpack to. A request is at most 16 MiB.
pub const MAX_UNPACKED_BYTES: usize = 32 * 1024 * 1024;

/// Faster than the default by a factor of three, and still a third of the size for JSON.
const ZSTD_LEVEL: i32 = -1;
const FORM_RECORDS: u8 = 1;
const FORM_STAGED: u8 = 2;

/// A message's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// The records themselves.
    Records(Records),
    /// Where they lie.
    Staged(Staged),
}

/// The records of one request, or some of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Records {
    /// The request's id, as the client was told.
    pub request_id: String,
    /// When it was received.
    pub received_at: Millis,
    /// The unpacked CBOR; the records lie in it.
    buffer: Vec<u8>,
    spans: Vec<Range<usize>>,
}

impl Records {
    /// The records, in the order as sent.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.spans.iter().map(|span| &self.buffer[span.clone()])
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// How many bytes they unpacked to.
    #[must_use]
    pub fn unpacked_bytes(&self) -> usize {
        self.buffer.len()
    }
}

/// A pointer to a staging object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// The request's id.
    pub request_id: String,
    /// When it was received.
    pub received_at: Millis,
    /// The object's key.
    pub key: String,
    /// The object's SHA-256.
    pub sha256: [u8; 32],
}

#[cfg(test)]
mod tests;
