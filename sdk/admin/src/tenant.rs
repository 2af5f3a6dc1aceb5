//! `tenant create`, `tenant list`.

use audit_ledger::{Creation, Operator};
use audit_storage::{Backend, key_table};
use serde_json::json;

use crate::failure::{DONE, Failure, Result};
use crate::options::TenantCommand;
use crate::output::{Output, table};

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
    }
    Ok(DONE)
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
