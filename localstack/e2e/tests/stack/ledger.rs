//! Ledgers: the demo tenant's, and those that a test makes for itself.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::api::Api;
use crate::place::{Role, place};
use crate::wait::until;

/// A ledger, and a key that writes and reads there.
pub(crate) struct Ledger {
    /// `tenant/ledger`.
    pub(crate) name: String,
    pub(crate) key: String,
}

impl Ledger {
    /// A new one, in the retention class of a day.
    pub(crate) fn create(name: &str) -> Self {
        let (tenant, _) = name.split_once('/').expect("tenant/ledger");
        admin(&["tenant", "create", tenant]);
        admin(&["ledger", "create", name, "--class", "trial"]);
        let scopes = ["--scope", "records:write", "--scope", "records:read"];
        let made = admin(&[&["key", "create", name, "--name", "e2e"][..], &scopes].concat());
        Self {
            name: name.to_owned(),
            key: made["key"].as_str().expect("a key").to_owned(),
        }
    }

    pub(crate) fn api(&self) -> Api {
        Api::new(&self.key)
    }

    /// Waits until each of these records can be read.
    pub(crate) fn await_records(&self, ids: &[String]) {
        let api = self.api();
        for id in ids {
            until(&format!("{id} in {}", self.name), 90, || {
                (api.get(&format!("/audit/logs/{id}")).status == 200).then_some(())
            });
        }
    }
}

/// The ledgers of the demo tenant, each with the key that reads all of them.
pub(crate) fn demo() -> Vec<Ledger> {
    let text = fs::read_to_string(place().dir.join("demo.json")).expect("the demo tenant's keys");
    let keys: Value = serde_json::from_str(&text).expect("JSON");
    let key = keys["main_key"].as_str().expect("a key");
    ["credit", "hiring", "claims"]
        .map(|name| Ledger {
            name: format!("demo/{name}"),
            key: key.to_owned(),
        })
        .into()
}

/// Runs `audit-admin` in the operator's role and returns what it said.
pub(crate) fn admin(arguments: &[&str]) -> Value {
    let (success, said) = try_admin(arguments);
    assert!(success, "audit-admin {arguments:?}: {said}");
    said
}

/// The same; whether it was a success is for the caller to judge.
pub(crate) fn try_admin(arguments: &[&str]) -> (bool, Value) {
    let place = place();
    let credentials = Role::Operator.credentials();
    let output = Command::new(&place.admin)
        .arg("--json")
        .args(arguments)
        .env("AWS_ACCESS_KEY_ID", credentials.access_key_id())
        .env("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key())
        .env(
            "AWS_SESSION_TOKEN",
            credentials.session_token().unwrap_or_default(),
        )
        .output()
        .expect("audit-admin starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let value = serde_json::from_str(said.trim())
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&output.stderr).into_owned()));
    (output.status.success(), value)
}

/// Verifies a ledger, once nothing of it is on its way any more, and returns the report.
pub(crate) fn verified(ledger: &str) -> Value {
    let (clean, report) = try_admin(&["verify-ledger", ledger]);
    assert!(clean && report["clean"] == true, "{report:#}");
    assert_eq!(report["pending"], 0, "{report:#}");
    assert_eq!(report["complete"], true, "{report:#}");
    report
}
