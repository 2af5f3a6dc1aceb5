//! A neutral attribute map: the form of a row that is independent of any client library.
//!
//! Row forms are pure functions to and from [`Item`], so they can be compared byte for byte (a
//! rebuilt index must equal the one that the writer left) without a database. Adapters translate
//! one to one: [`Value::Text`] is DynamoDB's `S`, [`Value::Number`] its `N`, [`Value::Bytes`] its
//! `B`, [`Value::Bool`] its `BOOL`, [`Value::Map`] its `M`, [`Value::List`] its `L`. Sets, null and
//! fractional or negative numbers do not occur in our rows.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// One attribute value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A string (`S`).
    Text(String),
    /// A number (`N`). All of ours are unsigned integers, which have one decimal form.
    Number(u64),
    /// Binary data (`B`).
    Bytes(Vec<u8>),
    /// A boolean (`BOOL`).
    Bool(bool),
    /// A map (`M`).
    Map(BTreeMap<String, Value>),
    /// A list (`L`).
    List(Vec<Value>),
}

impl Value {
    /// The bytes that DynamoDB counts for this value ("DynamoDB item sizes and formats").
    ///
    /// Text and binary count as they are, a number as one byte for each two significant digits
    /// plus one, a boolean as 1, a map or list as 3 plus 1 for each element plus the elements.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Number(number) => number_size(*number),
            Self::Bytes(bytes) => bytes.len(),
            Self::Bool(_) => 1,
            Self::Map(map) => {
                let members: usize = map
                    .iter()
                    .map(|(name, value)| name.len() + value.size() + 1)
                    .sum();
                3 + members
            }
            Self::List(list) => 3 + list.iter().map(|value| value.size() + 1).sum::<usize>(),
        }
    }
}

/// Trailing zeros cost nothing: DynamoDB keeps a significand and an exponent.
fn number_size(number: u64) -> usize {
    let mut significand = number;
    while significand != 0 && significand.is_multiple_of(10) {
        significand /= 10;
    }
    let digits = significand
        .checked_ilog10()
        .map_or(1, |log| log as usize + 1);
    digits.div_ceil(2) + 1
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

/// A row: named attributes in one fixed order.
///
/// The typed readers answer [`Kind::Corrupt`](crate::Kind::Corrupt) for an attribute that is
/// missing or of another type: rows are only ever written by this crate's row forms.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Item(BTreeMap<String, Value>);

impl Item {
    /// A row without attributes.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets an attribute.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Sets an attribute if there is a value: an absent member is an absent attribute.
    pub fn set_opt(&mut self, name: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// The same row with one more attribute.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.set(name, value);
        self
    }

    /// The value of an attribute.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// All attributes, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// The attributes by value, ordered by name.
    #[must_use]
    pub fn into_attributes(self) -> BTreeMap<String, Value> {
        self.0
    }

    /// The bytes that DynamoDB counts for this row: names and values.
    ///
    /// A row of up to 1,024 of them costs one write unit, of up to 4,096 one read unit.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0
            .iter()
            .map(|(name, value)| name.len() + value.size())
            .sum()
    }

    /// Reads a text attribute that must be there.
    pub fn text(&self, name: &str) -> Result<&str> {
        self.opt_text(name)?.ok_or_else(|| missing(name))
    }

    /// Reads a text attribute that may be absent.
    pub fn opt_text(&self, name: &str) -> Result<Option<&str>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(_) => Err(wrong_type(name)),
        }
    }

    /// Reads a number that must be there.
    pub fn number(&self, name: &str) -> Result<u64> {
        self.opt_number(name)?.ok_or_else(|| missing(name))
    }

    /// Reads a number that may be absent.
    pub fn opt_number(&self, name: &str) -> Result<Option<u64>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(*number)),
            Some(_) => Err(wrong_type(name)),
        }
    }

    /// Reads binary data that must be there.
    pub fn bytes(&self, name: &str) -> Result<&[u8]> {
        self.opt_bytes(name)?.ok_or_else(|| missing(name))
    }

    /// Reads binary data that may be absent.
    pub fn opt_bytes(&self, name: &str) -> Result<Option<&[u8]>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Bytes(bytes)) => Ok(Some(bytes)),
            Some(_) => Err(wrong_type(name)),
        }
    }

    /// Reads binary data of a fixed length that must be there.
    pub fn array<const N: usize>(&self, name: &str) -> Result<[u8; N]> {
        self.bytes(name)?.try_into().map_err(|_| wrong_type(name))
    }

    /// Reads a boolean; an absent one is false.
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.0.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(wrong_type(name)),
        }
    }

    /// Reads a map that may be absent.
    pub fn opt_map(&self, name: &str) -> Result<Option<&BTreeMap<String, Value>>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Map(map)) => Ok(Some(map)),
            Some(_) => Err(wrong_type(name)),
        }
    }

    /// Reads a list that must be there.
    pub fn list(&self, name: &str) -> Result<&[Value]> {
        match self.0.get(name) {
            None => Err(missing(name)),
            Some(Value::List(list)) => Ok(list),
            Some(_) => Err(wrong_type(name)),
        }
    }
}

impl FromIterator<(String, Value)> for Item {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(attributes: T) -> Self {
        Self(attributes.into_iter().collect())
    }
}

fn missing(name: &str) -> Error {
    Error::corrupt(format!("row lacks attribute {name}"))
}

pub(crate) fn wrong_type(name: &str) -> Error {
    Error::corrupt(format!("row attribute {name} has another form"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_the_service_s_rules() {
        let table: [(Value, usize); 9] = [
            ("héllo".into(), 6),
            (0u64.into(), 2),
            (27u64.into(), 2),
            (1000u64.into(), 2),
            (12_345u64.into(), 4),
            (u64::MAX.into(), 11),
            ([0u8; 32].into(), 32),
            (true.into(), 1),
            (Value::List(vec!["ab".into(), "c".into()]), 8),
        ];
        for (value, size) in table {
            assert_eq!(value.size(), size, "{value:?}");
        }
        let map = Value::Map([("ab".to_owned(), 5u64.into())].into());
        assert_eq!(map.size(), 3 + 2 + 2 + 1);
        assert_eq!(Item::new().with("ab", map).with("c", "d").size(), 2 + 8 + 2);
    }

    #[test]
    fn readers_refuse_what_is_missing_or_of_another_type() {
        let item = Item::new().with("n", 1u64).with("b", [1u8, 2]);
        assert_eq!(item.number("n").expect("a number"), 1);
        assert_eq!(item.array::<2>("b").expect("two bytes"), [1, 2]);
        for result in [
            item.text("n").map(drop),
            item.text("absent").map(drop),
            item.array::<3>("b").map(drop),
            item.flag("n").map(drop),
        ] {
            assert_eq!(result.expect_err("refused").kind(), crate::Kind::Corrupt);
        }
    }
}
