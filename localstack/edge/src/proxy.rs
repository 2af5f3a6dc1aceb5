//! `/api/*` to the HTTP API behind the edge: bodies as bytes, both ways.
//!
//! The emulator finds an API by its `Host` header (`<id>.execute-api.localhost`), a name that does
//! not resolve, so the address to connect to and the name to say are two settings.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderName, PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::access_log::REQUEST_ID;

/// What API Gateway takes at most (10 MB, AWS quotas for HTTP APIs). The API's own limit is lower
/// and answered by the API.
pub const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// API Gateway's integration timeout: 30 s, and a little to let its answer through.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(32);

/// For a body that stops coming.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// RFC 9110 section 7.6.1: for one connection only, never passed on. `Keep-Alive` is the old form.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Why an API's address can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The address to connect to is no `host:port`.
    #[error("{0} is no address of the form host:port")]
    Address(String),
    /// The name to say in `Host` is no valid header value.
    #[error("{0} is no host name")]
    Host(String),
}

/// The HTTP API behind the edge.
#[derive(Clone, Debug)]
pub struct Api {
    client: Client<HttpConnector, Full<Bytes>>,
    address: Authority,
    host: HeaderValue,
}

impl Api {
    /// An API at `address` (`host:port`) that answers to the name `host`.
    pub fn new(address: &str, host: &str) -> Result<Self, ApiError> {
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            address: address
                .parse()
                .map_err(|_| ApiError::Address(address.to_owned()))?,
            host: HeaderValue::from_str(host).map_err(|_| ApiError::Host(host.to_owned()))?,
        })
    }

    fn uri(&self, from: &Uri) -> Result<Uri, axum::http::Error> {
        let path = from.path_and_query().map_or("/", |path| path.as_str());
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.address.clone())
            .path_and_query(path)
            .build()
    }
}

/// Passes a request on and its answer back.
pub(crate) async fn forward(State(api): State<Api>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request_id = parts.headers.get(REQUEST_ID).cloned();
    let reading = axum::body::to_bytes(body, MAX_BODY_BYTES);
    let body = match tokio::time::timeout(BODY_TIMEOUT, reading).await {
        Ok(Ok(body)) => body,
        Ok(Err(error)) => {
            tracing::info!(%error, "a body was cut short or too large");
            return own_answer(StatusCode::PAYLOAD_TOO_LARGE, request_id.as_ref());
        }
        Err(_) => return own_answer(StatusCode::REQUEST_TIMEOUT, request_id.as_ref()),
    };
    let Ok(uri) = api.uri(&parts.uri) else {
        return own_answer(StatusCode::BAD_REQUEST, request_id.as_ref());
    };

    let mut onward = axum::http::Request::new(Full::new(body));
    *onward.method_mut() = parts.method;
    *onward.uri_mut() = uri;
    *onward.headers_mut() = end_to_end(parts.headers);
    onward.headers_mut().remove(CONTENT_LENGTH);
    onward.headers_mut().insert(HOST, api.host.clone());

    match tokio::time::timeout(ANSWER_TIMEOUT, api.client.request(onward)).await {
        Ok(Ok(answer)) => {
            let (mut parts, body) = answer.into_parts();
            parts.headers = end_to_end(parts.headers);
            Response::from_parts(parts, Body::new(body))
        }
        Ok(Err(error)) => {
            tracing::warn!(%error, "the API does not answer");
            own_answer(StatusCode::SERVICE_UNAVAILABLE, request_id.as_ref())
        }
        Err(_) => {
            tracing::warn!("the API takes too long");
            own_answer(StatusCode::SERVICE_UNAVAILABLE, request_id.as_ref())
        }
    }
}

/// Headers without those that belong to one connection, the ones that `Connection` names among
/// them.
fn end_to_end(mut headers: HeaderMap) -> HeaderMap {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    headers
}

/// The edge's own refusals, in the API's error form (`docs/API.md`).
fn own_answer(status: StatusCode, request_id: Option<&HeaderValue>) -> Response {
    let (code, message) = match status {
        StatusCode::PAYLOAD_TOO_LARGE => ("payload_too_large", "The body is too large."),
        StatusCode::SERVICE_UNAVAILABLE => (
            "unavailable",
            "The service is unavailable for the moment. Try again.",
        ),
        _ => ("invalid_request", "The request can't be read."),
    };
    let request_id = request_id
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    let body = serde_json::json!({
        "error": { "code": code, "message": message, "request_id": request_id, "details": [] }
    });
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_one_connection_are_not_passed_on() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("connection", "close, x-private"),
            ("x-private", "1"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("authorization", "Bearer k"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let kept = end_to_end(headers);
        assert_eq!(kept.len(), 1);
        assert_eq!(kept["authorization"], "Bearer k");
    }

    #[test]
    fn a_path_and_its_query_reach_the_api_unchanged() {
        let api = Api::new("127.0.0.1:4566", "a.execute-api.localhost").expect("valid");
        let from: Uri = "/api/v1/audit/logs?from=2026-01-01&actor=%C3%A9"
            .parse()
            .expect("valid");
        assert_eq!(
            api.uri(&from).expect("valid"),
            "http://127.0.0.1:4566/api/v1/audit/logs?from=2026-01-01&actor=%C3%A9"
        );
    }
}
