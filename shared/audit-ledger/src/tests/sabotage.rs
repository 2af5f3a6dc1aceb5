//! The protocol broken on purpose, in the seven ways that concern writing. A state-space check of
//! the protocol showed each of them to be unsafe; here they show that the tests would notice.

use audit_log::segment::Built;
use audit_storage::metric_row::MetricRow;
use audit_storage::stores::{Condition, RowStore, VersionId};
use audit_storage::{Backend, Result, Value};
use bytes::Bytes;

use super::{crash_points, races, shown, simulation};
use crate::commit::{Committed, Next};
use crate::dedup::Verdicts;
use crate::draft::Draft;
use crate::head::Tip;
use crate::piece::Piece;
use crate::place::Placed;
use crate::session::Session;

/// Which safeguard is taken away. Exists in this crate's own tests only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutation {
    /// HEAD moves before the rows are written.
    HeadBeforeIndex,
    /// Messages are acknowledged when the PUT is attempted. (In the tests' queue.)
    AckBeforePut,
    /// Segments are written without a condition. (In the tests' store.)
    UnconditionalPut,
    /// Who lost a position tries the next one with what it decided before.
    RetryWithoutDedup,
    /// Rows are written before the segment.
    IndexBeforePut,
    /// An id that comes twice in one batch is not noticed.
    TwiceInBatch,
    /// A metric row's counts and its `applied` are written one after the other.
    MetricInTwoWrites,
}

impl<B: Backend> Session<'_, B> {
    pub(crate) async fn index_before_put(
        &self,
        draft: &Draft,
        built: &Built,
        pieces: &[Piece<'_>],
    ) -> Result<()> {
        if self.breaks(Mutation::IndexBeforePut) {
            let version = VersionId("not yet".to_owned());
            let segment = self.derive_draft(draft, built, pieces, version);
            self.put_rows(&segment.rows).await?;
        }
        Ok(())
    }

    pub(crate) async fn fold_in_two_writes(
        &self,
        folded: &MetricRow,
        condition: Condition,
    ) -> Result<()> {
        let before = match &condition {
            Condition::Equals { value, .. } => Some(value.clone()),
            Condition::Absent => None,
        };
        let whole = folded.to_item();
        let mut counts = whole.clone().into_attributes();
        match before {
            Some(applied) => counts.insert("applied".to_owned(), applied),
            None => counts.remove("applied"),
        };
        let rows = self.backend.rows();
        let _first = rows.put_if(counts.into_iter().collect(), condition).await?;
        let same = Condition::Equals {
            attribute: "n",
            value: Value::Number(folded.records),
        };
        let _second = rows.put_if(whole, same).await?;
        Ok(())
    }

    pub(crate) async fn retry_without_dedup(
        &self,
        pieces: &[Piece<'_>],
        verdicts: &Verdicts,
        (tip, version, bytes): (Tip, VersionId, Bytes),
        committed: &mut Committed,
    ) -> Result<Next> {
        self.catch_up(tip, (version, bytes)).await?;
        let tip = self.tip().await?;
        let draft = self.draft(&tip, pieces, verdicts).await?;
        let Some(built) = &draft.built else {
            return Ok(Next::Enough);
        };
        if let Placed::Mine(version) = self.place(built).await? {
            let segment = self.derive_draft(&draft, built, pieces, version);
            self.roll_forward(&tip, &segment).await?;
            committed.settle(&draft, pieces);
        }
        Ok(Next::Again)
    }
}

type Suite = fn(Option<Mutation>) -> super::check::Explored;

/// What notices each of them first: a word of the failure.
const NOTICED: [(Mutation, &str); 7] = [
    (Mutation::HeadBeforeIndex, "DuplicateId"),
    (Mutation::AckBeforePut, "DURABLE"),
    (Mutation::UnconditionalPut, "ExtraVersion"),
    (Mutation::RetryWithoutDedup, "was moved"),
    (Mutation::IndexBeforePut, "LIVE"),
    (Mutation::TwiceInBatch, "LIVE"),
    (Mutation::MetricInTwoWrites, "Metric"),
];

#[test]
fn each_way_to_break_the_protocol_is_noticed() {
    for (mutation, by) in NOTICED {
        let suites: [(&str, Suite); 3] = [
            ("crash points", crash_points::explore),
            ("races", races::explore),
            ("simulation", simulation::explore),
        ];
        let mut cases = 0;
        let noticed = suites.iter().find_map(|(suite, explore)| {
            let explored = explore(Some(mutation));
            cases += explored.cases;
            explored.failure.map(|failure| (suite, failure))
        });
        let (suite, failure) = noticed.unwrap_or_else(|| panic!("{mutation:?} goes unnoticed"));
        assert!(failure.contains(by), "{mutation:?}: {failure}");
        shown(&format!(
            "sabotage {mutation:?}: noticed by {suite} after {cases} cases ({by})"
        ));
    }
}
