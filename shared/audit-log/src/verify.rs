//! Checking a record against its entry: what a reader does before it shows one, and a verifier for
//! all of them.

use audit_record::json::{Object, Value};
use audit_record::{Fields, Part};

use crate::body::{InvalidBody, SealedPart};
use crate::entry::Entry;
use crate::key::{KeyId, LedgerKey, PartSalt, ScopeKey};
use crate::seal::{OpenedPart, SealError};

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
        let _ = (entry, body);
        unimplemented!()
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
        let _ = (ledger_key, scope_key);
        unimplemented!()
    }
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

    /// What the client sent, as far as it was opened; members in canonical order.
    #[must_use]
    pub fn to_object(&self) -> Object<'static> {
        unimplemented!()
    }
}

impl Fields for Opened {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        let _ = pointer;
        unimplemented!()
    }
}

struct Only<'o>(&'o Opened, Part);

impl Fields for Only<'_> {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        let _ = (pointer, self.0, self.1);
        unimplemented!()
    }
}
