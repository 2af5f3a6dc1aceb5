//! The `env` file: everything that is needed to talk to the running stack, as shell assignments.

use std::collections::BTreeMap;
use std::fs;

use crate::failure::{OrFail, Result};

use super::{Stack, write_secret};

/// Names and values, as they stand in the file.
pub(crate) type Settings = BTreeMap<String, String>;

impl Stack {
    /// Writes the file, for its owner's eyes only.
    pub(super) fn write_settings(&self, settings: &Settings) -> Result<()> {
        write_secret(&self.env_file(), &render(settings))
    }

    /// Reads the file.
    pub(crate) fn read_settings(&self) -> Result<Settings> {
        let file = self.env_file();
        let text = fs::read_to_string(&file).or_fail(format_args!(
            "read {} (is the stack up? `cargo xtask up`)",
            crate::process::shown(&file)
        ))?;
        Ok(parse(&text))
    }
}

fn render(settings: &Settings) -> String {
    let mut text = String::from(
        "# How to talk to the running stack. Written by `cargo xtask up`, gone with `down`.\n\
         # In a shell: set -a; . .local/env; set +a\n",
    );
    for (name, value) in settings {
        let quoted = value.replace('\'', r"'\''");
        text.push_str(&format!("{name}='{quoted}'\n"));
    }
    text
}

fn parse(text: &str) -> Settings {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| {
            let bare = value
                .strip_prefix('\'')
                .and_then(|value| value.strip_suffix('\''))
                .unwrap_or(value);
            (name.to_owned(), bare.replace(r"'\''", "'"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let settings = Settings::from([
            (
                "AUDIT_RECORDS_BUCKETS".into(),
                r#"{"7y":"a","trial":"b"}"#.into(),
            ),
            ("AUDIT_URL".into(), "http://localhost:3000".into()),
            ("ODD".into(), "it's = odd".into()),
        ]);
        assert_eq!(parse(&render(&settings)), settings);
    }
}
