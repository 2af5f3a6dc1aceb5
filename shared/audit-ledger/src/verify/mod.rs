//! `verify-ledger`: reads every segment of a ledger and checks everything that can be checked.
//!
//! It shares the formats with the writer and nothing of its decisions: the tree is computed by an
//! implementation that other people wrote (`ct-merkle`), the metrics are folded anew, and each row
//! is compared with what its segment says. Memory is bounded: one segment, one block of the tree
//! and 32 bytes for each finished block, a count for each day, and the figures of each hour.

mod report;
mod rows;
mod segments;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use audit_storage::config::LedgerConfig;
use audit_storage::metric_row::MetricRow;
use audit_storage::rows::Hour;
use audit_storage::{Backend, Result};

pub use report::{Code, Finding, Progress, Report};

use crate::derived::Derived;
use crate::head::Tip;
use crate::operator::Operator;
use crate::session::Session;
use tree::ReferenceTree;

/// A verification that is under way.
pub(crate) struct Verification<'s, 'a, B: Backend> {
    pub(crate) session: &'s Session<'a, B>,
    pub(crate) report: Report,
    /// What the verified segments add up to.
    tip: Tip,
    tree: ReferenceTree,
    /// The last verified segment, as HEAD must name it.
    last: Option<Derived>,
    /// The figures of each hour, folded anew.
    hours: BTreeMap<Hour, MetricRow>,
    /// How many rows each partition must hold.
    partitions: BTreeMap<String, u64>,
    /// Rows of the segment that stands above HEAD and is not rolled forward yet.
    pending: BTreeSet<String>,
    is_pending: bool,
}

impl<B: Backend> Operator<B> {
    /// Verifies a ledger up to its HEAD. Writers may go on meanwhile.
    ///
    /// # Errors
    /// If the stores can't be read. What is wrong with the ledger is no error but a finding.
    pub async fn verify(
        &self,
        config: &LedgerConfig,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<Report> {
        let patience = self.patience();
        let session = Session::new(
            self.backend(),
            self.limits(),
            &patience,
            self.ring(),
            config,
        );
        Verification::new(&session).run(progress).await
    }
}

impl<'s, 'a, B: Backend> Verification<'s, 'a, B> {
    fn new(session: &'s Session<'a, B>) -> Self {
        Self {
            session,
            report: Report::new(session.ledger().clone()),
            tip: Tip::before_genesis(),
            tree: ReferenceTree::default(),
            last: None,
            hours: BTreeMap::new(),
            partitions: BTreeMap::new(),
            pending: BTreeSet::new(),
            is_pending: false,
        }
    }

    async fn run(mut self, progress: &(dyn Fn(Progress) + Sync)) -> Result<Report> {
        self.walk(progress).await?;
        self.check_head().await?;
        self.check_extra_rows().await?;
        self.check_metrics().await?;
        self.report.size = self.tip.size().0;
        self.report.root = self.tip.frontier.root();
        Ok(self.report)
    }

    async fn check_head(&mut self) -> Result<()> {
        let head = match self.session.head().await {
            Ok(head) => head,
            Err(error) if error.kind() == audit_storage::Kind::Corrupt => {
                self.report
                    .find(Code::Head, None, "HEAD contradicts itself");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let size = self.tip.size().0;
        match (head, &self.last) {
            (None, None) => {}
            (None, Some(_)) => self.report.find(Code::Head, None, "HEAD is missing"),
            // Writers have gone on since; the next verification sees what they committed.
            (Some(head), _) if head.size > size && self.report.complete => {}
            (Some(head), Some(last)) if head == last.head() => {}
            (Some(head), _) => {
                let detail = format!("HEAD says {} entries, the segments {size}", head.size);
                self.report.find(Code::Head, None, detail);
            }
        }
        Ok(())
    }
}
