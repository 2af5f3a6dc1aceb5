//! The targets: no bytes from outside panic, take more than their bounds, or read as what they are
//! not.

mod body;
mod cursor;
mod entry;
mod message;
mod record;
mod segment;

use audit_fuzz::files;

/// Golden files of the formats whose names begin so.
fn golden(prefixes: &[&str]) -> Vec<Vec<u8>> {
    let directory = "audit-log/tests/golden";
    let all = std::fs::read_dir(format!("{}/../{directory}", env!("CARGO_MANIFEST_DIR")));
    let mut names: Vec<String> = all
        .expect("golden files")
        .map(|entry| entry.expect("an entry").file_name())
        .filter_map(|name| name.into_string().ok())
        .collect();
    names.sort();
    let chosen: Vec<bool> = names
        .iter()
        .map(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .collect();
    let files = files(directory).into_iter().zip(chosen);
    files
        .filter(|(_, chosen)| *chosen)
        .map(|(file, _)| file)
        .collect()
}
