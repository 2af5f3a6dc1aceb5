//! Disclosures (the form of RFC 9901, SD-JWT), and the hashes over them.
//!
//! Showing some fields' disclosures and the digests of the rest proves exactly those fields: that
//! they were recorded, not that nothing else was.

use audit_record::json::Value;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::hash::Hash;
use crate::key::PartSalt;
use crate::{base64url, canonical, domain};

/// Bytes of a field's salt.
pub const SALT_LEN: usize = 16;

/// Makes the salts of one part's fields.
#[derive(Clone)]
pub(crate) struct Salter(Hmac<Sha256>);

impl Salter {
    pub(crate) fn new(part_salt: &PartSalt) -> Self {
        Self(hmac(part_salt.expose()))
    }

    pub(crate) fn salt(&self, pointer: &[u8]) -> [u8; SALT_LEN] {
        let mac = self.0.clone().chain_update(pointer).finalize().into_bytes();
        let mut salt = [0; SALT_LEN];
        salt.copy_from_slice(&mac[..SALT_LEN]);
        salt
    }
}

/// HMAC-SHA256 under a key of 32 bytes.
pub(crate) fn hmac(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// The salt of a field: the first 16 bytes of HMAC-SHA256 of its pointer under the part's salt.
#[must_use]
pub fn salt(part_salt: &PartSalt, pointer: &str) -> [u8; SALT_LEN] {
    Salter::new(part_salt).salt(pointer.as_bytes())
}

/// The disclosure of a field: base64url of canonical `[salt, pointer, value]`, the salt as base64url.
#[must_use]
pub fn disclosure(salt: &[u8; SALT_LEN], pointer: &str, value: &Value<'_>) -> String {
    let mut quoted = Vec::new();
    canonical::write_string(pointer, &mut quoted);
    let mut json = Vec::new();
    write_array(salt, &quoted, &canonical::to_vec(value), &mut json);
    base64url::encode(&json)
}

/// Appends `["<salt>",<pointer>,<value>]`, pointer and value being canonical JSON already.
pub(crate) fn write_array(salt: &[u8; SALT_LEN], pointer: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"[\"");
    base64url::append(salt, out);
    out.extend_from_slice(b"\",");
    out.extend_from_slice(pointer);
    out.push(b',');
    out.extend_from_slice(value);
    out.push(b']');
}

/// The digest of a disclosure: SHA-256 of its ASCII text.
#[must_use]
pub fn digest(disclosure: &str) -> Hash {
    Hash::of(&[disclosure.as_bytes()])
}

/// Commits to a part: `SHA-256("audit-part/v1" ‖ 0x00 ‖ digests, sorted)`. Sorts them.
#[must_use]
pub fn part_content(digests: &mut [Hash]) -> Hash {
    digests.sort_unstable();
    Hash::of_all(domain::PART, digests)
}

/// Commits to a record: `SHA-256("audit-content/v1" ‖ 0x00 ‖ u8 number of parts ‖ each part's hash)`.
#[must_use]
pub fn content(parts: &[Hash]) -> Hash {
    let count = u8::try_from(parts.len()).unwrap_or(u8::MAX);
    Hash::of_all(&[domain::CONTENT, &[count]].concat(), parts)
}
