//! The API Gateway event (payload format 2.0) and the request that a handler sees.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ApiError, Code, Detail, QueryParameters};

/// The largest body that is taken, as the client sent it: 4 MiB. A function's event ends at
/// 6 MB with base64 and the event's own members included, and 4 MiB x 4/3 = 5.6 MB
/// (AWS: "Lambda quotas", invocation payload).
pub const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// The members of an API Gateway HTTP API event (payload format 2.0) that are used here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    #[serde(default)]
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: RequestContext,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext {
    #[serde(default)]
    request_id: String,
    http: HttpContext,
}

#[derive(Debug, Deserialize)]
struct HttpContext {
    method: String,
}

/// A request's method; one that no route of ours has is [`Method::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    /// `GET`
    Get,
    /// `POST`
    Post,
    /// Any other, which no route takes.
    Other,
}

impl Method {
    /// The method's name as HTTP spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Other => "other",
        }
    }
}

impl From<&str> for Method {
    fn from(name: &str) -> Self {
        match name {
            "GET" => Self::Get,
            "POST" => Self::Post,
            _ => Self::Other,
        }
    }
}

/// What a handler sees of a request.
#[derive(Debug)]
pub struct Request {
    id: String,
    method: Method,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Body,
    parameters: BTreeMap<&'static str, String>,
}

#[derive(Debug)]
enum Body {
    Bytes(Vec<u8>),
    /// Said to be base64 and is not: API Gateway never does that, a forged event may.
    Unreadable,
}

impl Request {
    /// Makes a request as the event says it. The id is API Gateway's, or where it gave none
    /// the invocation's.
    #[must_use]
    pub fn from_event(event: Event, invocation_id: &str) -> Self {
        let body = match event.body {
            None => Body::Bytes(Vec::new()),
            Some(text) if event.is_base64_encoded => base64_simd::STANDARD
                .decode_to_vec(text)
                .map_or(Body::Unreadable, Body::Bytes),
            Some(text) => Body::Bytes(text.into_bytes()),
        };
        let gateway_id = event.request_context.request_id;
        Self {
            method: Method::from(event.request_context.http.method.as_str()),
            path: event.raw_path,
            query: event.raw_query_string,
            headers: event
                .headers
                .into_iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value))
                .collect(),
            body,
            id: if gateway_id.is_empty() {
                invocation_id.to_owned()
            } else {
                gateway_id
            },
            parameters: BTreeMap::new(),
        }
    }

    /// Makes a request without an event, for tests that call a router in process. The target
    /// is a path with or without a query string.
    #[must_use]
    pub fn new(method: Method, target: &str) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: BTreeMap::new(),
            body: Body::Bytes(Vec::new()),
            id: "request-1".to_owned(),
            parameters: BTreeMap::new(),
        }
    }

    /// The same request with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers
            .insert(name.to_ascii_lowercase(), value.to_owned());
        self
    }

    /// The same request with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Bytes(body.into());
        self
    }

    /// The same request with this id.
    #[must_use]
    pub fn with_request_id(mut self, id: &str) -> Self {
        id.clone_into(&mut self.id);
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The path as API Gateway gives it, without the query string.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The id that every answer and log line of this request carries.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.id
    }

    /// A header's value; the name in lower case. A header sent twice is one value with commas,
    /// as API Gateway joins them.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The value that stood at `{name}` in the route's pattern.
    #[must_use]
    pub fn path_parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    pub(super) fn set_path_parameters(&mut self, parameters: BTreeMap<&'static str, String>) {
        self.parameters = parameters;
    }

    /// The query string, read strictly: only the `allowed` names, each at most once.
    pub fn query(&self, allowed: &[&'static str]) -> Result<QueryParameters, ApiError> {
        QueryParameters::parse(&self.query, allowed)
    }

    /// The media type of the body in lower case without its parameters; `None` where the
    /// client named none.
    #[must_use]
    pub fn media_type(&self) -> Option<Cow<'_, str>> {
        let value = self.header("content-type")?.split(';').next()?.trim();
        if value.is_empty() {
            return None;
        }
        Some(if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(value.to_ascii_lowercase())
        } else {
            Cow::Borrowed(value)
        })
    }

    /// The body's bytes.
    ///
    /// # Errors
    /// `payload_too_large` over [`MAX_BODY_BYTES`], `invalid_request` where it can't be read.
    pub fn body(&self) -> Result<&[u8], ApiError> {
        match &self.body {
            Body::Unreadable => Err(ApiError::new(
                Code::InvalidRequest,
                "The body could not be read.",
            )
            .with_detail(Detail::new("", "invalid_value", "is not valid base64"))),
            Body::Bytes(bytes) if bytes.len() > MAX_BODY_BYTES => Err(ApiError::new(
                Code::PayloadTooLarge,
                "The body is larger than 4 MiB; send fewer records at once.",
            )),
            Body::Bytes(bytes) => Ok(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: serde_json::Value) -> Event {
        serde_json::from_value(json).expect("an event")
    }

    #[test]
    fn reads_an_event_with_a_text_and_with_a_base64_body() {
        for (body, base64) in [("{}", false), ("e30=", true)] {
            let request = Request::from_event(
                event(serde_json::json!({
                    "version": "2.0", "rawPath": "/api/v1/audit/log", "rawQueryString": "a=b",
                    "headers": {"Content-Type": "Application/JSON; charset=utf-8"},
                    "body": body, "isBase64Encoded": base64,
                    "requestContext": {"requestId": "r1", "http": {"method": "POST"}},
                })),
                "invocation",
            );
            assert_eq!(request.method(), Method::Post);
            assert_eq!(request.path(), "/api/v1/audit/log");
            assert_eq!(request.request_id(), "r1");
            assert_eq!(request.media_type().as_deref(), Some("application/json"));
            assert_eq!(request.body().expect("a body"), b"{}");
        }
    }

    #[test]
    fn a_forged_or_poor_event_is_still_a_request() {
        let poor = Request::from_event(
            event(serde_json::json!({"requestContext": {"http": {"method": "PATCH"}}})),
            "i",
        );
        assert_eq!((poor.method(), poor.request_id()), (Method::Other, "i"));
        assert_eq!(poor.body().expect("an empty body"), b"");

        let forged = Request::from_event(
            event(
                serde_json::json!({"body": "@@", "isBase64Encoded": true, "requestContext": {"http": {"method": "POST"}}}),
            ),
            "i",
        );
        assert_eq!(
            forged.body().expect_err("no body").code(),
            Code::InvalidRequest
        );
    }

    #[test]
    fn a_body_may_be_4_mib_and_no_byte_more() {
        let request = Request::new(Method::Post, "/").with_body(vec![b' '; MAX_BODY_BYTES]);
        assert!(request.body().is_ok());
        let request = Request::new(Method::Post, "/").with_body(vec![b' '; MAX_BODY_BYTES + 1]);
        assert_eq!(
            request.body().expect_err("too large").code(),
            Code::PayloadTooLarge
        );
    }
}
