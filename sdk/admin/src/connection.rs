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

impl ConnectionOptions {
    /// An operator on the index that the environment names.
    pub(crate) fn operator(&self) -> Result<Operator<AwsStores>> {
        self.operator_on(needed(self.audit_table.as_ref(), "AUDIT_TABLE")?)
    }

    /// An operator on another index.
    pub(crate) fn operator_on(&self, table: &str) -> Result<Operator<AwsStores>> {
        let aws = Aws::new(&Access {
            region: needed(self.region.as_ref(), "AWS_REGION")?.to_owned(),
            endpoint: self.endpoint_url.clone(),
            access_key_id: needed(self.access_key_id.as_ref(), "AWS_ACCESS_KEY_ID")?.to_owned(),
            secret_access_key: needed(self.secret_access_key.as_ref(), "AWS_SECRET_ACCESS_KEY")?
                .to_owned(),
            session_token: self.session_token.clone(),
        });
        let buckets = needed(self.records_buckets.as_ref(), "AUDIT_RECORDS_BUCKETS")?;
        let buckets: BTreeMap<String, String> = serde_json::from_str(buckets).map_err(|_| {
            Failure::new(
                "AUDIT_RECORDS_BUCKETS is no JSON object of strings",
                r#"set it to something like {"7y":"audit-local-records-7y"}"#,
            )
        })?;
        let stores = Stores {
            segments: aws.segments(buckets),
            rows: aws.rows(table),
            keys: aws.keys(needed(self.keys_table.as_ref(), "AUDIT_KEYS_TABLE")?),
            wrapper: aws.wrapper(needed(self.kms_key_id.as_ref(), "AUDIT_KMS_KEY_ID")?),
            clock: SystemClock,
            entropy: SystemEntropy,
        };
        Ok(Operator::new(stores, Limits::unhurried()))
    }

    /// The domain of origins.
    pub(crate) fn domain(&self) -> Result<&str> {
        needed(self.domain.as_ref(), "AUDIT_DOMAIN")
    }
}

fn needed<'a>(value: Option<&'a String>, name: &str) -> Result<&'a str> {
    value
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            Failure::new(
                format!("{name} is not set"),
                "set the environment of the installation (on the local stack: \
                 `set -a; . .local/env; set +a`), or give the option of that name",
            )
        })
}
