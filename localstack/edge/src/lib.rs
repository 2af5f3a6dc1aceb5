//! The edge of the local stack: one origin that serves the site and passes `/api/*` on to the HTTP
//! API, with the headers that the content delivery network sets in the cloud.
//!
//! It deliberately holds no business word: it never parses a body, never sees into a key, and
//! answers by itself only where the API behind it can't (body too large, no answer). It listens on
//! loopback only and speaks HTTP/1.1 without TLS, so it is no server for anything else.

mod access_log;
mod headers;
mod proxy;

use std::path::Path;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use tower_http::services::{ServeDir, ServeFile};

pub use headers::{HeadersError, SecurityHeaders};
pub use proxy::{Api, ApiError, MAX_BODY_BYTES};

/// The whole edge: `/api/*` to the HTTP API, everything else out of the site's folder.
pub fn router(site: &Path, api: Api, headers: &SecurityHeaders) -> Router {
    let files = ServeDir::new(site).not_found_service(ServeFile::new(site.join("404.html")));
    let site = Router::new()
        .fallback_service(files)
        .layer(from_fn_with_state(headers.site(), headers::set));
    let api = Router::new()
        .route("/api", any(proxy::forward))
        .route("/api/{*path}", any(proxy::forward))
        .layer(from_fn_with_state(headers.api(), headers::set))
        .with_state(api);
    site.merge(api).layer(from_fn(access_log::log))
}
