//! The Lambda runtime around a router or an event handler.

use lambda_runtime::{LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::http::{Event, Router};

/// What the runtime says when it can't go on.
pub type RuntimeError = lambda_runtime::Error;

/// Answers HTTP API events for as long as the instance lives.
pub async fn serve_http<S: Send + Sync + 'static>(router: Router<S>) -> Result<(), RuntimeError> {
    let router = &router;
    lambda_runtime::run(service_fn(|event: LambdaEvent<Event>| async move {
        Ok::<_, RuntimeError>(
            router
                .handle_event(event.payload, &event.context.request_id)
                .await,
        )
    }))
    .await
}

/// Hands events of any other source to `handler`, with the invocation's id, for as long as the
/// instance lives. An error fails the whole invocation: a source with retries sends it again.
pub async fn serve_events<E, R, F, Fut>(handler: F) -> Result<(), RuntimeError>
where
    E: DeserializeOwned,
    R: Serialize,
    F: Fn(E, String) -> Fut,
    Fut: Future<Output = Result<R, RuntimeError>>,
{
    let handler = &handler;
    lambda_runtime::run(service_fn(|event: LambdaEvent<E>| {
        handler(event.payload, event.context.request_id)
    }))
    .await
}
