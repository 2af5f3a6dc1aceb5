//! HEAD: read, moved, and found again when it is missing.

use audit_log::segment::{self, Segment};
use audit_log::{Frontier, Hash, Size};
use audit_storage::head::{Head, LastSegment};
use audit_storage::stores::{ListFrom, RowStore, SegmentStore, VersionId, Written};
use audit_storage::{Backend, Error, Kind, Result, keys, rows};

use crate::derived::SEGMENT_VERSION;
use crate::session::Session;

/// How a conditional move of HEAD ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    /// HEAD says what it should.
    Done,
    /// Somebody else moved it first.
    Lost,
}

/// Where the next segment goes, and what it builds on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tip {
    /// What is committed and indexed.
    pub(crate) frontier: Frontier,
    /// Hash of the last segment; none before the genesis.
    pub(crate) prev: Option<Hash>,
    /// The size by which HEAD is moved; none while there is no HEAD.
    pub(crate) head_size: Option<u64>,
}

impl Tip {
    /// The state before the genesis, from which only segment 0 can follow.
    pub(crate) const fn before_genesis() -> Self {
        Self {
            frontier: Frontier::new(),
            prev: None,
            head_size: None,
        }
    }

    pub(crate) const fn size(&self) -> Size {
        self.frontier.size()
    }

    pub(crate) fn of(head: &Head) -> Result<Self> {
        let nodes = head
            .frontier
            .iter()
            .copied()
            .map(Hash::from_bytes)
            .collect();
        let frontier = Frontier::from_parts(Size(head.size), nodes)
            .map_err(|invalid| Error::corrupt("frontier in HEAD").caused_by(invalid))?;
        if frontier.root().as_bytes() != &head.root {
            return Err(Error::corrupt("root and frontier of HEAD differ"));
        }
        Ok(Self {
            frontier,
            prev: Some(Hash::from_bytes(head.last.sha256)),
            head_size: Some(head.size),
        })
    }
}

/// HEAD after a segment.
pub(crate) fn head_after(
    start: u64,
    sha256: Hash,
    version: &VersionId,
    frontier: &Frontier,
) -> Head {
    Head {
        size: frontier.size().0,
        root: *frontier.root().as_bytes(),
        frontier: frontier
            .nodes()
            .iter()
            .map(|node| *node.as_bytes())
            .collect(),
        last: LastSegment {
            start,
            sha256: *sha256.as_bytes(),
            version: version.clone(),
            form: SEGMENT_VERSION,
        },
    }
}

impl<B: Backend> Session<'_, B> {
    /// Reads HEAD, consistently. What it says may be stale by the time it is used: harmless,
    /// because the PUT of a segment then finds the position taken.
    pub(crate) async fn head(&self) -> Result<Option<Head>> {
        let key = rows::head(self.ledger());
        let item = self.patience.ask(|| self.backend.rows().get(&key)).await?;
        item.as_ref().map(Head::from_item).transpose()
    }

    /// Moves HEAD on the condition that it has the size that was read (or is absent).
    ///
    /// A lost reply is settled by reading: if HEAD is what was to be written, it was.
    pub(crate) async fn move_head(&self, from: Option<u64>, to: &Head) -> Result<Moved> {
        let mut attempt = 0;
        loop {
            let item = to.to_item(self.ledger());
            let error = match self
                .backend
                .rows()
                .put_if(item, Head::condition(from))
                .await
            {
                Ok(Written::Done) => return Ok(Moved::Done),
                Ok(Written::ConditionFailed) => {
                    // Another writer that rolled this very segment forward writes the same HEAD.
                    let same = self.head().await?.as_ref() == Some(to);
                    return Ok(if same { Moved::Done } else { Moved::Lost });
                }
                Err(error) => error,
            };
            attempt += 1;
            let worth_it = matches!(error.kind(), Kind::Unavailable | Kind::Unknown);
            if !worth_it || !self.patience.pause(attempt).await {
                return Err(error);
            }
        }
    }

    /// Where the next segment goes. A missing HEAD is found again first, so that nobody ever
    /// takes an existing ledger for an empty one.
    pub(crate) async fn tip(&self) -> Result<Tip> {
        match self.head().await? {
            Some(head) => {
                self.check_form(head.last.start, head.last.form)?;
                Tip::of(&head)
            }
            None => self.find_tip().await,
        }
    }

    /// Stops before a later version's segments: what it writes there, this program can't know.
    ///
    /// # Errors
    /// `Internal`, so that the messages stay queued for a writer of that version.
    pub(crate) fn check_form(&self, start: u64, form: u64) -> Result<()> {
        if form <= SEGMENT_VERSION {
            return Ok(());
        }
        tracing::error!(
            alarm = "segment_version",
            ledger = %self.ledger(),
            start,
            v = form,
            "a later version wrote this segment; this writer stops"
        );
        Err(Error::internal("a segment of a later version"))
    }

    /// Finds the place of a missing HEAD from the segments.
    ///
    /// A row of a segment is written only once everything below that segment is indexed. So if
    /// the highest segment has a row, HEAD belongs at its start; if only the one before it has
    /// one, at that one's start; the missing steps are then done by rolling forward from there. If
    /// neither has, the table is not what these segments left behind, and everything is
    /// rolled forward from the genesis on. Nothing is written here: the roll-forward writes HEAD.
    async fn find_tip(&self) -> Result<Tip> {
        let mut below = None;
        for _ in 0..2 {
            let Some(start) = self.highest_segment(below).await? else {
                break;
            };
            let Some((_, bytes)) = self.standing_at(start).await? else {
                return Err(Error::corrupt("a listed segment is not there"));
            };
            let segment = Segment::read(&bytes)
                .map_err(|invalid| Error::corrupt("segment").caused_by(invalid))?;
            if start == 0 || self.has_rows(&segment).await? {
                return Ok(Tip {
                    frontier: segment.header.frontier.clone(),
                    prev: segment.header.prev,
                    head_size: None,
                });
            }
            below = Some(start);
        }
        if below.is_none() {
            return Err(Error::unavailable(
                "the ledger has no genesis yet: its creation must be finished first",
            ));
        }
        Ok(Tip::before_genesis())
    }

    async fn has_rows(&self, segment: &Segment<'_>) -> Result<bool> {
        let ids = segment
            .items
            .iter()
            .filter_map(|item| match audit_log::Entry::read(item.entry) {
                Ok(audit_log::Leaf::Known(entry)) => Some(entry.id),
                Ok(audit_log::Leaf::Unknown { id, .. }) => id,
                Err(_) => None,
            })
            .collect::<Vec<_>>();
        let rows = self.record_rows(&ids).await?;
        let at = |row: &audit_storage::record_row::RecordRow| row.position.segment_start;
        Ok(rows.values().any(|row| at(row) == segment.header.start.0))
    }

    /// The start of the highest segment, or of the highest one below another, by probing the
    /// listing: some 40 requests for a ledger of any length, where reading the listing through
    /// would take one for each thousand segments.
    async fn highest_segment(&self, below: Option<u64>) -> Result<Option<u64>> {
        let limit = below.unwrap_or(u64::MAX);
        let Some(mut lowest) = self
            .first_segment_after(None)
            .await?
            .filter(|at| *at < limit)
        else {
            return Ok(None);
        };
        // Invariant: a segment starts at `lowest`, none in `beyond..limit`.
        let mut beyond = limit;
        while beyond - lowest > 1 {
            let middle = lowest + (beyond - lowest) / 2;
            // A probe after `middle - 1` finds the first segment from `middle` on.
            match self.first_segment_after(Some(middle - 1)).await? {
                Some(found) if found < limit => lowest = found,
                _ => beyond = middle,
            }
        }
        Ok(Some(lowest))
    }

    async fn first_segment_after(&self, start: Option<u64>) -> Result<Option<u64>> {
        let prefix = keys::segments(self.ledger());
        let from = start.map(|start| ListFrom {
            key: keys::segment(self.ledger(), start),
            version: None,
        });
        let page = self
            .patience
            .ask(|| {
                let segments = self.backend.segments();
                segments.list_versions(self.class(), &prefix, from.as_ref(), 1)
            })
            .await?;
        let Some(version) = page.versions.first() else {
            return Ok(None);
        };
        keys::segment_start(self.ledger(), &version.key)
            .map(Some)
            .ok_or_else(|| Error::corrupt("a foreign object among the segments"))
    }

    /// Whether the chain that ends in `head` runs through a segment: after it comes one that
    /// names its hash as `prev`, and so on up to the last one, or it is the last one itself.
    ///
    /// Each step is a segment that somebody committed in the time between our PUT and our move of
    /// HEAD; if there are too many, the answer is no, and the redelivered records prove to be
    /// duplicates.
    pub(crate) async fn chain_holds(&self, head: &Head, end: u64, sha256: Hash) -> Result<bool> {
        const STEPS: u32 = 8;
        let (mut end, mut hash) = (end, sha256);
        for _ in 0..STEPS {
            if head.size <= end {
                return Ok(head.size == end && Hash::from_bytes(head.last.sha256) == hash);
            }
            let Some((_, bytes)) = self.standing_at(end).await? else {
                return Ok(false);
            };
            let header = segment::header(&bytes)
                .map_err(|invalid| Error::corrupt("segment").caused_by(invalid))?;
            if header.prev != Some(hash) {
                return Ok(false);
            }
            end += header.count;
            hash = Hash::of(&[&bytes]);
        }
        Ok(false)
    }
}
