//! The query function: lists records and answers for one.

fn main() {}
