//! Deterministic CBOR (RFC 8949 section 4.2.1), the part of it that the ledger's formats use:
//! unsigned integers, byte and text strings, arrays and maps, all of definite length.
//!
//! The reader refuses every other encoding of the same value: longer heads than needed, indefinite
//! lengths, map keys out of order or twice, bytes after the end. General CBOR libraries accept these,
//! which would give one value several hashes.

use std::fmt;

/// Major types that the formats use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Major {
    Unsigned = 0,
    Bytes = 2,
    Text = 3,
    Array = 4,
    Map = 5,
}

/// Appends an unsigned integer.
pub fn write_unsigned(value: u64, out: &mut Vec<u8>) {
    write_head(Major::Unsigned, value, out);
}

/// Appends a byte string.
pub fn write_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    write_head(Major::Bytes, bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// Appends a text string.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    write_head(Major::Text, text.len() as u64, out);
    out.extend_from_slice(text.as_bytes());
}

/// Appends the head of an array; its elements follow.
pub fn write_array(len: usize, out: &mut Vec<u8>) {
    write_head(Major::Array, len as u64, out);
}

/// Appends the head of a map; its keys and values follow, the keys in the order of their encodings:
/// for text, the shorter first, then by bytes.
pub fn write_map(len: usize, out: &mut Vec<u8>) {
    write_head(Major::Map, len as u64, out);
}

/// Bytes of the head of an item whose argument is `value`.
#[must_use]
pub const fn head_len(value: u64) -> usize {
    match value {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => 9,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "each arm bounds the value")]
fn write_head(major: Major, value: u64, out: &mut Vec<u8>) {
    let major = (major as u8) << 5;
    match value {
        0..=23 => out.push(major | value as u8),
        24..=0xff => out.extend_from_slice(&[major | 0x18, value as u8]),
        0x100..=0xffff => {
            out.push(major | 0x19);
            out.extend_from_slice(&(value as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 0x1a);
            out.extend_from_slice(&(value as u32).to_be_bytes());
        }
        _ => {
            out.push(major | 0x1b);
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
}

/// Why bytes are not the deterministic CBOR that is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// Byte at which it was seen.
    pub offset: usize,
    /// What was expected.
    pub expected: &'static str,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}: expected {}", self.offset, self.expected)
    }
}

/// Reads items one after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of `bytes`.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes read so far.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.at
    }

    /// Whether everything is read.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    /// Refuses bytes that are left over.
    ///
    /// # Errors
    /// If there are any.
    pub fn end(&self) -> Result<(), Error> {
        if self.is_at_end() {
            Ok(())
        } else {
            Err(self.error("nothing more"))
        }
    }

    /// An error at the present position.
    #[must_use]
    pub const fn error(&self, expected: &'static str) -> Error {
        Error {
            offset: self.at,
            expected,
        }
    }

    /// Reads an unsigned integer.
    ///
    /// # Errors
    /// If something else is there.
    pub fn unsigned(&mut self) -> Result<u64, Error> {
        self.head(Major::Unsigned, "an unsigned integer")
    }

    /// Reads a byte string.
    ///
    /// # Errors
    /// If something else is there.
    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let len = self.head(Major::Bytes, "a byte string")?;
        self.take(len)
    }

    /// Reads a byte string of exactly `N` bytes.
    ///
    /// # Errors
    /// If something else is there.
    pub fn array_of<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let start = self.at;
        self.bytes()?.try_into().map_err(|_| Error {
            offset: start,
            expected: "a byte string of another length",
        })
    }

    /// Reads a text string.
    ///
    /// # Errors
    /// If something else is there, or it is not UTF-8.
    pub fn text(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        let len = self.head(Major::Text, "a text string")?;
        std::str::from_utf8(self.take(len)?).map_err(|_| Error {
            offset: start,
            expected: "UTF-8",
        })
    }

    /// Reads the head of an array and gives its length, which the rest of the input can hold.
    ///
    /// # Errors
    /// If something else is there.
    pub fn array(&mut self) -> Result<usize, Error> {
        let len = self.head(Major::Array, "an array")?;
        self.bounded(len)
    }

    /// Reads the head of a map and gives its number of pairs, which the rest of the input can hold.
    ///
    /// # Errors
    /// If something else is there.
    pub fn map(&mut self) -> Result<usize, Error> {
        let len = self.head(Major::Map, "a map")?;
        self.bounded(len)
    }

    /// Passes over one item of any kind that a later version may use (tags, simple values and
    /// negative integers included), without recursion.
    ///
    /// # Errors
    /// If it is not well-formed or not deterministic in its heads.
    pub fn skip(&mut self) -> Result<(), Error> {
        let mut left: u64 = 1;
        while left > 0 {
            left -= 1;
            let start = *self.bytes.get(self.at).ok_or(self.error("an item"))?;
            let (major, value) = (start >> 5, self.argument(start)?);
            match major {
                2 | 3 => {
                    self.take(value)?;
                }
                4 => left = left.saturating_add(value),
                5 => left = left.saturating_add(value.saturating_mul(2)),
                6 => left = left.saturating_add(1),
                _ => {}
            }
        }
        Ok(())
    }

    fn bounded(&self, len: u64) -> Result<usize, Error> {
        usize::try_from(len)
            .ok()
            .filter(|len| *len <= self.bytes.len() - self.at)
            .ok_or(self.error("as many items as the head says"))
    }

    fn head(&mut self, major: Major, expected: &'static str) -> Result<u64, Error> {
        match self.bytes.get(self.at) {
            Some(start) if start >> 5 == major as u8 => self.argument(*start),
            _ => Err(self.error(expected)),
        }
    }

    fn argument(&mut self, start: u8) -> Result<u64, Error> {
        let extra = match start & 0x1f {
            small @ 0..=23 => {
                self.at += 1;
                return Ok(u64::from(small));
            }
            24 => 1,
            25 => 2,
            26 => 4,
            27 => 8,
            _ => return Err(self.error("a definite length")),
        };
        let digits = self
            .bytes
            .get(self.at + 1..self.at + 1 + extra)
            .ok_or(self.error("the rest of a head"))?;
        let value = digits
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        // Floats (major 7) carry their bits here, which have no shorter form to ask for.
        if start >> 5 != 7 && head_len(value) != extra + 1 {
            return Err(self.error("the shortest head"));
        }
        self.at += 1 + extra;
        Ok(value)
    }

    fn take(&mut self, len: u64) -> Result<&'a [u8], Error> {
        let rest = &self.bytes[self.at..];
        let taken = usize::try_from(len)
            .ok()
            .and_then(|len| rest.get(..len))
            .ok_or(self.error("as many bytes as the head says"))?;
        self.at += taken.len();
        Ok(taken)
    }
}
