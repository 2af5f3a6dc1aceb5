//! Unpacking, within a limit and strictly: what is refused here can never be read by anyone.

use std::io::Read;

use audit_record::Millis;
use base64_simd::STANDARD;
use minicbor::Decoder;
use sha2::{Digest, Sha256};

use super::{FORM_RECORDS, FORM_STAGED, Message, Records, Staged};

/// A window of 32 MiB, the most that a message may unpack to.
const WINDOW_LOG_MAX: u32 = 25;

/// Why a message can't be read. Each is a property of its bytes: reading it again changes nothing
/// (but for [`UnpackError::TooLarge`], if the limit was what was left of a larger one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnpackError {
    /// Not base64 (RFC 4648 section 4, padded).
    #[error("not base64")]
    Base64,
    /// Not exactly one zstd frame (RFC 8878).
    #[error("not one zstd frame")]
    Zstd,
    /// More than the limit when unpacked.
    #[error("unpacks beyond the limit")]
    TooLarge,
    /// Not one of the two forms.
    #[error("not a message")]
    Form,
    /// A staging object that is not the one that the message names.
    #[error("another staging object")]
    Digest,
}

impl UnpackError {
    /// The stable word for it, the `reason` of a `rejected` entry.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Base64 => "not_base64",
            Self::Zstd => "not_zstd",
            Self::TooLarge => "too_large",
            Self::Form => "not_a_message",
            Self::Digest => "staging_digest",
        }
    }
}

/// Unpacks a message's body, to at most `limit` bytes.
pub fn unpack(body: &str, limit: usize) -> Result<Message, UnpackError> {
    let object = STANDARD
        .decode_to_vec(body)
        .map_err(|_| UnpackError::Base64)?;
    let buffer = decompress(&object, limit)?;
    match decode(&buffer).ok_or(UnpackError::Form)? {
        Decoded::Records(shape) => Ok(Message::Records(shape.over(buffer))),
        Decoded::Staged(staged) => Ok(Message::Staged(staged)),
    }
}

/// Unpacks a staging object, to at most `limit` bytes. It must be the one that the message names
/// and hold records of the same request.
pub fn unpack_staged(staged: &Staged, object: &[u8], limit: usize) -> Result<Records, UnpackError> {
    if <[u8; 32]>::from(Sha256::digest(object)) != staged.sha256 {
        return Err(UnpackError::Digest);
    }
    let buffer = decompress(object, limit)?;
    match decode(&buffer).ok_or(UnpackError::Form)? {
        Decoded::Records(shape)
            if shape.request_id == staged.request_id && shape.received_at == staged.received_at =>
        {
            Ok(shape.over(buffer))
        }
        Decoded::Records(_) | Decoded::Staged(_) => Err(UnpackError::Form),
    }
}

fn decompress(object: &[u8], limit: usize) -> Result<Vec<u8>, UnpackError> {
    let mut rest = object;
    let mut buffer = Vec::new();
    {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(&mut rest)
            .map_err(|_| UnpackError::Zstd)?
            .single_frame();
        decoder
            .window_log_max(WINDOW_LOG_MAX)
            .map_err(|_| UnpackError::Zstd)?;
        // One byte more than allowed tells "full" from "too large" without unpacking the rest.
        let mut bounded = decoder.by_ref().take(limit as u64 + 1);
        bounded
            .read_to_end(&mut buffer)
            .map_err(|_| UnpackError::Zstd)?;
    }
    if buffer.len() > limit {
        return Err(UnpackError::TooLarge);
    }
    if rest.is_empty() {
        Ok(buffer)
    } else {
        Err(UnpackError::Zstd)
    }
}

enum Decoded {
    Records(Shape),
    Staged(Staged),
}

struct Shape {
    request_id: String,
    received_at: Millis,
    spans: Vec<std::ops::Range<usize>>,
}

impl Shape {
    fn over(self, buffer: Vec<u8>) -> Records {
        Records {
            request_id: self.request_id,
            received_at: self.received_at,
            buffer,
            spans: self.spans,
        }
    }
}

fn decode(buffer: &[u8]) -> Option<Decoded> {
    let mut decoder = Decoder::new(buffer);
    let members = decoder.array().ok()??;
    let form = decoder.u8().ok()?;
    let request_id = decoder.str().ok()?.to_owned();
    let received_at = Millis::parse_exact(decoder.str().ok()?).ok()?;
    let decoded = match (form, members) {
        (FORM_RECORDS, 4) => {
            let count = decoder.array().ok()??;
            let mut spans = Vec::new();
            for _ in 0..count {
                let length = decoder.bytes().ok()?.len();
                let end = decoder.position();
                spans.push(end - length..end);
            }
            Decoded::Records(Shape {
                request_id,
                received_at,
                spans,
            })
        }
        (FORM_STAGED, 5) => Decoded::Staged(Staged {
            request_id,
            received_at,
            key: decoder.str().ok()?.to_owned(),
            sha256: decoder.bytes().ok()?.try_into().ok()?,
        }),
        _ => return None,
    };
    (decoder.position() == buffer.len()).then_some(decoded)
}
