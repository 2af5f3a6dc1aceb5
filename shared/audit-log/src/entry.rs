//! Entries: the leaf data of the log. What is hashed is what is stored.

use audit_record::json::{Object, Value, parse};
use audit_record::{LedgerName, Millis, Producer, RecordId};

use crate::hash::Hash;
use crate::key::KeyId;
use crate::{base64url, canonical};

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

/// An entry's values, borrowed, for writing.
pub(crate) struct EntryHead<'e> {
    pub(crate) id: RecordId,
    pub(crate) ledger: &'e LedgerName,
    pub(crate) received_at: Millis,
    pub(crate) kind: &'e Kind,
    pub(crate) body: Option<BodyRef>,
    pub(crate) content: Option<Hash>,
    pub(crate) producer: Option<Producer<'e>>,
}

impl EntryHead<'_> {
    /// Appends the entry: every member that any kind has, in canonical order, those without a value
    /// left out.
    pub(crate) fn write(&self, out: &mut Vec<u8>) -> Result<(), InvalidEntry> {
        let start = out.len();
        let mut object = Writer::open(out);
        if let Some(body) = self.body {
            object.body("body", body);
        }
        if let Kind::Genesis { buckets, .. } = self.kind {
            object.count("buckets", *buckets);
        }
        object.hash("content", self.content.as_ref());
        if let Kind::Rejected { digest, .. } = self.kind {
            object.hash("digest", Some(digest));
        }
        if let Kind::Format { format } = self.kind {
            object.count("format", *format);
        }
        object.id("id", self.id);
        if let Kind::Erasure { key_ids, .. } = self.kind {
            object.key_ids("key_ids", key_ids);
        }
        object.text("kind", self.kind.as_str());
        object.text("ledger", self.ledger.as_str());
        if let Kind::Genesis { origin, .. } = self.kind {
            object.text("origin", origin);
        }
        if let Some(producer) = self.producer {
            object.producer("producer", producer);
        }
        if let Kind::Rejected { reason, .. } = self.kind {
            object.text("reason", reason);
        }
        object.time("received_at", self.received_at);
        self.write_tail(object);
        if out.len() - start > ENTRY_BYTES_MAX {
            out.truncate(start);
            return Err(InvalidEntry::TooLong);
        }
        Ok(())
    }

    /// The members after `received_at`.
    fn write_tail(&self, mut object: Writer<'_>) {
        match self.kind {
            Kind::Conflict { ref_id, ref_index } => object.reference("ref", *ref_id, *ref_index),
            Kind::Erasure { request, .. } => object.text("request", request),
            Kind::LegalHold {
                scopes_digest,
                request,
                until,
            } => {
                object.text("request", request);
                object.hash("scopes_digest", Some(scopes_digest));
                if let Some(until) = until {
                    object.time("until", *until);
                }
            }
            Kind::Genesis {
                retention_class, ..
            } => object.text("retention_class", retention_class),
            Kind::Seal { time } => object.time("time", *time),
            Kind::Record | Kind::KeyEpoch | Kind::Rejected { .. } | Kind::Format { .. } => {}
        }
        object.count("v", VERSION);
        object.close();
    }
}

/// Writes an object whose members come in canonical order.
struct Writer<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Writer<'o> {
    fn open(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    fn close(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !std::mem::replace(&mut self.empty, false) {
            self.out.push(b',');
        }
        canonical::write_string(name, self.out);
        self.out.push(b':');
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        canonical::write_string(text, self.out);
    }

    fn count(&mut self, name: &str, count: u64) {
        self.name(name);
        canonical::write_unsigned(count, self.out);
    }

    fn base64url(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        base64url::append(bytes, self.out);
        self.out.push(b'"');
    }

    fn hash(&mut self, name: &str, hash: Option<&Hash>) {
        if let Some(hash) = hash {
            self.name(name);
            self.base64url(hash.as_bytes());
        }
    }

    fn id(&mut self, name: &str, id: RecordId) {
        self.text(name, id.encode(&mut [0; RecordId::TEXT_LEN]));
    }

    fn time(&mut self, name: &str, time: Millis) {
        self.name(name);
        self.out.push(b'"');
        self.out.extend_from_slice(&time.text());
        self.out.push(b'"');
    }

    fn key_ids(&mut self, name: &str, key_ids: &[KeyId]) {
        self.name(name);
        self.out.push(b'[');
        for (index, key_id) in key_ids.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.base64url(key_id.as_bytes());
        }
        self.out.push(b']');
    }

    fn body(&mut self, name: &str, body: BodyRef) {
        self.name(name);
        let mut object = Writer::open(self.out);
        object.count("len", body.len);
        object.hash("sha256", Some(&body.sha256));
        object.close();
    }

    fn reference(&mut self, name: &str, id: RecordId, index: u64) {
        self.name(name);
        let mut object = Writer::open(self.out);
        object.id("id", id);
        object.count("index", index);
        object.close();
    }

    fn producer(&mut self, name: &str, producer: Producer<'_>) {
        self.name(name);
        let mut object = Writer::open(self.out);
        if let Some(id) = producer.id {
            object.text("id", id);
        }
        if let Some(seq) = producer.seq {
            object.count("seq", seq);
        }
        object.close();
    }
}

/// Reads an entry's members, each as the form demands.
struct Members<'m, 'a>(&'m Object<'a>);

impl Members<'_, '_> {
    fn entry(&self, kind: Kind) -> Result<Entry, InvalidEntry> {
        let ledger = LedgerName::parse(self.text("ledger")?);
        let sealed = matches!(kind, Kind::Record | Kind::Conflict { .. });
        let has_body = sealed || matches!(kind, Kind::Genesis { .. } | Kind::KeyEpoch);
        Ok(Entry {
            id: self.id("id")?,
            ledger: ledger.map_err(|_| InvalidEntry::Member("ledger"))?,
            received_at: self.time("received_at")?,
            body: has_body.then(|| self.body()).transpose()?,
            content: sealed.then(|| self.hash("content")).transpose()?,
            producer: if sealed { self.producer()? } else { None },
            kind,
        })
    }

    /// The kind of that name with its members; none if there is no such kind.
    fn kind(&self, word: &str) -> Result<Option<Kind>, InvalidEntry> {
        Ok(Some(match word {
            "record" => Kind::Record,
            "genesis" => Kind::Genesis {
                origin: self.text("origin")?.to_owned(),
                retention_class: self.text("retention_class")?.to_owned(),
                buckets: self.count("buckets")?,
            },
            "key_epoch" => Kind::KeyEpoch,
            "conflict" => {
                let reference = Members(self.object("ref")?);
                Kind::Conflict {
                    ref_id: reference.id("id")?,
                    ref_index: reference.count("index")?,
                }
            }
            "rejected" => Kind::Rejected {
                digest: self.hash("digest")?,
                reason: self.text("reason")?.to_owned(),
            },
            "erasure" => Kind::Erasure {
                key_ids: self.key_ids()?,
                request: self.text("request")?.to_owned(),
            },
            "legal_hold" => Kind::LegalHold {
                scopes_digest: self.hash("scopes_digest")?,
                request: self.text("request")?.to_owned(),
                until: match self.0.get("until") {
                    Some(_) => Some(self.time("until")?),
                    None => None,
                },
            },
            "seal" => Kind::Seal {
                time: self.time("time")?,
            },
            "format" => Kind::Format {
                format: self.count("format")?,
            },
            _ => return Ok(None),
        }))
    }

    fn text(&self, name: &'static str) -> Result<&str, InvalidEntry> {
        self.member(name, Value::as_str)
    }

    fn count(&self, name: &'static str) -> Result<u64, InvalidEntry> {
        self.member(name, Value::as_u64)
    }

    fn object(&self, name: &'static str) -> Result<&Object<'_>, InvalidEntry> {
        self.member(name, Value::as_object)
    }

    fn id(&self, name: &'static str) -> Result<RecordId, InvalidEntry> {
        RecordId::parse(self.text(name)?).map_err(|_| InvalidEntry::Member(name))
    }

    fn time(&self, name: &'static str) -> Result<Millis, InvalidEntry> {
        Millis::parse_exact(self.text(name)?).map_err(|_| InvalidEntry::Member(name))
    }

    fn hash(&self, name: &'static str) -> Result<Hash, InvalidEntry> {
        Hash::from_text(self.text(name)?).ok_or(InvalidEntry::Member(name))
    }

    fn key_ids(&self) -> Result<Vec<KeyId>, InvalidEntry> {
        let ids = self.member("key_ids", Value::as_array)?;
        let read = |id: &Value<'_>| KeyId::from_text(id.as_str()?);
        ids.iter()
            .map(read)
            .collect::<Option<_>>()
            .ok_or(InvalidEntry::Member("key_ids"))
    }

    fn body(&self) -> Result<BodyRef, InvalidEntry> {
        let body = Members(self.object("body")?);
        Ok(BodyRef {
            len: body.count("len")?,
            sha256: body.hash("sha256")?,
        })
    }

    fn producer(&self) -> Result<Option<ProducerRef>, InvalidEntry> {
        let Some(producer) = self.0.get("producer") else {
            return Ok(None);
        };
        let id = producer.get("id").and_then(Value::as_str);
        let seq = producer.get("seq").and_then(Value::as_u64);
        if id.is_none() && seq.is_none() {
            return Err(InvalidEntry::Member("producer"));
        }
        Ok(Some(ProducerRef {
            id: id.map(str::to_owned),
            seq,
        }))
    }

    fn member<'v, T>(
        &'v self,
        name: &'static str,
        read: impl Fn(&'v Value<'v>) -> Option<T>,
    ) -> Result<T, InvalidEntry> {
        let value = self.0.get(name).and_then(read);
        value.ok_or(InvalidEntry::Member(name))
    }
}
