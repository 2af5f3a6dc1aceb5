//! The ingest function: authenticates, validates and queues records.
//!
//! A record is *accepted* once a queue has it; nothing is accepted before that, and nothing is
//! committed here. Each record of a batch has its own verdict: a bad one never costs a good one
//! beside it. What duplicates are is the writer's business.
//!
//! The way of a request: the tenant's rate limit lets it pass, [`encoding`](mod@encoding) unpacks the body, [`verdict`](mod@verdict) reads and judges the records,
//! [`dispatch`](mod@dispatch) packs and sends the good ones, [`answer`](mod@answer) says what
//! became of each.

mod answer;
mod body;
mod dispatch;
mod encoding;
mod ledgers;
mod verdict;

use std::fmt;
use std::sync::Arc;

use audit_lambda::http::{ApiError, Method, Request, Response, Router};
use audit_lambda::{Authenticator, RateLimiter};
use audit_storage::config::{ApiScope, RateLimit};
use audit_storage::stores::{KeyStore, LaneQueue, RowStore, StagingStore};
use audit_storage::{Clock, Entropy};

use crate::answer::Answer;
use crate::body::Framing;
use crate::dispatch::Dispatch;
use crate::ledgers::Ledgers;
use crate::verdict::Judge;

/// What the function stands on: the `keys` table, the rate limits' rows in the `audit` table, the
/// lanes, the staging bucket, time and randomness.
pub struct Ingest<K, R, Q, S, C, E> {
    authenticator: Authenticator<K, C>,
    limiter: RateLimiter<R, K, C, E>,
    ledgers: Ledgers<K>,
    dispatch: Dispatch<Q, S, C, E>,
}

impl<K, R, Q, S, C, E> fmt::Debug for Ingest<K, R, Q, S, C, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Ingest").finish_non_exhaustive()
    }
}

impl<K, R, Q, S, C, E> Ingest<K, R, Q, S, C, E>
where
    K: KeyStore + Clone,
    R: RowStore,
    Q: LaneQueue,
    S: StagingStore,
    C: Clock + Clone,
    E: Entropy + Clone,
{
    /// Puts the function together; nothing is read yet. `limit` is what a tenant without a rate
    /// limit of its own may send.
    #[must_use]
    pub fn new(
        keys: K,
        rows: R,
        queue: Q,
        staging: S,
        limit: RateLimit,
        clock: C,
        entropy: E,
    ) -> Self {
        Self {
            authenticator: Authenticator::new(keys.clone(), clock.clone()),
            limiter: RateLimiter::new(rows, keys.clone(), clock.clone(), entropy.clone(), limit),
            ledgers: Ledgers::new(keys),
            dispatch: Dispatch::new(queue, staging, clock, entropy),
        }
    }

    async fn take(&self, request: &Request, framing: Framing) -> Result<Response, ApiError> {
        let credential = self.authenticator.authenticate(request).await?;
        credential.require(ApiScope::RecordsWrite)?;
        let received_at = self.dispatch.clock().now();
        let ledger = self.ledgers.home_of(&credential, received_at).await?;
        let answer = Answer::new(request.request_id(), &ledger.ledger, &credential.key_id);

        // A ledger that is named where none is asked for must not be passed over.
        request.query(&[])?;
        // The first record is paid before the body is looked at: a key beyond its limit costs no
        // unpacking, and a body that holds no record is not for nothing.
        self.limiter.take(&credential, 1).await?;
        let body = encoding::body(request)?;
        let elements = body::elements(&body, request.media_type().as_deref(), framing)?;
        let judge = Judge::new(&ledger, received_at, self.dispatch.entropy());
        let mut verdicts = judge.all(elements);
        let others = verdicts.len() as u64 - 1;
        if let Err(refusal) = self.limiter.take(&credential, others).await {
            self.limiter.give_back(&credential, 1);
            return Err(refusal);
        }
        let sent = self
            .dispatch
            .send(request.request_id(), received_at, &ledger, &mut verdicts)
            .await?;
        answer.respond(&verdicts, sent)
    }
}

/// The function's routes.
#[must_use]
pub fn router<K, R, Q, S, C, E>(
    ingest: Ingest<K, R, Q, S, C, E>,
) -> Router<Ingest<K, R, Q, S, C, E>>
where
    K: KeyStore + Clone + 'static,
    R: RowStore + 'static,
    Q: LaneQueue + 'static,
    S: StagingStore + 'static,
    C: Clock + Clone + 'static,
    E: Entropy + Clone + 'static,
{
    Router::new(ingest)
        .route(
            Method::Post,
            "/api/v1/audit/log",
            |ingest: Arc<Ingest<K, R, Q, S, C, E>>, request| async move {
                ingest.take(&request, Framing::One).await
            },
        )
        .route(
            Method::Post,
            "/api/v1/audit/logs",
            |ingest: Arc<Ingest<K, R, Q, S, C, E>>, request| async move {
                ingest.take(&request, Framing::Batch).await
            },
        )
}
