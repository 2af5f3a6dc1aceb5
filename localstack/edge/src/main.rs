//! What plays the content delivery network on one machine: one origin for page and API.

fn main() {}
