//! The writer function's process: configuration, clients, run.

use audit_aws::Aws;
use audit_lambda::{Config, RuntimeError, serve_events, telemetry};
use audit_ledger::{Limits, Writer};
use audit_storage::Stores;
use audit_storage::system::{SystemClock, SystemEntropy};
use audit_writer::{Retries, WriterFunction};

// One batch at a time; what is waited for is the network.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let config = Config::from_env()?;
    telemetry::init(&config.log);
    let aws = Aws::new(&config.aws);
    let stores = Stores {
        segments: aws.segments(config.records_buckets.clone()),
        rows: aws.rows(&config.table),
        keys: aws.keys(&config.keys_table),
        wrapper: aws.wrapper(&config.kms_key_id),
        clock: SystemClock,
        entropy: SystemEntropy,
    };
    let staging = aws.staging(config.staging_bucket()?);
    let quarantine = aws.quarantine(config.quarantine_bucket()?);
    let writer = Writer::new(stores, staging, quarantine, Limits::default());
    let retries = Retries::new(
        aws.lanes(config.lanes()?.to_vec()),
        config.lanes()?,
        config.retry_base(),
    );
    let function = WriterFunction::new(writer, retries, SystemClock);
    serve_events(|event, request_id| function.handle(event, request_id)).await
}
