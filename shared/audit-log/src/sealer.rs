//! Sealing a record: from a validated record to the entry and body that a segment holds.

use audit_record::{LedgerName, Millis, Record, RecordId};

use crate::entry::Kind;
use crate::hash::Hash;
use crate::key::{LedgerKey, Nonce, PartSalt, ScopeKey};
use crate::seal::SealError;

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
    buffer: Vec<u8>,
}

impl Sealer {
    /// A sealer with empty buffers.
    ///
    /// # Errors
    /// If the compressor can't be made.
    pub fn new() -> Result<Self, SealError> {
        Ok(Self { buffer: Vec::new() })
    }

    /// Seals a record.
    ///
    /// # Errors
    /// If it has content and there is no scope key, or a part is too long.
    pub fn seal(&mut self, record: &Record<'_>, sealing: &Sealing<'_>) -> Result<Sealed, SealError> {
        let _ = (record, sealing, &mut self.buffer);
        unimplemented!()
    }
}
