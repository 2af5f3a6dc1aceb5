//! Checking a record against its entry: what a reader does before it shows one, and a verifier for
//! all of them.

#[cfg(test)]
mod tests;

use audit_record::json::{Object, Value};
use audit_record::{Fields, Part, Producer, Record, RecordId};

use crate::body::{Body, InvalidBody, SealedPart};
use crate::entry::{BodyRef, Entry, Kind};
use crate::key::{Key, KeyId, LedgerKey, PartSalt, ScopeKey};
use crate::seal::{self, OpenedPart, Place, SealError};
use crate::{canonical, disclosure};

/// How a record differs from what its entry commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The entry is of a kind without sealed body.
    #[error("the entry has no sealed body")]
    Kind,
    /// The body's length or hash is another.
    #[error("the body is not the one that the entry names")]
    Body,
    /// The body is malformed.
    #[error(transparent)]
    Form(#[from] InvalidBody),
    /// `content` is not the hash of the parts.
    #[error("content is not the hash of the parts")]
    Content,
    /// A key of another id was given.
    #[error("the part is sealed with another key")]
    KeyId,
    /// A part does not open, or not to the sealed form.
    #[error("part {0}: {1}")]
    Seal(u8, SealError),
    /// A part's fields are not what `part_content` commits to.
    #[error("part {0}: the fields are not those that it commits to")]
    PartContent(u8),
    /// A pointer comes twice or lies below another.
    #[error("a pointer comes twice or lies below another")]
    Pointer,
    /// The field `/id` is not the entry's.
    #[error("the id is not the entry's")]
    Id,
    /// The field `/producer` is not the entry's.
    #[error("the producer is not the entry's")]
    Producer,
}

/// A record or conflict as a segment holds it: entry and body agree, the parts are sealed.
#[derive(Debug, Clone)]
pub struct SealedRecord<'a> {
    entry: &'a Entry,
    parts: Vec<SealedPart<'a>>,
}

impl<'a> SealedRecord<'a> {
    /// Checks length and hash of the body and that `content` is the hash of its parts.
    ///
    /// # Errors
    /// If something differs.
    pub fn check(entry: &'a Entry, body: &'a [u8]) -> Result<Self, Mismatch> {
        let (Kind::Record | Kind::Conflict { .. }, Some(named), Some(content)) =
            (&entry.kind, entry.body, entry.content)
        else {
            return Err(Mismatch::Kind);
        };
        if named != BodyRef::of(body) {
            return Err(Mismatch::Body);
        }
        let parts = Body::read(body)?.parts;
        let part_contents: Vec<_> = parts.iter().map(|part| part.part_content).collect();
        if content != disclosure::content(&part_contents) {
            return Err(Mismatch::Content);
        }
        Ok(Self { entry, parts })
    }

    /// The entry.
    #[must_use]
    pub const fn entry(&self) -> &Entry {
        self.entry
    }

    /// The sealed parts, facts first.
    #[must_use]
    pub fn parts(&self) -> &[SealedPart<'a>] {
        &self.parts
    }

    /// The key that the facts are sealed with.
    #[must_use]
    pub fn ledger_key_id(&self) -> KeyId {
        self.parts[0].key_id
    }

    /// The key that the content is sealed with, where there is content.
    #[must_use]
    pub fn scope_key_id(&self) -> Option<KeyId> {
        self.parts.get(1).map(|part| part.key_id)
    }

    /// Opens the parts that there are keys for, and checks them: digests, pointers, id, producer.
    ///
    /// # Errors
    /// If a part does not open with its key, or something in it is not what the entry commits to.
    pub fn open(
        &self,
        ledger_key: Option<&LedgerKey>,
        scope_key: Option<&ScopeKey>,
    ) -> Result<Opened, Mismatch> {
        let mut parts = Vec::with_capacity(self.parts.len());
        if let Some(key) = ledger_key {
            parts.push(self.open_part(Part::Facts, key)?);
        }
        if let Some(key) = scope_key
            && self.parts.len() > 1
        {
            parts.push(self.open_part(Part::Content, key)?);
        }
        check_pointers(&parts)?;
        let is_whole = parts.len() == self.parts.len();
        let opened = Opened { parts };
        self.check_entry(&opened, is_whole)?;
        Ok(opened)
    }

    fn open_part<Role>(&self, part: Part, key: &Key<Role>) -> Result<OpenedPart, Mismatch> {
        let number = part.number();
        let sealed = &self.parts[usize::from(number)];
        if key.id() != sealed.key_id {
            return Err(Mismatch::KeyId);
        }
        let place = Place {
            ledger: &self.entry.ledger,
            id: self.entry.id,
            part,
            part_content: sealed.part_content,
        };
        let opened =
            seal::open(key, &place, sealed).map_err(|error| Mismatch::Seal(number, error))?;
        let mut digests: Vec<_> = opened
            .fields
            .iter()
            .map(|(pointer, value)| {
                let salt = disclosure::salt(&opened.part_salt, pointer);
                disclosure::digest(&disclosure::disclosure(&salt, pointer, value))
            })
            .collect();
        if disclosure::part_content(&mut digests) == sealed.part_content {
            Ok(opened)
        } else {
            Err(Mismatch::PartContent(number))
        }
    }

    /// Compares the entry's id and producer with the fields. One that lies in no opened part differs
    /// if every part was opened, and can't be judged otherwise.
    fn check_entry(&self, opened: &Opened, is_whole: bool) -> Result<(), Mismatch> {
        let id = match self.entry.kind {
            Kind::Conflict { ref_id, .. } => ref_id,
            _ => self.entry.id,
        };
        match opened.field("/id") {
            Some(field) if field.as_str() == Some(id.encode(&mut [0; RecordId::TEXT_LEN])) => {}
            None if !is_whole => {}
            _ => return Err(Mismatch::Id),
        }
        let named = self.entry.producer.as_ref();
        let named = named.map_or_else(Producer::default, |producer| Producer {
            id: producer.id.as_deref(),
            seq: producer.seq,
        });
        let is_known = is_whole || opened.field("/producer").is_some();
        if is_known && opened.producer() != named {
            return Err(Mismatch::Producer);
        }
        Ok(())
    }
}

/// Refuses pointers that are none, come twice or lie below another, over all opened parts.
fn check_pointers(parts: &[OpenedPart]) -> Result<(), Mismatch> {
    let fields = parts.iter().flat_map(|part| &part.fields);
    let mut pointers: Vec<&str> = fields.map(|(pointer, _)| pointer.as_str()).collect();
    if !pointers.iter().all(|pointer| is_pointer(pointer)) {
        return Err(Mismatch::Pointer);
    }
    // With the separator before every other byte, what lies below a pointer comes right after it.
    let weight = |byte: u8| if byte == b'/' { 0 } else { u16::from(byte) + 1 };
    pointers.sort_unstable_by(|a, b| a.bytes().map(weight).cmp(b.bytes().map(weight)));
    let overlaps = pointers.windows(2).any(|pair| {
        pair[1]
            .strip_prefix(pair[0])
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if overlaps {
        return Err(Mismatch::Pointer);
    }
    Ok(())
}

/// RFC 6901 section 3, a pointer to something below the root.
fn is_pointer(text: &str) -> bool {
    text.starts_with('/')
        && text
            .split('~')
            .skip(1)
            .all(|rest| rest.starts_with(['0', '1']))
}

/// A record whose opened parts were checked.
#[derive(Clone)]
pub struct Opened {
    parts: Vec<OpenedPart>,
}

impl Opened {
    /// The parts that were opened.
    #[must_use]
    pub fn parts(&self) -> &[OpenedPart] {
        &self.parts
    }

    /// The salt of a part that was opened.
    #[must_use]
    pub fn part_salt(&self, part: Part) -> Option<&PartSalt> {
        let part = self.parts.iter().find(|opened| opened.part == part)?;
        Some(&part.part_salt)
    }

    /// The same record, of which only facts can be read.
    #[must_use]
    pub fn facts(&self) -> impl Fields + '_ {
        Only(self, Part::Facts)
    }

    /// What the client sent, as far as it was opened.
    ///
    /// # Panics
    /// Never: opening refuses what can't be put together.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        let fields = self.parts.iter().flat_map(|part| &part.fields);
        let fields = fields.map(|(pointer, value)| (pointer.as_str(), value.clone()));
        Record::assemble(fields).expect("pointers were checked when the parts were opened")
    }

    fn field_of(&self, part: Option<Part>, pointer: &str) -> Option<&Value<'_>> {
        let mut parts = self.parts.iter();
        parts.find_map(|opened| {
            if part.is_some_and(|part| part != opened.part) {
                return None;
            }
            let at = opened
                .fields
                .binary_search_by(|(other, _)| canonical::cmp_utf16(other, pointer))
                .ok()?;
            Some(&opened.fields[at].1)
        })
    }
}

impl Fields for Opened {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        self.field_of(None, pointer)
    }
}

struct Only<'o>(&'o Opened, Part);

impl Fields for Only<'_> {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        self.0.field_of(Some(self.1), pointer)
    }
}
