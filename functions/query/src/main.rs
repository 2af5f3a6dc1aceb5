//! The query function's process: configuration, clients, run.

use audit_aws::{Access, Aws};
use audit_lambda::{AwsAccess, Config, RuntimeError, serve_http, telemetry};
use audit_query::{Parts, Reader};
use audit_query_function::{Query, router};
use audit_storage::system::SystemClock;

// One request at a time, its storage requests side by side on one thread.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let config = Config::from_env()?;
    telemetry::init(&config.log);
    let AwsAccess {
        region,
        endpoint,
        access_key_id,
        secret_access_key,
        session_token,
    } = config.aws.clone();
    let aws = Aws::new(&Access {
        region,
        endpoint,
        access_key_id,
        secret_access_key,
        session_token,
    });
    let reader = Reader::new(Parts {
        segments: aws.segments(config.records_buckets.clone()),
        rows: aws.rows(&config.table),
        keys: aws.keys(&config.keys_table),
        wrapper: aws.wrapper(&config.kms_key_id),
        clock: SystemClock,
    });
    let query = Query::new(
        reader,
        aws.keys(&config.keys_table),
        SystemClock,
        config.records_buckets.keys(),
    )?;
    serve_http(router(query)).await
}
