//! Identifiers of entries: `UUIDv7` for records (RFC 9562 section 5.7), `UUIDv8` for the ledger's own
//! kinds (section 5.8). Both begin with 48 bits of milliseconds, so that their text sorts by time.

use std::fmt;

use crate::time::Millis;

/// A text is no id of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    /// Not 8-4-4-4-12 hexadecimal digits in lower case.
    #[error("not a UUID in lower case")]
    Form,
    /// Not version 7 or 8 of variant 10.
    #[error("not a UUID of version 7")]
    Version,
    /// The time lies after the year 9999, which no RFC 3339 time can say.
    #[error("the time lies after the year 9999")]
    Time,
}

/// The id of an entry. Orders by bytes, which is the order of its text and of its time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId([u8; 16]);

impl RecordId {
    /// Length of an id as text.
    pub const TEXT_LEN: usize = 36;

    /// Reads an id, `UUIDv7` or `UUIDv8`.
    ///
    /// # Errors
    /// If the text is not in lower case, of another version or variant, or beyond the year 9999.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let text: &[u8; Self::TEXT_LEN] =
            text.as_bytes().try_into().map_err(|_| InvalidId::Form)?;
        let mut bytes = [0; 16];
        let mut at = 0;
        for byte in &mut bytes {
            if matches!(at, 8 | 13 | 18 | 23) {
                if text[at] != b'-' {
                    return Err(InvalidId::Form);
                }
                at += 1;
            }
            *byte = nibble(text[at])? << 4 | nibble(text[at + 1])?;
            at += 2;
        }
        Self::from_bytes(bytes)
    }

    /// From its 16 bytes.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, InvalidId> {
        let id = Self(bytes);
        if !matches!(id.version(), 7 | 8) || bytes[8] >> 6 != 0b10 {
            return Err(InvalidId::Version);
        }
        if id.millis() > Millis::MAX {
            return Err(InvalidId::Time);
        }
        Ok(id)
    }

    /// Mints a record's id (`UUIDv7`) from a time and random bytes of the caller.
    #[must_use]
    pub fn mint(at: Millis, random: [u8; 10]) -> Self {
        Self::compose(7, at, random)
    }

    /// An id of one of the ledger's own kinds (`UUIDv8`), from its time and ten bytes of a hash.
    #[must_use]
    pub fn own(at: Millis, hash: [u8; 10]) -> Self {
        Self::compose(8, at, hash)
    }

    fn compose(version: u8, at: Millis, tail: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&at.min(Millis::MAX).get().to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&tail);
        bytes[6] = version << 4 | bytes[6] & 0x0f;
        bytes[8] = 0b1000_0000 | bytes[8] & 0b0011_1111;
        Self(bytes)
    }

    /// 7 for a record's, 8 for an id of the ledger's own.
    #[must_use]
    pub fn version(self) -> u8 {
        self.0[6] >> 4
    }

    /// The time in it.
    #[must_use]
    pub fn millis(self) -> Millis {
        let mut bytes = [0; 8];
        bytes[2..].copy_from_slice(&self.0[..6]);
        Millis::new(u64::from_be_bytes(bytes))
    }

    /// The 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Writes the text into a buffer of the caller, without allocation.
    ///
    /// # Panics
    /// Never: hexadecimal digits are UTF-8.
    pub fn encode(self, buffer: &mut [u8; Self::TEXT_LEN]) -> &str {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut at = 0;
        for byte in self.0 {
            if matches!(at, 8 | 13 | 18 | 23) {
                buffer[at] = b'-';
                at += 1;
            }
            buffer[at] = DIGITS[usize::from(byte >> 4)];
            buffer[at + 1] = DIGITS[usize::from(byte & 15)];
            at += 2;
        }
        std::str::from_utf8(buffer).expect("hexadecimal digits are UTF-8")
    }
}

fn nibble(digit: u8) -> Result<u8, InvalidId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(InvalidId::Form),
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.encode(&mut [0; Self::TEXT_LEN]))
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({self})")
    }
}

impl std::str::FromStr for RecordId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V7: &str = "019390f7-0c00-7abc-8def-0123456789ab";

    #[test]
    fn an_id_is_read_strictly() {
        for (text, result) in [
            (V7, None),
            ("019390f7-0c00-8abc-8def-0123456789ab", None),
            ("e677d21f-dbff-7abc-8def-0123456789ab", None),
            (
                "e677d21f-dc00-7abc-8def-0123456789ab",
                Some(InvalidId::Time),
            ),
            (
                "019390F7-0c00-7abc-8def-0123456789ab",
                Some(InvalidId::Form),
            ),
            ("019390f70c007abc8def0123456789ab", Some(InvalidId::Form)),
            ("019390f7-0c00-7abc-8def-0123456789a", Some(InvalidId::Form)),
            (
                "019390f7-0c00-7abc-8def_0123456789ab",
                Some(InvalidId::Form),
            ),
            (
                "019390f7-0c00-4abc-8def-0123456789ab",
                Some(InvalidId::Version),
            ),
            (
                "019390f7-0c00-7abc-cdef-0123456789ab",
                Some(InvalidId::Version),
            ),
            ("", Some(InvalidId::Form)),
        ] {
            assert_eq!(RecordId::parse(text).err(), result, "{text}");
        }
    }

    #[test]
    fn a_minted_id_holds_its_time_version_and_variant() {
        let id = RecordId::mint(Millis::new(1_700_000_000_123), [0xff; 10]);
        assert_eq!(id.to_string(), "018bcfe5-687b-7fff-bfff-ffffffffffff");
        assert_eq!((id.version(), id.millis().get()), (7, 1_700_000_000_123));
        let own = RecordId::own(Millis::new(0), [0; 10]);
        assert_eq!(own.to_string(), "00000000-0000-8000-8000-000000000000");
        assert_eq!(RecordId::parse(&own.to_string()), Ok(own));
    }

    #[test]
    fn ids_sort_as_their_text_does() {
        let ids = [1, 2, 255, 256, 70_000].map(|t| RecordId::mint(Millis::new(t), [7; 10]));
        assert!(ids.is_sorted());
        assert!(ids.map(|id| id.to_string()).is_sorted());
    }
}
