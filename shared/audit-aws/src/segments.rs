//! [`SegmentStore`] over S3: one bucket for each retention class.

use std::collections::BTreeMap;

use audit_storage::config::RetentionClass;
use audit_storage::stores::{
    LIST_PAGE_KEYS, ListFrom, Put, SegmentStore, Version, VersionId, VersionPage,
};
use audit_storage::{Error, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::DateTime;
use bytes::Bytes;

use crate::connection::Pair;
use crate::failure::{Effect, failed};
use crate::objects::{Made, body, create, is_missing};

/// The segments of all ledgers.
#[derive(Clone)]
pub struct S3Segments {
    clients: Pair<Client>,
    buckets: BTreeMap<String, String>,
}

impl std::fmt::Debug for S3Segments {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("S3Segments")
            .field("buckets", &self.buckets)
            .finish_non_exhaustive()
    }
}

impl S3Segments {
    pub(crate) fn new(clients: Pair<Client>, buckets: BTreeMap<String, String>) -> Self {
        Self { clients, buckets }
    }

    fn bucket(&self, class: &RetentionClass) -> Result<&str> {
        self.buckets
            .get(class.as_str())
            .map(String::as_str)
            .ok_or_else(|| {
                Error::internal(format!("no records bucket for the retention class {class}"))
            })
    }

    async fn page(
        &self,
        bucket: &str,
        prefix: &str,
        from: Option<&ListFrom>,
        limit: u32,
    ) -> Result<VersionPage> {
        let output = self
            .clients
            .read
            .list_object_versions()
            .bucket(bucket)
            .prefix(prefix)
            .set_key_marker(from.map(|from| from.key.clone()))
            .set_version_id_marker(
                from.and_then(|from| from.version.as_ref())
                    .map(|version| version.0.clone()),
            )
            .max_keys(i32::try_from(limit.min(LIST_PAGE_KEYS)).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failed("ListObjectVersions", Effect::Read, &error))?;
        version_page(output)
    }

    async fn fetch(
        &self,
        class: &RetentionClass,
        key: &str,
        version: &VersionId,
        range: Option<(u64, u64)>,
    ) -> Result<Bytes> {
        let output = self
            .clients
            .read
            .get_object()
            .bucket(self.bucket(class)?)
            .key(key)
            .version_id(version.as_str())
            .set_range(range.map(|(first, last)| format!("bytes={first}-{last}")))
            .send()
            .await
            .map_err(|error| {
                let raw = error.raw_response().map(|raw| raw.status().as_u16());
                let code = error
                    .as_service_error()
                    .and_then(|error| error.meta().code());
                match (raw, code) {
                    // A version id that no object ever had is refused as an argument.
                    (Some(400), Some("NoSuchVersion" | "InvalidArgument")) => {
                        Error::not_found("segment version")
                    }
                    // A delete marker has no bytes.
                    (Some(405), _) => Error::not_found("segment version"),
                    (Some(416), _) => Error::corrupt("a range outside its segment"),
                    _ if is_missing(raw, code) => Error::not_found("segment version"),
                    _ => failed("GetObject of a segment", Effect::Read, &error),
                }
            })?;
        let is_part = output.content_range.is_some();
        let bytes = body("GetObject of a segment", output.body).await?;
        match range {
            Some((first, last)) if !is_part => part(&bytes, first, last),
            _ => Ok(bytes),
        }
    }
}

impl SegmentStore for S3Segments {
    async fn put_if_absent(
        &self,
        class: &RetentionClass,
        key: &str,
        body: Bytes,
        sha256: [u8; 32],
    ) -> Result<Put> {
        let made = create(
            "PutObject of a segment",
            &self.clients.write,
            self.bucket(class)?,
            key,
            body,
            Some(sha256),
        )
        .await?;
        match made {
            Made::New(Some(version)) => Ok(Put::Created(version)),
            // The object is there, but nothing that was written before or will be is safe.
            Made::New(None) => Err(Error::internal("a bucket that has to be versioned is not")),
            Made::Existed => Ok(Put::AlreadyExists),
        }
    }

    async fn versions(&self, class: &RetentionClass, key: &str) -> Result<Vec<Version>> {
        let page = self
            .page(self.bucket(class)?, key, None, LIST_PAGE_KEYS)
            .await?;
        // Keys come in order, so one that follows in the listing shows that this one's are over.
        let more_of_it =
            page.next.is_some() && page.versions.iter().all(|version| version.key == key);
        if more_of_it {
            return Err(Error::corrupt("a key has over 1,000 versions"));
        }
        Ok(page
            .versions
            .into_iter()
            .filter(|version| version.key == key)
            .collect())
    }

    async fn list_versions(
        &self,
        class: &RetentionClass,
        prefix: &str,
        from: Option<&ListFrom>,
        limit: u32,
    ) -> Result<VersionPage> {
        self.page(self.bucket(class)?, prefix, from, limit).await
    }

    async fn read(&self, class: &RetentionClass, key: &str, version: &VersionId) -> Result<Bytes> {
        self.fetch(class, key, version, None).await
    }

    async fn read_range(
        &self,
        class: &RetentionClass,
        key: &str,
        version: &VersionId,
        offset: u64,
        length: u64,
    ) -> Result<Bytes> {
        let last = offset
            .checked_add(length)
            .and_then(|end| end.checked_sub(1))
            .ok_or_else(|| Error::corrupt("a range outside its segment"))?;
        let bytes = self
            .fetch(class, key, version, Some((offset, last)))
            .await?;
        // S3 gives what there is of a range that begins inside the object and ends outside.
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(Error::corrupt("a range outside its segment"))
        }
    }
}

/// A range out of a whole object: a server may ignore that a part was asked for (RFC 9110,
/// section 14.2), and the emulator does so where a version is named.
fn part(bytes: &Bytes, first: u64, last: u64) -> Result<Bytes> {
    let place = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    let (first, end) = (place(first), place(last).saturating_add(1));
    if end > bytes.len() {
        return Err(Error::corrupt("a range outside its segment"));
    }
    Ok(bytes.slice(first..end))
}

/// The listing as S3 meant it: the client splits what came as one list, ordered by key and
/// newest first, into versions and delete markers.
fn version_page(output: ListObjectVersionsOutput) -> Result<VersionPage> {
    let next = match (output.is_truncated, output.next_key_marker) {
        (Some(true), Some(key)) => {
            let version = output
                .next_version_id_marker
                .filter(|id| !id.is_empty())
                .map(VersionId);
            Some(ListFrom { key, version })
        }
        (Some(true), None) => {
            return Err(Error::unavailable(
                "ListObjectVersions: a page without its end",
            ));
        }
        _ => None,
    };
    let versions = output
        .versions
        .unwrap_or_default()
        .into_iter()
        .map(|version| {
            (
                version.key,
                version.version_id,
                false,
                version.is_latest,
                version.last_modified,
            )
        });
    let markers = output
        .delete_markers
        .unwrap_or_default()
        .into_iter()
        .map(|marker| {
            (
                marker.key,
                marker.version_id,
                true,
                marker.is_latest,
                marker.last_modified,
            )
        });
    let mut listed = Vec::new();
    for (key, id, delete_marker, latest, modified) in versions.chain(markers) {
        let (Some(key), Some(id)) = (key, id) else {
            return Err(Error::unavailable(
                "ListObjectVersions: an entry without key or version",
            ));
        };
        let version = Version {
            key,
            id: VersionId(id),
            delete_marker,
            latest: latest == Some(true),
        };
        listed.push((version, modified));
    }
    listed.sort_by(|(left, left_modified), (right, right_modified)| {
        left.key
            .cmp(&right.key)
            .then(right.latest.cmp(&left.latest))
            .then_with(|| moment(right_modified.as_ref()).cmp(&moment(left_modified.as_ref())))
    });
    Ok(VersionPage {
        versions: listed.into_iter().map(|(version, _)| version).collect(),
        next,
    })
}

fn moment(modified: Option<&DateTime>) -> Option<i128> {
    modified.map(DateTime::as_nanos)
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{DeleteMarkerEntry, ObjectVersion};

    use super::*;

    fn version(key: &str, id: &str, latest: bool, second: i64) -> ObjectVersion {
        ObjectVersion::builder()
            .key(key)
            .version_id(id)
            .is_latest(latest)
            .last_modified(DateTime::from_secs(second))
            .build()
    }

    fn marker(key: &str, id: &str, latest: bool, second: i64) -> DeleteMarkerEntry {
        DeleteMarkerEntry::builder()
            .key(key)
            .version_id(id)
            .is_latest(latest)
            .last_modified(DateTime::from_secs(second))
            .build()
    }

    #[test]
    fn versions_and_markers_come_by_key_and_newest_first() {
        let output = ListObjectVersionsOutput::builder()
            .versions(version("a", "1", false, 1))
            .versions(version("a", "2", false, 2))
            .versions(version("b", "4", true, 1))
            .delete_markers(marker("a", "3", true, 2))
            .is_truncated(true)
            .next_key_marker("b")
            .next_version_id_marker("4")
            .build();
        let page = version_page(output).expect("a page");
        let ids: Vec<&str> = page
            .versions
            .iter()
            .map(|version| version.id.as_str())
            .collect();
        assert_eq!(ids, ["3", "2", "1", "4"]);
        assert!(page.versions[0].delete_marker && page.versions[0].latest);
        assert_eq!(
            page.next,
            Some(ListFrom {
                key: "b".to_owned(),
                version: Some(VersionId("4".to_owned()))
            })
        );
    }

    #[test]
    fn a_part_is_cut_out_of_what_came_whole() {
        let bytes = Bytes::from_static(b"0123456789");
        assert_eq!(part(&bytes, 2, 4).expect("a part"), "234");
        assert_eq!(part(&bytes, 9, 9).expect("a part"), "9");
        for (first, last) in [(9, 10), (10, 10), (0, u64::MAX)] {
            assert!(part(&bytes, first, last).is_err(), "{first} {last}");
        }
    }

    #[test]
    fn a_listing_that_can_t_go_on_is_refused() {
        let output = ListObjectVersionsOutput::builder()
            .is_truncated(true)
            .build();
        assert!(version_page(output).is_err());
    }
}
