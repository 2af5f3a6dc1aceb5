//! S3, DynamoDB, SQS and KMS behind the storage traits.
//!
//! Each adapter turns one method of a trait into one request and its answer into what the trait
//! promises. What the requests *mean* (retry, roll forward, deduplicate) is the callers'
//! business: nothing here knows a ledger's protocol or a record. It is the only crate that names
//! AWS's clients.
//!
//! - Clients share one HTTP client, so one connection pool and one set of root certificates, and
//!   each is made when it is first used: a cold start pays for what its first request needs.
//! - No credential chain, no region look-up, no profile files: [`Access`](audit_storage::Access) says all of it.
//! - Reads are tried again by the client; a write never is, so that the caller hears of a lost
//!   reply as [`Kind::Unknown`](audit_storage::Kind::Unknown) and can read back.
//!
//! The contract suites of `audit-testkit` run on these adapters too, against an emulator: see
//! `localstack/e2e`.

mod attribute;
mod connection;
mod failure;
mod keys;
mod lanes;
mod objects;
mod segments;
mod table;

pub use connection::Aws;
pub use keys::KmsKeys;
pub use lanes::SqsLanes;
pub use objects::{S3Quarantine, S3Staging};
pub use segments::S3Segments;
pub use table::{DynamoKeys, DynamoRows};
