//! JSON, read strictly: what RFC 8259 leaves open and I-JSON (RFC 7493) or two implementations
//! could read differently is refused, because a record is hashed once and checked for years.
//!
//! Refused are duplicate keys, a byte order mark, lone surrogates, bytes that are not UTF-8,
//! nesting beyond [`DEPTH_MAX`](crate::limits::DEPTH_MAX), numbers that a double can't hold
//! ([`Number`]), and anything after the value. Strings are kept as sent: no Unicode normalisation.
//!
//! Values borrow from the input wherever a string holds no escape. This is not a general JSON
//! library: it writes nothing (`audit-log` writes the canonical form) and keeps no positions.

mod number;
mod parser;
mod scan;
mod split;

use std::borrow::Cow;

pub use number::Number;
pub use parser::{Error, parse};
pub use scan::special;
pub use split::{Element, elements, lines};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// An object: its members in the order as sent, no name twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Object<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Object<'a> {
    /// An empty object.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a member.
    ///
    /// # Errors
    /// Gives the member back if the name is there already.
    pub fn insert(
        &mut self,
        name: impl Into<Cow<'a, str>>,
        value: Value<'a>,
    ) -> Result<(), (Cow<'a, str>, Value<'a>)> {
        let name = name.into();
        if self.get(&name).is_some() {
            return Err((name, value));
        }
        self.0.push((name, value));
        Ok(())
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// The members in the order as sent.
    pub fn iter(&self) -> std::slice::Iter<'_, (Cow<'a, str>, Value<'a>)> {
        self.0.iter()
    }

    /// The members in the order as sent.
    #[must_use]
    pub fn as_slice(&self) -> &[(Cow<'a, str>, Value<'a>)] {
        &self.0
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a member of which the caller knows that its name is new: [`Self::insert`] looks at all
    /// members, which adds up to quadratic work on a large object.
    pub(crate) fn push_unique(&mut self, name: String, value: Value<'a>) {
        self.0.push((Cow::Owned(name), value));
    }

    /// The object under a name, put there empty where there was none; none if something else stands
    /// there.
    pub(crate) fn object_at(&mut self, name: &str) -> Option<&mut Object<'a>> {
        let at = self.0.iter().position(|(n, _)| n == name);
        let at = at.unwrap_or_else(|| {
            self.push_unique(name.to_owned(), Value::Object(Object::new()));
            self.0.len() - 1
        });
        match &mut self.0[at].1 {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Members of which the caller knows that no name comes twice.
    pub(crate) fn from_unique(members: Vec<(Cow<'a, str>, Value<'a>)>) -> Self {
        Self(members)
    }
}

impl<'a, 'o> IntoIterator for &'o Object<'a> {
    type Item = &'o (Cow<'a, str>, Value<'a>);
    type IntoIter = std::slice::Iter<'o, (Cow<'a, str>, Value<'a>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Value<'a>);
    type IntoIter = std::vec::IntoIter<(Cow<'a, str>, Value<'a>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> Value<'a> {
    /// Whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(number.get()),
            _ => None,
        }
    }

    /// The number, if it is an integer from 0 up.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Value::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    /// The array, if it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match self {
            Value::Array(values) => Some(values),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.as_object()?.get(name)
    }

    /// The same value with its own strings.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Bool(value) => Value::Bool(value),
            Value::Number(number) => Value::Number(number),
            Value::String(text) => Value::String(Cow::Owned(text.into_owned())),
            Value::Array(values) => {
                Value::Array(values.into_iter().map(Value::into_owned).collect())
            }
            Value::Object(object) => Value::Object(Object(
                object
                    .into_iter()
                    .map(|(name, value)| (Cow::Owned(name.into_owned()), value.into_owned()))
                    .collect(),
            )),
        }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::String(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::String(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}
