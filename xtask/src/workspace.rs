//! Where things lie, and the environment that programs started from here get.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository's root: this crate lies in a folder of it.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// A setting of the machine's own.
#[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where cargo puts what it builds.
pub(crate) fn target_dir() -> PathBuf {
    setting("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The cargo that runs this, as if it were run by hand: what it says to a program about that
/// program's own package would make build scripts that look at it (ring's) run anew, and with them
/// half of the dependencies, whenever this and a person take turns.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(setting("CARGO").unwrap_or_else(|| "cargo".to_owned()));
    for (name, _) in std::env::vars_os() {
        let of_this_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if of_this_package {
            command.env_remove(name);
        }
    }
    command
}

/// What programs outside this project may see of the machine's environment: enough to find other
/// programs, certificates and package registries. Above all no `AWS_…`: what is meant for the
/// emulator must never reach a real account.
pub(crate) fn plain_environment() -> Vec<(String, String)> {
    const NAMES: [&str; 16] = [
        "PATH",
        "HOME",
        "USER",
        "LANG",
        "LC_ALL",
        "TZ",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "LD_LIBRARY_PATH",
    ];
    const FAMILIES: [&str; 3] = ["PIP_", "CARGO_", "RUST"];
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| {
            NAMES.contains(&name.as_str()) || FAMILIES.iter().any(|family| name.starts_with(family))
        })
        .collect()
}

/// The first of these programs that the machine has.
pub(crate) fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = setting("PATH")?;
    names.iter().find_map(|name| {
        std::env::split_paths(&path)
            .map(|dir| dir.join(name))
            .find(|file| file.is_file())
    })
}
