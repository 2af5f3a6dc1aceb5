//! `tenant create`, `tenant list`.

use std::process::ExitCode;

use audit_ledger::Creation;
use audit_storage::{Backend, key_table};
use serde_json::json;

use crate::failure::Result;
use crate::options::{ConnectionOptions, TenantCommand};
use crate::output::{Output, table};

pub(crate) async fn run(
    connection: &ConnectionOptions,
    output: &Output,
    command: TenantCommand,
) -> Result<ExitCode> {
    let operator = connection.operator()?;
    match command {
        TenantCommand::Create {
            name,
            if_missing: _,
        } => {
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
                &table(["TENANT", "CREATED"], &rows),
                &json!({"tenants": values}),
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
