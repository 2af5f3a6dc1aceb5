//! Ids of the ledger's own kinds: deterministic, so that a redelivery writes them once.

use audit_record::{Millis, RecordId};

use crate::key::PartSalt;

/// The id of an own kind, from its time and source.
///
/// - `genesis`, `key_epoch`, `erasure`, `legal_hold`, `format`: the request id and `received_at`;
/// - `seal`: the hour `YYYY-MM-DDTHH` and its first millisecond (see [`seal`]);
/// - `rejected`: the SQS message id and its sent time.
#[must_use]
pub fn derive(kind: &str, source: &str, at: Millis) -> RecordId {
    let _ = (kind, source, at);
    unimplemented!()
}

/// The id of the `seal` entry of the hour that `at` lies in.
#[must_use]
pub fn seal(at: Millis) -> RecordId {
    derive("seal", &at.hour(), at.start_of_hour())
}

/// The id of a `conflict`: the time of the id that both records bear, and a MAC of the other's
/// canonical form under the salt of the first record's last part, so that it fingerprints nothing.
#[must_use]
pub fn conflict(ref_id: RecordId, first_last_part: &PartSalt, other_canonical: &[u8]) -> RecordId {
    let _ = (ref_id, first_last_part, other_canonical);
    unimplemented!()
}
