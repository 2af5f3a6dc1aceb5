//! The one error form of every route, and the codes that a client may build on.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use audit_storage::Kind;
use serde::Serialize;

use super::{Facts, Response};

/// What kind of error an answer is. The code and its status are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// 400: the request has to be changed; `details` says where.
    InvalidRequest,
    /// 401: no API key, or none that is known and still holds.
    Unauthorized,
    /// 403: the key holds, but may not do this.
    Forbidden,
    /// 404: there is no such thing, or none that this key may know of.
    NotFound,
    /// 405: the path exists, the method on it does not.
    MethodNotAllowed,
    /// 413: the body is too large.
    PayloadTooLarge,
    /// 415: the body's type or encoding is not taken.
    UnsupportedMediaType,
    /// 429: too many requests; wait as `Retry-After` says.
    RateLimited,
    /// 500: a fault of ours.
    Internal,
    /// 503: a part is not there for the moment; the same request may succeed later.
    Unavailable,
}

/// The answer's text for every 500: what went wrong is in the log, under the request id.
const INTERNAL_MESSAGE: &str = "Something went wrong on our side.";
/// The answer's text for every 503.
const UNAVAILABLE_MESSAGE: &str = "The service can't take this at the moment; try again.";

impl Code {
    /// Every code, in the order of their statuses.
    pub const ALL: [Self; 10] = [
        Self::InvalidRequest,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The code as it stands in the answer.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::PayloadTooLarge => "payload_too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::RateLimited => "rate_limited",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }

    /// The HTTP status of an answer with this code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest => 400,
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// The detail codes that the HTTP layer itself gives. Those of a record's validation stand
/// with the validation, in `audit-record`.
pub const DETAIL_CODES: [&str; 10] = [
    "required",
    "unknown_parameter",
    "repeated_parameter",
    "invalid_utf8",
    "invalid_encoding",
    "invalid_value",
    "invalid_time",
    "invalid_id",
    "too_many",
    "too_old",
];

/// One thing that is wrong with a request, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Detail {
    /// Which record of a batch, in the order sent, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    /// A JSON pointer into a body ("" is the whole), or a query parameter's or a header's name.
    pub field: Cow<'static, str>,
    /// A stable code in `snake_case`.
    pub code: Cow<'static, str>,
    /// For people; may change.
    pub message: Cow<'static, str>,
}

impl Detail {
    /// A detail that concerns no particular record.
    #[must_use]
    pub fn new(
        field: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            index: None,
            field: field.into(),
            code: code.into(),
            message: message.into(),
        }
    }

    /// The same detail about the record at `index` of the batch.
    #[must_use]
    pub fn at(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }
}

/// An error on its way to the client. The client sees code, message and details; the cause is
/// for the log only.
#[derive(Debug)]
pub struct ApiError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    message: Cow<'static, str>,
    details: Vec<Detail>,
    headers: Vec<(&'static str, String)>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
    facts: Facts,
}

impl ApiError {
    /// An error of the 4xx kind with its message. For 500 and 503, whose message is constant,
    /// use [`ApiError::internal`] and [`ApiError::unavailable`]; here the message would not
    /// reach the client.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        let message = match code {
            Code::Internal => Cow::Borrowed(INTERNAL_MESSAGE),
            Code::Unavailable => Cow::Borrowed(UNAVAILABLE_MESSAGE),
            _ => message.into(),
        };
        Self(Box::new(Inner {
            code,
            message,
            details: Vec::new(),
            headers: Vec::new(),
            cause: None,
            facts: Facts::default(),
        }))
    }

    /// A fault of ours; the cause goes to the log, never to the client.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Internal, "").caused_by(cause)
    }

    /// A part that is not there for the moment; the cause goes to the log.
    #[must_use]
    pub fn unavailable(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(Code::Unavailable, "").caused_by(cause)
    }

    /// The same error with its cause, for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    /// The one answer for what does not exist and for what this credential may not know of.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is no such thing here.")
    }

    /// A request that has to be changed, for one reason.
    #[must_use]
    pub fn invalid(detail: Detail) -> Self {
        Self::new(Code::InvalidRequest, "The request is not valid.").with_detail(detail)
    }

    /// The same error with one more detail.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.0.details.push(detail);
        self
    }

    /// The same error with these details behind those it has.
    #[must_use]
    pub fn with_details(mut self, details: impl IntoIterator<Item = Detail>) -> Self {
        self.0.details.extend(details);
        self
    }

    /// The same error with one more header in its answer; the name in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.push((name, value.into()));
        self
    }

    /// The same error with what the log line of this request should say beside it.
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Self {
        self.0.facts = facts;
        self
    }

    /// What kind of error it is.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// Where the request is wrong.
    #[must_use]
    pub fn details(&self) -> &[Detail] {
        &self.0.details
    }

    /// The cause and its causes, for the log.
    pub(super) fn cause_chain(&self) -> Option<String> {
        let mut cause: Option<&(dyn StdError + 'static)> =
            self.0.cause.as_deref().map(|cause| cause as _);
        let mut chain = String::new();
        while let Some(error) = cause {
            if !chain.is_empty() {
                chain.push_str(": ");
            }
            chain.push_str(&error.to_string());
            cause = error.source();
        }
        (!chain.is_empty()).then_some(chain)
    }

    /// The answer, in the one error form.
    #[must_use]
    pub fn into_response(self, request_id: &str) -> Response {
        #[derive(Serialize)]
        struct Form<'a> {
            error: Body<'a>,
        }
        #[derive(Serialize)]
        struct Body<'a> {
            code: &'static str,
            message: &'a str,
            request_id: &'a str,
            details: &'a [Detail],
        }
        let form = Form {
            error: Body {
                code: self.0.code.as_str(),
                message: &self.0.message,
                request_id,
                details: &self.0.details,
            },
        };
        let mut response = Response::json(self.0.code.status(), &form).with_facts(self.0.facts);
        if self.0.code == Code::Unauthorized {
            // RFC 6750, section 3: a 401 names the scheme that it wants.
            response = response.with_header("www-authenticate", "Bearer");
        }
        self.0
            .headers
            .into_iter()
            .fold(response, |response, (name, value)| {
                response.with_header(name, value)
            })
    }
}

/// A storage failure that no handler has a better answer for. What the storage calls invalid,
/// forbidden or missing is then a fault of ours, not the client's.
impl From<audit_storage::Error> for ApiError {
    fn from(error: audit_storage::Error) -> Self {
        match error.kind() {
            Kind::Unavailable | Kind::Unknown | Kind::Conflict => Self::unavailable(error),
            Kind::Invalid | Kind::Forbidden | Kind::NotFound | Kind::Corrupt | Kind::Internal => {
                Self::internal(error)
            }
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.0.code.as_str(), self.0.message)
    }
}

impl StdError for ApiError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.cause.as_deref().map(|cause| cause as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_stable() {
        let lines: Vec<String> = Code::ALL
            .iter()
            .map(|code| format!("{} {}", code.status(), code.as_str()))
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        400 invalid_request
        401 unauthorized
        403 forbidden
        404 not_found
        405 method_not_allowed
        413 payload_too_large
        415 unsupported_media_type
        429 rate_limited
        500 internal
        503 unavailable
        ");
    }

    #[test]
    fn the_form_is_the_same_with_and_without_details() {
        let plain = ApiError::not_found().into_response("r1");
        insta::assert_snapshot!(plain.body(), @r#"{"error":{"code":"not_found","message":"There is no such thing here.","request_id":"r1","details":[]}}"#);
        let detailed = ApiError::new(Code::InvalidRequest, "No record was accepted.")
            .with_detail(Detail::new("/type", "required", "is required").at(2))
            .with_detail(Detail::new("ledger", "required", "is required"))
            .into_response("r2");
        assert_eq!(detailed.status(), 400);
        insta::assert_snapshot!(detailed.body(), @r#"{"error":{"code":"invalid_request","message":"No record was accepted.","request_id":"r2","details":[{"index":2,"field":"/type","code":"required","message":"is required"},{"field":"ledger","code":"required","message":"is required"}]}}"#);
    }

    #[test]
    fn a_cause_never_reaches_the_client() {
        for (error, message) in [
            (ApiError::internal("secret"), INTERNAL_MESSAGE),
            (ApiError::unavailable("secret"), UNAVAILABLE_MESSAGE),
            (ApiError::new(Code::Internal, "secret"), INTERNAL_MESSAGE),
        ] {
            let response = error.into_response("r");
            assert!(response.body().contains(message) && !response.body().contains("secret"));
        }
        assert_eq!(
            ApiError::internal("why").cause_chain().as_deref(),
            Some("why")
        );
    }
}
