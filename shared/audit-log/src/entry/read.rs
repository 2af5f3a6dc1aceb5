//! Reading an entry: each member as the form demands.

use audit_record::json::{Object, Value};
use audit_record::{LedgerName, Millis, RecordId};

use super::{BodyRef, Entry, InvalidEntry, Kind, ProducerRef};
use crate::hash::Hash;
use crate::key::KeyId;

/// Reads an entry's members, each as the form demands.
pub(super) struct Members<'m, 'a>(pub(super) &'m Object<'a>);

impl Members<'_, '_> {
    pub(super) fn entry(&self, kind: Kind) -> Result<Entry, InvalidEntry> {
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
    pub(super) fn kind(&self, word: &str) -> Result<Option<Kind>, InvalidEntry> {
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

    pub(super) fn count(&self, name: &'static str) -> Result<u64, InvalidEntry> {
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
