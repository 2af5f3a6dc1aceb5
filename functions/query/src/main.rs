//! The query function's process: configuration, clients, run.

use audit_aws::Aws;
use audit_lambda::{Config, RuntimeError, serve_http, telemetry};
use audit_query::Reader;
use audit_query_function::{Query, router};
use audit_storage::Stores;
use audit_storage::system::{SystemClock, SystemEntropy};

// One request at a time, its storage requests side by side on one thread.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let config = Config::from_env()?;
    telemetry::init(&config.log);
    let aws = Aws::new(&config.aws);
    let reader = Reader::new(Stores {
        segments: aws.segments(config.records_buckets.clone()),
        rows: aws.rows(&config.table),
        keys: aws.keys(&config.keys_table),
        wrapper: aws.wrapper(&config.kms_key_id),
        clock: SystemClock,
        entropy: SystemEntropy,
    });
    let query = Query::new(
        reader,
        aws.keys(&config.keys_table),
        SystemClock,
        config.records_buckets.keys(),
    )?;
    serve_http(router(query).behind(config.edge)).await
}
