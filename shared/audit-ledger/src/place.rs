//! Step 4, the commit: a segment is written where the next one goes, on the condition that
//! nothing stands there.

use audit_log::Hash;
use audit_log::segment::Built;
use audit_storage::stores::{Put, SegmentStore, VersionId};
use audit_storage::{Backend, Error, Kind, Result, keys};
use bytes::Bytes;

use crate::session::Session;

/// Who got the position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placed {
    /// This segment stands there, under this version: it is committed.
    Mine(VersionId),
    /// Another one does.
    Theirs(VersionId, Bytes),
}

impl<B: Backend> Session<'_, B> {
    /// Commits a segment, or finds out which one stands in its place.
    ///
    /// If we crash before the PUT, nothing has happened and the queue delivers the records again.
    /// If we crash after it, they are committed: whoever comes next, the sweep or a writer
    /// that finds the position taken, rolls the segment forward, and the redelivered records
    /// prove to be duplicates.
    ///
    /// # Errors
    /// `Corrupt` if the position's versions are anything but one object; otherwise the error of
    /// the last attempt. Whether the segment was written is then unknown, and nobody may assume
    /// either.
    pub(crate) async fn place(&self, built: &Built) -> Result<Placed> {
        let start = built.start.0;
        let key = keys::segment(self.ledger(), start);
        let body = Bytes::copy_from_slice(&built.bytes);
        let sha256 = *built.hash.as_bytes();
        let mut attempt = 0;
        loop {
            let put = self
                .backend
                .segments()
                .put_if_absent(self.class(), &key, body.clone(), sha256)
                .await;
            let error = match put {
                Ok(Put::Created(version)) => return Ok(Placed::Mine(version)),
                Ok(Put::AlreadyExists) => Error::conflict("the segment's place was taken"),
                Err(error) => error,
            };
            // Anything but success says nothing for certain: an earlier attempt of this very PUT
            // may have been written although its reply was lost. The versions say what is there.
            if let Some((version, bytes)) = self.standing_at(start).await? {
                return Ok(if Hash::of(&[&bytes]) == built.hash {
                    Placed::Mine(version)
                } else {
                    Placed::Theirs(version, bytes)
                });
            }
            attempt += 1;
            let worth_it = matches!(
                error.kind(),
                Kind::Unavailable | Kind::Unknown | Kind::Conflict
            );
            if !worth_it || !self.patience.pause(attempt).await {
                return Err(error);
            }
        }
    }

    /// The one version that stands at a position, if there is one.
    ///
    /// # Errors
    /// `Corrupt` if there are several versions or a delete marker: the ledger stops until a person
    /// has looked, because nothing that can be written would be right for every reader.
    pub(crate) async fn standing_at(&self, start: u64) -> Result<Option<(VersionId, Bytes)>> {
        let key = keys::segment(self.ledger(), start);
        let segments = self.backend.segments();
        let versions = self
            .patience
            .ask(|| segments.versions(self.class(), &key))
            .await?;
        let version = match versions.as_slice() {
            [] => return Ok(None),
            [only] if !only.delete_marker => &only.id,
            _ => {
                tracing::error!(
                    alarm = "segment_versions",
                    ledger = %self.ledger(),
                    start,
                    versions = versions.len(),
                    "a segment has more than one version or a delete marker"
                );
                return Err(Error::corrupt("a segment's place has several versions"));
            }
        };
        let bytes = self
            .patience
            .ask(|| segments.read(self.class(), &key, version))
            .await?;
        Ok(Some((version.clone(), bytes)))
    }
}
