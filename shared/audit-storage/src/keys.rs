//! Every S3 object key of the project, made and read back here and nowhere else.
//!
//! Numbers have 20 digits, so that the order of keys is the order of numbers (a u64 has at most
//! 20 of them). The names of tenants and ledgers are `[a-z0-9][a-z0-9-]{0,62}`, so they need no
//! escaping and no two ledgers share a prefix.

use audit_record::LedgerName;

use crate::encode::base64url;

/// A segment in a records bucket: `ledgers/<tenant>/<ledger>/segments/<start>`.
#[must_use]
pub fn segment(ledger: &LedgerName, start: u64) -> String {
    format!("{}{start:020}", segments(ledger))
}

/// What the keys of all segments of a ledger begin with.
#[must_use]
pub fn segments(ledger: &LedgerName) -> String {
    format!("ledgers/{ledger}/segments/")
}

/// Reads a segment's start back from its key; `None` if this is no segment key of the ledger.
#[must_use]
pub fn segment_start(ledger: &LedgerName, key: &str) -> Option<u64> {
    number(key.strip_prefix(&segments(ledger))?)
}

/// A checkpoint in a records bucket: `ledgers/<tenant>/<ledger>/checkpoints/<size>`.
#[must_use]
pub fn checkpoint(ledger: &LedgerName, size: u64) -> String {
    format!("ledgers/{ledger}/checkpoints/{size:020}")
}

/// A message's records in the staging bucket: `ledgers/<tenant>/<ledger>/messages/<sha256>`.
///
/// The hash is of the object, which names its request, so the key is new for each request and the
/// same for each attempt to write it.
#[must_use]
pub fn staging(ledger: &LedgerName, sha256: &[u8; 32]) -> String {
    format!("ledgers/{ledger}/messages/{}", base64url(sha256))
}

/// Whether a key lies in a ledger's part of the staging bucket: a message of one ledger must
/// never make the writer read another's object.
#[must_use]
pub fn is_staging_of(ledger: &LedgerName, key: &str) -> bool {
    key.strip_prefix(&format!("ledgers/{ledger}/messages/"))
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// A message that can't be processed, in the quarantine bucket, by its SQS message id.
/// A message that names no known ledger is kept apart from every ledger's.
#[must_use]
pub fn quarantine(ledger: Option<&LedgerName>, message_id: &str) -> String {
    match ledger {
        Some(ledger) => format!("ledgers/{ledger}/rejected/{message_id}"),
        None => format!("unaddressed/{message_id}"),
    }
}

/// Reads a 20-digit number: exactly the form that is written, so that no two keys mean one.
fn number(digits: &str) -> Option<u64> {
    let plain = digits.len() == 20 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger() -> LedgerName {
        "acme/credit".parse().expect("a ledger's name")
    }

    #[test]
    fn golden_listing() {
        let ledger = ledger();
        let mut keys = vec![
            segment(&ledger, 0),
            segment(&ledger, 9),
            segment(&ledger, 10),
            segment(&ledger, u64::MAX),
            checkpoint(&ledger, 1024),
            staging(&ledger, &[0xfb; 32]),
            quarantine(Some(&ledger), "059f36b4-87a3-44ab-83d2-661975830a7d"),
            quarantine(None, "059f36b4-87a3-44ab-83d2-661975830a7d"),
        ];
        keys.sort();
        assert_eq!(
            keys,
            [
                "ledgers/acme/credit/checkpoints/00000000000000001024",
                "ledgers/acme/credit/messages/-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s",
                "ledgers/acme/credit/rejected/059f36b4-87a3-44ab-83d2-661975830a7d",
                "ledgers/acme/credit/segments/00000000000000000000",
                "ledgers/acme/credit/segments/00000000000000000009",
                "ledgers/acme/credit/segments/00000000000000000010",
                "ledgers/acme/credit/segments/18446744073709551615",
                "unaddressed/059f36b4-87a3-44ab-83d2-661975830a7d",
            ]
        );
    }

    #[test]
    fn a_segment_s_start_is_read_back_and_nothing_else() {
        let ledger = ledger();
        for start in [0, 1, 2_000, u64::MAX] {
            assert_eq!(
                segment_start(&ledger, &segment(&ledger, start)),
                Some(start)
            );
        }
        for key in [
            "ledgers/acme/credit/segments/0000000000000000001",
            "ledgers/acme/credit/segments/+0000000000000000001",
            "ledgers/acme/credit/segments/99999999999999999999",
            "ledgers/acme/credit/checkpoints/00000000000000000001",
            "ledgers/acme/other/segments/00000000000000000001",
        ] {
            assert_eq!(segment_start(&ledger, key), None, "{key}");
        }
    }

    #[test]
    fn a_staging_key_belongs_to_one_ledger() {
        let ledger = ledger();
        assert!(is_staging_of(&ledger, &staging(&ledger, &[7; 32])));
        for key in [
            "ledgers/acme/credit/messages/",
            "ledgers/acme/credit/messages/../x",
            "ledgers/acme/hiring/messages/abc",
            "other",
        ] {
            assert!(!is_staging_of(&ledger, key), "{key}");
        }
    }
}
