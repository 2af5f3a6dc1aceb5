//! Disclosures (the form of RFC 9901, SD-JWT), and the hashes over them.

use audit_record::json::Value;

use crate::hash::Hash;
use crate::key::PartSalt;

/// Bytes of a field's salt.
pub const SALT_LEN: usize = 16;

/// The salt of a field: the first 16 bytes of HMAC-SHA256 of its pointer under the part's salt.
#[must_use]
pub fn salt(part_salt: &PartSalt, pointer: &str) -> [u8; SALT_LEN] {
    let _ = (part_salt, pointer);
    unimplemented!()
}

/// The disclosure of a field: base64url of canonical `[salt, pointer, value]`.
#[must_use]
pub fn disclosure(salt: &[u8; SALT_LEN], pointer: &str, value: &Value<'_>) -> String {
    let _ = (salt, pointer, value);
    unimplemented!()
}

/// The digest of a disclosure: SHA-256 of its ASCII text.
#[must_use]
pub fn digest(disclosure: &str) -> Hash {
    Hash::of(&[disclosure.as_bytes()])
}

/// Commits to a part by its fields' digests; sorts them.
#[must_use]
pub fn part_content(digests: &mut [Hash]) -> Hash {
    let _ = digests;
    unimplemented!()
}

/// Commits to a record by its parts.
#[must_use]
pub fn content(parts: &[Hash]) -> Hash {
    let _ = parts;
    unimplemented!()
}
