//! `tenant create`, `tenant list`, `tenant limit`.

use audit_ledger::{Creation, Operator};
use audit_storage::config::{RateLimit, Tenant};
use audit_storage::{Backend, key_table};
use serde_json::json;

use crate::failure::{DONE, Failure, Result};
use crate::options::{LimitTenant, TenantCommand};
use crate::output::{Output, number, table};

pub(crate) async fn run<B: Backend>(
    operator: &Operator<B>,
    output: &Output,
    command: TenantCommand,
) -> Result<u8> {
    match command {
        TenantCommand::Create { name } => {
            let (tenant, creation) = operator.create_tenant(&name).await?;
            let created = creation == Creation::Created;
            let human = if created {
                format!("tenant {name} created")
            } else {
                format!("tenant {name} exists already")
            };
            let value = json!({
                "tenant": tenant.name,
                "created": created,
                "created_at": tenant.created_at.to_string(),
            });
            output.say(&human, &value);
        }
        TenantCommand::List => {
            let tenants = key_table::tenants(operator.backend().keys()).await?;
            let rows: Vec<[String; 2]> = tenants
                .iter()
                .map(|tenant| [tenant.name.clone(), tenant.created_at.to_string()])
                .collect();
            let values: Vec<_> = tenants
                .iter()
                .map(|tenant| json!({"tenant": tenant.name, "created_at": tenant.created_at.to_string()}))
                .collect();
            output.say(
                &table(["TENANT", "CREATED"], &rows, "no tenants yet"),
                &json!({"tenants": values}),
            );
        }
        TenantCommand::Limit(wanted) => limit(operator, output, &wanted).await?,
    }
    Ok(DONE)
}

/// Sets a limit where one is given, and shows the one that holds then.
async fn limit<B: Backend>(
    operator: &Operator<B>,
    output: &Output,
    wanted: &LimitTenant,
) -> Result<()> {
    let keys = operator.backend().keys();
    let name = &wanted.name;
    must_exist(operator, name).await?;
    let tenant: Option<Tenant> = match (wanted.records_per_second, wanted.burst) {
        (Some(rate), Some(burst)) => {
            let limit = RateLimit::new(rate, burst)?;
            Some(key_table::limit_tenant(keys, name, Some(limit)).await?)
        }
        _ if wanted.default => Some(key_table::limit_tenant(keys, name, None).await?),
        _ => key_table::tenant(keys, name).await?,
    };
    let own = tenant.and_then(|tenant| tenant.limit);
    let limit = match own {
        Some(limit) => limit,
        None => RateLimit::new(wanted.default_records_per_second, wanted.default_burst)?,
    };
    let (rate, burst) = (limit.records_per_second(), limit.burst_records());
    let whose = if own.is_some() {
        "its own limit"
    } else {
        "the installation's limit"
    };
    output.say(
        &format!(
            "tenant {name} may send {} records a second, {} at once ({whose})",
            number(rate.into()),
            number(burst.into())
        ),
        &json!({
            "tenant": name,
            "records_per_second": rate,
            "burst_records": burst,
            "own": own.is_some(),
        }),
    );
    Ok(())
}

/// Makes sure that there is such a tenant: a list of nothing would hide a name mistyped.
pub(crate) async fn must_exist<B: Backend>(operator: &Operator<B>, name: &str) -> Result<()> {
    match key_table::tenant(operator.backend().keys(), name).await? {
        Some(_) => Ok(()),
        None => Err(absent(name)),
    }
}

pub(crate) fn absent(name: &str) -> Failure {
    Failure::new(
        format!("there is no tenant {name}"),
        format!(
            "run `audit-admin tenant create {name}` first, or look for its name with \
             `audit-admin tenant list`"
        ),
    )
}
