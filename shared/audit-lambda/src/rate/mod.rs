//! The rate limit: how many records a tenant may send, kept by all instances together.
//!
//! A tenant's tokens, one for each record, stand in one row of the `audit` table. An instance
//! leases them in blocks by a conditional write, for one key at a time, and then spends a block
//! without asking anybody. A lease is taken off the bucket before any of it is spent, so the limit
//! holds for all instances together; what an instance leased and does not use is lost until the
//! bucket has filled again.
//!
//! **When the table does not answer, everything is let through**, with an alarm in the log: a
//! record that is refused may be lost for good, and too many records cost money. The account is
//! guarded by API Gateway's throttle and the edge's firewall all the same.

mod bucket;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use audit_record::Millis;
use audit_storage::config::{ApiKeyId, RateLimit};
use audit_storage::rate_row::RateRow;
use audit_storage::stores::{KeyStore, RowStore, Written};
use audit_storage::{Clock, Entropy, Error, Kind, key_table, rows};

use crate::auth::Credential;
use crate::http::{ApiError, Code, Facts};
use crate::recent::Recent;
use bucket::Draw;

/// A changed limit takes effect within that time, and after the leases that are out.
const KEPT_MS: u64 = 60_000;
/// Tenants and keys that an instance remembers.
const KEPT: usize = 1_000;
/// Attempts at a row that others write at the same time.
const ATTEMPTS: u32 = 5;
/// The longest wait before the second of them, doubled each time, drawn at random below it.
const BACKOFF: Duration = Duration::from_millis(10);
/// How long nobody is limited after the table did not answer: a request that waits for it in vain
/// is enough for all that follow.
const OPEN_MS: u64 = 5_000;

/// Limits what keys send. `R` is the `audit` table, `K` the `keys` table.
pub struct RateLimiter<R, K, C, E> {
    rows: R,
    keys: K,
    clock: C,
    entropy: E,
    default: RateLimit,
    limits: Recent<String, RateLimit>,
    leases: Mutex<HashMap<ApiKeyId, Lease>>,
    open_until: Mutex<Millis>,
}

/// What an instance holds for one key.
#[derive(Debug, Clone, Copy)]
struct Lease {
    records: u64,
    /// How many records its requests have: of the largest one, which fades.
    usual: u64,
    /// The wish that was refused last, and until when.
    refused: Option<(u64, Millis)>,
    used_at: Millis,
}

/// What the table said to a wish.
enum Leased {
    Records(u64),
    Until(Millis),
    /// It can't be known; let it through.
    Open,
}

impl<R, K, C, E> fmt::Debug for RateLimiter<R, K, C, E> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RateLimiter")
            .field("default", &self.default)
            .finish_non_exhaustive()
    }
}

impl<R: RowStore, K: KeyStore, C: Clock, E: Entropy> RateLimiter<R, K, C, E> {
    /// A limiter that has leased nothing yet. `default` holds for tenants without a limit of their
    /// own.
    #[must_use]
    pub fn new(rows: R, keys: K, clock: C, entropy: E, default: RateLimit) -> Self {
        Self {
            rows,
            keys,
            clock,
            entropy,
            default,
            limits: Recent::new(KEPT_MS, KEPT),
            leases: Mutex::new(HashMap::new()),
            open_until: Mutex::new(Millis::new(0)),
        }
    }

    /// Takes so many records off what the key may send, all of them or none.
    ///
    /// # Errors
    /// 429 with the whole seconds after which the same is granted, if nobody else of the tenant
    /// takes anything meanwhile.
    pub async fn take(&self, credential: &Credential, records: u64) -> Result<(), ApiError> {
        let key = &credential.key_id;
        let now = self.clock.now();
        let (missing, usual) = {
            let mut leases = self.leases();
            let lease = entry(&mut leases, key, now);
            lease.usual = records.max(lease.usual - lease.usual / 8);
            if lease.records >= records {
                lease.records -= records;
                return Ok(());
            }
            let missing = records - lease.records;
            match lease.refused {
                Some((need, until)) if missing >= need && now < until => {
                    return Err(refusal(credential, until.get() - now.get()));
                }
                _ => (missing, lease.usual),
            }
        };
        if now < *lock(&self.open_until) {
            return Ok(());
        }
        let leased = self.lease(credential, missing, usual).await;
        let mut leases = self.leases();
        let lease = entry(&mut leases, key, now);
        match leased {
            Leased::Open => Ok(()),
            Leased::Records(more) => {
                lease.records = (lease.records + more).saturating_sub(records);
                lease.refused = None;
                Ok(())
            }
            Leased::Until(until) => {
                lease.refused = Some((missing, until));
                Err(refusal(credential, until.get().saturating_sub(now.get())))
            }
        }
    }

    /// Gives back what was taken and not used.
    pub fn give_back(&self, credential: &Credential, records: u64) {
        let mut leases = self.leases();
        if let Some(lease) = leases.get_mut(&credential.key_id) {
            lease.records += records;
        }
    }

    async fn lease(&self, credential: &Credential, need: u64, usual: u64) -> Leased {
        let limit = match self.limit(&credential.tenant).await {
            Ok(limit) => limit,
            Err(error) => return self.open(&credential.tenant, &error),
        };
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                let most = BACKOFF * 2_u32.pow(attempt - 1);
                let share = u32::from(self.entropy.array::<1>()[0]) + 1;
                self.clock.sleep(most * share / 256).await;
            }
            match self.attempt(credential, limit, need, usual).await {
                Ok(Some(leased)) => return leased,
                Ok(None) => {}
                // Whether it was written is not worth a question: a lease more or less.
                Err(error) if error.kind() == Kind::Unknown => {}
                Err(error) => return self.open(&credential.tenant, &error),
            }
        }
        // Each time somebody else was faster, and there was enough for both.
        tracing::warn!(
            tenant = credential.tenant,
            attempts = ATTEMPTS,
            "no lease of the rate limit could be had for the crowd; the request passes"
        );
        Leased::Open
    }

    /// One read and one write; nothing where another instance wrote in between.
    async fn attempt(
        &self,
        credential: &Credential,
        limit: RateLimit,
        need: u64,
        usual: u64,
    ) -> audit_storage::Result<Option<Leased>> {
        let tenant = &credential.tenant;
        let now = self.clock.now();
        let row = match self.rows.get(&rows::rate(tenant)).await? {
            None => bucket::full(tenant, limit, now),
            Some(item) => RateRow::from_item(tenant, &item)?,
        };
        match bucket::draw(row, limit, &credential.key_id, now, need, usual) {
            Draw::Wait(ms) => {
                // In whole seconds, as the client is told: until then nobody asks again.
                let until = now.get() + ms.div_ceil(1_000) * 1_000;
                Ok(Some(Leased::Until(Millis::new(until))))
            }
            Draw::Granted { records, after } => {
                let written = self.rows.put_if(after.to_item(), after.condition()).await?;
                Ok((written == Written::Done).then_some(Leased::Records(records)))
            }
        }
    }

    async fn limit(&self, tenant: &str) -> audit_storage::Result<RateLimit> {
        let now = self.clock.now();
        let name = tenant.to_owned();
        if let Some(limit) = self.limits.get(&name, now) {
            return Ok(limit);
        }
        let tenant = key_table::tenant(&self.keys, tenant).await?;
        let limit = tenant.and_then(|tenant| tenant.limit);
        let limit = limit.unwrap_or(self.default);
        self.limits.put(name, limit, now);
        Ok(limit)
    }

    /// Lets everything through for a while.
    fn open(&self, tenant: &str, error: &Error) -> Leased {
        tracing::error!(
            alarm = "rate_limit_open",
            tenant,
            for_ms = OPEN_MS,
            error = %error,
            cause = std::error::Error::source(error),
            "the rate limit can't be read or written; nobody is limited"
        );
        *lock(&self.open_until) = Millis::new(self.clock.now().get() + OPEN_MS);
        Leased::Open
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<ApiKeyId, Lease>> {
        lock(&self.leases)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The key's lease; of too many the one goes that was not used for longest.
fn entry<'l>(
    leases: &'l mut HashMap<ApiKeyId, Lease>,
    key: &ApiKeyId,
    now: Millis,
) -> &'l mut Lease {
    if leases.len() >= KEPT && !leases.contains_key(key) {
        let idle = leases.iter().min_by_key(|(_, lease)| lease.used_at);
        if let Some(idle) = idle.map(|(key, _)| key.clone()) {
            leases.remove(&idle);
        }
    }
    let lease = leases.entry(key.clone()).or_insert(Lease {
        records: 0,
        usual: 0,
        refused: None,
        used_at: now,
    });
    lease.used_at = now;
    lease
}

/// RFC 6585, section 4, and RFC 9110, section 10.2.3.
fn refusal(credential: &Credential, wait_ms: u64) -> ApiError {
    let seconds = wait_ms.div_ceil(1_000).max(1);
    ApiError::new(
        Code::RateLimited,
        format!(
            "The records that this key's tenant may send a second, or this key's share of them, \
             are used up; send the same again after {seconds} s."
        ),
    )
    .with_header("retry-after", seconds.to_string())
    .with_facts(Facts {
        ledger: credential.home.as_ref().map(ToString::to_string),
        key_id: Some(credential.key_id.to_string()),
        ..Facts::default()
    })
}
