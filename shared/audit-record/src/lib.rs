//! The record: strict parsing, limits, validation and the facts table. Pure.
