//! The record: a value that passed validation, and its fields.
//!
//! A record splits into fields, the units that are disclosed or kept back: each top-level member, and
//! of `attributes`, `decision`, `decision.oversight` and `regulatory` each of their members. An empty
//! one of these is a field itself.

use std::borrow::Cow;

use crate::error::{Code, FieldError};
use crate::facts::{Part, part_of};
use crate::fields::{Field, Fields};
use crate::id::RecordId;
use crate::json::{Object, Value, parse};
use crate::limits::RECORD_BYTES_MAX;
use crate::{pointer, validate};

/// A record as a client may send it: every rule of the wire form holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Record<'a> {
    root: Object<'a>,
    id: Option<RecordId>,
}

impl<'a> Record<'a> {
    /// Reads a record from its bytes.
    ///
    /// # Errors
    /// What is wrong with it: one error if it is too long or no JSON, else as [`Self::validate`].
    pub fn parse(raw: &'a [u8]) -> Result<Self, Vec<FieldError>> {
        if raw.len() > RECORD_BYTES_MAX {
            let message = "longer than a record may be";
            return Err(vec![FieldError::new("", Code::TooLarge, message)]);
        }
        Self::validate(parse(raw).map_err(|error| vec![error.into()])?)
    }

    /// Checks a value against the record's form.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the record, what is missing last; at most
    /// [`ERRORS_MAX`](crate::limits::ERRORS_MAX).
    pub fn validate(value: Value<'a>) -> Result<Self, Vec<FieldError>> {
        validate::record(&value)?;
        let Value::Object(root) = value else {
            let message = "expected an object";
            return Err(vec![FieldError::new("", Code::WrongType, message)]);
        };
        let id = root.get("id").and_then(Value::as_str);
        let id = id.and_then(|text| RecordId::parse(text).ok());
        Ok(Self { root, id })
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
    /// validated `raw` and seen that it holds no id; a valid record has other members, so that a
    /// comma follows.
    #[must_use]
    pub fn insert_id(raw: &[u8], id: RecordId) -> Vec<u8> {
        let brace = raw.iter().position(|byte| *byte == b'{');
        let (before, after) = raw.split_at(brace.map_or(0, |at| at + 1));
        let mut buffer = [0; RecordId::TEXT_LEN];
        [
            before,
            br#""id":""#,
            id.encode(&mut buffer).as_bytes(),
            br#"","#,
            after,
        ]
        .concat()
    }

    /// Calls `visit` for each field: pointer, value, part. One buffer serves all pointers.
    pub fn for_each_field<'r>(&'r self, mut visit: impl FnMut(&str, &'r Value<'a>, Part)) {
        let mut path = String::with_capacity(64);
        for (name, value) in &self.root {
            visit_field(&mut path, name, value, Opens::at_top(name), &mut visit);
        }
    }

    /// Whether any of its fields is content, so that sealing it takes a scope key.
    #[must_use]
    pub fn has_content(&self) -> bool {
        let mut found = false;
        self.for_each_field(|_, _, part| found |= part == Part::Content);
        found
    }

    /// The fields, in the order as sent.
    #[must_use]
    pub fn fields(&self) -> Vec<Field<'_>> {
        let mut fields = Vec::new();
        self.for_each_field(|pointer, value, part| {
            fields.push(Field {
                pointer: Cow::Owned(pointer.to_owned()),
                value,
                part,
            });
        });
        fields
    }

    /// The same record, of which only facts can be read.
    #[must_use]
    pub fn facts(&self) -> impl Fields + '_ {
        FactsOf(self)
    }

    /// Puts fields together again: the inverse of [`Self::for_each_field`], up to the order of
    /// members. The caller knows that no pointer comes twice.
    ///
    /// Gives none if a text is no pointer below the root, or one lies below another.
    #[must_use]
    pub fn assemble<'f>(
        fields: impl IntoIterator<Item = (&'f str, Value<'a>)>,
    ) -> Option<Object<'a>> {
        let mut root = Object::new();
        for (path, value) in fields {
            let (parents, name) = path.strip_prefix('/')?.rsplit_once('/').map_or_else(
                || (None, &path[1..]),
                |(parents, name)| (Some(parents), name),
            );
            let mut object = &mut root;
            for parent in parents.into_iter().flat_map(|parents| parents.split('/')) {
                object = object.object_at(&pointer::unescape(parent))?;
            }
            object.push_unique(pointer::unescape(name).into_owned(), value);
        }
        Some(root)
    }
}

/// Whether a member opens into fields of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// It is a field.
    No,
    /// Each of its members is.
    Once,
    /// Each of its members is, and `oversight` opens again.
    Decision,
}

impl Opens {
    fn at_top(name: &str) -> Self {
        match name {
            "attributes" | "regulatory" => Opens::Once,
            "decision" => Opens::Decision,
            _ => Opens::No,
        }
    }

    fn below(self, name: &str) -> Self {
        if self == Opens::Decision && name == "oversight" {
            Opens::Once
        } else {
            Opens::No
        }
    }
}

fn visit_field<'r, 'a>(
    path: &mut String,
    name: &str,
    value: &'r Value<'a>,
    opens: Opens,
    visit: &mut impl FnMut(&str, &'r Value<'a>, Part),
) {
    let len = path.len();
    pointer::push(path, name);
    match value {
        Value::Object(object) if opens != Opens::No && !object.is_empty() => {
            for (name, value) in object {
                visit_field(path, name, value, opens.below(name), visit);
            }
        }
        _ => visit(path, value, part_of(path, value)),
    }
    path.truncate(len);
}

impl Fields for Record<'_> {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        let mut tokens = pointer.strip_prefix('/')?.split('/');
        let name = pointer::unescape(tokens.next()?);
        let mut value = self.root.get(&name)?;
        let mut opens = Opens::at_top(&name);
        loop {
            let inside = match value {
                Value::Object(object) if opens != Opens::No && !object.is_empty() => object,
                _ => return tokens.next().is_none().then_some(value),
            };
            let name = pointer::unescape(tokens.next()?);
            value = inside.get(&name)?;
            opens = opens.below(&name);
        }
    }
}

struct FactsOf<'r, 'a>(&'r Record<'a>);

impl Fields for FactsOf<'_, '_> {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        let value = self.0.field(pointer)?;
        (part_of(pointer, value) == Part::Facts).then_some(value)
    }
}
