//! The OpenAPI 3.1 document: every route of the API, ingest's too, from the wire types.
//!
//! - [`routes`]: the routes with their parameters and answers;
//! - [`record`]: the record, as it is sent and as it is given back;
//! - [`ingest`]: what became of records that were sent;
//! - [`problem`]: the one error form and its answers.
//!
//! The types in these modules are descriptions and never hold a value; what this function itself
//! answers stands in [`crate::wire`]. The document is checked in as `docs/openapi.json`, which is
//! what the function serves; `cargo run -p audit-query-function --example openapi` writes it anew,
//! and a test compares.

mod ingest;
mod problem;
pub(crate) mod record;
mod routes;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// The document as it is checked in.
pub const CHECKED_IN: &str = include_str!("../../../../docs/openapi.json");

/// The document as the code has it, with a line feed at its end.
///
/// # Errors
/// If it can't be written as JSON, which would be a mistake in the types.
pub fn document() -> Result<String, Box<dyn std::error::Error + Send + Sync>> {
    Ok(Document::openapi().to_pretty_json()? + "\n")
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "AI Audit Layer",
        description = "Records what AI systems decided, write-once, and finds it again. `docs/API.md` explains it in words.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    servers((url = "/", description = "The origin that serves this document")),
    tags(
        (name = "Records", description = "Sending records, listing them, reading one with its evidence and chain, figures over time"),
        (name = "Ledgers", description = "The ledgers that a key may read"),
        (name = "Service", description = "The service itself; needs no key")
    ),
    paths(
        routes::send_record,
        routes::send_records,
        routes::list_records,
        routes::get_record,
        routes::get_chain,
        routes::get_metrics,
        routes::list_ledgers,
        routes::get_health,
        routes::get_document
    ),
    components(
        schemas(record::Record, record::StoredRecord, problem::Problem, routes::Order, crate::figures::BucketName),
        responses(
            problem::InvalidRequest,
            problem::Unauthorized,
            problem::Forbidden,
            problem::NotFound,
            problem::PayloadTooLarge,
            problem::UnsupportedMediaType,
            problem::RateLimited,
            problem::Internal,
            problem::Unavailable
        )
    ),
    modifiers(&Security)
)]
struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        if let Some(components) = &mut document.components {
            let bearer = HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .bearer_format("aal_<key id>_<secret>")
                .description(Some(
                    "An API key, whole: `Authorization: Bearer aal_<key id>_<secret>`.",
                ))
                .build();
            components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
        }
    }
}
