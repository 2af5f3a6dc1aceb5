//! `ledger create`, `ledger list`.

use std::process::ExitCode;

use audit_ledger::{Creation, NewLedger};
use audit_storage::config::{Lane, LedgerConfig};
use audit_storage::{Backend, key_table};
use serde_json::{Value, json};

use crate::failure::{Failure, Result};
use crate::options::{ConnectionOptions, CreateLedger, LedgerCommand};
use crate::output::{Output, table};

pub(crate) async fn run(
    connection: &ConnectionOptions,
    output: &Output,
    command: LedgerCommand,
) -> Result<ExitCode> {
    match command {
        LedgerCommand::Create(arguments) => create(connection, output, arguments).await,
        LedgerCommand::List { tenant } => list(connection, output, tenant.as_deref()).await,
    }
}

async fn create(
    connection: &ConnectionOptions,
    output: &Output,
    arguments: CreateLedger,
) -> Result<ExitCode> {
    let operator = connection.operator()?;
    let tenant = arguments.ledger.tenant().to_owned();
    let new = NewLedger {
        ledger: arguments.ledger,
        domain: connection.domain()?.to_owned(),
        retention_class: arguments.class,
        buckets: arguments.buckets,
        scope: arguments.scope,
        lane: Lane(arguments.lane),
        index_days: arguments.index_days,
    };
    let made = operator.create_ledger(&new).await;
    let (config, creation) = made.map_err(|error| match error.kind() {
        audit_storage::Kind::NotFound => Failure::new(
            format!("there is no tenant {tenant}"),
            format!("run `audit-admin tenant create {tenant}` first"),
        ),
        audit_storage::Kind::Conflict => Failure::new(
            format!("a ledger {} exists with other fixed settings", new.ledger),
            format!("compare with `audit-admin ledger list {tenant}`, or choose another name"),
        ),
        _ => error.into(),
    })?;
    let created = creation == Creation::Created;
    let human = if created {
        format!("ledger {} created ({})", config.ledger, config.origin)
    } else {
        format!("ledger {} exists already", config.ledger)
    };
    let mut value = describe(&config);
    value["created"] = created.into();
    output.say(&human, &value);
    Ok(ExitCode::SUCCESS)
}

async fn list(
    connection: &ConnectionOptions,
    output: &Output,
    tenant: Option<&str>,
) -> Result<ExitCode> {
    let operator = connection.operator()?;
    let keys = operator.backend().keys();
    let ledgers = match tenant {
        Some(tenant) => key_table::ledgers_of(keys, tenant).await?,
        None => key_table::ledgers(keys).await?,
    };
    let mut rows = Vec::with_capacity(ledgers.len());
    let mut values = Vec::with_capacity(ledgers.len());
    for config in &ledgers {
        let size = operator.size(config).await?;
        let mut value = describe(config);
        value["size"] = json!(size);
        values.push(value);
        rows.push([
            config.ledger.to_string(),
            config.retention_class.to_string(),
            size.map_or_else(|| "-".to_owned(), |size| size.to_string()),
            config.buckets.to_string(),
            config.scope.as_str().to_owned(),
            config.created_at.to_string(),
        ]);
    }
    let head = ["LEDGER", "CLASS", "SIZE", "BUCKETS", "SCOPE", "CREATED"];
    output.say(&table(head, &rows), &json!({"ledgers": values}));
    Ok(ExitCode::SUCCESS)
}

fn describe(config: &LedgerConfig) -> Value {
    json!({
        "ledger": config.ledger.as_str(),
        "origin": config.origin,
        "retention_class": config.retention_class.as_str(),
        "buckets": config.buckets,
        "scope": config.scope.as_str(),
        "lane": config.lane.0,
        "index_days": config.index_days,
        "created_at": config.created_at.to_string(),
    })
}
