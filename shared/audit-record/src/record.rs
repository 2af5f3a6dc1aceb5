//! The record: a value that passed validation.

use crate::error::FieldError;
use crate::facts::Part;
use crate::fields::{Field, Fields};
use crate::id::RecordId;
use crate::json::{Object, Value};

/// A record as a client may send it: every rule of the wire form holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a> {
    root: Object<'a>,
    id: Option<RecordId>,
}

impl<'a> Record<'a> {
    /// Checks a value against the record's form.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the record, what is missing last.
    pub fn validate(value: Value<'a>) -> Result<Self, Vec<FieldError>> {
        let _ = value;
        unimplemented!()
    }

    /// The client's id, or none where the server has to mint one.
    #[must_use]
    pub fn id(&self) -> Option<RecordId> {
        self.id
    }

    /// The members as sent.
    #[must_use]
    pub fn members(&self) -> &Object<'a> {
        &self.root
    }

    /// Puts a minted id in front of the members of a record that has none.
    ///
    /// Gives the bytes as sent with the member inserted, everything else untouched. The caller has
    /// validated `raw` and seen that it holds no id.
    #[must_use]
    pub fn insert_id(raw: &[u8], id: RecordId) -> Vec<u8> {
        let _ = (raw, id);
        unimplemented!()
    }

    /// Calls `visit` for each field: pointer, value, part. One buffer serves all pointers.
    pub fn for_each_field<'r>(&'r self, visit: impl FnMut(&str, &'r Value<'a>, Part)) {
        let _ = visit;
        unimplemented!()
    }

    /// Whether any of its fields is content, so that sealing it takes a scope key.
    #[must_use]
    pub fn has_content(&self) -> bool {
        unimplemented!()
    }

    /// The fields, in the order as sent.
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'_>> {
        unimplemented!()
    }

    /// The same record, of which only facts can be read.
    #[must_use]
    pub fn facts(&self) -> impl Fields + '_ {
        FactsOf(self)
    }

    /// Puts fields together again: the inverse of [`Self::for_each_field`], up to the order of
    /// members.
    #[must_use]
    pub fn assemble<'f>(fields: impl IntoIterator<Item = (&'f str, Value<'a>)>) -> Object<'a> {
        let _ = fields.into_iter().next();
        unimplemented!()
    }
}

impl Fields for Record<'_> {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        let _ = pointer;
        unimplemented!()
    }
}

struct FactsOf<'r, 'a>(&'r Record<'a>);

impl Fields for FactsOf<'_, '_> {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        let value = self.0.field(pointer)?;
        (crate::facts::part_of(pointer, value) == Part::Facts).then_some(value)
    }
}
