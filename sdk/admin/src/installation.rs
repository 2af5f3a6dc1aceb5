//! From the environment to stores.

use std::collections::BTreeMap;

use audit_aws::{Aws, DynamoKeys, DynamoRows, KmsKeys, S3Segments};
use audit_ledger::{Limits, Operator};
use audit_storage::system::{SystemClock, SystemEntropy};
use audit_storage::{Access, Stores};

use crate::failure::{Failure, Result};
use crate::options::ConnectionOptions;

/// The stores that the command works on.
pub(crate) type AwsStores =
    Stores<S3Segments, DynamoRows, DynamoKeys, KmsKeys, SystemClock, SystemEntropy>;

/// An installation: where everything stands.
#[derive(Debug)]
pub(crate) struct Installation {
    access: Access,
    table: String,
    keys_table: String,
    kms_key_id: String,
    /// What new ledgers need to know of it.
    domain: String,
    buckets: BTreeMap<String, String>,
}

/// What a new ledger needs to know of the installation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LedgerPlace<'i> {
    /// The domain of origins.
    pub(crate) domain: &'i str,
    /// The bucket of each retention class.
    pub(crate) buckets: &'i BTreeMap<String, String>,
}

impl ConnectionOptions {
    /// The installation that the environment names.
    ///
    /// # Errors
    /// If something is missing or malformed; all of it is said at once.
    pub(crate) fn installation(&self) -> Result<Installation> {
        let mut missing = Vec::new();
        let mut needed = |value: &Option<String>, name: &'static str| match value {
            Some(value) if !value.is_empty() => value.clone(),
            _ => {
                missing.push(name);
                String::new()
            }
        };
        let access = Access {
            region: needed(&self.region, "AWS_REGION"),
            endpoint: self.endpoint_url.clone().filter(|url| !url.is_empty()),
            access_key_id: needed(&self.access_key_id, "AWS_ACCESS_KEY_ID"),
            secret_access_key: needed(&self.secret_access_key, "AWS_SECRET_ACCESS_KEY"),
            session_token: self.session_token.clone().filter(|token| !token.is_empty()),
        };
        let table = needed(&self.audit_table, "AUDIT_TABLE");
        let keys_table = needed(&self.keys_table, "AUDIT_KEYS_TABLE");
        let buckets = needed(&self.records_buckets, "AUDIT_RECORDS_BUCKETS");
        let kms_key_id = needed(&self.kms_key_id, "AUDIT_KMS_KEY_ID");
        let domain = needed(&self.domain, "AUDIT_DOMAIN");
        if !missing.is_empty() {
            let verb = if missing.len() == 1 { "is" } else { "are" };
            return Err(Failure::new(
                format!("{} {verb} not set", missing.join(", ")),
                "set the environment of the installation (on the local stack: \
                 `set -a; . .local/env; set +a`), or give options: see `--help`",
            ));
        }
        let buckets = serde_json::from_str(&buckets).map_err(|_| {
            Failure::new(
                "AUDIT_RECORDS_BUCKETS is no JSON object of strings",
                r#"set it to something like {"7y":"audit-local-records-7y"}"#,
            )
        })?;
        Ok(Installation {
            access,
            table,
            keys_table,
            kms_key_id,
            domain,
            buckets,
        })
    }
}

impl Installation {
    /// An operator on its index.
    pub(crate) fn operator(&self) -> Operator<AwsStores> {
        self.operator_on(&self.table)
    }

    /// An operator on another index.
    pub(crate) fn operator_on(&self, table: &str) -> Operator<AwsStores> {
        let aws = Aws::new(&self.access);
        let stores = Stores {
            segments: aws.segments(self.buckets.clone()),
            rows: aws.rows(table),
            keys: aws.keys(&self.keys_table),
            wrapper: aws.wrapper(&self.kms_key_id),
            clock: SystemClock,
            entropy: SystemEntropy,
        };
        Operator::new(stores, Limits::unhurried())
    }

    /// What a new ledger needs to know of it.
    pub(crate) fn ledgers(&self) -> LedgerPlace<'_> {
        LedgerPlace {
            domain: &self.domain,
            buckets: &self.buckets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> ConnectionOptions {
        let some = |value: &str| Some(value.to_owned());
        ConnectionOptions {
            audit_table: some("audit"),
            keys_table: some("keys"),
            records_buckets: some(r#"{"7y":"records"}"#),
            kms_key_id: some("arn:key"),
            domain: some("audit.test"),
            region: some("eu-central-1"),
            endpoint_url: some(""),
            access_key_id: some("AKIA"),
            secret_access_key: some("s3cr3t"),
            session_token: None,
        }
    }

    #[test]
    fn an_empty_endpoint_is_none() {
        let installation = full().installation().expect("complete");
        assert_eq!(installation.access.endpoint, None);
        assert_eq!(installation.ledgers().buckets["7y"], "records");
        assert!(!format!("{installation:?}").contains("s3cr3t"));
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let mut options = full();
        options.audit_table = None;
        options.domain = Some(String::new());
        let failure = options.installation().expect_err("incomplete");
        assert_eq!(failure.what, "AUDIT_TABLE, AUDIT_DOMAIN are not set");
        options.domain = full().domain;
        let failure = options.installation().expect_err("incomplete");
        assert_eq!(failure.what, "AUDIT_TABLE is not set");
    }

    #[test]
    fn buckets_that_are_no_object_are_refused() {
        let mut options = full();
        options.records_buckets = Some("[]".to_owned());
        let failure = options.installation().expect_err("malformed");
        assert!(failure.what.starts_with("AUDIT_RECORDS_BUCKETS"));
    }
}
