//! Keys: the ledger key that seals facts and wraps scope keys, and the scope keys that seal content.
//! Secrets are wiped when dropped and can't be printed.

use std::fmt;
use std::marker::PhantomData;

use audit_record::LedgerName;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};
use zeroize::Zeroizing;

use crate::{base64url, cbor, domain};

/// Names a key; random, so that it tells nothing about the scope.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; 16]);

impl KeyId {
    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// From a slice of exactly 16 bytes.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Reads unpadded base64url.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        base64url::decode_array(text).map(Self)
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyId({self})")
    }
}

/// The 24 bytes of an XAES-256-GCM nonce, from the operating system for each seal, never derived.
pub type Nonce = [u8; 24];

/// The secret that a part's salts are made of. Whoever holds it can disclose the part's fields.
#[derive(Clone)]
pub struct PartSalt(Zeroizing<[u8; 32]>);

impl PartSalt {
    /// From 32 fresh random bytes, or from an opened part.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes: for evidence handed to somebody who may read the part.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Marks the key of a ledger: seals facts, wraps scope keys.
#[derive(Clone, Copy)]
pub struct Ledger;

/// Marks the key of an erasure scope: seals content.
#[derive(Clone, Copy)]
pub struct Scope;

/// A 256-bit key, of a ledger or of a scope.
#[derive(Clone)]
pub struct Key<Role> {
    id: KeyId,
    secret: Zeroizing<[u8; 32]>,
    cipher: Xaes256Gcm,
    role: PhantomData<Role>,
}

/// The key of a ledger and epoch.
pub type LedgerKey = Key<Ledger>;

/// A key of an erasure scope.
pub type ScopeKey = Key<Scope>;

/// A sealed value was not sealed with this key for this place, or it was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("does not open with this key in this place")]
pub struct WrongKey;

impl<Role> Key<Role> {
    /// From an id and 32 secret bytes.
    #[must_use]
    pub fn new(id: KeyId, secret: [u8; 32]) -> Self {
        Self {
            id,
            cipher: Xaes256Gcm::new(&secret.into()),
            secret: Zeroizing::new(secret),
            role: PhantomData,
        }
    }

    /// Its id.
    #[must_use]
    pub const fn id(&self) -> KeyId {
        self.id
    }

    pub(crate) const fn cipher(&self) -> &Xaes256Gcm {
        &self.cipher
    }
}

/// Bytes of a wrapped scope key: nonce, key, tag.
pub const WRAPPED_LEN: usize = 24 + 32 + 16;

impl LedgerKey {
    /// Wraps a scope key: `nonce ‖ XAES(ledger key, key, "audit-key/v1" ‖ 0x00 ‖ CBOR [ledger,
    /// key_id])`, the key id being the scope key's.
    ///
    /// # Panics
    /// Never: 32 bytes are below the limit of the cipher.
    #[must_use]
    pub fn wrap(&self, ledger: &LedgerName, key: &ScopeKey, nonce: Nonce) -> [u8; WRAPPED_LEN] {
        let mut wrapped = [0; WRAPPED_LEN];
        let (nonce_out, rest) = wrapped.split_at_mut(24);
        let (secret, tag_out) = rest.split_at_mut(32);
        nonce_out.copy_from_slice(&nonce);
        secret.copy_from_slice(&*key.secret);
        let tag = self
            .cipher()
            .encrypt_inout_detached(
                &nonce.into(),
                &associated_data(ledger, key.id),
                secret.into(),
            )
            .expect("32 bytes are below the limit of the cipher");
        tag_out.copy_from_slice(&tag);
        wrapped
    }

    /// Unwraps a scope key.
    ///
    /// # Errors
    /// If it was wrapped under another key, for another ledger or id, or changed.
    pub fn unwrap(
        &self,
        ledger: &LedgerName,
        id: KeyId,
        wrapped: &[u8],
    ) -> Result<ScopeKey, WrongKey> {
        let wrapped: &[u8; WRAPPED_LEN] = wrapped.try_into().map_err(|_| WrongKey)?;
        let nonce = wrapped.first_chunk::<24>().ok_or(WrongKey)?;
        let tag = wrapped.last_chunk::<16>().ok_or(WrongKey)?;
        let mut secret = Zeroizing::new([0; 32]);
        secret.copy_from_slice(&wrapped[24..56]);
        self.cipher()
            .decrypt_inout_detached(
                nonce.into(),
                &associated_data(ledger, id),
                secret.as_mut_slice().into(),
                tag.into(),
            )
            .map_err(|_| WrongKey)?;
        Ok(ScopeKey::new(id, *secret))
    }
}

/// `"audit-key/v1" ‖ 0x00 ‖ CBOR [ledger, key_id]`.
fn associated_data(ledger: &LedgerName, id: KeyId) -> Vec<u8> {
    let mut data = domain::KEY.to_vec();
    cbor::write_array(2, &mut data);
    cbor::write_text(ledger.as_str(), &mut data);
    cbor::write_bytes(id.as_bytes(), &mut data);
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger_key() -> LedgerKey {
        LedgerKey::new(KeyId::from_bytes([1; 16]), [2; 32])
    }

    fn open(bytes: &[u8], ledger: &str, id: u8) -> Result<ScopeKey, WrongKey> {
        let ledger = LedgerName::parse(ledger).unwrap();
        ledger_key().unwrap(&ledger, KeyId::from_bytes([id; 16]), bytes)
    }

    #[test]
    fn a_wrapped_key_opens_in_its_place_only() {
        let ledger = LedgerName::parse("demo/credit").unwrap();
        let key = ScopeKey::new(KeyId::from_bytes([3; 16]), [4; 32]);
        let wrapped = ledger_key().wrap(&ledger, &key, [5; 24]);
        let opened = open(&wrapped, "demo/credit", 3).unwrap();
        assert_eq!((*opened.secret, opened.id), ([4; 32], key.id));
        assert!(open(&wrapped, "demo/hiring", 3).is_err());
        assert!(open(&wrapped, "demo/credit", 4).is_err());
        assert!(open(&wrapped[1..], "demo/credit", 3).is_err());
        assert!(open(&[&wrapped[..], &[0]].concat(), "demo/credit", 3).is_err());
        for bit in 0..WRAPPED_LEN * 8 {
            let mut changed = wrapped;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&changed, "demo/credit", 3).is_err(), "bit {bit}");
        }
    }
}
