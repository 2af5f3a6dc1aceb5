//! The infrastructure: `infra/environments/local`, applied by Terraform or OpenTofu.

use std::collections::BTreeMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::failure::{Failure, OrFail, Result};
use crate::process;
use crate::terminal::Step;
use crate::workspace;

use super::Stack;

/// Folders in which a machine may keep provider plugins, laid out as a filesystem mirror.
const MIRRORS: [&str; 3] = [
    "/opt/tf-plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
];

/// The file that says what was applied last.
pub(super) const APPLIED: &str = "terraform.applied";

/// What the applied infrastructure is called and where it is found.
#[derive(Clone, Debug)]
pub(crate) struct Outputs {
    /// Lines for the stack's `env` file: names of tables, buckets and queues, region, endpoint and
    /// the operator's credentials.
    pub(crate) environment: BTreeMap<String, String>,
    /// Id of the HTTP API.
    pub(crate) api_id: String,
}

/// Terraform, or OpenTofu where there is no Terraform.
pub(crate) fn program() -> Result<PathBuf> {
    workspace::find_program(&["terraform", "tofu"]).ok_or_else(|| {
        Failure::new("there is neither terraform nor tofu")
            .advise("install Terraform 1.9 or OpenTofu 1.9, or newer, and run this again")
    })
}

/// Where plugins come from and are kept: the machine's mirror if it has one, a cache in `.local`.
pub(crate) fn plugin_environment() -> Result<Vec<(String, String)>> {
    let local = workspace::root().join(".local");
    let cache = local.join("terraform-plugins");
    fs::create_dir_all(&cache).or_fail(format_args!("make {}", cache.display()))?;
    let own = workspace::setting("TF_CLI_CONFIG_FILE").filter(|file| Path::new(file).is_file());
    let configuration = if let Some(file) = own {
        PathBuf::from(file)
    } else {
        let file = local.join("terraform.rc");
        fs::write(&file, cli_configuration()).or_fail(format_args!("write {}", file.display()))?;
        file
    };
    Ok(vec![
        (
            "TF_CLI_CONFIG_FILE".into(),
            configuration.display().to_string(),
        ),
        ("TF_PLUGIN_CACHE_DIR".into(), cache.display().to_string()),
        // The lock file holds the hashes of one platform's plugin when it was made from a mirror.
        (
            "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE".into(),
            "1".into(),
        ),
        ("TF_IN_AUTOMATION".into(), "1".into()),
        ("CHECKPOINT_DISABLE".into(), "1".into()),
    ])
}

/// A machine with a mirror that holds the provider may reach no registry, so there the mirror is
/// the only place to look; everywhere else Terraform's own way applies.
fn cli_configuration() -> String {
    MIRRORS
        .iter()
        .find(|dir| holds_provider(Path::new(dir)))
        .map(|dir| {
            format!(
                "provider_installation {{\n  filesystem_mirror {{\n    path = \"{dir}\"\n  }}\n}}\n"
            )
        })
        .unwrap_or_default()
}

fn holds_provider(mirror: &Path) -> bool {
    fs::read_dir(mirror).is_ok_and(|hosts| {
        hosts
            .flatten()
            .any(|host| host.path().join("hashicorp/aws").is_dir())
    })
}

impl Stack {
    fn terraform(&self) -> Result<Command> {
        let mut command = Command::new(program()?);
        command
            .current_dir(workspace::root().join("infra/environments/local"))
            .env_clear()
            .envs(workspace::plain_environment())
            .envs(plugin_environment()?)
            .env("TF_DATA_DIR", self.dir().join("terraform"))
            // The provider looks for these even where it is given credentials.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        Ok(command)
    }

    fn state_file(&self) -> PathBuf {
        self.dir().join("terraform.tfstate")
    }

    /// Applies the infrastructure and says what it made. A running stack whose description and
    /// functions are those of the last apply is left as it is: to find that out, Terraform itself
    /// takes longer than all else that `up` does then.
    pub(super) fn apply_infrastructure(&self) -> Result<Outputs> {
        let mut step = Step::begin("Infrastructure");
        let stamp = self.dir().join(APPLIED);
        let wanted = self.infrastructure_fingerprint()?;
        if fs::read_to_string(&stamp).is_ok_and(|applied| applied == wanted) {
            let outputs = self.read_outputs()?;
            step.done("nothing changed");
            return Ok(outputs);
        }
        // An apply that fails half way is taken up again by the next.
        process::remove_if_there(&stamp)?;
        let log = self.log("terraform");
        let mut init = self.terraform()?;
        init.args([
            "init",
            "-input=false",
            "-no-color",
            "-lockfile=readonly",
            "-reconfigure",
        ])
        .arg(format!(
            "-backend-config=path={}",
            self.state_file().display()
        ));
        process::run(&mut init, &log, &mut step)?;

        let mut apply = self.terraform()?;
        apply
            .args(["apply", "-input=false", "-no-color", "-auto-approve"])
            .args(["-parallelism=40", "-compact-warnings"])
            .arg(format!("-var=endpoint={}", self.endpoint()))
            .arg(format!("-var=zip_directory={}", self.zip_dir().display()));
        process::run_with(&mut apply, &log, |_| {
            step.progress(&applied_so_far(&process::tail(&log, 256 * 1024)));
        })?;
        let done = summary(&process::tail(&log, 16 * 1024));
        let outputs = self.read_outputs()?;
        fs::write(&stamp, wanted).or_fail(format_args!("write {}", stamp.display()))?;
        step.done(&done);
        Ok(outputs)
    }

    /// Tells two states of what is applied apart: every file of `infra/`, the functions' zips, and
    /// where it goes.
    fn infrastructure_fingerprint(&self) -> Result<String> {
        let mut files = Vec::new();
        list_files(&workspace::root().join("infra"), &mut files)?;
        list_files(&self.zip_dir(), &mut files)?;
        files.sort();
        let mut hasher = DefaultHasher::new();
        self.endpoint().hash(&mut hasher);
        for file in files {
            let bytes = fs::read(&file).or_fail(format_args!("read {}", file.display()))?;
            (file, bytes).hash(&mut hasher);
        }
        Ok(format!("{:016x}\n", hasher.finish()))
    }

    fn read_outputs(&self) -> Result<Outputs> {
        let mut command = self.terraform()?;
        command.args(["output", "-json", "-no-color"]);
        let text = process::output_of(&mut command)?;
        let outputs: Value = serde_json::from_str(&text).or_fail("read the outputs")?;
        parse_outputs(&outputs).or_fail("find the names of what was made in the outputs")
    }
}

fn list_files(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let reading = format!("read {}", dir.display());
    for entry in fs::read_dir(dir).or_fail(&reading)? {
        let path = entry.or_fail(&reading)?.path();
        if path.is_dir() {
            list_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn parse_outputs(outputs: &Value) -> Option<Outputs> {
    let mut environment = BTreeMap::new();
    for (name, value) in outputs["env"]["value"].as_object()? {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        environment.insert(name.clone(), text);
    }
    let secret = outputs["operator_secret_access_key"]["value"].as_str()?;
    environment.insert("AWS_SECRET_ACCESS_KEY".into(), secret.into());
    Some(Outputs {
        environment,
        api_id: outputs["api_id"]["value"].as_str()?.into(),
    })
}

/// How far an apply is, out of what it printed up to now.
fn applied_so_far(log: &str) -> String {
    let planned: usize = log
        .lines()
        .find_map(|line| line.strip_prefix("Plan: "))
        .map(|counts| {
            counts
                .split([' ', ',', '.'])
                .filter_map(|word| word.parse::<usize>().ok())
                .sum()
        })
        .unwrap_or_default();
    if planned == 0 {
        return "planning".to_owned();
    }
    let done = log
        .lines()
        .filter(|line| line.contains(" complete after "))
        .count();
    format!("{done} of {planned} resources")
}

/// `Apply complete! Resources: 33 added, 0 changed, 0 destroyed.` without its first words.
fn summary(log: &str) -> String {
    log.lines()
        .find_map(|line| line.split_once("Resources: "))
        .map_or_else(
            || "applied".to_owned(),
            |(_, counts)| counts.trim_end_matches('.').to_owned(),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_become_lines_of_the_environment_file() {
        let outputs = serde_json::json!({
            "env": {"value": {"AUDIT_TABLE": "audit-local-audit", "AWS_REGION": "us-east-1"}},
            "operator_secret_access_key": {"value": "s", "sensitive": true},
            "api_id": {"value": "0a1b2c3d"},
        });
        let outputs = parse_outputs(&outputs).expect("complete");
        assert_eq!(outputs.api_id, "0a1b2c3d");
        assert_eq!(outputs.environment["AUDIT_TABLE"], "audit-local-audit");
        assert_eq!(outputs.environment["AWS_SECRET_ACCESS_KEY"], "s");
    }

    #[test]
    fn progress_is_counted_in_resources() {
        let mut log = "aws_sqs_queue.lane: Refreshing state...\n".to_owned();
        assert_eq!(applied_so_far(&log), "planning");
        log += "\nPlan: 12 to add, 1 to change, 0 to destroy.\na: Creating...\n";
        assert_eq!(applied_so_far(&log), "0 of 13 resources");
        log += "a: Creation complete after 0s [id=a]\nb: Modifications complete after 5s\n";
        assert_eq!(applied_so_far(&log), "2 of 13 resources");
    }

    #[test]
    fn the_counts_of_an_apply_are_its_summary() {
        let log = "\nApply complete! Resources: 33 added, 0 changed, 0 destroyed.\n\nOutputs:\n";
        assert_eq!(summary(log), "33 added, 0 changed, 0 destroyed");
        assert_eq!(summary("No changes."), "applied");
    }
}
