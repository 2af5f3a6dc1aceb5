//! Writes the vectors in `shared/vectors` anew: `cargo run -p audit-log --example vectors`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    missing_docs,
    reason = "a tool for the people who change the formats' code"
)]

#[path = "../tests/it/vectors/build.rs"]
mod build;
#[path = "../tests/it/vectors/parsing.rs"]
mod parsing;
#[path = "../tests/it/vectors/records.rs"]
mod records;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    std::fs::create_dir_all(&folder)?;
    for (name, json) in build::files(&|_, _, fresh| fresh.to_vec()) {
        std::fs::write(folder.join(name), format!("{json:#}\n"))?;
    }
    Ok(())
}
