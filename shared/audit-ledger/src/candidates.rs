//! Which version of a segment the chain demands, where an intruder left more than one.
//!
//! A delete marker is not protected by Object Lock, and a conditional PUT succeeds over one, so a
//! key may come to have several versions. The writer stops there. A verifier and a rebuild go on
//! with the version that the chain demands, and report the others.

use audit_log::segment::{self, Segment};
use audit_log::{Hash, Index};
use audit_storage::stores::{SegmentStore, Version, VersionId};
use audit_storage::{Backend, Error, Result, keys};
use bytes::Bytes;

use crate::head::Tip;
use crate::session::Session;

impl<B: Backend> Session<'_, B> {
    /// All versions and markers at a position, newest first.
    pub(crate) async fn versions_at(&self, start: u64) -> Result<Vec<Version>> {
        let key = keys::segment(self.ledger(), start);
        self.patience
            .ask(|| self.backend.segments().versions(self.class(), &key))
            .await
    }

    async fn read_version(&self, start: u64, version: &VersionId) -> Result<Bytes> {
        let key = keys::segment(self.ledger(), start);
        self.patience
            .ask(|| self.backend.segments().read(self.class(), &key, version))
            .await
    }

    /// The version that the chain demands among several at the tip; `None` if none follows it.
    ///
    /// Of those that follow what stands before, it is the one that a later segment names by its
    /// hash; if none is named, the last segment was tampered with, and the oldest version is the
    /// one that was there first.
    pub(crate) async fn demanded(
        &self,
        tip: &Tip,
        versions: &[Version],
    ) -> Result<Option<(VersionId, Bytes)>> {
        let start = tip.size().0;
        let mut following = Vec::new();
        for version in versions.iter().filter(|version| !version.delete_marker) {
            let bytes = self.read_version(start, &version.id).await?;
            let Ok(read) = Segment::read(&bytes) else {
                continue;
            };
            let end = start + read.header.count;
            if read.follow(self.ledger(), &tip.frontier, tip.prev).is_ok() {
                following.push((version.id.clone(), bytes, end));
            }
        }
        if following.len() > 1 {
            for (version, bytes, end) in &following {
                if self.is_named_at(*end, Hash::of(&[bytes])).await? {
                    return Ok(Some((version.clone(), bytes.clone())));
                }
            }
        }
        // Newest first, so the last one is the oldest.
        Ok(following.pop().map(|(version, bytes, _)| (version, bytes)))
    }

    async fn is_named_at(&self, start: u64, hash: Hash) -> Result<bool> {
        for version in self.versions_at(start).await? {
            if version.delete_marker {
                continue;
            }
            let bytes = self.read_version(start, &version.id).await?;
            let header = segment::header(&bytes);
            if header.is_ok_and(|header| header.start == Index(start) && header.prev == Some(hash))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The segment at the tip, whatever else stands there, and how many versions too many.
    ///
    /// # Errors
    /// `Corrupt` if something stands there, but nothing that follows.
    pub(crate) async fn demanded_at(&self, tip: &Tip) -> Result<Option<(VersionId, Bytes, usize)>> {
        let versions = self.versions_at(tip.size().0).await?;
        if versions.is_empty() {
            return Ok(None);
        }
        let (version, bytes) = self
            .demanded(tip, &versions)
            .await?
            .ok_or_else(|| Error::corrupt("no version of a segment follows the one before"))?;
        Ok(Some((version, bytes, versions.len() - 1)))
    }
}
