//! API keys: `aal_<key id>_<secret>`. Only a hash of the secret is ever stored.
//!
//! The secret is 32 random bytes, so a plain SHA-256 of it can't be searched for, and no slow hash
//! is needed. The comparison is constant in time.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use audit_record::Millis;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{REVISION, keyed, parsed};
use crate::encode::{base64url, from_base64url};
use crate::error::{Error, Result};
use crate::item::{Item, Value, wrong_type};
use crate::ports::Entropy;
use crate::rows::{self, PK};

const KEY_ID_CHARS: usize = 16;
/// RFC 4648 base32 in lower case: 5 bits a character, 80 bits in all.
const KEY_ID_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// The public half of an API key: 16 of `[a-z2-7]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKeyId(String);

impl ApiKeyId {
    /// A fresh one.
    #[must_use]
    pub fn random(entropy: &impl Entropy) -> Self {
        let bytes: [u8; KEY_ID_CHARS] = entropy.array();
        let letter = |byte: u8| char::from(KEY_ID_ALPHABET[usize::from(byte % 32)]);
        Self(bytes.into_iter().map(letter).collect())
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApiKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ApiKeyId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let plain =
            text.len() == KEY_ID_CHARS && text.bytes().all(|byte| KEY_ID_ALPHABET.contains(&byte));
        if plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid("API key id"))
        }
    }
}

/// The secret half of an API key: 32 random bytes, wiped when dropped, never printed.
pub struct ApiKeySecret(Zeroizing<[u8; 32]>);

impl ApiKeySecret {
    /// A fresh one.
    #[must_use]
    pub fn random(entropy: &impl Entropy) -> Self {
        Self(Zeroizing::new(entropy.array()))
    }

    /// What is stored of it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_slice()).into()
    }

    /// Compares with a stored hash, in constant time.
    #[must_use]
    pub fn matches(&self, sha256: &[u8; 32]) -> bool {
        self.sha256().ct_eq(sha256).into()
    }

    /// The token that a client sends: shown once, when the key is made.
    #[must_use]
    pub fn token(&self, id: &ApiKeyId) -> Zeroizing<String> {
        Zeroizing::new(format!("aal_{id}_{}", base64url(self.0.as_slice())))
    }

    /// Reads a token; `None` if it does not have the form of one.
    #[must_use]
    pub fn parse_token(token: &str) -> Option<(ApiKeyId, Self)> {
        let (id, secret) = token.strip_prefix("aal_")?.split_once('_')?;
        Some((
            id.parse().ok()?,
            Self(Zeroizing::new(from_base64url(secret)?)),
        ))
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeySecret(..)")
    }
}

/// What an API key allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiScope {
    /// Writing records to its home ledger.
    RecordsWrite,
    /// Reading its home ledger.
    RecordsRead,
    /// Reading all ledgers of its tenant.
    TenantRead,
}

impl ApiScope {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::RecordsWrite, Self::RecordsRead, Self::TenantRead];

    /// The stored and spoken form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RecordsWrite => "records:write",
            Self::RecordsRead => "records:read",
            Self::TenantRead => "tenant:read",
        }
    }
}

impl FromStr for ApiScope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| Error::invalid("API key scope"))
    }
}

/// An API key's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// The public half.
    pub id: ApiKeyId,
    /// The hash of the secret half.
    pub secret_sha256: [u8; 32],
    /// Whose it is.
    pub tenant: String,
    /// The short name of the ledger where it writes and by default reads; absent for a key that
    /// only reads.
    pub ledger: Option<String>,
    /// What it allows.
    pub scopes: BTreeSet<ApiScope>,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: Millis,
    /// From when on it no longer works.
    pub expires_at: Option<Millis>,
    /// Since when it no longer works.
    pub revoked_at: Option<Millis>,
    /// The revision that was read; 1 for a new key.
    pub revision: u64,
}

impl ApiKey {
    /// Whether it works at a time.
    #[must_use]
    pub fn is_live(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether it has a scope.
    #[must_use]
    pub fn allows(&self, scope: ApiScope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The row.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let scopes = self
            .scopes
            .iter()
            .map(|scope| scope.as_str().into())
            .collect();
        let mut item = keyed(rows::api_key(&self.id))
            .with(REVISION, self.revision)
            .with("secret_sha256", self.secret_sha256)
            .with("tenant", self.tenant.as_str())
            .with("scopes", Value::List(scopes))
            .with("name", self.name.as_str())
            .with("created_at", self.created_at.get());
        item.set_opt("ledger", self.ledger.as_deref());
        item.set_opt("expires_at", self.expires_at.map(audit_record::Millis::get));
        item.set_opt("revoked_at", self.revoked_at.map(audit_record::Millis::get));
        item
    }

    /// Reads the row back.
    pub fn from_item(item: &Item) -> Result<Self> {
        let id = item.text(PK)?.strip_prefix("A#").unwrap_or_default();
        let scope = |value: &Value| match value {
            Value::Text(text) => parsed(text, "API key scope"),
            _ => Err(wrong_type("scopes")),
        };
        Ok(Self {
            id: parsed(id, "API key id")?,
            secret_sha256: item.array("secret_sha256")?,
            tenant: item.text("tenant")?.to_owned(),
            ledger: item.opt_text("ledger")?.map(str::to_owned),
            scopes: item
                .list("scopes")?
                .iter()
                .map(scope)
                .collect::<Result<_>>()?,
            name: item.text("name")?.to_owned(),
            created_at: Millis::new(item.number("created_at")?),
            expires_at: item.opt_number("expires_at")?.map(Millis::new),
            revoked_at: item.opt_number("revoked_at")?.map(Millis::new),
            revision: item.number(REVISION)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            for (at, byte) in bytes.iter_mut().enumerate() {
                *byte = u8::try_from(at * 37 % 256).unwrap_or_default();
            }
        }
    }

    fn key() -> ApiKey {
        ApiKey {
            id: ApiKeyId::random(&Counting),
            secret_sha256: ApiKeySecret::random(&Counting).sha256(),
            tenant: "acme".to_owned(),
            ledger: Some("credit".to_owned()),
            scopes: [ApiScope::RecordsWrite, ApiScope::TenantRead].into(),
            name: "loan service".to_owned(),
            created_at: Millis::new(10),
            expires_at: Some(Millis::new(20)),
            revoked_at: None,
            revision: 1,
        }
    }

    #[test]
    fn a_key_round_trips_with_and_without_its_optional_members() {
        let full = key();
        let plain = ApiKey {
            ledger: None,
            expires_at: None,
            revoked_at: Some(Millis::new(3)),
            scopes: BTreeSet::new(),
            ..key()
        };
        for key in [full, plain] {
            assert_eq!(ApiKey::from_item(&key.to_item()).expect("a key"), key);
        }
    }

    #[test]
    fn a_token_is_read_back_and_only_its_own_secret_matches() {
        let key = key();
        let token = ApiKeySecret::random(&Counting).token(&key.id);
        assert_eq!(token.len(), 4 + 16 + 1 + 43);
        let (id, secret) = ApiKeySecret::parse_token(&token).expect("a token");
        assert_eq!(id, key.id);
        assert!(secret.matches(&key.secret_sha256));
        assert!(!secret.matches(&[0; 32]));
        assert_eq!(format!("{secret:?}"), "ApiKeySecret(..)");
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let token = ApiKeySecret::random(&Counting).token(&key().id);
        let shorter = &token[..token.len() - 1];
        for text in [
            "",
            "aal_",
            "aal_abc_def",
            shorter,
            &token[4..],
            &token.to_uppercase(),
        ] {
            assert!(ApiKeySecret::parse_token(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_key_dies_at_its_expiry_or_revocation() {
        let key = key();
        assert!(key.is_live(Millis::new(19)) && !key.is_live(Millis::new(20)));
        let revoked = ApiKey {
            revoked_at: Some(Millis::new(11)),
            ..key
        };
        assert!(!revoked.is_live(Millis::new(12)));
    }
}
