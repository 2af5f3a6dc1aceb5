//! HTTP as API Gateway hands it to a function: request, router, strict query strings, answers
//! and the one error form.
//!
//! It is not a web framework: no extractors, no middleware. A handler takes a [`Request`] and
//! gives a [`Response`] or an [`ApiError`]; everything between the Lambda event and those two
//! happens here, once, and never panics on what a client sent. The event is the HTTP API's
//! payload format 2.0 (AWS: "Create AWS Lambda proxy integrations for HTTP APIs").

mod edge;
mod error;
mod query;
mod request;
mod response;
mod router;

pub use edge::Edge;
pub use error::{ApiError, Code, DETAIL_CODES, Detail};
pub use query::QueryParameters;
pub use request::{Event, MAX_BODY_BYTES, Method, Request};
pub use response::{Facts, Response, WireResponse};
pub use router::Router;
