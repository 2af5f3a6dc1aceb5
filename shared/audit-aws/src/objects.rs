//! [`StagingStore`] and [`QuarantineStore`] over S3, and what all objects have in common.

use audit_storage::stores::{Put, QuarantineStore, StagingStore, VersionId};
use audit_storage::{Error, Kind, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::{Blob, ByteStream};
use bytes::Bytes;

use crate::connection::{BODY_TIMEOUT, Pair};
use crate::failure::{Effect, failed};

/// The staging bucket.
#[derive(Clone)]
pub struct S3Staging {
    clients: Pair<Client>,
    bucket: String,
}

/// The version that S3 says an object of a bucket without versions has (Amazon S3 User Guide,
/// "How S3 Versioning works").
const UNVERSIONED: &str = "null";

/// The quarantine bucket.
#[derive(Clone)]
pub struct S3Quarantine {
    clients: Pair<Client>,
    bucket: String,
}

impl std::fmt::Debug for S3Staging {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("S3Staging")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for S3Quarantine {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("S3Quarantine")
            .field("bucket", &self.bucket)
            .finish_non_exhaustive()
    }
}

impl S3Staging {
    pub(crate) fn new(clients: Pair<Client>, bucket: &str) -> Self {
        Self {
            clients,
            bucket: bucket.to_owned(),
        }
    }
}

impl S3Quarantine {
    pub(crate) fn new(clients: Pair<Client>, bucket: &str) -> Self {
        Self {
            clients,
            bucket: bucket.to_owned(),
        }
    }
}

impl StagingStore for S3Staging {
    async fn put(&self, key: &str, body: Bytes) -> Result<()> {
        self.clients
            .write
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| failed("PutObject of a staged message", Effect::Write, &error))?;
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        get(
            "GetObject of a staged message",
            &self.clients.read,
            &self.bucket,
            key,
        )
        .await
    }
}

impl QuarantineStore for S3Quarantine {
    async fn put_if_absent(&self, key: &str, body: Bytes) -> Result<Put> {
        let made = create(
            "PutObject into quarantine",
            &self.clients.write,
            &self.bucket,
            key,
            body,
            None,
        )
        .await?;
        Ok(match made {
            Made::New(version) => {
                Put::Created(version.unwrap_or_else(|| VersionId(UNVERSIONED.to_owned())))
            }
            Made::Existed => Put::AlreadyExists,
        })
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>> {
        get(
            "GetObject from quarantine",
            &self.clients.read,
            &self.bucket,
            key,
        )
        .await
    }
}

/// What came of a conditional write.
pub(crate) enum Made {
    /// The object was written; its version, where the bucket keeps versions.
    New(Option<VersionId>),
    /// The key has an object.
    Existed,
}

/// Writes an object unless its key has one.
pub(crate) async fn create(
    context: &'static str,
    client: &Client,
    bucket: &str,
    key: &str,
    body: Bytes,
    sha256: Option<[u8; 32]>,
) -> Result<Made> {
    let sent = client
        .put_object()
        .bucket(bucket)
        .key(key)
        .if_none_match("*")
        .set_checksum_sha256(sha256.map(base64))
        .body(ByteStream::from(body))
        .send()
        .await;
    match sent {
        Ok(output) => Ok(Made::New(output.version_id.map(VersionId))),
        Err(error)
            if error
                .raw_response()
                .is_some_and(|raw| raw.status().as_u16() == 412) =>
        {
            Ok(Made::Existed)
        }
        Err(error) => Err(failed(context, Effect::Write, &error)),
    }
}

/// Base64 as S3's checksum headers have it.
fn base64(bytes: [u8; 32]) -> String {
    aws_smithy_types::base64::encode(Blob::new(bytes))
}

async fn get(
    context: &'static str,
    client: &Client,
    bucket: &str,
    key: &str,
) -> Result<Option<Bytes>> {
    match client.get_object().bucket(bucket).key(key).send().await {
        Ok(output) => body(context, output.body).await.map(Some),
        Err(error) => {
            let status = error.raw_response().map(|raw| raw.status().as_u16());
            let code = error
                .as_service_error()
                .and_then(|error| error.meta().code());
            if is_missing(status, code) {
                Ok(None)
            } else {
                Err(failed(context, Effect::Read, &error))
            }
        }
    }
}

/// Tells a missing object from a missing bucket, which is a wrong configuration.
pub(crate) fn is_missing(status: Option<u16>, code: Option<&str>) -> bool {
    status == Some(404) && code != Some("NoSuchBucket")
}

/// Reads a body to its end. The client's own time-outs end with the answer's head.
pub(crate) async fn body(context: &'static str, body: ByteStream) -> Result<Bytes> {
    match tokio::time::timeout(BODY_TIMEOUT, body.collect()).await {
        Ok(Ok(bytes)) => Ok(bytes.into_bytes()),
        Ok(Err(error)) => Err(Error::new(Kind::Unavailable, context).caused_by(error)),
        Err(elapsed) => Err(Error::new(Kind::Unavailable, context).caused_by(elapsed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_bucket_is_not_a_missing_object() {
        for (status, code, missing) in [
            (Some(404), Some("NoSuchKey"), true),
            (Some(404), Some("NoSuchVersion"), true),
            (Some(404), None, true),
            (Some(404), Some("NoSuchBucket"), false),
            (Some(403), Some("AccessDenied"), false),
            (None, None, false),
        ] {
            assert_eq!(is_missing(status, code), missing, "{status:?} {code:?}");
        }
    }

    #[test]
    fn a_checksum_is_padded_base64() {
        assert_eq!(
            base64([0xfb; 32]),
            "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s="
        );
    }
}
