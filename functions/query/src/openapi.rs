//! The OpenAPI 3.1 document.

/// The document as it is checked in.
pub const CHECKED_IN: &str = include_str!("../../../docs/openapi.json");
