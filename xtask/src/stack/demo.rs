//! The demo tenant: three ledgers, a key for each that may write there, and one that reads all.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::failure::{OrFail, Result};
use crate::process;
use crate::terminal::Step;
use crate::workspace;

use super::settings::Settings;
use super::{Stack, functions, write_secret};

/// The tenant's name.
pub(crate) const TENANT: &str = "demo";
/// Its ledgers, one for each AI system. The first is home to the key in the `env` file.
pub(crate) const LEDGERS: [&str; 3] = ["credit", "hiring", "claims"];

/// The keys of the demo tenant.
#[derive(Clone, Debug)]
pub(crate) struct Demo {
    /// Writes to the first ledger and reads all.
    pub(crate) main_key: String,
    /// For each ledger, in order: writes there, and nothing else.
    pub(crate) ingest_keys: Vec<String>,
}

impl Stack {
    fn demo_file(&self) -> PathBuf {
        self.dir().join("demo.json")
    }

    /// The demo tenant of the running stack, if it has one.
    pub(crate) fn demo(&self) -> Option<Demo> {
        let text = fs::read_to_string(self.demo_file()).ok()?;
        let demo: Value = serde_json::from_str(&text).ok()?;
        let keys = demo["ingest_keys"].as_array()?;
        Some(Demo {
            main_key: demo["main_key"].as_str()?.to_owned(),
            ingest_keys: keys
                .iter()
                .filter_map(|key| Some(key.as_str()?.to_owned()))
                .collect(),
        })
    }

    /// Makes the demo tenant, as an operator would: with `audit-admin`.
    pub(super) fn make_demo(&self, settings: &Settings) -> Result<Demo> {
        let mut step = Step::begin("Demo tenant");
        let admin = |arguments: &[&str]| audit_admin(settings, arguments);
        admin(&["tenant", "create", TENANT])?;
        let mut ingest_keys = Vec::new();
        for name in LEDGERS {
            step.progress(name);
            let ledger = format!("{TENANT}/{name}");
            admin(&["ledger", "create", &ledger])?;
            let title = format!("{name} ingest");
            ingest_keys.push(make_key(settings, name, &title, &["records:write"])?);
        }
        let scopes = ["records:write", "records:read", "tenant:read"];
        let main_key = make_key(settings, LEDGERS[0], "demo", &scopes)?;
        let demo = json!({"main_key": main_key, "ingest_keys": ingest_keys});
        write_secret(&self.demo_file(), &demo.to_string())?;
        step.done(&format!(
            "{} ledgers, {} keys",
            LEDGERS.len(),
            LEDGERS.len() + 1
        ));
        Ok(Demo {
            main_key,
            ingest_keys,
        })
    }
}

fn make_key(settings: &Settings, ledger: &str, name: &str, scopes: &[&str]) -> Result<String> {
    let ledger = format!("{TENANT}/{ledger}");
    let mut arguments = vec!["key", "create", &ledger, "--name", name];
    for scope in scopes {
        arguments.extend(["--scope", scope]);
    }
    let said = audit_admin(settings, &arguments)?;
    said.split_whitespace()
        .find(|word| word.starts_with("aal_"))
        .map(str::to_owned)
        .or_fail("find the new key in what audit-admin printed")
}

/// Runs `audit-admin` on a stack and returns what it printed.
pub(crate) fn audit_admin(settings: &Settings, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(functions::binary("audit-admin"));
    command
        .env_clear()
        .envs(workspace::plain_environment())
        .envs(settings)
        .args(arguments);
    process::output_of(&mut command)
}
