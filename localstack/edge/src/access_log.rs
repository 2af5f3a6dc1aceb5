//! One line for each request: method, path, status, time and request id. Never a query string
//! (filters name people), a header (keys) or a body.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// The header that carries the request's id to the API and back.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request its id, lets it through, and logs how it went.
#[expect(
    clippy::disallowed_methods,
    reason = "measures real requests, decides nothing"
)]
pub(crate) async fn log(mut request: Request, next: Next) -> Response {
    let id = request_id();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.headers_mut().insert(REQUEST_ID, id.clone());

    let started = std::time::Instant::now();
    let mut response = next.run(request).await;
    let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);

    response
        .headers_mut()
        .entry(REQUEST_ID)
        .or_insert_with(|| id.clone());
    let status = response.status().as_u16();
    let request_id = id.to_str().unwrap_or_default();
    tracing::info!(status, elapsed_ms, request_id, "{method} {path}");
    response
}

/// 16 random bytes in hexadecimal. A client's own id is not taken over: it could forge log lines.
fn request_id() -> HeaderValue {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut random = [0_u8; 16];
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::warn!(%error, "no randomness for a request id");
    }
    let text: Vec<u8> = random
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| DIGITS[usize::from(digit)])
        .collect();
    HeaderValue::from_bytes(&text).expect("hexadecimal digits are a valid header value")
}
