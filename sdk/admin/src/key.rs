//! `key create`, `key list`, `key revoke`.

use audit_ledger::Operator;
use audit_record::Millis;
use audit_storage::config::{ApiKey, ApiKeyId, ApiKeySecret, ApiScope};
use audit_storage::{Backend, Clock, Kind, key_table};
use serde_json::{Value, json};

use crate::failure::{DONE, Failure, Result};
use crate::options::{CreateKey, Home, KeyCommand};
use crate::output::{Output, table};
use crate::tenant;

pub(crate) async fn run<B: Backend>(
    operator: &Operator<B>,
    output: &Output,
    command: KeyCommand,
) -> Result<u8> {
    match command {
        KeyCommand::Create(arguments) => create(operator, output, arguments).await,
        KeyCommand::List { tenant } => list(operator, output, &tenant).await,
        KeyCommand::Revoke { id } => revoke(operator, output, &id).await,
    }
}

async fn create<B: Backend>(
    operator: &Operator<B>,
    output: &Output,
    arguments: CreateKey,
) -> Result<u8> {
    let stores = operator.backend();
    let now = stores.clock().now();
    let Home { tenant, ledger } = arguments.home;
    let ledger_scopes = [ApiScope::RecordsWrite, ApiScope::RecordsRead];
    match &ledger {
        None if ledger_scopes
            .iter()
            .any(|scope| arguments.scopes.contains(scope)) =>
        {
            return Err(Failure::new(
                "records:write and records:read need a home ledger",
                "name one: `key create TENANT/LEDGER …`",
            ));
        }
        Some(name) if key_table::ledger(stores.keys(), name).await?.is_none() => {
            return Err(Failure::new(
                format!("there is no ledger {name}"),
                format!("run `audit-admin ledger create {name}` first"),
            ));
        }
        None => tenant::must_exist(operator, &tenant).await?,
        Some(_) => {}
    }
    if arguments.expires.is_some_and(|expires| expires <= now) {
        return Err(Failure::new(
            "the key would have expired before it is made",
            "give a later time to --expires, or leave it out",
        ));
    }
    let secret = ApiKeySecret::random(stores.entropy());
    let key = ApiKey {
        id: ApiKeyId::random(stores.entropy()),
        secret_sha256: secret.sha256(),
        tenant,
        ledger: ledger.map(|name| name.ledger().to_owned()),
        scopes: arguments.scopes.into_iter().collect(),
        name: arguments.name,
        created_at: now,
        expires_at: arguments.expires,
        revoked_at: None,
        revision: 1,
    };
    // The id is random: that it is taken can only be this command's own lost reply.
    key_table::create_api_key(stores.keys(), &key).await?;
    let token = secret.token(&key.id);
    let mut value = describe(&key);
    value["key"] = token.as_str().into();
    output.say(token.as_str(), &value);
    output.progress(&format!(
        "keep it now: it is shown this once. Its id is {}.",
        key.id
    ));
    Ok(DONE)
}

async fn list<B: Backend>(operator: &Operator<B>, output: &Output, tenant: &str) -> Result<u8> {
    tenant::must_exist(operator, tenant).await?;
    let stores = operator.backend();
    let keys = key_table::api_keys_of(stores.keys(), tenant).await?;
    let now = stores.clock().now();
    let rows: Vec<[String; 7]> = keys
        .iter()
        .map(|key| {
            [
                key.id.to_string(),
                key.name.clone(),
                key.ledger.clone().unwrap_or_else(|| "-".to_owned()),
                scopes(key).join(","),
                status(key, now).to_owned(),
                key.created_at.to_string(),
                key.expires_at
                    .map_or_else(|| "-".to_owned(), |time| time.to_string()),
            ]
        })
        .collect();
    let values: Vec<Value> = keys
        .iter()
        .map(|key| {
            let mut value = describe(key);
            value["status"] = status(key, now).into();
            value
        })
        .collect();
    let head = [
        "ID", "NAME", "LEDGER", "SCOPES", "STATUS", "CREATED", "EXPIRES",
    ];
    let none = format!("tenant {tenant} has no keys yet");
    output.say(&table(head, &rows, &none), &json!({"keys": values}));
    Ok(DONE)
}

async fn revoke<B: Backend>(operator: &Operator<B>, output: &Output, id: &ApiKeyId) -> Result<u8> {
    let stores = operator.backend();
    let revoked = key_table::revoke_api_key(stores.keys(), id, stores.clock().now()).await;
    let key = revoked.map_err(|error| match error.kind() {
        Kind::NotFound => Failure::new(
            format!("there is no key {id}"),
            "find its id with `audit-admin key list TENANT`",
        ),
        _ => error.into(),
    })?;
    let human = format!("key {id} is revoked; it stops working within 60 seconds");
    output.say(&human, &describe(&key));
    Ok(DONE)
}

fn status(key: &ApiKey, now: Millis) -> &'static str {
    if key.revoked_at.is_some() {
        "revoked"
    } else if key.is_live(now) {
        "live"
    } else {
        "expired"
    }
}

fn scopes(key: &ApiKey) -> Vec<&'static str> {
    key.scopes.iter().map(|scope| scope.as_str()).collect()
}

fn describe(key: &ApiKey) -> Value {
    let text = |time: Option<Millis>| time.map(|time| time.to_string());
    json!({
        "id": key.id.as_str(),
        "name": key.name,
        "tenant": key.tenant,
        "ledger": key.ledger,
        "scopes": scopes(key),
        "created_at": key.created_at.to_string(),
        "expires_at": text(key.expires_at),
        "revoked_at": text(key.revoked_at),
    })
}
