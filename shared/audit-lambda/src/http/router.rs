//! Method and path to handler, and the edge where every request ends: in an answer and in one
//! log line.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures::FutureExt as _;

use super::{ApiError, Code, Edge, Event, Method, Request, Response, WireResponse};

type HandlerFuture = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send>>;
type Handler<S> = Box<dyn Fn(Arc<S>, Request) -> HandlerFuture + Send + Sync>;

struct Route<S> {
    method: Method,
    pattern: &'static str,
    handler: Handler<S>,
}

/// The routes of a function over its state.
pub struct Router<S> {
    state: Arc<S>,
    routes: Vec<Route<S>>,
    elsewhere: Vec<(Method, &'static str)>,
    edge: Option<Edge>,
}

impl<S> fmt::Debug for Router<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(
                self.routes
                    .iter()
                    .map(|route| (route.method, route.pattern)),
            )
            .finish()
    }
}

impl<S: Send + Sync + 'static> Router<S> {
    /// A router without a route.
    #[must_use]
    pub fn new(state: S) -> Self {
        Self {
            state: Arc::new(state),
            routes: Vec::new(),
            elsewhere: Vec::new(),
            edge: None,
        }
    }

    /// Takes only what comes by way of this edge; of none, everything.
    #[must_use]
    pub fn behind(mut self, edge: Option<Edge>) -> Self {
        self.edge = edge;
        self
    }

    /// Adds a route. A segment of the pattern like `{id}` stands for any one segment that is
    /// not empty, and is given to the handler; API Gateway has undone its percent-encoding. The
    /// first route that fits wins.
    #[must_use]
    pub fn route<F, Fut>(mut self, method: Method, pattern: &'static str, handler: F) -> Self
    where
        F: Fn(Arc<S>, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        let handler: Handler<S> = Box::new(move |state, request| Box::pin(handler(state, request)));
        self.routes.push(Route {
            method,
            pattern,
            handler,
        });
        self
    }

    /// The routes, as method and pattern.
    pub fn routes(&self) -> impl Iterator<Item = (Method, &'static str)> {
        self.routes
            .iter()
            .map(|route| (route.method, route.pattern))
    }

    /// Names a route of the same API that another function answers. Here it only makes a request
    /// for its path with another method a 405, whose `Allow` lists all that the path takes
    /// (RFC 9110, section 10.2.1), in place of a 404.
    #[must_use]
    pub fn elsewhere(mut self, method: Method, pattern: &'static str) -> Self {
        self.elsewhere.push((method, pattern));
        self
    }

    /// Answers an API Gateway event.
    pub async fn handle_event(&self, event: Event, invocation_id: &str) -> WireResponse {
        self.handle(Request::from_event(event, invocation_id))
            .await
            .into_wire()
    }

    /// Answers a request: 403 where it went around the edge, 404 where no route has the path, 405
    /// where none has the method, 500 where the handler panicked. Writes the invocation's log
    /// line.
    pub async fn handle(&self, mut request: Request) -> Response {
        let method = request.method();
        let request_id = request.request_id().to_owned();
        let (pattern, result) = match self.find(&request) {
            Err(error) => ("", Err(error)),
            Ok((route, parameters)) => {
                request.set_path_parameters(parameters);
                let future = (route.handler)(Arc::clone(&self.state), request);
                // A handler that panics must not take the instance down with it: API Gateway
                // would answer 502 in a form of its own, and the next request a cold start.
                let result = AssertUnwindSafe(future)
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| Err(ApiError::internal("the handler panicked")));
                (route.pattern, result)
            }
        };
        let (code, cause, response) = match result {
            Ok(response) => (None, None, response),
            Err(error) => {
                let cause = error.cause_chain();
                (
                    Some(error.code().as_str()),
                    cause,
                    error.into_response(&request_id),
                )
            }
        };
        log(
            method,
            pattern,
            &request_id,
            code,
            cause.as_deref(),
            &response,
        );
        response
    }

    fn find(
        &self,
        request: &Request,
    ) -> Result<(&Route<S>, BTreeMap<&'static str, String>), ApiError> {
        if let Some(edge) = &self.edge {
            edge.admit(request)?;
        }
        let mut allowed = BTreeSet::new();
        for route in &self.routes {
            if let Some(parameters) = fit(route.pattern, request.path()) {
                if route.method == request.method() {
                    return Ok((route, parameters));
                }
                allowed.insert(route.method.as_str());
            }
        }
        let elsewhere = self.elsewhere.iter();
        allowed.extend(
            elsewhere
                .filter(|(_, pattern)| fit(pattern, request.path()).is_some())
                .map(|(method, _)| method.as_str()),
        );
        if allowed.is_empty() {
            return Err(ApiError::not_found());
        }
        let allowed: Vec<&str> = allowed.into_iter().collect();
        Err(ApiError::new(
            Code::MethodNotAllowed,
            "This path does not take that method.",
        )
        .with_header("allow", allowed.join(", ")))
    }
}

/// The path's parameters where it fits the pattern.
fn fit(pattern: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let mut parameters = BTreeMap::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        match expected
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(name) if !segment.is_empty() => {
                parameters.insert(name, segment.to_owned());
            }
            None if expected == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(parameters)
}

/// The one line of an invocation: it can be read alone, and by its fields.
fn log(
    method: Method,
    route: &str,
    request_id: &str,
    code: Option<&str>,
    cause: Option<&str>,
    response: &Response,
) {
    let facts = response.facts();
    let method = method.as_str();
    let status = response.status();
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                request_id,
                method,
                route,
                status,
                code,
                cause,
                ledger = facts.ledger.as_deref(),
                key_id = facts.key_id.as_deref(),
                accepted = facts.accepted,
                rejected = facts.rejected,
                unavailable = facts.unavailable,
                messages = facts.messages,
                returned = facts.returned,
                "{method} {route} answered {status}"
            )
        };
    }
    if status >= 500 {
        line!(error);
    } else {
        line!(info);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo(state: Arc<String>, request: Request) -> Result<Response, ApiError> {
        let id = request.path_parameter("id").unwrap_or("none");
        Ok(Response::json_text(200, format!("{state} {id}")))
    }

    async fn broken(_: Arc<String>, _: Request) -> Result<Response, ApiError> {
        panic!("a mistake in a handler")
    }

    fn router() -> Router<String> {
        Router::new("state".to_owned())
            .route(Method::Get, "/api/v1/things", echo)
            .route(Method::Post, "/api/v1/things", echo)
            .route(Method::Get, "/api/v1/things/{id}", echo)
            .route(Method::Get, "/api/v1/broken", broken)
    }

    async fn answer(method: Method, target: &str) -> (u16, String) {
        let response = router().handle(Request::new(method, target)).await;
        (response.status(), response.body().to_owned())
    }

    #[tokio::test]
    async fn finds_the_route_and_its_parameters() {
        for (method, target, expected) in [
            (Method::Get, "/api/v1/things", "state none"),
            (Method::Post, "/api/v1/things?x=1", "state none"),
            (Method::Get, "/api/v1/things/7", "state 7"),
            (Method::Get, "/api/v1/things/a b+%2f", "state a b+%2f"),
        ] {
            assert_eq!(
                answer(method, target).await,
                (200, expected.to_owned()),
                "{target}"
            );
        }
    }

    #[tokio::test]
    async fn what_has_no_route_is_404_or_405_in_the_error_form() {
        for (method, target, status) in [
            (Method::Get, "/", 404),
            (Method::Get, "", 404),
            (Method::Get, "/api/v1/things/", 404),
            (Method::Get, "/api/v1/things/7/8", 404),
            (Method::Get, "/api/v1/Things", 404),
            (Method::Other, "/api/v1/nothing", 404),
            (Method::Other, "/api/v1/things", 405),
            (Method::Post, "/api/v1/things/7", 405),
        ] {
            let (answered, body) = answer(method, target).await;
            assert_eq!(answered, status, "{target}");
            assert!(body.starts_with(r#"{"error":{"code":"#), "{target}: {body}");
        }
        let response = router()
            .handle(Request::new(Method::Other, "/api/v1/things"))
            .await;
        assert_eq!(response.header("allow"), Some("GET, POST"));
    }

    #[tokio::test]
    async fn a_path_that_another_function_answers_is_405_and_says_what_it_takes() {
        let router = Router::new("state".to_owned())
            .route(Method::Get, "/api/v1/things", echo)
            .elsewhere(Method::Post, "/api/v1/things")
            .elsewhere(Method::Post, "/api/v1/thing");
        for (method, target, status, allow) in [
            (Method::Get, "/api/v1/things", 200, None),
            (Method::Other, "/api/v1/things", 405, Some("GET, POST")),
            (Method::Get, "/api/v1/thing", 405, Some("POST")),
            (Method::Get, "/api/v1/thin", 404, None),
        ] {
            let response = router.handle(Request::new(method, target)).await;
            let answered = (response.status(), response.header("allow"));
            assert_eq!(answered, (status, allow), "{target}");
        }
    }

    #[tokio::test]
    async fn behind_an_edge_a_request_that_went_around_it_reaches_no_route() {
        let edge = Edge::parse(&format!(
            r#"["{}"]"#,
            "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"
        ));
        let router = router().behind(edge);
        for (target, shown, status) in [
            ("/api/v1/things", None, 403),
            ("/api/v1/things", Some("second"), 403),
            ("/api/v1/nothing", None, 403),
            ("/api/v1/things", Some("first"), 200),
        ] {
            let request = Request::new(Method::Get, target);
            let request = match shown {
                Some(shown) => request.with_header("x-audit-edge", shown),
                None => request,
            };
            let response = router.handle(request).await;
            assert_eq!(response.status(), status, "{target} {shown:?}");
        }
    }

    #[tokio::test]
    async fn a_handler_that_panics_answers_500() {
        let (status, body) = answer(Method::Get, "/api/v1/broken").await;
        assert_eq!(status, 500);
        assert!(!body.contains("mistake"), "{body}");
    }

    proptest::proptest! {
        #[test]
        fn no_path_panics(path in ".*") {
            let request = Request::new(Method::Get, &path);
            let router = router();
            proptest::prop_assert!(router.find(&request).is_err() || path.starts_with("/api/v1/"));
        }
    }
}
