//! The one error form and its answers.

use utoipa::{ToResponse, ToSchema};

/// The one error form.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct Problem {
    error: ProblemBody,
}

/// An error.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct ProblemBody {
    /// What kind of error it is; stable.
    code: ErrorCode,
    /// For people; may change.
    message: String,
    /// The request's id, for questions about it.
    request_id: String,
    /// What exactly is wrong with the request; empty where that says it all.
    details: Vec<ErrorDetail>,
}

/// What kind of error it is. Each belongs to one status: 400, 401, 403, 404, 405, 413, 415, 429, 500
/// and 503, in this order.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
pub(super) enum ErrorCode {
    InvalidRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    UnsupportedMediaType,
    RateLimited,
    Internal,
    Unavailable,
}

/// One thing that is wrong with a request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct ErrorDetail {
    /// Which record of the request, in the order sent, from 0; absent where it is about none.
    #[schema(nullable = false)]
    index: Option<u32>,
    /// A JSON pointer (RFC 6901) into the record or body, `""` being the whole, or a parameter's
    /// name.
    #[schema(example = "/decision/risk_level")]
    field: String,
    /// Stable; the API's documentation lists them, and more may come.
    #[schema(pattern = "^[a-z]+(_[a-z0-9]+)*$", example = "invalid_value")]
    code: String,
    /// For people; may change.
    message: String,
}

/// One thing that is wrong with a record.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct RecordError {
    /// A JSON pointer (RFC 6901) into the record, `""` being the whole.
    #[schema(example = "/decision/risk_level")]
    field: String,
    /// Stable; the API's documentation lists them, and more may come.
    #[schema(pattern = "^[a-z]+(_[a-z0-9]+)*$", example = "invalid_value")]
    code: String,
    /// For people; may change.
    message: String,
}

macro_rules! answers {
    ($($name:ident: $description:literal, $example:tt $(, $header:tt)?;)+) => {
        $(
            #[derive(ToResponse)]
            #[response(description = $description, example = json!($example) $(, headers($header))?)]
            #[expect(dead_code, reason = "a description only")]
            pub(super) struct $name(Problem);
        )+
    };
}

answers! {
    InvalidRequest: "`invalid_request`: change the request; `details` says where",
        {"error": {"code": "invalid_request", "message": "The query string is not valid.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": [{"field": "limit", "code": "invalid_value", "message": "is a number from 1 to 500"}]}};
    Unauthorized: "`unauthorized`: no API key, or one that is unknown, expired or revoked",
        {"error": {"code": "unauthorized", "message": "A valid API key is needed: `Authorization: Bearer aal_…`.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}},
        ("www-authenticate" = String, description = "`Bearer`");
    Forbidden: "`forbidden`: the key lacks the scope",
        {"error": {"code": "forbidden", "message": "This API key lacks the scope `records:write`.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}};
    NotFound: "`not_found`: there is no such thing for this key",
        {"error": {"code": "not_found", "message": "There is no such thing here.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}};
    PayloadTooLarge: "`payload_too_large`: the body is larger than 4 MiB, or unpacks to more than 16 MiB; send fewer records at once",
        {"error": {"code": "payload_too_large", "message": "The body is larger than 4 MiB; send fewer records at once.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}};
    UnsupportedMediaType: "`unsupported_media_type`: another type or encoding of body",
        {"error": {"code": "unsupported_media_type", "message": "The body's Content-Encoding must be gzip, zstd or identity.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}},
        ("accept-encoding" = String, description = "What is taken, where it was the encoding");
    RateLimited: "`rate_limited`: too many requests; wait as `retry-after` says, or without one for a second and then longer each time",
        {"error": {"code": "rate_limited", "message": "Too many requests.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}},
        ("retry-after" = u32, description = "Seconds to wait");
    Internal: "`internal`: a fault of ours; name the `request_id`",
        {"error": {"code": "internal", "message": "Something went wrong on our side.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}};
    Unavailable: "`unavailable`: send the same again, after a pause",
        {"error": {"code": "unavailable", "message": "The service can't take this at the moment; try again.", "request_id": "6f4c63c8-6d0c-4f2a-8f0e-8e6a3a5a7c11", "details": []}},
        ("retry-after" = u32, description = "Seconds to wait, where it is known");
}
