//! Sealing a record: from a validated record to the entry and body that a segment holds.

use std::ops::Range;

use audit_record::{Fields, LedgerName, Millis, Part, Producer, Record, RecordId};

use crate::body::SealedPart;
use crate::disclosure::{self, Salter};
use crate::entry::{BodyRef, EntryHead, Kind};
use crate::hash::Hash;
use crate::key::{Key, LedgerKey, Nonce, PartSalt, ScopeKey};
use crate::seal::{Place, Press, SealError};
use crate::{base64url, canonical, cbor};

/// Fresh random bytes for the seal of one part.
#[derive(Clone)]
pub struct PartSecrets {
    /// The nonce.
    pub nonce: Nonce,
    /// The salt.
    pub part_salt: PartSalt,
}

impl PartSecrets {
    /// Random bytes that the seal of one part takes.
    pub const LEN: usize = 24 + 32;

    /// From fresh random bytes of the operating system.
    #[must_use]
    pub fn new(random: &[u8; Self::LEN]) -> Self {
        let mut nonce = [0; 24];
        nonce.copy_from_slice(&random[..24]);
        let mut part_salt = [0; 32];
        part_salt.copy_from_slice(&random[24..]);
        Self {
            nonce,
            part_salt: PartSalt::new(part_salt),
        }
    }
}

/// Where and with what a record is sealed.
pub struct Sealing<'s> {
    /// Which ledger.
    pub ledger: &'s LedgerName,
    /// The entry's id: the record's, or a conflict's own.
    pub id: RecordId,
    /// [`Kind::Record`] or [`Kind::Conflict`].
    pub kind: Kind,
    /// When the server received it.
    pub received_at: Millis,
    /// Seals the facts.
    pub ledger_key: &'s LedgerKey,
    /// Seals the content; none is needed where there is none ([`Record::has_content`]).
    pub scope_key: Option<&'s ScopeKey>,
    /// Fresh secrets for facts and content.
    pub secrets: [PartSecrets; 2],
}

/// A sealed record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The entry's bytes.
    pub entry: Vec<u8>,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// The hash over the parts.
    pub content: Hash,
}

/// Seals records, one after the other, with buffers that are used again.
pub struct Sealer {
    press: Press,
    /// Pointers, their canonical JSON and their values' canonical JSON, of all fields.
    text: Vec<u8>,
    fields: Vec<FieldText>,
    json: Vec<u8>,
    disclosure: Vec<u8>,
    digests: Vec<Hash>,
    sealed: Vec<u8>,
}

/// Where a field lies in the sealer's text.
struct FieldText {
    part: Part,
    pointer: Range<usize>,
    quoted: Range<usize>,
    value: Range<usize>,
}

impl Sealer {
    /// A sealer with empty buffers.
    ///
    /// # Errors
    /// If the compressor can't be made.
    pub fn new() -> Result<Self, SealError> {
        Ok(Self {
            press: Press::new()?,
            text: Vec::new(),
            fields: Vec::new(),
            json: Vec::new(),
            disclosure: Vec::new(),
            digests: Vec::new(),
            sealed: Vec::new(),
        })
    }

    /// Seals a record.
    ///
    /// # Errors
    /// If it has content and there is no scope key, or a part is too long.
    pub fn seal(
        &mut self,
        record: &Record<'_>,
        sealing: &Sealing<'_>,
    ) -> Result<Sealed, SealError> {
        self.collect(record);
        let has_content = self.fields.iter().any(|field| field.part == Part::Content);
        let mut part_contents = [Hash::from_bytes([0; 32]); 2];
        let count = if has_content { 2 } else { 1 };
        let mut body = Vec::with_capacity(self.text.len() + 2 * SealedPart::OVERHEAD_MAX + 512);
        cbor::write_array(count, &mut body);
        let [facts, content] = &sealing.secrets;
        part_contents[0] =
            self.seal_part(Part::Facts, sealing.ledger_key, facts, sealing, &mut body)?;
        if has_content {
            let key = sealing.scope_key.ok_or(SealError::NoScopeKey)?;
            part_contents[1] = self.seal_part(Part::Content, key, content, sealing, &mut body)?;
        }
        let content = disclosure::content(&part_contents[..count]);
        let mut entry = Vec::with_capacity(512);
        let producer = record.producer();
        let head = EntryHead {
            id: sealing.id,
            ledger: sealing.ledger,
            received_at: sealing.received_at,
            kind: &sealing.kind,
            body: Some(BodyRef::of(&body)),
            content: Some(content),
            producer: (producer != Producer::default()).then_some(producer),
        };
        head.write(&mut entry)
            .map_err(|_| SealError::EntryTooLong)?;
        Ok(Sealed {
            entry,
            body,
            content,
        })
    }

    /// Writes all fields' pointers and values as canonical JSON, in canonical order of pointers.
    fn collect(&mut self, record: &Record<'_>) {
        let Self { text, fields, .. } = self;
        text.clear();
        fields.clear();
        record.for_each_field(|pointer, value, part| {
            let start = text.len();
            text.extend_from_slice(pointer.as_bytes());
            let quoted = text.len();
            canonical::write_string(pointer, text);
            let written = text.len();
            canonical::write(value, text);
            fields.push(FieldText {
                part,
                pointer: start..quoted,
                quoted: quoted..written,
                value: written..text.len(),
            });
        });
        fields.sort_unstable_by(|a, b| {
            canonical::cmp_utf16_bytes(&text[a.pointer.clone()], &text[b.pointer.clone()])
        });
    }

    /// Seals one part, appends it to the body and gives its `part_content`.
    fn seal_part<Role>(
        &mut self,
        part: Part,
        key: &Key<Role>,
        secrets: &PartSecrets,
        sealing: &Sealing<'_>,
        body: &mut Vec<u8>,
    ) -> Result<Hash, SealError> {
        self.digest(part, &secrets.part_salt);
        let part_content = disclosure::part_content(&mut self.digests);
        self.press
            .plaintext(&secrets.part_salt, &self.json, &mut self.sealed)?;
        let place = Place {
            ledger: sealing.ledger,
            id: sealing.id,
            part,
            part_content,
        };
        self.press
            .encrypt(key, &secrets.nonce, &place, &mut self.sealed)?;
        let sealed = SealedPart {
            key_id: key.id(),
            nonce: secrets.nonce,
            part_content,
            ciphertext: &self.sealed,
        };
        sealed.write(body);
        Ok(part_content)
    }

    /// Makes `json` the object of a part's fields and `digests` their digests.
    fn digest(&mut self, part: Part, part_salt: &PartSalt) {
        let salter = Salter::new(part_salt);
        self.json.clear();
        self.digests.clear();
        self.json.push(b'{');
        for field in self.fields.iter().filter(|field| field.part == part) {
            let quoted = &self.text[field.quoted.clone()];
            let value = &self.text[field.value.clone()];
            let salt = salter.salt(&self.text[field.pointer.clone()]);
            let start = self.json.len();
            disclosure::write_array(&salt, quoted, value, &mut self.json);
            self.disclosure.clear();
            base64url::append(&self.json[start..], &mut self.disclosure);
            self.digests.push(Hash::of(&[&self.disclosure]));
            self.json.truncate(start);
            if start > 1 {
                self.json.push(b',');
            }
            self.json.extend_from_slice(quoted);
            self.json.push(b':');
            self.json.extend_from_slice(value);
        }
        self.json.push(b'}');
    }
}
