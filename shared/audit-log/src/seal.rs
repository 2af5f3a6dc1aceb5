//! Sealing a part: XAES-256-GCM (C2SP) over its salt and its fields, compressed and padded.

use audit_record::json::{Value, parse};
use audit_record::limits::CANONICAL_BYTES_MAX;
use audit_record::{LedgerName, Part, RecordId};
use xaes_256_gcm::aead::AeadInOut;
use zeroize::Zeroizing;
use zstd::zstd_safe;

use crate::body::SealedPart;
use crate::hash::Hash;
use crate::key::{Key, KeyId, Nonce, PartSalt};
use crate::{canonical, cbor, domain, padme};

/// Why a part can't be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Another key, another place, or changed bytes.
    #[error("does not open with this key in this place")]
    WrongKey,
    /// The plaintext has not the sealed form, though it is authentic.
    #[error("the sealed plaintext is malformed: {0}")]
    Malformed(&'static str),
    /// The fields are longer than a part may be.
    #[error("the part's fields are longer than a part may be")]
    TooLong,
    /// The record has content, and no scope key was given.
    #[error("content needs a scope key")]
    NoScopeKey,
    /// The compressor failed.
    #[error("the compressor failed")]
    Compressor,
    /// The entry would be longer than an entry may be.
    #[error("the entry is longer than an entry may be")]
    EntryTooLong,
}

/// What a sealed part is bound to: its associated data.
#[derive(Clone, Copy)]
pub(crate) struct Place<'p> {
    pub(crate) ledger: &'p LedgerName,
    pub(crate) id: RecordId,
    pub(crate) part: Part,
    pub(crate) part_content: Hash,
}

impl Place<'_> {
    /// `"audit-seal/v1" ‖ 0x00 ‖ CBOR [ledger, entry id, part number, key_id, part_content]`.
    fn associated_data(&self, key_id: KeyId, out: &mut Vec<u8>) {
        out.clear();
        out.extend_from_slice(domain::SEAL);
        cbor::write_array(5, out);
        cbor::write_text(self.ledger.as_str(), out);
        cbor::write_text(self.id.encode(&mut [0; RecordId::TEXT_LEN]), out);
        cbor::write_unsigned(u64::from(self.part.number()), out);
        cbor::write_bytes(key_id.as_bytes(), out);
        cbor::write_bytes(self.part_content.as_bytes(), out);
    }
}

/// Bytes before the frame: the part's salt, and the frame's length.
const FRAME_AT: usize = 32 + 4;

/// Bytes of the tag, at the end of the ciphertext.
const TAG_LEN: usize = 16;

/// Begins every zstd frame that is not skippable (RFC 8878 section 3.1.1).
const FRAME_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// zstd's level. No part of the format: a reader takes any frame. 1 costs a third of the default's
/// time and some 3 % more bytes on records.
const LEVEL: i32 = 1;

/// Compresses and encrypts, with buffers that are used again.
pub(crate) struct Press {
    compressor: zstd::bulk::Compressor<'static>,
    data: Vec<u8>,
}

impl Press {
    pub(crate) fn new() -> Result<Self, SealError> {
        Ok(Self {
            compressor: zstd::bulk::Compressor::new(LEVEL).map_err(|_| SealError::Compressor)?,
            data: Vec::new(),
        })
    }

    /// Makes `plaintext` the padded plaintext of these fields, which are canonical JSON.
    pub(crate) fn plaintext(
        &mut self,
        part_salt: &PartSalt,
        fields: &[u8],
        plaintext: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        if fields.len() > CANONICAL_BYTES_MAX {
            return Err(SealError::TooLong);
        }
        plaintext.clear();
        plaintext.resize(FRAME_AT + zstd_safe::compress_bound(fields.len()), 0);
        let frame = self
            .compressor
            .compress_to_buffer(fields, &mut plaintext[FRAME_AT..])
            .map_err(|_| SealError::Compressor)?;
        let frame_len = u32::try_from(frame).map_err(|_| SealError::TooLong)?;
        plaintext[..32].copy_from_slice(part_salt.expose());
        plaintext[32..FRAME_AT].copy_from_slice(&frame_len.to_be_bytes());
        plaintext.truncate(FRAME_AT + frame);
        plaintext.resize(padme::padded(FRAME_AT + frame), 0);
        Ok(())
    }

    /// Turns a plaintext into the ciphertext with its tag.
    pub(crate) fn encrypt<Role>(
        &mut self,
        key: &Key<Role>,
        nonce: &Nonce,
        place: &Place<'_>,
        text: &mut Vec<u8>,
    ) -> Result<(), SealError> {
        place.associated_data(key.id(), &mut self.data);
        let tag = key
            .cipher()
            .encrypt_inout_detached(nonce.into(), &self.data, text.as_mut_slice().into())
            .map_err(|_| SealError::TooLong)?;
        text.extend_from_slice(&tag);
        Ok(())
    }
}

/// A part that was opened: its salt and its fields, not yet checked against any digest.
#[derive(Clone)]
pub struct OpenedPart {
    /// Which part.
    pub part: Part,
    /// The salt that its disclosures are made with.
    pub part_salt: PartSalt,
    /// Pointer and value of each field, in the canonical order of pointers.
    pub fields: Vec<(String, Value<'static>)>,
}

/// Opens a sealed part.
pub(crate) fn open<Role>(
    key: &Key<Role>,
    place: &Place<'_>,
    sealed: &SealedPart<'_>,
) -> Result<OpenedPart, SealError> {
    let plaintext = decrypt(key, place, sealed)?;
    let (part_salt, json) = unpack(&plaintext)?;
    let Ok(Value::Object(object)) = parse(&json) else {
        return Err(SealError::Malformed("no JSON object"));
    };
    let mut again = Vec::with_capacity(json.len());
    canonical::write_object(&object, &mut again);
    if again != json {
        return Err(SealError::Malformed("not in canonical form"));
    }
    Ok(OpenedPart {
        part: place.part,
        part_salt,
        fields: object
            .into_iter()
            .map(|(pointer, value)| (pointer.into_owned(), value.into_owned()))
            .collect(),
    })
}

fn decrypt<Role>(
    key: &Key<Role>,
    place: &Place<'_>,
    sealed: &SealedPart<'_>,
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let (text, tag) = sealed
        .ciphertext
        .split_last_chunk::<TAG_LEN>()
        .ok_or(SealError::WrongKey)?;
    let mut plaintext = Zeroizing::new(text.to_vec());
    let mut data = Vec::new();
    place.associated_data(sealed.key_id, &mut data);
    key.cipher()
        .decrypt_inout_detached(
            (&sealed.nonce).into(),
            &data,
            plaintext.as_mut_slice().into(),
            tag.into(),
        )
        .map_err(|_| SealError::WrongKey)?;
    Ok(plaintext)
}

/// Takes a plaintext apart: the part's salt, and the fields' canonical JSON.
fn unpack(plaintext: &[u8]) -> Result<(PartSalt, Vec<u8>), SealError> {
    let malformed = SealError::Malformed;
    let (part_salt, rest) = plaintext
        .split_first_chunk::<32>()
        .ok_or(malformed("too short"))?;
    let (frame_len, rest) = rest
        .split_first_chunk::<4>()
        .ok_or(malformed("too short"))?;
    let frame_len = usize::try_from(u32::from_be_bytes(*frame_len)).unwrap_or(usize::MAX);
    let (frame, padding) = rest
        .split_at_checked(frame_len)
        .ok_or(malformed("the frame is longer than the plaintext"))?;
    if plaintext.len() != padme::padded(FRAME_AT + frame_len) {
        return Err(malformed("not padded to its Padmé length"));
    }
    if padding.iter().any(|byte| *byte != 0) {
        return Err(malformed("padding that is not zero"));
    }
    if !frame.starts_with(&FRAME_MAGIC)
        || zstd_safe::find_frame_compressed_size(frame) != Ok(frame_len)
    {
        return Err(malformed("not exactly one zstd frame"));
    }
    // A frame may leave its content's size out; then the limit is all there is to go by.
    let size = zstd_safe::get_frame_content_size(frame)
        .map_err(|_| malformed("no zstd frame"))?
        .and_then(|size| usize::try_from(size).ok());
    let capacity = size.unwrap_or(CANONICAL_BYTES_MAX).min(CANONICAL_BYTES_MAX);
    let json = zstd::bulk::decompress(frame, capacity)
        .map_err(|_| malformed("a frame that does not unpack within the limit"))?;
    Ok((PartSalt::new(*part_salt), json))
}
