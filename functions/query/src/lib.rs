//! The query function: lists records, answers for one, and says which ledgers there are.
//!
//! A route is: authenticate, read the parameters, one call of `audit-query`, its result in the
//! wire form. What is found and how is `audit-query`'s business. What a credential may not read
//! answers exactly as what does not exist.

mod choice;
mod compact;
pub mod figures;
pub mod openapi;
mod parameters;
mod routes;
pub mod wire;

use std::fmt;

use audit_lambda::Authenticator;
use audit_lambda::http::{Method, Router};
use audit_query::Reader;
use audit_storage::config::RetentionClass;
use audit_storage::stores::KeyStore;
use audit_storage::{Backend, Clock, Result};

/// What the function stands on.
pub struct Query<S, K, C> {
    reader: Reader<S>,
    authenticator: Authenticator<K, C>,
    classes: Vec<RetentionClass>,
}

impl<S, K, C> fmt::Debug for Query<S, K, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Query").finish_non_exhaustive()
    }
}

impl<S: Backend, K: KeyStore, C: Clock> Query<S, K, C> {
    /// Puts the function together; nothing is read yet. `classes` are the retention classes that
    /// have a bucket.
    ///
    /// # Errors
    /// If one of them is no name of a retention class.
    pub fn new<N: AsRef<str>>(
        reader: Reader<S>,
        keys: K,
        clock: C,
        classes: impl IntoIterator<Item = N>,
    ) -> Result<Self> {
        let classes = classes
            .into_iter()
            .map(|class| class.as_ref().parse())
            .collect::<Result<_>>()?;
        Ok(Self {
            reader,
            authenticator: Authenticator::new(keys, clock),
            classes,
        })
    }
}

/// The function's routes. It also answers what no route of the API takes, so it knows of the ingest
/// function's.
#[must_use]
pub fn router<S, K, C>(query: Query<S, K, C>) -> Router<Query<S, K, C>>
where
    S: Backend + 'static,
    K: KeyStore + 'static,
    C: Clock + 'static,
{
    Router::new(query)
        .route(Method::Get, "/api/v1/audit/logs", routes::list)
        .route(Method::Get, "/api/v1/audit/logs/{id}", routes::get)
        .route(Method::Get, "/api/v1/audit/logs/{id}/chain", routes::chain)
        .route(Method::Get, "/api/v1/audit/metrics", routes::metrics)
        .route(Method::Get, "/api/v1/ledgers", routes::ledgers)
        .route(Method::Get, "/api/v1/health", routes::health)
        .route(Method::Get, "/api/v1/openapi.json", routes::openapi)
        .elsewhere(Method::Post, "/api/v1/audit/log")
        .elsewhere(Method::Post, "/api/v1/audit/logs")
}
