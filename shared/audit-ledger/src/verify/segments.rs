//! The walk over the segments: chain, tree, entries, bodies.

use audit_log::segment::Segment;
use audit_log::tree::leaf_hash;
use audit_log::{Entry, Hash, Kind as EntryKind, Leaf};
use audit_record::RecordId;
use audit_storage::stores::{LIST_PAGE_KEYS, ListFrom, SegmentStore, Version, VersionId};
use audit_storage::{Backend, Kind, Result, keys};

use super::{Code, Progress, Verification};
use crate::derived::Derived;
use crate::head::Tip;
use crate::open::Contents;

/// What an entry refers to: by the conflict's own index, the id and index of the first.
pub(super) type References = Vec<(u64, RecordId, u64)>;

impl<B: Backend> Verification<'_, '_, B> {
    /// Walks the listing of all versions from the first key to the last.
    pub(super) async fn walk(&mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<()> {
        let head_size = match self.session.head().await {
            Ok(head) => head.map_or(0, |head| head.size),
            // Reported where HEAD is compared; everything that stands is then verified as below it.
            Err(error) if error.kind() == Kind::Corrupt => u64::MAX,
            Err(error) => return Err(error),
        };
        let mut from: Option<ListFrom> = None;
        let mut group: Vec<Version> = Vec::new();
        let prefix = keys::segments(self.session.ledger());
        loop {
            let session = self.session;
            let page = session
                .patience
                .ask(|| {
                    let segments = session.backend.segments();
                    segments.list_versions(session.class(), &prefix, from.as_ref(), LIST_PAGE_KEYS)
                })
                .await?;
            for version in page.versions {
                if group.first().is_some_and(|first| first.key != version.key) {
                    let done = std::mem::take(&mut group);
                    self.visit(&done, head_size, progress).await?;
                }
                group.push(version);
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
        if !group.is_empty() {
            self.visit(&group, head_size, progress).await?;
        }
        if head_size != u64::MAX && self.tip.size().0 < head_size {
            self.report.complete = false;
            let detail = format!("segments end before HEAD's {head_size} entries");
            self.report.find(Code::Gap, Some(self.tip.size().0), detail);
        }
        Ok(())
    }

    /// Visits one key with all its versions.
    async fn visit(
        &mut self,
        versions: &[Version],
        head_size: u64,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<()> {
        let Some(first) = versions.first() else {
            return Ok(());
        };
        let Some(start) = keys::segment_start(self.session.ledger(), &first.key) else {
            self.report
                .find(Code::ForeignObject, None, first.key.clone());
            return Ok(());
        };
        if self.is_pending {
            // Above HEAD; its turn comes once HEAD has passed the one before.
            self.report.pending += 1;
            return Ok(());
        }
        if start != self.tip.size().0 || !self.report.complete {
            self.report.complete = false;
            let detail = format!("a segment where entry {} was due", self.tip.size());
            self.report.find(Code::Gap, Some(start), detail);
            return Ok(());
        }
        if versions.len() > 1 || first.delete_marker {
            let detail = format!("{} versions or delete markers", versions.len());
            self.report.find(Code::ExtraVersion, Some(start), detail);
        }
        let Some((version, bytes)) = self.session.demanded(&self.tip, versions).await? else {
            self.report.complete = false;
            let detail = "no version is a segment that follows the one before";
            self.report.find(Code::Segment, Some(start), detail);
            return Ok(());
        };
        if start >= head_size && start > 0 {
            return self.visit_pending(&bytes, &version).await;
        }
        self.check_segment(&bytes, &version).await?;
        self.report.segments += 1;
        progress(Progress {
            done: self.tip.size().0,
            segments: self.report.segments,
        });
        Ok(())
    }

    /// A segment above HEAD: committed, not rolled forward yet. Its rows may be there or not.
    async fn visit_pending(&mut self, bytes: &[u8], version: &VersionId) -> Result<()> {
        self.report.pending += 1;
        self.is_pending = true;
        match self.session.derive(&self.tip, bytes, version).await {
            Ok(derived) => {
                let ids = derived.rows.iter().filter_map(|row| row.text("sk").ok());
                self.pending = ids.map(str::to_owned).collect();
            }
            Err(error) if error.kind() == Kind::Corrupt => {
                let start = self.tip.size().0;
                self.report
                    .find(Code::Segment, Some(start), error.to_string());
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    async fn check_segment(&mut self, bytes: &[u8], version: &VersionId) -> Result<()> {
        let start = self.tip.size().0;
        // `demanded` has read it and checked that it follows.
        let Ok(segment) = Segment::read(bytes) else {
            return Ok(());
        };
        let Ok(frontier) = segment.follow(self.session.ledger(), &self.tip.frontier, self.tip.prev)
        else {
            return Ok(());
        };
        let mut derived = Derived::new(start, Hash::of(&[bytes]), version.clone(), frontier);
        let mut references = References::new();
        for item in &segment.items {
            self.tree.push(item.entry);
            let index = item.index.0;
            match Entry::read(item.entry) {
                Ok(Leaf::Known(_)) => {}
                Ok(Leaf::Unknown { .. }) => {
                    self.report.unknown += 1;
                    continue;
                }
                Err(error) => {
                    self.report
                        .find(Code::Entry, Some(index), error.to_string());
                    continue;
                }
            }
            let opened = match self.session.open_entry(item.entry, item.body).await {
                Ok(opened) => opened,
                Err(error) if error.kind() == Kind::Corrupt => {
                    let code = if error.context().contains("key") {
                        Code::Key
                    } else {
                        Code::Body
                    };
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    let detail = format!("{}: {}", error.context(), cause.unwrap_or_default());
                    self.report.find(code, Some(index), detail);
                    continue;
                }
                Err(error) => return Err(error),
            };
            self.count(&opened.entry, &opened.contents, index, &mut references);
            let place = (item.index, item.span, leaf_hash(item.entry));
            let (row, sample) = self.session.describe(&opened, place, (start, version));
            derived.rows.push(row.to_item());
            if let Some(sample) = sample {
                derived.add_sample(opened.entry.id, sample);
            }
        }
        if self.tree.root() != segment.header.root {
            let detail = "another implementation's tree has another root";
            self.report.find(Code::Root, Some(start), detail);
        }
        self.check_rows(&derived, &references).await?;
        self.fold(&derived);
        self.tip = Tip::of(&derived.head())?;
        derived.rows.clear();
        derived.hours.clear();
        self.last = Some(derived);
        Ok(())
    }

    fn count(
        &mut self,
        entry: &Entry,
        contents: &Contents,
        index: u64,
        references: &mut References,
    ) {
        if entry.ledger != *self.session.ledger() {
            self.report
                .find(Code::Entry, Some(index), "an entry of another ledger");
        }
        let is_genesis = matches!(entry.kind, EntryKind::Genesis { .. });
        if is_genesis != (index == 0) {
            self.report.find(
                Code::Entry,
                Some(index),
                "a genesis is index 0, and index 0 a genesis",
            );
        }
        match entry.kind {
            EntryKind::Record => self.report.records += 1,
            EntryKind::Conflict { ref_id, ref_index } => {
                self.report.conflicts += 1;
                if ref_index >= index {
                    self.report
                        .find(Code::Reference, Some(index), "refers to a later entry");
                }
                references.push((index, ref_id, ref_index));
            }
            EntryKind::Rejected { .. } => self.report.rejected += 1,
            _ => {}
        }
        if matches!(contents, Contents::Erased(_)) {
            self.report.erased += 1;
        }
    }
}
