//! Bodies: what stands beside an entry in a segment. A record's or conflict's holds its sealed parts,
//! that of `genesis` and `key_epoch` the wrapped ledger key.

use crate::cbor;
use crate::hash::Hash;
use crate::key::{KeyId, Nonce};

/// Bytes are no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBody {
    /// Not the deterministic CBOR of a body.
    #[error("not a body: {0}")]
    Cbor(#[from] cbor::Error),
    /// No part, or more than there are.
    #[error("a body has one or two parts, not {0}")]
    Parts(usize),
}

/// One sealed part. There is nothing of a person in the clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedPart<'a> {
    /// The key that it is sealed with.
    pub key_id: KeyId,
    /// The nonce.
    pub nonce: Nonce,
    /// The hash over its digests, in the clear so that `content` stays checkable.
    pub part_content: Hash,
    /// Ciphertext and tag.
    pub ciphertext: &'a [u8],
}

/// The body of a record or conflict: part 0 first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body<'a> {
    /// The parts: facts, then content where there is any.
    pub parts: Vec<SealedPart<'a>>,
}

impl<'a> Body<'a> {
    /// Reads a body.
    ///
    /// # Errors
    /// If it is not exactly one.
    pub fn read(bytes: &'a [u8]) -> Result<Self, InvalidBody> {
        let _ = bytes;
        unimplemented!()
    }

    /// Appends its encoding.
    pub fn write(&self, out: &mut Vec<u8>) {
        let _ = out;
        unimplemented!()
    }
}

/// The body of `genesis` and `key_epoch`: the wrapped copy of the ledger key, so that it can't be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyBody {
    /// The ledger key's id.
    pub key_id: KeyId,
    /// The KMS key that wraps it (its ARN). Encryption context: `{"ledger": "<tenant>/<ledger>"}`.
    pub kms_key: String,
    /// KMS's ciphertext.
    pub wrapped: Vec<u8>,
}

impl KeyBody {
    /// Reads a body.
    ///
    /// # Errors
    /// If it is not exactly one.
    pub fn read(bytes: &[u8]) -> Result<Self, InvalidBody> {
        let _ = bytes;
        unimplemented!()
    }

    /// Its encoding.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        unimplemented!()
    }
}
