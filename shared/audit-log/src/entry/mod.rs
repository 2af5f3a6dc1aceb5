//! Entries: the leaf data of the log. What is hashed is what is stored.

mod read;
mod write;

use audit_record::json::{Value, parse};
use audit_record::{LedgerName, Millis, Producer, RecordId};

use crate::hash::Hash;
use crate::key::KeyId;

use read::Members;
pub(crate) use write::EntryHead;

/// The version of the entry's form that this crate writes.
const VERSION: u64 = 1;

/// Longest entry.
pub const ENTRY_BYTES_MAX: usize = 4096;

/// Names the body beside an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyRef {
    /// Its length in bytes.
    pub len: u64,
    /// Its SHA-256.
    pub sha256: Hash,
}

impl BodyRef {
    /// Names these bytes.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self {
            len: body.len() as u64,
            sha256: Hash::of(&[body]),
        }
    }
}

/// The producer's members that were sent and are not null.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProducerRef {
    /// The producer's id.
    pub id: Option<String>,
    /// Its running number.
    pub seq: Option<u64>,
}

/// What an entry is, with the members that its kind adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A client's record.
    Record,
    /// The ledger's beginning: index 0, alone in segment 0.
    Genesis {
        /// Origin of the log: `<domain>/<tenant>/<ledger>`.
        origin: String,
        /// The retention class.
        retention_class: String,
        /// Row buckets for each day.
        buckets: u64,
    },
    /// A new ledger key.
    KeyEpoch,
    /// An id that came again with other content; the other record is the body.
    Conflict {
        /// The id that both bear.
        ref_id: RecordId,
        /// Where the first stands.
        ref_index: u64,
    },
    /// A message that no reader can parse.
    Rejected {
        /// HMAC-SHA256 of its bytes, under a salt that lies in quarantine with them.
        digest: Hash,
        /// Why.
        reason: String,
    },
    /// Keys were destroyed.
    Erasure {
        /// Which.
        key_ids: Vec<KeyId>,
        /// At whose request.
        request: String,
    },
    /// Scopes that must not be erased.
    LegalHold {
        /// Which scopes.
        scopes_digest: Hash,
        /// At whose request.
        request: String,
        /// Until when.
        until: Option<Millis>,
    },
    /// A sign of life of an idle ledger.
    Seal {
        /// The hour.
        time: Millis,
    },
    /// The formats change from here on.
    Format {
        /// To this version.
        format: u64,
    },
}

impl Kind {
    /// The word in the entry.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Kind::Record => "record",
            Kind::Genesis { .. } => "genesis",
            Kind::KeyEpoch => "key_epoch",
            Kind::Conflict { .. } => "conflict",
            Kind::Rejected { .. } => "rejected",
            Kind::Erasure { .. } => "erasure",
            Kind::LegalHold { .. } => "legal_hold",
            Kind::Seal { .. } => "seal",
            Kind::Format { .. } => "format",
        }
    }
}

/// An entry of version 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id: for a record the client's, else the ledger's own.
    pub id: RecordId,
    /// Which ledger.
    pub ledger: LedgerName,
    /// When the server received it.
    pub received_at: Millis,
    /// What it is.
    pub kind: Kind,
    /// The body beside it: records, conflicts, `genesis` and `key_epoch`.
    pub body: Option<BodyRef>,
    /// The hash over the parts: records and conflicts.
    pub content: Option<Hash>,
    /// The producer: records and conflicts.
    pub producer: Option<ProducerRef>,
}

/// Bytes are no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEntry {
    /// Longer than [`ENTRY_BYTES_MAX`].
    #[error("longer than an entry may be")]
    TooLong,
    /// Not a JSON object.
    #[error("not a JSON object")]
    Json,
    /// Not in canonical form.
    #[error("not in canonical form")]
    NotCanonical,
    /// A member is missing, unknown, or holds something else than its kind demands.
    #[error("member {0} is not as its kind demands")]
    Member(&'static str),
}

/// An entry as a reader meets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// A kind of version 1.
    Known(Box<Entry>),
    /// Of a later version or an unknown kind: hashed and kept, never a failure.
    Unknown {
        /// Its `v`.
        v: u64,
        /// Its `kind`, if it has one.
        kind: Option<String>,
        /// Its `id`, if it has one that is an id.
        id: Option<RecordId>,
    },
}

impl Entry {
    /// Reads an entry. One of a later version or an unknown kind is [`Leaf::Unknown`].
    ///
    /// # Errors
    /// If it is no JSON object with a `v`, or says that it is a known kind of version 1 and is not
    /// exactly that.
    pub fn read(bytes: &[u8]) -> Result<Leaf, InvalidEntry> {
        let value = parse(bytes).map_err(|_| InvalidEntry::Json)?;
        let members = Members(value.as_object().ok_or(InvalidEntry::Json)?);
        let v = members.count("v")?;
        let word = members.0.get("kind").and_then(Value::as_str);
        let kind = match word {
            Some(word) if v == VERSION => members.kind(word)?,
            _ => None,
        };
        let Some(kind) = kind else {
            let id = members.0.get("id").and_then(Value::as_str);
            return Ok(Leaf::Unknown {
                v,
                kind: word.map(str::to_owned),
                id: id.and_then(|id| RecordId::parse(id).ok()),
            });
        };
        if bytes.len() > ENTRY_BYTES_MAX {
            return Err(InvalidEntry::TooLong);
        }
        let entry = members.entry(kind)?;
        // Every member was read into the entry, so that what is left over or written otherwise
        // makes a difference here.
        if entry.to_vec()? == bytes {
            Ok(Leaf::Known(Box::new(entry)))
        } else {
            Err(InvalidEntry::NotCanonical)
        }
    }

    /// Its bytes: canonical JSON.
    ///
    /// # Errors
    /// If it is longer than an entry may be.
    pub fn to_vec(&self) -> Result<Vec<u8>, InvalidEntry> {
        let mut out = Vec::with_capacity(512);
        let producer = self.producer.as_ref().map(|producer| Producer {
            id: producer.id.as_deref(),
            seq: producer.seq,
        });
        let head = EntryHead {
            id: self.id,
            ledger: &self.ledger,
            received_at: self.received_at,
            kind: &self.kind,
            body: self.body,
            content: self.content,
            producer,
        };
        head.write(&mut out)?;
        Ok(out)
    }
}
