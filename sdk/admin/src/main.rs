//! The operator's command: tenants, ledgers, keys, verification and rebuild.

fn main() {}
