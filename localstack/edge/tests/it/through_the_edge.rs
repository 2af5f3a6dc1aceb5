//! What a browser and an API see through the edge.

use std::net::SocketAddr;
use std::path::PathBuf;

use audit_edge::{Api, MAX_BODY_BYTES, SecurityHeaders, router};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use tower::ServiceExt;

/// Answers what it saw: method, path and query, host, and the body as it came.
async fn echo(method: Method, headers: HeaderMap, uri: axum::http::Uri, body: Bytes) -> Response {
    let host = headers["host"].to_str().unwrap_or_default().to_owned();
    let saw = format!("{method} {uri} {host}");
    let hop = headers.contains_key("x-private").to_string();
    let answer = [
        ("x-saw", saw),
        ("x-hop", hop),
        ("cache-control", "public".into()),
    ];
    (StatusCode::ACCEPTED, answer, body).into_response()
}

async fn api() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("bound");
    let app = Router::new().fallback(any(echo));
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn edge(api: SocketAddr) -> Router {
    let headers = SecurityHeaders::read(&here().join("security-headers.json")).expect("valid");
    let api = Api::new(&api.to_string(), "0a1b2c3d.execute-api.localhost").expect("valid");
    router(&here().join("tests/it/site"), api, &headers)
}

async fn send(edge: Router, request: Request<Body>) -> (StatusCode, HeaderMap, Bytes) {
    let response = edge.oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .expect("a whole body");
    (parts.status, parts.headers, body)
}

#[tokio::test]
async fn a_request_reaches_the_api_byte_for_byte() {
    let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let request = Request::post("/api/v1/audit/logs?x=%2F")
        .header("connection", "x-private")
        .header("x-private", "1")
        .body(Body::from(bytes.clone()))
        .expect("valid");
    let (status, headers, body) = send(edge(api().await), request).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(
        headers["x-saw"],
        "POST /api/v1/audit/logs?x=%2F 0a1b2c3d.execute-api.localhost"
    );
    assert_eq!(headers["x-hop"], "false");
    assert_eq!(body, bytes);
}

#[tokio::test]
async fn every_answer_carries_its_security_headers_and_request_id() {
    let api = api().await;
    for (path, status, policy, caching) in [
        ("/", 200, "default-src 'none'; style-src 'self'", "no-cache"),
        (
            "/none",
            404,
            "default-src 'none'; style-src 'self'",
            "no-cache",
        ),
        (
            "/api/v1/health",
            202,
            "default-src 'none'; frame-ancestors",
            "no-store",
        ),
    ] {
        let request = Request::get(path).body(Body::empty()).expect("valid");
        let (seen, headers, _) = send(edge(api), request).await;
        assert_eq!(seen.as_u16(), status, "{path}");
        let csp = headers["content-security-policy"].to_str().expect("ASCII");
        assert!(csp.starts_with(policy), "{path}: {csp}");
        assert_eq!(headers["cache-control"], caching, "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert!(!headers.contains_key("strict-transport-security"), "{path}");
        assert_eq!(headers["x-request-id"].len(), 32, "{path}");
    }
}

#[tokio::test]
async fn the_edge_refuses_in_the_error_form() {
    let nobody = SocketAddr::from(([127, 0, 0, 1], 1));
    let large = vec![0_u8; MAX_BODY_BYTES + 1];
    for (body, status, code) in [
        (large, StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"),
        (Vec::new(), StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    ] {
        let request = Request::post("/api/v1/audit/log")
            .body(Body::from(body))
            .expect("valid");
        let (seen, headers, body) = send(edge(nobody), request).await;
        assert_eq!(seen, status);
        let answer: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
        assert_eq!(answer["error"]["code"], code);
        assert_eq!(
            answer["error"]["request_id"],
            headers["x-request-id"].to_str().expect("ASCII")
        );
        assert_eq!(answer["error"]["details"], serde_json::json!([]));
    }
}

#[tokio::test]
async fn nothing_outside_the_site_is_served() {
    let api = api().await;
    for path in ["/../main.rs", "/%2e%2e/main.rs", "/..%2fmain.rs"] {
        let request = Request::get(path).body(Body::empty()).expect("valid");
        let (status, _, _) = send(edge(api), request).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[test]
fn a_broken_headers_file_is_refused() {
    for text in [
        "{",
        r#"{"all":{},"site":{}}"#,
        r#"{"all":{"a b":"1"},"site":{},"api":{}}"#,
        r#"{"all":{"a":"1\n2"},"site":{},"api":{}}"#,
    ] {
        assert!(SecurityHeaders::parse(text).is_err(), "{text}");
    }
}
