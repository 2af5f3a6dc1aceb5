//! What a failed request means to the caller.
//!
//! The rule that everything else serves: a write of which it can't be said that it was refused
//! is [`Kind::Unknown`](audit_storage::Kind::Unknown).

use std::error::Error as StdError;
use std::fmt::Debug;
use std::io;

use audit_storage::{Error, Kind};
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};

/// Whether a request changes anything: decides what a lost reply means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It changes nothing that the caller relies on.
    Read,
    /// It may have changed something when its reply is lost.
    Write,
}

impl Effect {
    /// What a reply that never came means.
    const fn lost(self) -> Kind {
        match self {
            Self::Read => Kind::Unavailable,
            Self::Write => Kind::Unknown,
        }
    }
}

/// Codes of requests that were refused for their number: they were not carried out.
const THROTTLED: [&str; 11] = [
    "LimitExceededException",
    "KMSThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Turns a failed request into the storage error. `context` names the request.
pub(crate) fn failed<E>(
    context: &'static str,
    effect: Effect,
    error: &SdkError<E, HttpResponse>,
) -> Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + Debug + 'static,
{
    let kind = match error {
        // The request was never made: a parameter of ours is missing or wrong.
        SdkError::ConstructionFailure(_) => Kind::Internal,
        SdkError::DispatchFailure(failure) => {
            if failure
                .as_connector_error()
                .is_some_and(|cause| was_refused(cause))
            {
                Kind::Unavailable
            } else {
                effect.lost()
            }
        }
        SdkError::ServiceError(answer) => {
            answered(effect, answer.err().code(), answer.raw().status().as_u16())
        }
        // Too late, an answer that can't be read, or something newer than this list.
        _ => effect.lost(),
    };
    Error::new(kind, context).caused_by(cause(error))
}

/// What an error that the service itself gave means.
fn answered(effect: Effect, code: Option<&str>, status: u16) -> Kind {
    if code.is_some_and(|code| THROTTLED.contains(&code)) || status == 429 {
        return Kind::Unavailable;
    }
    match status {
        409 => Kind::Conflict,
        // S3's `RequestTimeout` is a 400: the body stopped coming.
        400 if code == Some("RequestTimeout") => effect.lost(),
        400..=499 => Kind::Internal,
        _ => effect.lost(),
    }
}

/// Tells whether the connection itself was refused, so that nothing was sent.
fn was_refused(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused) {
            return true;
        }
        // An I/O error that wraps another gives the other's source as its own.
        next = match io.and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        };
    }
    false
}

/// The cause for the log. A service's own message may quote keys and values, so only its code,
/// status and request id are kept, except where access was denied: that message names the
/// action and the resource, which is all that helps then.
fn cause<E>(error: &SdkError<E, HttpResponse>) -> String
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    if let SdkError::ServiceError(answer) = error {
        let code = answer.err().code().unwrap_or("no code");
        let status = answer.raw().status().as_u16();
        let id = ["x-amzn-requestid", "x-amz-request-id"]
            .iter()
            .find_map(|name| answer.raw().headers().get(*name))
            .unwrap_or("none");
        let denied = code
            .starts_with("AccessDenied")
            .then(|| answer.err().message())
            .flatten()
            .unwrap_or("");
        return format!("{code}, status {status}, request id {id} {denied}")
            .trim_end()
            .to_owned();
    }
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_means_what_the_traits_say() {
        for (code, status, read, write) in [
            (
                Some("ThrottlingException"),
                400,
                Kind::Unavailable,
                Kind::Unavailable,
            ),
            (Some("SlowDown"), 503, Kind::Unavailable, Kind::Unavailable),
            (None, 429, Kind::Unavailable, Kind::Unavailable),
            (
                Some("ConditionalRequestConflict"),
                409,
                Kind::Conflict,
                Kind::Conflict,
            ),
            (
                Some("RequestTimeout"),
                400,
                Kind::Unavailable,
                Kind::Unknown,
            ),
            (Some("InternalError"), 500, Kind::Unavailable, Kind::Unknown),
            (
                Some("ServiceUnavailable"),
                503,
                Kind::Unavailable,
                Kind::Unknown,
            ),
            (Some("AccessDenied"), 403, Kind::Internal, Kind::Internal),
            (
                Some("ValidationException"),
                400,
                Kind::Internal,
                Kind::Internal,
            ),
            (Some("NoSuchBucket"), 404, Kind::Internal, Kind::Internal),
        ] {
            assert_eq!(
                answered(Effect::Read, code, status),
                read,
                "{code:?} {status}"
            );
            assert_eq!(
                answered(Effect::Write, code, status),
                write,
                "{code:?} {status}"
            );
        }
    }

    #[test]
    fn a_request_that_never_left_is_not_in_doubt() {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "refused");
        let reset = io::Error::new(io::ErrorKind::ConnectionReset, "reset");
        assert!(was_refused(&io::Error::other(refused)));
        assert!(!was_refused(&reset));
    }
}
