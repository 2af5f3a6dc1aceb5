//! How AWS is reached: credentials, endpoint, time-outs, retries, and the clients themselves.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use audit_storage::Access;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, IdentityCache, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::SdkConfig;

use crate::{DynamoKeys, DynamoRows, KmsKeys, S3Quarantine, S3Segments, S3Staging, SqsLanes};

/// To connect takes some 10 ms within a region; a packet lost on the way costs 1 s.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// For one attempt, a 6 MB segment included: a function has 20 s for everything.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// For all attempts of a read together.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(8);
/// For a body that arrives behind an answer's head.
pub(crate) const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// Attempts of a read, the first included.
const READ_ATTEMPTS: u32 = 3;
/// The wait before a read's second attempt, at most; drawn at random below it.
const READ_BACKOFF: Duration = Duration::from_millis(50);
/// A connection that has been idle longer is not used again: the services close theirs, and a
/// request on a closed one looks like a lost reply.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// A client that is made when it is first used.
pub(crate) type Lazy<C> = Arc<LazyLock<C, Box<dyn FnOnce() -> C + Send>>>;

/// A service's two clients: what reads may be tried again, what writes must not.
#[derive(Clone)]
pub(crate) struct Pair<C> {
    pub(crate) read: Lazy<C>,
    pub(crate) write: Lazy<C>,
}

impl<C: 'static> Pair<C> {
    fn new(config: &SdkConfig, client: fn(&SdkConfig, RetryConfig) -> C) -> Self {
        let lazy = |retry: RetryConfig| -> Lazy<C> {
            let config = config.clone();
            Arc::new(LazyLock::new(Box::new(move || client(&config, retry))))
        };
        Self {
            read: lazy(retrying()),
            write: lazy(RetryConfig::disabled()),
        }
    }
}

/// The clients of one process, and the adapters over them.
pub struct Aws {
    s3: Pair<aws_sdk_s3::Client>,
    dynamodb: Pair<aws_sdk_dynamodb::Client>,
    sqs: Pair<aws_sdk_sqs::Client>,
    kms: Pair<aws_sdk_kms::Client>,
}

impl fmt::Debug for Aws {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Aws").finish_non_exhaustive()
    }
}

impl Aws {
    /// Prepares the clients; nothing is sent and nothing is made before it is needed.
    #[must_use]
    pub fn new(access: &Access) -> Self {
        let config = shared_config(access);
        Self {
            s3: Pair::new(&config, s3),
            dynamodb: Pair::new(&config, |config, retry| {
                let config = aws_sdk_dynamodb::config::Builder::from(config)
                    .retry_config(retry)
                    .build();
                aws_sdk_dynamodb::Client::from_conf(config)
            }),
            sqs: Pair::new(&config, |config, retry| {
                let config = aws_sdk_sqs::config::Builder::from(config)
                    .retry_config(retry)
                    .build();
                aws_sdk_sqs::Client::from_conf(config)
            }),
            kms: Pair::new(&config, |config, retry| {
                let config = aws_sdk_kms::config::Builder::from(config)
                    .retry_config(retry)
                    .build();
                aws_sdk_kms::Client::from_conf(config)
            }),
        }
    }

    /// The segments, in the bucket of each retention class.
    #[must_use]
    pub fn segments(&self, buckets: BTreeMap<String, String>) -> S3Segments {
        S3Segments::new(self.s3.clone(), buckets)
    }

    /// The `audit` table.
    #[must_use]
    pub fn rows(&self, table: &str) -> DynamoRows {
        DynamoRows::new(self.dynamodb.clone(), table)
    }

    /// The `keys` table.
    #[must_use]
    pub fn keys(&self, table: &str) -> DynamoKeys {
        DynamoKeys::new(self.dynamodb.clone(), table)
    }

    /// The key that wraps ledger keys.
    #[must_use]
    pub fn wrapper(&self, key_id: &str) -> KmsKeys {
        KmsKeys::new(self.kms.read.clone(), key_id)
    }

    /// The staging bucket.
    #[must_use]
    pub fn staging(&self, bucket: &str) -> S3Staging {
        S3Staging::new(self.s3.clone(), bucket)
    }

    /// The quarantine bucket.
    #[must_use]
    pub fn quarantine(&self, bucket: &str) -> S3Quarantine {
        S3Quarantine::new(self.s3.clone(), bucket)
    }

    /// The lanes, by their queues' URLs.
    #[must_use]
    pub fn lanes(&self, urls: Vec<String>) -> SqsLanes {
        SqsLanes::new(self.sqs.write.clone(), urls)
    }
}

fn retrying() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(READ_ATTEMPTS)
        .with_initial_backoff(READ_BACKOFF)
}

fn s3(config: &SdkConfig, retry: RetryConfig) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::config::Builder::from(config)
        // An emulator has one host name for all buckets.
        .force_path_style(config.endpoint_url().is_some())
        .disable_s3_express_session_auth(true)
        .retry_config(retry)
        .build();
    aws_sdk_s3::Client::from_conf(config)
}

fn shared_config(access: &Access) -> SdkConfig {
    let credentials = Credentials::new(
        &access.access_key_id,
        &access.secret_access_key,
        access.session_token.clone(),
        None,
        "environment",
    );
    let http = aws_smithy_http_client::Builder::new()
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(access.region.clone()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        // The credentials are fixed for the life of the process: there is nothing to cache.
        .identity_cache(IdentityCache::no_cache())
        .http_client(http)
        .timeout_config(timeouts)
        // An attempt's time-out and `BODY_TIMEOUT` do its work without a task that samples.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        // A segment carries its SHA-256, every reader checks hashes; no second checksum.
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    config.set_endpoint_url(access.endpoint.clone());
    config.build()
}
