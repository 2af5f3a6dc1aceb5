//! The ingest function's process: configuration, clients, run.

use audit_aws::Aws;
use audit_ingest::{Ingest, router};
use audit_lambda::{Config, RuntimeError, serve_http, telemetry};
use audit_storage::system::{SystemClock, SystemEntropy};

// One request at a time and no work beside it: a second thread would only cost its start.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), RuntimeError> {
    let config = Config::from_env()?;
    telemetry::init(&config.log);
    let aws = Aws::new(&config.aws);
    let ingest = Ingest::new(
        aws.keys(&config.keys_table),
        aws.rows(&config.table),
        aws.lanes(config.lanes()?.to_vec()),
        aws.staging(config.staging_bucket()?),
        config.rate,
        SystemClock,
        SystemEntropy,
    );
    serve_http(router(ingest).behind(config.edge)).await
}
