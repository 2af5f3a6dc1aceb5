//! Where the stack is, and as whom it is called: as the account's administrator, or in the role of
//! a function.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::{BehaviorVersion, Region};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::SdkConfig;
use tokio::runtime::Runtime;

/// What `cargo xtask test e2e` tells about the stack.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) dir: PathBuf,
    pub(crate) admin: PathBuf,
    pub(crate) endpoint: String,
    pub(crate) region: String,
    pub(crate) table: String,
    pub(crate) keys_table: String,
    pub(crate) buckets: BTreeMap<String, String>,
    pub(crate) staging: String,
    pub(crate) quarantine: String,
    pub(crate) lane: String,
    pub(crate) kms_key: String,
    root: Credentials,
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn told(name: &str) -> String {
    let value = std::env::var(name).unwrap_or_default();
    assert!(
        !value.is_empty(),
        "{name} is not set: run `cargo xtask test e2e`"
    );
    value
}

/// The stack.
pub(crate) fn place() -> &'static Place {
    static PLACE: LazyLock<Place> = LazyLock::new(|| {
        let json = |name: &str| serde_json::from_str(&told(name)).expect("JSON");
        let lanes: Vec<String> =
            serde_json::from_str(&told("AUDIT_LANES")).expect("a JSON array of queues");
        Place {
            url: told("AUDIT_URL"),
            dir: told("AUDIT_STACK").into(),
            admin: told("AUDIT_ADMIN").into(),
            endpoint: told("AWS_ENDPOINT_URL"),
            region: told("AWS_REGION"),
            table: told("AUDIT_TABLE"),
            keys_table: told("AUDIT_KEYS_TABLE"),
            buckets: json("AUDIT_RECORDS_BUCKETS"),
            staging: told("AUDIT_STAGING_BUCKET"),
            quarantine: told("AUDIT_QUARANTINE_BUCKET"),
            lane: lanes.into_iter().next().expect("a lane"),
            kms_key: told("AUDIT_KMS_KEY_ID"),
            root: Credentials::new(
                told("AWS_ACCESS_KEY_ID"),
                told("AWS_SECRET_ACCESS_KEY"),
                None,
                None,
                "root",
            ),
        }
    });
    &PLACE
}

impl Place {
    /// The administrator's access key and its secret.
    pub(crate) fn root_keys(&self) -> (String, String) {
        let root = &self.root;
        (
            root.access_key_id().to_owned(),
            root.secret_access_key().to_owned(),
        )
    }
}

/// Waits for an answer of a cloud service.
pub(crate) fn wait<F: Future>(answer: F) -> F::Output {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));
    RUNTIME.block_on(answer)
}

/// The roles that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Ingest,
    Writer,
    Query,
    Operator,
}

impl Role {
    pub(crate) const ALL: [Self; 4] = [Self::Ingest, Self::Writer, Self::Query, Self::Operator];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ingest => "ingest",
            Self::Writer => "writer",
            Self::Query => "query",
            Self::Operator => "operator",
        }
    }

    /// Credentials in this role, taken on as the function does it.
    pub(crate) fn credentials(self) -> Credentials {
        static TAKEN_ON: [OnceLock<Credentials>; 4] = [const { OnceLock::new() }; 4];
        TAKEN_ON[self as usize]
            .get_or_init(|| self.take_on())
            .clone()
    }

    fn take_on(self) -> Credentials {
        let sts = aws_sdk_sts::Client::new(&configuration(place().root.clone()));
        // The emulator's one account.
        let arn = format!("arn:aws:iam::000000000000:role/audit-local-{}", self.name());
        let output = wait(
            sts.assume_role()
                .role_arn(arn)
                .role_session_name("e2e")
                .send(),
        )
        .expect("the role is taken on");
        let taken = output.credentials().expect("credentials");
        Credentials::new(
            taken.access_key_id(),
            taken.secret_access_key(),
            Some(taken.session_token().to_owned()),
            None,
            "role",
        )
    }
}

/// The clients of one caller. None tries anything again: each call is one answer.
pub(crate) struct Clients {
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) kms: aws_sdk_kms::Client,
}

impl Clients {
    /// The account's administrator, whom no policy binds.
    pub(crate) fn root() -> &'static Self {
        static ROOT: LazyLock<Clients> = LazyLock::new(|| Clients::new(place().root.clone()));
        &ROOT
    }

    pub(crate) fn of(role: Role) -> Self {
        Self::new(role.credentials())
    }

    fn new(credentials: Credentials) -> Self {
        let config = configuration(credentials);
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(true)
            .build();
        Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
        }
    }
}

fn configuration(credentials: Credentials) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(place().region.clone()))
        .endpoint_url(&place().endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(RetryConfig::disabled())
        .http_client(
            aws_smithy_http_client::Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build_https(),
        )
        .build()
}
