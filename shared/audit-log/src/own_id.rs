//! Ids of the ledger's own kinds: deterministic, so that a redelivery writes them once.

use audit_record::{Millis, RecordId};

use hmac::Mac;

use crate::disclosure::hmac;
use crate::domain;
use crate::hash::Hash;
use crate::key::PartSalt;

/// The id of an own kind, from its time and source.
///
/// - `genesis`, `key_epoch`, `erasure`, `legal_hold`, `format`: the request id and `received_at`;
/// - `seal`: the hour `YYYY-MM-DDTHH` and its first millisecond (see [`seal`]);
/// - `rejected`: the SQS message id and its sent time.
#[must_use]
pub fn derive(kind: &str, source: &str, at: Millis) -> RecordId {
    let hash = Hash::of(&[domain::ID, kind.as_bytes(), &[0], source.as_bytes()]);
    RecordId::own(at, first_ten(hash.as_bytes()))
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
    let mac = hmac(first_last_part.expose())
        .chain_update(domain::CONFLICT)
        .chain_update(other_canonical)
        .finalize()
        .into_bytes();
    RecordId::own(ref_id.millis(), first_ten(&mac.into()))
}

fn first_ten(hash: &[u8; 32]) -> [u8; 10] {
    let mut ten = [0; 10];
    ten.copy_from_slice(&hash[..10]);
    ten
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Millis = Millis::new(1_795_509_720_123);

    #[test]
    fn an_own_id_is_a_function_of_kind_source_and_time() {
        let id = derive("genesis", "request-1", AT);
        assert_eq!((id.version(), id.millis()), (8, AT));
        assert_eq!(id, derive("genesis", "request-1", AT));
        for other in [
            derive("key_epoch", "request-1", AT),
            derive("genesis", "request-2", AT),
            derive("genesis", "request-1", Millis::new(AT.get() + 1)),
            derive("genesi", "srequest-1", AT),
        ] {
            assert_ne!(id, other);
        }
    }

    #[test]
    fn a_seal_has_one_id_for_its_hour() {
        let start = AT.start_of_hour();
        assert_eq!(seal(AT), derive("seal", "2026-11-24T08", start));
        assert_eq!(seal(start), seal(AT));
        assert_ne!(seal(Millis::new(start.get() - 1)), seal(AT));
    }

    #[test]
    fn a_conflict_has_the_time_of_the_id_that_both_bear() {
        let ref_id = RecordId::mint(AT, [7; 10]);
        let salt = PartSalt::new([1; 32]);
        let id = conflict(ref_id, &salt, b"{}");
        assert_eq!((id.version(), id.millis()), (8, AT));
        assert_eq!(id, conflict(ref_id, &salt, b"{}"));
        assert_ne!(id, conflict(ref_id, &salt, b"{ }"));
        assert_ne!(id, conflict(ref_id, &PartSalt::new([2; 32]), b"{}"));
    }
}
