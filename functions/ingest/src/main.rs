//! The ingest function: authenticates, validates and queues records.

fn main() {}
