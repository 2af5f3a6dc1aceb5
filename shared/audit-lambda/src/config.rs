//! The configuration of a function: the only reader of the environment.
//!
//! Everything that is wrong is said at once, by the variable's name and never with its value.
//! `infra/` sets these variables; `.local/env` holds the same names for what runs beside them.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use audit_storage::Access;
use audit_storage::config::RateLimit;

use crate::http::Edge;
use crate::telemetry;

/// What a function is told by its environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// How to reach AWS: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`, and for an emulator `AWS_ENDPOINT_URL`.
    pub aws: Access,
    /// `AUDIT_TABLE`: the table that is derived from the segments.
    pub table: String,
    /// `AUDIT_KEYS_TABLE`: the table of ledgers, API keys and scope keys.
    pub keys_table: String,
    /// `AUDIT_RECORDS_BUCKETS`: the bucket of each retention class.
    pub records_buckets: BTreeMap<String, String>,
    /// `AUDIT_KMS_KEY_ID`: the key that wraps ledger keys.
    pub kms_key_id: String,
    /// `AUDIT_DOMAIN`: the first part of every ledger's origin.
    pub domain: String,
    /// `AUDIT_LOG`: which log lines are written, `info` where it is not set.
    pub log: String,
    /// `AUDIT_EDGE_SECRETS`: what the edge in front of the API shows with each request, as a JSON
    /// array of SHA-256 hashes; where it is not set there is no edge.
    pub edge: Option<Edge>,
    /// `AUDIT_RATE_RECORDS_PER_SECOND` and `AUDIT_RATE_BURST_RECORDS`: what a tenant without a
    /// limit of its own may send; [`RateLimit::DEFAULT`] where they are not set.
    pub rate: RateLimit,
    lanes: Option<Vec<String>>,
    staging_bucket: Option<String>,
    quarantine_bucket: Option<String>,
}

/// What is wrong with the environment, one variable each.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigError {
    problems: Vec<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "configuration: {}", self.problems.join("; "))
    }
}

// What `main` returns is printed with `Debug`; people read it.
impl fmt::Debug for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl std::error::Error for ConfigError {}

/// The wait before the first retry of a message that failed, doubled with each receive: the
/// lane's visibility timeout in AWS.
const RETRY_BASE: Duration = Duration::from_secs(30);
/// The same on an emulator, whose lane has a visibility timeout of 5 s.
const RETRY_BASE_LOCAL: Duration = Duration::from_secs(5);

impl Config {
    /// Reads the process's environment.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one reader of the environment"
    )]
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads an environment given as a lookup by name, so that tests need not change the
    /// process's own.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader {
            lookup,
            problems: Vec::new(),
        };
        let config = Self {
            aws: Access {
                region: reader.name("AWS_REGION"),
                endpoint: reader.url("AWS_ENDPOINT_URL"),
                access_key_id: reader.required("AWS_ACCESS_KEY_ID"),
                secret_access_key: reader.required("AWS_SECRET_ACCESS_KEY"),
                session_token: reader.optional("AWS_SESSION_TOKEN"),
            },
            table: reader.name("AUDIT_TABLE"),
            keys_table: reader.name("AUDIT_KEYS_TABLE"),
            records_buckets: reader.buckets("AUDIT_RECORDS_BUCKETS"),
            kms_key_id: reader.required("AUDIT_KMS_KEY_ID"),
            domain: reader.name("AUDIT_DOMAIN"),
            log: reader.log_filter("AUDIT_LOG"),
            edge: reader.edge("AUDIT_EDGE_SECRETS"),
            rate: reader.rate("AUDIT_RATE_RECORDS_PER_SECOND", "AUDIT_RATE_BURST_RECORDS"),
            lanes: reader.lanes("AUDIT_LANES"),
            staging_bucket: reader.optional_name("AUDIT_STAGING_BUCKET"),
            quarantine_bucket: reader.optional_name("AUDIT_QUARANTINE_BUCKET"),
        };
        if reader.problems.is_empty() {
            Ok(config)
        } else {
            Err(ConfigError {
                problems: reader.problems,
            })
        }
    }

    /// `AUDIT_LANES`: the queues' URLs, at least one; a ledger names its lane by its place.
    pub fn lanes(&self) -> Result<&[String], ConfigError> {
        needed(self.lanes.as_deref(), "AUDIT_LANES")
    }

    /// `AUDIT_STAGING_BUCKET`: where records stand that no queue message can hold.
    pub fn staging_bucket(&self) -> Result<&str, ConfigError> {
        needed(self.staging_bucket.as_deref(), "AUDIT_STAGING_BUCKET")
    }

    /// `AUDIT_QUARANTINE_BUCKET`: where messages stand that can't be committed.
    pub fn quarantine_bucket(&self) -> Result<&str, ConfigError> {
        needed(self.quarantine_bucket.as_deref(), "AUDIT_QUARANTINE_BUCKET")
    }

    /// How long a message that failed once stays hidden before it is tried again.
    #[must_use]
    pub fn retry_base(&self) -> Duration {
        if self.aws.endpoint.is_some() {
            RETRY_BASE_LOCAL
        } else {
            RETRY_BASE
        }
    }
}

fn needed<T>(value: Option<T>, name: &str) -> Result<T, ConfigError> {
    value.ok_or_else(|| ConfigError {
        problems: vec![format!("{name} is not set")],
    })
}

/// Reads variables and collects what is wrong with them; a value that is wrong reads as its
/// type's default, which never leaves `Config::read`.
struct Reader<F> {
    lookup: F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    /// A variable set to the empty string counts as not set, as shells and Terraform treat it.
    fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problems.push(format!("{name} is not set"));
            String::new()
        })
    }

    /// The names of buckets, tables, regions and domains all keep to these characters.
    fn checked_name(&mut self, name: &str, value: String) -> String {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if !value.bytes().all(fits) {
            self.problems.push(format!(
                "{name} may hold letters, digits, '.', '_' and '-' only"
            ));
        }
        value
    }

    fn name(&mut self, name: &str) -> String {
        let value = self.required(name);
        self.checked_name(name, value)
    }

    fn optional_name(&mut self, name: &str) -> Option<String> {
        self.optional(name)
            .map(|value| self.checked_name(name, value))
    }

    fn url(&mut self, name: &str) -> Option<String> {
        let value = self.optional(name)?;
        if !is_url(&value) {
            self.problems
                .push(format!("{name} is not an http or https URL"));
        }
        Some(value)
    }

    fn edge(&mut self, name: &str) -> Option<Edge> {
        let text = self.optional(name)?;
        let edge = Edge::parse(&text);
        if edge.is_none() {
            self.problems.push(format!(
                "{name} is not a JSON array of SHA-256 hashes in hexadecimal, at least one"
            ));
        }
        edge
    }

    fn rate(&mut self, per_second: &str, burst: &str) -> RateLimit {
        let default = RateLimit::DEFAULT;
        let records_per_second = self.number(per_second, default.records_per_second());
        let burst_records = self.number(burst, default.burst_records());
        RateLimit::new(records_per_second, burst_records).unwrap_or_else(|_| {
            self.problems.push(format!(
                "{per_second} is less than 1, or {burst} less than {}",
                RateLimit::BURST_MIN
            ));
            default
        })
    }

    fn number(&mut self, name: &str, default: u32) -> u32 {
        let Some(text) = self.optional(name) else {
            return default;
        };
        text.parse().unwrap_or_else(|_| {
            self.problems
                .push(format!("{name} is not a number of up to 4,294,967,295"));
            default
        })
    }

    fn lanes(&mut self, name: &str) -> Option<Vec<String>> {
        let text = self.optional(name)?;
        match serde_json::from_str::<Vec<String>>(&text) {
            Ok(lanes) if !lanes.is_empty() && lanes.iter().all(|lane| is_url(lane)) => Some(lanes),
            _ => {
                self.problems.push(format!(
                    "{name} is not a JSON array of queue URLs, at least one"
                ));
                None
            }
        }
    }

    fn buckets(&mut self, name: &str) -> BTreeMap<String, String> {
        let text = self.required(name);
        if text.is_empty() {
            return BTreeMap::new();
        }
        match serde_json::from_str::<BTreeMap<String, String>>(&text) {
            Ok(buckets) if !buckets.is_empty() => {
                for bucket in buckets.values() {
                    self.checked_name(name, bucket.clone());
                }
                buckets
            }
            _ => {
                self.problems.push(format!(
                    "{name} is not a JSON object of retention class to bucket"
                ));
                BTreeMap::new()
            }
        }
    }

    fn log_filter(&mut self, name: &str) -> String {
        let filter = self.optional(name).unwrap_or_else(|| "info".to_owned());
        if !telemetry::is_filter(&filter) {
            self.problems.push(format!(
                "{name} is not a log filter like `info` or `warn,audit_ledger=debug`"
            ));
        }
        filter
    }
}

fn is_url(value: &str) -> bool {
    value
        .strip_prefix("https://")
        .or_else(|| value.strip_prefix("http://"))
        .is_some_and(|rest| !rest.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 13] = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("AWS_ACCESS_KEY_ID", "AKIA"),
        ("AWS_SECRET_ACCESS_KEY", "s3cr3t"),
        ("AUDIT_TABLE", "audit-local-audit"),
        ("AUDIT_KEYS_TABLE", "audit-local-keys"),
        (
            "AUDIT_RECORDS_BUCKETS",
            r#"{"7y":"audit-local-records-7y","trial":"audit-local-records-trial"}"#,
        ),
        (
            "AUDIT_KMS_KEY_ID",
            "arn:aws:kms:eu-central-1:000000000000:key/1",
        ),
        ("AUDIT_DOMAIN", "audit.localhost"),
        (
            "AUDIT_LANES",
            r#"["http://127.0.0.1:4566/000000000000/audit-local-lane-0"]"#,
        ),
        ("AUDIT_STAGING_BUCKET", "audit-local-staging"),
        ("AUDIT_QUARANTINE_BUCKET", "audit-local-quarantine"),
        ("AUDIT_LOG", "warn,audit_ledger=debug"),
    ];

    fn with(changes: &[(&str, Option<&str>)]) -> Result<Config, ConfigError> {
        let mut environment: BTreeMap<&str, &str> = GOOD.into_iter().collect();
        for (name, value) in changes {
            match value {
                Some(value) => environment.insert(name, value),
                None => environment.remove(name),
            };
        }
        Config::read(|name| environment.get(name).map(|value| (*value).to_owned()))
    }

    #[test]
    fn reads_a_full_environment() {
        let config = with(&[]).expect("a configuration");
        let printed = format!("{config:?}");
        assert_eq!(config.records_buckets["trial"], "audit-local-records-trial");
        assert_eq!(config.lanes().expect("lanes").len(), 1);
        assert_eq!(
            config.staging_bucket().expect("a bucket"),
            "audit-local-staging"
        );
        assert_eq!(
            config.quarantine_bucket().expect("a bucket"),
            "audit-local-quarantine"
        );
        assert_eq!(config.retry_base(), Duration::from_secs(5));
        assert_eq!((config.edge, config.rate), (None, RateLimit::DEFAULT));
        assert!(!printed.contains("s3cr3t"));
    }

    #[test]
    fn on_aws_there_is_no_endpoint_and_the_filter_has_a_default() {
        let config =
            with(&[("AWS_ENDPOINT_URL", None), ("AUDIT_LOG", Some(""))]).expect("a configuration");
        assert_eq!(
            (config.aws.endpoint.as_deref(), config.log.as_str()),
            (None, "info")
        );
        assert_eq!(config.retry_base(), Duration::from_secs(30));
    }

    #[test]
    fn says_what_is_wrong_by_name_and_without_the_value() {
        for (name, value, said) in [
            ("AUDIT_TABLE", None, "AUDIT_TABLE is not set"),
            (
                "AUDIT_TABLE",
                Some("a b"),
                "AUDIT_TABLE may hold letters, digits, '.', '_' and '-' only",
            ),
            (
                "AWS_SECRET_ACCESS_KEY",
                Some(""),
                "AWS_SECRET_ACCESS_KEY is not set",
            ),
            (
                "AWS_ENDPOINT_URL",
                Some("localhost"),
                "AWS_ENDPOINT_URL is not an http or https URL",
            ),
            (
                "AUDIT_LANES",
                Some("[]"),
                "AUDIT_LANES is not a JSON array of queue URLs, at least one",
            ),
            (
                "AUDIT_LANES",
                Some("http://x"),
                "AUDIT_LANES is not a JSON array of queue URLs, at least one",
            ),
            (
                "AUDIT_RECORDS_BUCKETS",
                Some("[]"),
                "AUDIT_RECORDS_BUCKETS is not a JSON object of retention class to bucket",
            ),
            (
                "AUDIT_EDGE_SECRETS",
                Some(r#"["the secret itself"]"#),
                "AUDIT_EDGE_SECRETS is not a JSON array of SHA-256 hashes in hexadecimal, at least one",
            ),
            (
                "AUDIT_RATE_RECORDS_PER_SECOND",
                Some("many"),
                "AUDIT_RATE_RECORDS_PER_SECOND is not a number of up to 4,294,967,295",
            ),
            (
                "AUDIT_RATE_BURST_RECORDS",
                Some("1999"),
                "AUDIT_RATE_RECORDS_PER_SECOND is less than 1, or AUDIT_RATE_BURST_RECORDS less than 2000",
            ),
            (
                "AUDIT_LOG",
                Some("a=loud"),
                "AUDIT_LOG is not a log filter like `info` or `warn,audit_ledger=debug`",
            ),
        ] {
            let error = with(&[(name, value)]).expect_err(name);
            assert_eq!(error.to_string(), format!("configuration: {said}"));
        }
        let error = Config::read(|_| None).expect_err("nothing is set");
        assert_eq!(error.to_string().matches("is not set").count(), 8);
    }

    #[test]
    fn what_one_function_needs_is_asked_for_by_it_alone() {
        let config = with(&[("AUDIT_LANES", None), ("AUDIT_STAGING_BUCKET", None)])
            .expect("a configuration");
        assert_eq!(
            config.lanes().expect_err("none").to_string(),
            "configuration: AUDIT_LANES is not set"
        );
        assert!(config.staging_bucket().is_err());
    }
}
