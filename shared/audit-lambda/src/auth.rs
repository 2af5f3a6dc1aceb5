//! Who asks: an API key's token to what it may do.
//!
//! A token is `aal_<key id>_<secret>`; the table holds the secret's SHA-256 only. 32 random bytes
//! need no slow hash. A token that is not known, has expired or was revoked gets one and the same
//! answer, after the same comparison.

use std::collections::BTreeSet;
use std::fmt;

use audit_record::LedgerName;
use audit_storage::config::{ApiKey, ApiKeyId, ApiKeySecret, ApiScope};
use audit_storage::stores::KeyStore;
use audit_storage::{Clock, key_table};

use crate::http::{ApiError, Code, Request};
use crate::recent::Recent;

/// How long an instance goes on with a key as it read it: a revocation takes effect within it.
const KEPT_MS: u64 = 60_000;
/// Keys that an instance keeps; a row takes some 300 bytes.
const KEPT_KEYS: usize = 1_000;
/// What the hash of a secret is compared with where there is no such key.
const NO_HASH: [u8; 32] = [0; 32];

/// What a request's key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The key's public id.
    pub key_id: ApiKeyId,
    /// Whose key it is.
    pub tenant: String,
    /// Where it writes, and reads where the request names no ledger; absent for a key that reads
    /// a whole tenant.
    pub home: Option<LedgerName>,
    /// What it may do.
    pub scopes: BTreeSet<ApiScope>,
}

impl Credential {
    /// Tells whether it has this scope.
    #[must_use]
    pub fn allows(&self, scope: ApiScope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Refuses with 403 what the key does not have.
    pub fn require(&self, scope: ApiScope) -> Result<(), ApiError> {
        if self.allows(scope) {
            return Ok(());
        }
        Err(ApiError::new(
            Code::Forbidden,
            format!("This API key lacks the scope `{}`.", scope.as_str()),
        ))
    }
}

/// Checks API keys over a key store.
pub struct Authenticator<S, C> {
    store: S,
    clock: C,
    kept: Recent<ApiKeyId, ApiKey>,
}

impl<S, C> fmt::Debug for Authenticator<S, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Authenticator")
            .finish_non_exhaustive()
    }
}

impl<S: KeyStore, C: Clock> Authenticator<S, C> {
    /// An authenticator that has read nothing yet.
    #[must_use]
    pub fn new(store: S, clock: C) -> Self {
        Self {
            store,
            clock,
            kept: Recent::new(KEPT_MS, KEPT_KEYS),
        }
    }

    /// Finds out what a request's key stands for.
    ///
    /// # Errors
    /// 401 without a key, or with one that is not known, has expired or was revoked; 503 where
    /// the keys can't be read.
    pub async fn authenticate(&self, request: &Request) -> Result<Credential, ApiError> {
        let (id, secret) = token(request)
            .and_then(ApiKeySecret::parse_token)
            .ok_or_else(unauthorized)?;
        let key = self.key(&id).await?;
        let matches = secret.matches(key.as_ref().map_or(&NO_HASH, |key| &key.secret_sha256));
        match key {
            Some(key) if matches && key.is_live(self.clock.now()) => credential(key),
            _ => Err(unauthorized()),
        }
    }

    async fn key(&self, id: &ApiKeyId) -> Result<Option<ApiKey>, ApiError> {
        let now = self.clock.now();
        if let Some(key) = self.kept.get(id, now) {
            return Ok(Some(key));
        }
        let key = key_table::api_key(&self.store, id).await?;
        // That there is no such key is not kept: a new key works at once, and nobody can fill
        // the cache with guesses.
        if let Some(key) = &key {
            self.kept.put(id.clone(), key.clone(), now);
        }
        Ok(key)
    }
}

/// The bearer token (RFC 6750, section 2.1); the scheme in any case (RFC 9110, section 11.1).
fn token(request: &Request) -> Option<&str> {
    let (scheme, token) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized() -> ApiError {
    ApiError::new(
        Code::Unauthorized,
        "A valid API key is needed: `Authorization: Bearer aal_…`.",
    )
}

fn credential(key: ApiKey) -> Result<Credential, ApiError> {
    let home = key
        .ledger
        .as_deref()
        .map(|ledger| LedgerName::new(&key.tenant, ledger))
        .transpose()
        .map_err(ApiError::internal)?;
    Ok(Credential {
        key_id: key.id,
        tenant: key.tenant,
        home,
        scopes: key.scopes,
    })
}
