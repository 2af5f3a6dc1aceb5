//! The operations on the `keys` table, typed, over any [`KeyStore`].
//!
//! Each is one request but for those that say otherwise. Rows are replaced on the condition that
//! their revision is the one that was read, so two administrators can't overwrite each other.

use audit_record::{LedgerName, Millis};

use crate::config::{ApiKey, ApiKeyId, LedgerConfig, REVISION, RateLimit, ScopeKey, Tenant, keyed};
use crate::error::{Error, Result};
use crate::item::{Item, Value};
use crate::rows::{self, RowKey, SK};
use crate::stores::{Condition, KeyStore, Order, Query, Written};

/// Rows asked for in one page; the service's 1 MB ends it earlier if need be.
const PAGE_ROWS: u32 = 1000;

/// The attribute that names a key's scope.
const SCOPE: &str = "scope";

/// Reads a ledger's configuration.
pub async fn ledger(store: &impl KeyStore, name: &LedgerName) -> Result<Option<LedgerConfig>> {
    let row = store.get(&rows::ledger(name)).await?;
    row.as_ref().map(LedgerConfig::from_item).transpose()
}

/// Lists the configurations of a tenant's ledgers, by name; one request for each page of them.
pub async fn ledgers_of(store: &impl KeyStore, tenant: &str) -> Result<Vec<LedgerConfig>> {
    let rows = all(store, rows::LEDGERS, Some(rows::ledgers_of(tenant))).await?;
    rows.iter().map(LedgerConfig::from_item).collect()
}

/// Lists the configurations of all ledgers; one request for each page of them.
pub async fn ledgers(store: &impl KeyStore) -> Result<Vec<LedgerConfig>> {
    let rows = all(store, rows::LEDGERS, None).await?;
    rows.iter().map(LedgerConfig::from_item).collect()
}

/// Writes a new ledger's configuration; `ConditionFailed` if the name is taken.
pub async fn create_ledger(store: &impl KeyStore, config: &LedgerConfig) -> Result<Written> {
    store.put_if(config.to_item(), Condition::Absent).await
}

/// Lists all tenants; one request for each page of them.
pub async fn tenants(store: &impl KeyStore) -> Result<Vec<Tenant>> {
    let rows = all(store, rows::TENANTS, None).await?;
    rows.iter().map(Tenant::from_item).collect()
}

/// Reads a tenant.
pub async fn tenant(store: &impl KeyStore, name: &str) -> Result<Option<Tenant>> {
    let row = store.get(&rows::tenant(name)).await?;
    row.as_ref().map(Tenant::from_item).transpose()
}

/// Writes a new tenant; `ConditionFailed` if the name is taken.
pub async fn create_tenant(store: &impl KeyStore, tenant: &Tenant) -> Result<Written> {
    store.put_if(tenant.to_item(), Condition::Absent).await
}

/// Sets a tenant's rate limit, or gives it back the installation's. Two requests.
///
/// # Errors
/// `NotFound` if there is no such tenant, `Conflict` if it was changed meanwhile.
pub async fn limit_tenant(
    store: &impl KeyStore,
    name: &str,
    limit: Option<RateLimit>,
) -> Result<Tenant> {
    let tenant = tenant(store, name)
        .await?
        .ok_or_else(|| Error::not_found("tenant"))?;
    if tenant.limit == limit {
        return Ok(tenant);
    }
    let condition = unchanged(tenant.revision);
    let limited = Tenant {
        limit,
        revision: tenant.revision + 1,
        ..tenant
    };
    match store.put_if(limited.to_item(), condition).await? {
        Written::Done => Ok(limited),
        Written::ConditionFailed => Err(Error::conflict("tenant changed while it was limited")),
    }
}

/// Reads an API key.
pub async fn api_key(store: &impl KeyStore, id: &ApiKeyId) -> Result<Option<ApiKey>> {
    let row = store.get(&rows::api_key(id)).await?;
    row.as_ref().map(ApiKey::from_item).transpose()
}

/// Writes a new API key: first its pointer in the tenant's list, then itself. Two requests; a
/// pointer whose key was never written is harmless, a key that no list shows would not be.
pub async fn create_api_key(store: &impl KeyStore, key: &ApiKey) -> Result<Written> {
    let pointer = keyed(rows::api_key_of(&key.tenant, &key.id)).with(REVISION, 1);
    match store.put_if(pointer, Condition::Absent).await? {
        Written::Done | Written::ConditionFailed => {}
    }
    store.put_if(key.to_item(), Condition::Absent).await
}

/// Lists a tenant's API keys, by id. One request for each page, and one for each key.
pub async fn api_keys_of(store: &impl KeyStore, tenant: &str) -> Result<Vec<ApiKey>> {
    let mut keys = Vec::new();
    for pointer in all(store, &rows::api_keys_of(tenant), None).await? {
        let id = crate::config::parsed(pointer.text(SK)?, "API key id")?;
        keys.extend(api_key(store, &id).await?);
    }
    Ok(keys)
}

/// Revokes an API key. Two requests. Revoking a revoked key changes nothing.
///
/// # Errors
/// `NotFound` if there is no such key, `Conflict` if it was changed meanwhile.
pub async fn revoke_api_key(store: &impl KeyStore, id: &ApiKeyId, now: Millis) -> Result<ApiKey> {
    let key = api_key(store, id)
        .await?
        .ok_or_else(|| Error::not_found("API key"))?;
    if key.revoked_at.is_some() {
        return Ok(key);
    }
    let condition = unchanged(key.revision);
    let revoked = ApiKey {
        revoked_at: Some(now),
        revision: key.revision + 1,
        ..key
    };
    match store.put_if(revoked.to_item(), condition).await? {
        Written::Done => Ok(revoked),
        Written::ConditionFailed => Err(Error::conflict("API key changed while it was revoked")),
    }
}

/// Reads all keys of a scope, tombstones included, by key id; one request unless a scope has
/// thousands of them.
pub async fn scope_keys(
    store: &impl KeyStore,
    ledger: &LedgerName,
    scope: &str,
) -> Result<Vec<ScopeKey>> {
    let rows = all(store, &rows::scope(ledger, scope), None).await?;
    rows.iter()
        .map(|row| ScopeKey::from_item(ledger, scope, row))
        .collect()
}

/// Writes a new scope key: first the row by which its scope is found from its id, then itself.
/// Two requests; durable once it answers `Done`. A crash between the two leaves a name for a key
/// that never sealed anything, which is harmless; a key that no segment's reader could find would
/// not be. `ConditionFailed` means that this very key id is taken, which a lost reply to the first
/// attempt explains and chance does not.
pub async fn create_scope_key(store: &impl KeyStore, key: &ScopeKey) -> Result<Written> {
    let name = keyed(rows::scope_of_key(&key.ledger, &key.key_id))
        .with(REVISION, 1)
        .with(SCOPE, key.scope.as_str());
    match store.put_if(name, Condition::Absent).await? {
        Written::Done | Written::ConditionFailed => {}
    }
    store.put_if(key.to_item(), Condition::Absent).await
}

/// Finds a scope key, or its tombstone, by the id that a sealed body names. Two requests. `None`
/// if there is no such key, which for a key that sealed something is an error, never an erasure.
pub async fn scope_key(
    store: &impl KeyStore,
    ledger: &LedgerName,
    key_id: &[u8; 16],
) -> Result<Option<ScopeKey>> {
    let Some(name) = store.get(&rows::scope_of_key(ledger, key_id)).await? else {
        return Ok(None);
    };
    let scope = name.text(SCOPE)?;
    let row = store.get(&rows::scope_key(ledger, scope, key_id)).await?;
    row.map(|row| ScopeKey::from_item(ledger, scope, &row))
        .transpose()
}

/// Replaces a live scope key by its tombstone. `ConditionFailed` if it is one already, or no such
/// key ever was.
pub async fn erase_scope_key(store: &impl KeyStore, tombstone: &ScopeKey) -> Result<Written> {
    store.put_if(tombstone.to_item(), unchanged(1)).await
}

fn unchanged(revision: u64) -> Condition {
    Condition::Equals {
        attribute: REVISION,
        value: Value::Number(revision),
    }
}

/// Reads a whole partition, or a range of it.
async fn all(
    store: &impl KeyStore,
    partition: &str,
    between: Option<(String, String)>,
) -> Result<Vec<Item>> {
    let mut query = Query {
        index: None,
        partition: partition.to_owned(),
        between,
        order: Order::Ascending,
        limit: PAGE_ROWS,
        after: None,
    };
    let mut rows = Vec::new();
    loop {
        let page = store.query(&query).await?;
        rows.extend(page.items);
        let next: Option<RowKey> = page.next;
        if next.is_none() {
            return Ok(rows);
        }
        query.after = next;
    }
}
