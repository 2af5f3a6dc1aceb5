//! Every task of the project: up, down, test and the rest.

fn main() {}
