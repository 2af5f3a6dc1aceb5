//! The source tree's own rules: modules say what they are, files stay short, names say what they
//! hold.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process;
use crate::terminal::{self, Step};
use crate::workspace;

/// The most lines of a file.
const LONGEST_FILE: usize = 500;
const NAMES_THAT_SAY_NOTHING: [&str; 6] =
    ["utils", "util", "common", "helper", "helpers", "manager"];

/// Checks every file that is in the tree or could be added to it.
pub(crate) fn check() -> Result<usize> {
    let step = Step::begin("Tidy");
    let files = files()?;
    let mut findings = Vec::new();
    for file in &files {
        look_at(file, &mut findings);
    }
    findings.extend(settings_without_a_source(&files));
    if findings.is_empty() {
        step.done(&format!("{} files", files.len()));
        return Ok(files.len());
    }
    for finding in &findings {
        terminal::line(format!("    {finding}"));
    }
    Err(Failure::new(format!(
        "{} findings in the source tree",
        findings.len()
    )))
}

fn files() -> Result<Vec<PathBuf>> {
    let mut command = Command::new("git");
    command.current_dir(workspace::root()).args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "*.rs",
        "*.py",
        "*.tf",
    ]);
    let listed = process::output_of(&mut command)?;
    let mut files: Vec<PathBuf> = listed.lines().map(PathBuf::from).collect();
    files.sort();
    files.dedup();
    Ok(files)
}

fn look_at(file: &Path, findings: &mut Vec<String>) {
    let Ok(text) = std::fs::read_to_string(workspace::root().join(file)) else {
        return;
    };
    findings.extend(judge(file, &text));
}

fn judge(file: &Path, text: &str) -> Vec<String> {
    let shown = file.display();
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        findings.push(format!("{shown}: {lines} lines, more than {LONGEST_FILE}"));
    }
    let stem = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .unwrap_or_default();
    if NAMES_THAT_SAY_NOTHING.contains(&stem) {
        findings.push(format!(
            "{shown}: the name says nothing about what it holds"
        ));
    }
    // A test's module says by its name what it holds.
    let of_tests = stem == "tests" || file.components().any(|part| part.as_os_str() == "tests");
    let rust = file.extension().is_some_and(|kind| kind == "rs");
    if rust && !of_tests && !text.starts_with("//!") {
        findings.push(format!(
            "{shown}: does not begin by saying what it is (//!)"
        ));
    }
    findings
}

/// Names of settings that a function reads and the infrastructure never sets.
fn settings_without_a_source(files: &[PathBuf]) -> Vec<String> {
    let text_of = |wanted: fn(&Path) -> bool| -> String {
        files
            .iter()
            .filter(|file| wanted(file))
            .filter_map(|file| std::fs::read_to_string(workspace::root().join(file)).ok())
            .collect()
    };
    let code = text_of(|file| {
        let of_functions = file.starts_with("functions") || file.starts_with("shared/audit-lambda");
        of_functions && file.extension().is_some_and(|kind| kind == "rs")
    });
    let infra = text_of(|file| file.starts_with("infra/modules"));
    missing_settings(&code, &infra)
}

fn missing_settings(code: &str, infra: &str) -> Vec<String> {
    let mut names: Vec<&str> = code
        .split('"')
        .filter(|text| {
            text.strip_prefix("AUDIT_").is_some_and(|rest| {
                !rest.is_empty() && rest.chars().all(|c| c.is_ascii_uppercase() || c == '_')
            })
        })
        .collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|name| {
            !infra
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .any(|word| word == *name)
        })
        .map(|name| format!("{name}: a function reads it and infra/modules never sets it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_nothing_sets_is_named() {
        let code = r#"get("AUDIT_TABLE"); get("AUDIT_LANES"); say("AUDIT_ nothing")"#;
        let infra = "AUDIT_TABLE = x\nAUDIT_LANES_2 = y";
        let findings = missing_settings(code, infra);
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert!(findings[0].starts_with("AUDIT_LANES:"), "{findings:?}");
    }

    #[test]
    fn what_breaks_a_rule_is_named() {
        let long = format!("//! A file.\n{}", "\n".repeat(LONGEST_FILE));
        for (file, text, findings) in [
            ("a/segment.rs", "//! A segment.\n", 0),
            ("a/segment.rs", "fn f() {}\n", 1),
            ("a/utils.rs", "//! Things.\n", 1),
            ("a/segment.rs", long.as_str(), 1),
            ("a/segment.py", "x = 1\n", 0),
        ] {
            assert_eq!(judge(Path::new(file), text).len(), findings, "{file}");
        }
    }
}
