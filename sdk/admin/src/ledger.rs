//! `ledger create`, `ledger list`.

use audit_ledger::{Creation, NewLedger, Operator};
use audit_storage::config::{Lane, LedgerConfig};
use audit_storage::{Backend, Kind, key_table};
use serde_json::{Value, json};

use crate::failure::{DONE, Failure, Result};
use crate::installation::LedgerPlace;
use crate::options::{CreateLedger, LedgerCommand};
use crate::output::{Output, table};
use crate::tenant;

pub(crate) async fn run<B: Backend>(
    operator: &Operator<B>,
    place: &LedgerPlace<'_>,
    output: &Output,
    command: LedgerCommand,
) -> Result<u8> {
    match command {
        LedgerCommand::Create(arguments) => create(operator, place, output, arguments).await,
        LedgerCommand::List { tenant } => list(operator, output, tenant.as_deref()).await,
    }
}

async fn create<B: Backend>(
    operator: &Operator<B>,
    place: &LedgerPlace<'_>,
    output: &Output,
    arguments: CreateLedger,
) -> Result<u8> {
    // Before anything is written: a ledger without a bucket could never be completed.
    if !place.buckets.contains_key(arguments.class.as_str()) {
        let known: Vec<&str> = place.buckets.keys().map(String::as_str).collect();
        return Err(Failure::new(
            format!("no bucket for the retention class {}", arguments.class),
            format!("give --class one of: {}", known.join(", ")),
        ));
    }
    let tenant = arguments.ledger.tenant().to_owned();
    let new = NewLedger {
        ledger: arguments.ledger,
        domain: place.domain.to_owned(),
        retention_class: arguments.class,
        buckets: arguments.buckets,
        scope: arguments.scope,
        lane: Lane(arguments.lane),
        index_days: arguments.index_days,
    };
    let made = operator.create_ledger(&new).await;
    let (config, creation) = made.map_err(|error| match error.kind() {
        Kind::NotFound => tenant::absent(&tenant),
        Kind::Conflict => other_settings(&new),
        _ => error.into(),
    })?;
    let as_asked =
        (config.scope, config.lane, config.index_days) == (new.scope, new.lane, new.index_days);
    if !as_asked {
        return Err(other_settings(&new));
    }
    let created = creation == Creation::Created;
    let human = if created {
        format!("ledger {} created ({})", config.ledger, config.origin)
    } else {
        format!("ledger {} exists already", config.ledger)
    };
    let mut value = describe(&config);
    value["created"] = created.into();
    output.say(&human, &value);
    Ok(DONE)
}

fn other_settings(new: &NewLedger) -> Failure {
    let tenant = new.ledger.tenant();
    Failure::new(
        format!("ledger {} exists with other settings", new.ledger),
        format!(
            "compare with `audit-admin --json ledger list {tenant}`, or choose another name: it is \
             left as it is"
        ),
    )
}

async fn list<B: Backend>(
    operator: &Operator<B>,
    output: &Output,
    tenant: Option<&str>,
) -> Result<u8> {
    let keys = operator.backend().keys();
    let ledgers = match tenant {
        Some(tenant) => {
            tenant::must_exist(operator, tenant).await?;
            key_table::ledgers_of(keys, tenant).await?
        }
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
    let text = table(head, &rows, "no ledgers yet");
    output.say(&text, &json!({"ledgers": values}));
    Ok(DONE)
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
