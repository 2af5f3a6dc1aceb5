//! Writes `docs/openapi.json` anew from the code.

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    std::fs::write(path, audit_query_function::openapi::document()?)?;
    Ok(())
}
