//! The grammar of RFC 8259 without values: where strings, numbers and whole values end. The parser
//! uses it for tokens, a batch for the end of an element that it refuses.

use super::parser::Failure;
use crate::error::Code;

fn grammar(at: usize, message: &'static str) -> Failure {
    Failure::new(Code::InvalidJson, at, message)
}

/// The first byte from `at` on that is not white space, or the end.
pub(super) fn white_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

/// A string: where it ends (after its quote), and whether it holds an escape.
pub(super) struct Text {
    pub(super) end: usize,
    pub(super) escaped: bool,
}

/// Reads the string whose quote stands at `at`.
pub(super) fn string(bytes: &[u8], at: usize) -> Result<Text, Failure> {
    let mut end = at + 1;
    let mut escaped = false;
    loop {
        end = special(bytes, end);
        match bytes.get(end) {
            Some(b'"') => {
                return Ok(Text {
                    end: end + 1,
                    escaped,
                });
            }
            Some(b'\\') => {
                escaped = true;
                end = escape(bytes, end)?;
            }
            Some(_) => return Err(grammar(end, "a control character in a string")),
            None => return Err(grammar(end, "the text ends in a string")),
        }
    }
}

/// The first byte from `at` on that can't stand in a JSON string as it is (a quote, a backslash or a
/// control character), or the end.
///
/// Eight bytes at a time: Mycroft's test for a zero byte, exact up to its first hit.
#[must_use]
pub fn special(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    while let Some(chunk) = bytes[at..].first_chunk() {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
        let hit = control | has_zero(word ^ (ONES * 0x22)) | has_zero(word ^ (ONES * 0x5c));
        if hit != 0 {
            return at + hit.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            break;
        }
        at += 1;
    }
    at
}

/// Reads the escape whose backslash stands at `at`, and gives the byte after it.
fn escape(bytes: &[u8], at: usize) -> Result<usize, Failure> {
    match bytes.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match bytes.get(at + 2..at + 6) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            _ => Err(grammar(at, "an escape without four hexadecimal digits")),
        },
        _ => Err(grammar(at, "no escape of JSON")),
    }
}

/// A number: where it ends, and its value where that is a small integer.
pub(super) struct Numeral {
    pub(super) end: usize,
    pub(super) small: Option<i32>,
}

impl Numeral {
    /// Whether the numeral that begins `bytes` says anything but 0: its digits before the exponent.
    pub(super) fn is_nonzero(&self, bytes: &[u8]) -> bool {
        self.small.is_none()
            && bytes
                .iter()
                .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.'))
                .any(|byte| matches!(byte, b'1'..=b'9'))
    }
}

/// Reads the number that begins at `at`.
pub(super) fn number(bytes: &[u8], at: usize) -> Result<Numeral, Failure> {
    let digits = |at: usize| {
        let len = bytes[at.min(bytes.len())..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if len == 0 {
            Err(grammar(at, "expected a digit"))
        } else {
            Ok(at + len)
        }
    };
    let negative = bytes[at] == b'-';
    let start = at + usize::from(negative);
    let integer_end = digits(start)?;
    if bytes[start] == b'0' && integer_end > start + 1 {
        return Err(grammar(start, "a number that begins with 0"));
    }
    let mut end = integer_end;
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1)?;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits(end + 1 + usize::from(sign))?;
    }
    // Nine digits always fit.
    let small = (end == integer_end && end - start <= 9).then(|| {
        let value = bytes[start..end]
            .iter()
            .fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0'));
        if negative { -value } else { value }
    });
    Ok(Numeral { end, small })
}

/// The byte after the value that begins at `at`, read for its grammar only: at any depth, without
/// recursion.
pub(super) fn value(bytes: &[u8], at: usize) -> Result<usize, Failure> {
    let mut open: Vec<u8> = Vec::new();
    let mut at = white_space(bytes, at);
    loop {
        // A value stands here.
        match bytes.get(at) {
            Some(b'{') => {
                at = white_space(bytes, at + 1);
                if bytes.get(at) != Some(&b'}') {
                    open.push(b'}');
                    at = name(bytes, at)?;
                    continue;
                }
                at += 1;
            }
            Some(b'[') => {
                at = white_space(bytes, at + 1);
                if bytes.get(at) != Some(&b']') {
                    open.push(b']');
                    continue;
                }
                at += 1;
            }
            Some(b'"') => at = string(bytes, at)?.end,
            Some(b'-' | b'0'..=b'9') => at = number(bytes, at)?.end,
            Some(_) => at = word(bytes, at)?,
            None => return Err(grammar(at, "the text ends where a value must stand")),
        }
        // A value ended here; so may containers around it.
        loop {
            let Some(close) = open.last() else {
                return Ok(at);
            };
            at = white_space(bytes, at);
            match bytes.get(at) {
                Some(b',') => {
                    at = white_space(bytes, at + 1);
                    if *close == b'}' {
                        at = name(bytes, at)?;
                    }
                    break;
                }
                Some(byte) if byte == close => {
                    open.pop();
                    at += 1;
                }
                _ => return Err(grammar(at, "expected a comma or the container's end")),
            }
        }
    }
}

/// Reads a member's name and colon, and gives where its value begins.
fn name(bytes: &[u8], at: usize) -> Result<usize, Failure> {
    if bytes.get(at) != Some(&b'"') {
        return Err(grammar(at, "expected a member's name"));
    }
    let colon = white_space(bytes, string(bytes, at)?.end);
    if bytes.get(colon) != Some(&b':') {
        return Err(grammar(colon, "expected a colon"));
    }
    Ok(white_space(bytes, colon + 1))
}

fn word(bytes: &[u8], at: usize) -> Result<usize, Failure> {
    [&b"true"[..], b"false", b"null"]
        .into_iter()
        .find(|word| bytes[at..].starts_with(word))
        .map(|word| at + word.len())
        .ok_or_else(|| grammar(at, "expected a value"))
}
