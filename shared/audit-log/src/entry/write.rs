//! Writing an entry: every member that any kind has, in canonical order.

use audit_record::{LedgerName, Millis, Producer, RecordId};

use super::{BodyRef, ENTRY_BYTES_MAX, InvalidEntry, Kind, VERSION};
use crate::hash::Hash;
use crate::key::KeyId;
use crate::{base64url, canonical};

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
