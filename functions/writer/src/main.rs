//! The writer function: commits queued records to write-once segments.

fn main() {}
