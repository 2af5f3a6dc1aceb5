//! What became of records that were sent.

use utoipa::ToSchema;

use super::problem::RecordError;

/// What became of the records of a request.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct IngestAnswer {
    /// The request's id, for questions about it.
    request_id: String,
    /// The ledger that the records go to: `tenant/ledger`.
    #[schema(example = "demo/credit")]
    ledger: String,
    /// How many a queue has taken, durably.
    accepted: u32,
    /// How many are not valid.
    rejected: u32,
    /// How many are valid, but the queue did not take: send them again.
    unavailable: u32,
    /// One for each record, in the order sent.
    #[schema(max_items = 500)]
    results: Vec<RecordResult>,
}

/// What became of one record.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
pub(super) struct RecordResult {
    /// Which record, in the order sent, from 0.
    index: u32,
    /// Its id: the one sent, or the one minted for it. Absent where a rejected record has none that
    /// can be read.
    #[schema(format = "uuid", nullable = false)]
    id: Option<String>,
    /// What became of it.
    status: RecordStatus,
    /// What is wrong with it; there where it is `rejected`.
    #[schema(nullable = false, max_items = 32)]
    errors: Option<Vec<RecordError>>,
}

/// What became of a record: `accepted` (a queue has it), `rejected` (it is not valid; `errors` says
/// why) or `unavailable` (it is valid; send it again).
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
pub(super) enum RecordStatus {
    Accepted,
    Rejected,
    Unavailable,
}
