//! Bodies: what stands beside an entry in a segment. A record's or conflict's holds its sealed parts,
//! that of `genesis` and `key_epoch` the wrapped ledger key.

use audit_record::Part;

use crate::cbor::{self, Reader};
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

impl SealedPart<'_> {
    /// Appends its encoding: a map whose names stand in the order of their encodings.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        cbor::write_map(4, out);
        cbor::write_text("nonce", out);
        cbor::write_bytes(&self.nonce, out);
        cbor::write_text("key_id", out);
        cbor::write_bytes(self.key_id.as_bytes(), out);
        cbor::write_text("ciphertext", out);
        cbor::write_bytes(self.ciphertext, out);
        cbor::write_text("part_content", out);
        cbor::write_bytes(self.part_content.as_bytes(), out);
    }

    /// Bytes of a part's encoding beside its ciphertext: with head and names 56, nonce 24, key id 16,
    /// hash 32, and at most 5 for the ciphertext's head.
    pub(crate) const OVERHEAD_MAX: usize = 144;
}

fn read_part<'a>(reader: &mut Reader<'a>) -> Result<SealedPart<'a>, cbor::Error> {
    head(reader, 4)?;
    name(reader, "nonce")?;
    let nonce = reader.array_of()?;
    name(reader, "key_id")?;
    let key_id = KeyId::from_bytes(reader.array_of()?);
    name(reader, "ciphertext")?;
    let ciphertext = reader.bytes()?;
    name(reader, "part_content")?;
    let part_content = Hash::from_bytes(reader.array_of()?);
    Ok(SealedPart {
        key_id,
        nonce,
        part_content,
        ciphertext,
    })
}

fn head(reader: &mut Reader<'_>, pairs: usize) -> Result<(), cbor::Error> {
    if reader.map()? == pairs {
        Ok(())
    } else {
        Err(reader.error("a map of another size"))
    }
}

fn name(reader: &mut Reader<'_>, name: &'static str) -> Result<(), cbor::Error> {
    let error = reader.error(name);
    if reader.text()? == name {
        Ok(())
    } else {
        Err(error)
    }
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
        let mut reader = Reader::new(bytes);
        let count = reader.array()?;
        if !(1..=Part::ALL.len()).contains(&count) {
            return Err(InvalidBody::Parts(count));
        }
        let parts = (0..count)
            .map(|_| read_part(&mut reader))
            .collect::<Result<_, _>>()?;
        reader.end()?;
        Ok(Self { parts })
    }

    /// Appends its encoding.
    pub fn write(&self, out: &mut Vec<u8>) {
        cbor::write_array(self.parts.len(), out);
        for part in &self.parts {
            part.write(out);
        }
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
        let mut reader = Reader::new(bytes);
        head(&mut reader, 3)?;
        name(&mut reader, "key_id")?;
        let key_id = KeyId::from_bytes(reader.array_of()?);
        name(&mut reader, "kms_key")?;
        let kms_key = reader.text()?.to_owned();
        name(&mut reader, "wrapped")?;
        let wrapped = reader.bytes()?.to_vec();
        reader.end()?;
        Ok(Self {
            key_id,
            kms_key,
            wrapped,
        })
    }

    /// Its encoding.
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        let mut out = Vec::new();
        cbor::write_map(3, &mut out);
        cbor::write_text("key_id", &mut out);
        cbor::write_bytes(self.key_id.as_bytes(), &mut out);
        cbor::write_text("kms_key", &mut out);
        cbor::write_text(&self.kms_key, &mut out);
        cbor::write_text("wrapped", &mut out);
        cbor::write_bytes(&self.wrapped, &mut out);
        out
    }
}
