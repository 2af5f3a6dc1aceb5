//! The parser: one value from bytes, in one pass that borrows what it can.

use std::borrow::Cow;
use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use super::scan;
use super::{Number, Object, Value};
use crate::error::{Code, FieldError};
use crate::limits::DEPTH_MAX;
use crate::pointer;

/// Why a text is not a value that a record may hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset} ({code})")]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// Byte of the input at which it was seen.
    pub offset: usize,
    /// JSON pointer of the innermost value around it.
    pub pointer: String,
    /// What is wrong, for a person.
    pub message: &'static str,
}

impl From<Error> for FieldError {
    fn from(error: Error) -> Self {
        FieldError::new(
            error.pointer,
            error.code,
            format!("{} at byte {}", error.message, error.offset),
        )
    }
}

/// Reads exactly one value.
///
/// # Errors
/// The first thing that is wrong, in the order of the text.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, Error> {
    Parser::new(bytes).only_value()
}

/// An error on its way out; boxed, so that results stay as small as values.
pub(super) struct Failure(Box<Details>);

struct Details {
    code: Code,
    offset: usize,
    message: &'static str,
    /// Reference tokens, innermost first.
    tokens: Vec<String>,
}

impl Failure {
    pub(super) fn new(code: Code, offset: usize, message: &'static str) -> Self {
        Self(Box::new(Details {
            code,
            offset,
            message,
            tokens: Vec::new(),
        }))
    }

    /// Not JSON at all, so that nothing can be said about what comes after.
    pub(super) fn is_grammar(&self) -> bool {
        self.0.code == Code::InvalidJson
    }

    fn under(mut self, token: &str) -> Self {
        self.0.tokens.push(pointer::shown(token).into_owned());
        self
    }

    pub(super) fn into_error(self) -> Error {
        let mut pointer = String::new();
        for token in self.0.tokens.iter().rev() {
            pointer::push(&mut pointer, token);
        }
        Error {
            code: self.0.code,
            offset: self.0.offset,
            pointer,
            message: self.0.message,
        }
    }
}

type Member<'a> = (Cow<'a, str>, Value<'a>);

/// Reads values. Members and elements of open containers stand on two stacks, so that each container
/// takes one allocation of its exact size.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
    /// The longest piece of UTF-8 from `text_start` on. Strings are slices of it.
    text: &'a str,
    text_start: usize,
    members: Vec<Member<'a>>,
    elements: Vec<Value<'a>>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            text: valid_prefix(bytes),
            text_start: 0,
            // What a common record has open at a time, so that the stacks hardly ever grow.
            members: Vec::with_capacity(48),
            elements: Vec::with_capacity(16),
        }
    }

    /// Goes on at `at` after an element that was refused.
    pub(super) fn resume(&mut self, at: usize) {
        self.at = at;
        self.members.clear();
        self.elements.clear();
        if at > self.text_start + self.text.len() {
            self.text_start = at;
            self.text = valid_prefix(&self.bytes[at..]);
        }
    }

    pub(super) fn only_value(mut self) -> Result<Value<'a>, Error> {
        self.refuse_byte_order_mark()
            .and_then(|()| self.value(1))
            .and_then(|value| self.end().map(|()| value))
            .map_err(Failure::into_error)
    }

    pub(super) fn refuse_byte_order_mark(&self) -> Result<(), Failure> {
        if self.bytes.starts_with(b"\xef\xbb\xbf") {
            return Err(Failure::new(Code::InvalidJson, 0, "a byte order mark"));
        }
        Ok(())
    }

    pub(super) fn end(&mut self) -> Result<(), Failure> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.grammar("data after the value")),
        }
    }

    /// The next byte that is not white space.
    pub(super) fn peek(&mut self) -> Option<u8> {
        self.at = scan::white_space(self.bytes, self.at);
        self.bytes.get(self.at).copied()
    }

    pub(super) fn grammar(&self, message: &'static str) -> Failure {
        Failure::new(Code::InvalidJson, self.at, message)
    }

    /// Reads a value; a container in it has depth `depth`.
    pub(super) fn value(&mut self, depth: usize) -> Result<Value<'a>, Failure> {
        match self.peek() {
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true", Value::Bool(true)),
            Some(b'f') => self.word(b"false", Value::Bool(false)),
            Some(b'n') => self.word(b"null", Value::Null),
            Some(_) => Err(self.grammar("expected a value")),
            None => Err(self.grammar("the text ends where a value must stand")),
        }
    }

    fn word(&mut self, word: &[u8], value: Value<'a>) -> Result<Value<'a>, Failure> {
        if !self.bytes[self.at..].starts_with(word) {
            return Err(self.grammar("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn enter(&mut self, depth: usize) -> Result<(), Failure> {
        if depth > DEPTH_MAX {
            return Err(Failure::new(
                Code::TooDeep,
                self.at,
                "nested deeper than 32 containers",
            ));
        }
        self.at += 1;
        Ok(())
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Failure> {
        self.enter(depth)?;
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(Object::new()));
        }
        let first = self.members.len();
        let mut seen = SeenNames::default();
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.grammar("expected a member's name"));
            }
            let start = self.at;
            let name = self.string()?;
            if seen.is_double(&name, &self.members[first..]) {
                let failure = Failure::new(Code::DuplicateKey, start, "the same key twice");
                return Err(failure.under(&name));
            }
            if self.peek() != Some(b':') {
                return Err(self.grammar("expected a colon"));
            }
            self.at += 1;
            match self.value(depth + 1) {
                Ok(value) => self.members.push((name, value)),
                Err(failure) => return Err(failure.under(&name)),
            }
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.grammar("expected a comma or the object's end")),
            }
        }
        self.at += 1;
        let members = self.members.drain(first..).collect();
        Ok(Value::Object(Object::from_unique(members)))
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Failure> {
        self.enter(depth)?;
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(Vec::new()));
        }
        let first = self.elements.len();
        loop {
            match self.value(depth + 1) {
                Ok(value) => self.elements.push(value),
                Err(failure) => {
                    let index = self.elements.len() - first;
                    return Err(failure.under(&index.to_string()));
                }
            }
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.grammar("expected a comma or the array's end")),
            }
        }
        self.at += 1;
        Ok(Value::Array(self.elements.drain(first..).collect()))
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Failure> {
        let start = self.at + 1;
        let string = scan::string(self.bytes, self.at)?;
        self.at = string.end;
        let raw = self.slice(start, string.end - 1)?;
        if string.escaped {
            unescape(raw, start).map(Cow::Owned)
        } else {
            Ok(Cow::Borrowed(raw))
        }
    }

    /// The text between two bytes, of which both neighbours are ASCII.
    fn slice(&self, start: usize, end: usize) -> Result<&'a str, Failure> {
        self.text
            .get(start - self.text_start..end - self.text_start)
            .ok_or_else(|| {
                let offset = self.text_start + self.text.len();
                Failure::new(Code::InvalidUtf8, offset, "not UTF-8")
            })
    }

    fn number(&mut self) -> Result<Value<'a>, Failure> {
        let start = self.at;
        let number = scan::number(self.bytes, start)?;
        self.at = number.end;
        let value = match number.small {
            Some(small) => f64::from(small),
            None => self
                .slice(start, number.end)?
                .parse()
                .map_err(|_| self.grammar("expected a number"))?,
        };
        let underflows = value == 0.0 && number.is_nonzero(&self.bytes[start..]);
        match Number::new(value) {
            Some(value) if !underflows => Ok(Value::Number(value)),
            _ => Err(Failure::new(
                Code::NumberOutOfRange,
                start,
                "a number that a double does not hold exactly enough",
            )),
        }
    }
}

fn valid_prefix(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

/// Finds names that come twice: a small filter first, so that an object of common size compares
/// hardly any; a set of keyed hashes where an object is so large that comparing would be quadratic.
#[derive(Default)]
struct SeenNames {
    filter: [u64; 4],
    large: Option<(RandomState, HashSet<u64>)>,
}

impl SeenNames {
    /// Members from which on the set is used.
    const LARGE: usize = 64;

    fn is_double(&mut self, name: &str, before: &[Member<'_>]) -> bool {
        let maybe = if before.len() < Self::LARGE {
            self.filter(name)
        } else {
            self.hash(name, before)
        };
        maybe && before.iter().any(|(other, _)| other == name)
    }

    fn filter(&mut self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let edge = |edge: &[u8]| {
            edge.iter()
                .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
        };
        let first = edge(&bytes[..bytes.len().min(8)]);
        let last = edge(&bytes[bytes.len().saturating_sub(8)..]);
        // 2^64 divided by the golden ratio spreads the sum over the upper bits.
        let hash =
            (first.rotate_left(29) ^ last ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (word, bit) = ((hash >> 62) as usize, 1 << (hash >> 56 & 63));
        let maybe = self.filter[word] & bit != 0;
        self.filter[word] |= bit;
        maybe
    }

    fn hash(&mut self, name: &str, before: &[Member<'_>]) -> bool {
        let (state, hashes) = self.large.get_or_insert_with(|| {
            let state = RandomState::new();
            let hashes = before.iter().map(|(n, _)| state.hash_one(&**n)).collect();
            (state, hashes)
        });
        !hashes.insert(state.hash_one(name))
    }
}

/// Resolves the escapes of a string whose grammar was checked.
fn unescape(raw: &str, offset: usize) -> Result<String, Failure> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        text.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let (character, len) = match escape.as_bytes()[0] {
            b'b' => ('\u{8}', 1),
            b'f' => ('\u{c}', 1),
            b'n' => ('\n', 1),
            b'r' => ('\r', 1),
            b't' => ('\t', 1),
            b'u' => unicode_escape(escape).ok_or_else(|| {
                let at = offset + (raw.len() - rest.len()) + at;
                Failure::new(Code::LoneSurrogate, at, "half of a surrogate pair")
            })?,
            // A quote, a backslash or a slash: itself.
            other => (char::from(other), 1),
        };
        text.push(character);
        rest = &escape[len..];
    }
    text.push_str(rest);
    Ok(text)
}

/// The character of `uXXXX` or of the pair `uXXXX\uXXXX`, and how many bytes that takes.
fn unicode_escape(escape: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u32::from_str_radix(escape.get(at..at + 4)?, 16).ok();
    let first = unit(1)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 5));
    }
    if escape.get(5..7) != Some("\\u") {
        return None;
    }
    let (high, low) = (first.checked_sub(0xd800)?, unit(7)?.checked_sub(0xdc00)?);
    if high >= 0x400 || low >= 0x400 {
        return None;
    }
    Some((char::from_u32(0x1_0000 + (high << 10) + low)?, 11))
}
