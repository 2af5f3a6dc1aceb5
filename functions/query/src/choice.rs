//! Which ledger a request reads: the one that it names, else its credential's home.
//!
//! A ledger that does not exist, one of the same tenant that the credential may not read, and
//! another tenant's (which can't even be named) all give one and the same answer.

use audit_lambda::Credential;
use audit_lambda::http::{ApiError, Detail};
use audit_query::Reader;
use audit_record::{LedgerName, is_name};
use audit_storage::Backend;
use audit_storage::config::{ApiScope, LedgerConfig};

/// Refuses a credential that may read nothing at all.
pub(crate) fn require_read(credential: &Credential) -> Result<(), ApiError> {
    if credential.allows(ApiScope::TenantRead) {
        return Ok(());
    }
    credential.require(ApiScope::RecordsRead)
}

/// The one ledger that a request reads.
///
/// # Errors
/// 400 where none is named and the credential has no home, or the name is none; 404 where there is
/// no such ledger for this credential.
pub(crate) async fn ledger(
    reader: &Reader<impl Backend>,
    credential: &Credential,
    named: Option<&str>,
) -> Result<LedgerConfig, ApiError> {
    let name = match named {
        Some(short) => named_ledger(credential, short)?,
        None => credential.home.clone().ok_or_else(|| {
            ApiError::invalid(Detail::new(
                "ledger",
                "required",
                "this API key has no ledger of its own: name one",
            ))
        })?,
    };
    if !may_read(credential, &name) {
        return Err(ApiError::not_found());
    }
    reader.ledger(&name).await?.ok_or_else(ApiError::not_found)
}

/// The ledgers in which a record is looked for: the one that is named, else all that the credential
/// may read.
///
/// # Errors
/// As [`ledger`].
pub(crate) async fn searched(
    reader: &Reader<impl Backend>,
    credential: &Credential,
    named: Option<&str>,
) -> Result<Vec<LedgerConfig>, ApiError> {
    match named {
        Some(named) => Ok(vec![ledger(reader, credential, Some(named)).await?]),
        None => readable(reader, credential).await,
    }
}

/// The ledgers that a credential may read, its home first, the others by name.
pub(crate) async fn readable(
    reader: &Reader<impl Backend>,
    credential: &Credential,
) -> Result<Vec<LedgerConfig>, ApiError> {
    if !credential.allows(ApiScope::TenantRead) {
        let home = match &credential.home {
            Some(home) => reader.ledger(home).await?,
            None => None,
        };
        return Ok(home.into_iter().collect());
    }
    let mut ledgers = reader.ledgers_of(&credential.tenant).await?;
    ledgers.sort_by_key(|config| {
        (
            Some(&config.ledger) != credential.home.as_ref(),
            config.ledger.clone(),
        )
    });
    Ok(ledgers)
}

fn named_ledger(credential: &Credential, short: &str) -> Result<LedgerName, ApiError> {
    if !is_name(short) {
        let message = "is a ledger's short name: 1 to 63 of a-z, 0-9 and -";
        return Err(ApiError::invalid(Detail::new(
            "ledger",
            "invalid_value",
            message,
        )));
    }
    LedgerName::new(&credential.tenant, short).map_err(ApiError::internal)
}

fn may_read(credential: &Credential, name: &LedgerName) -> bool {
    credential.allows(ApiScope::TenantRead) || credential.home.as_ref() == Some(name)
}
