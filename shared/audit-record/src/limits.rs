//! The limits of a record and of a request, each with its arithmetic and the outer limit's source.

/// Nesting: containers inside each other, the record itself being 1. A batch's array is not part
/// of the record and does not count. Far above what a model call needs (messages, parts and
/// arguments make about 8), and shallow enough for recursion on a Lambda's 2 MiB stack.
pub const DEPTH_MAX: usize = 32;

/// Largest integer that every JSON implementation reads alike: 2^53 − 1 (RFC 7493 section 2.2,
/// ECMAScript's `Number.MAX_SAFE_INTEGER`).
pub const INTEGER_MAX: f64 = 9_007_199_254_740_991.0;

/// Bytes of one record as sent: 2 MiB.
pub const RECORD_BYTES_MAX: usize = 2 * 1024 * 1024;

/// Bytes of a request's body as sent: 4 MiB. A Lambda function's event ends at 6 MB (AWS Lambda
/// quotas, synchronous invocation payload), and base64 makes 4 MiB to 5.6 MB.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Bytes of a request's body unpacked: 16 MiB.
pub const BODY_UNPACKED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Records of one request.
pub const BATCH_RECORDS_MAX: usize = 500;

/// Bytes of UTF-8 of what becomes a key: `subject.id`, `actor.id`, `trace_id`, `parent_id`,
/// `decision_id`, `system`, `environment`, from 1 up. A `DynamoDB` partition key holds 2,048 bytes
/// and a sort key 1,024 (`DynamoDB` quotas); an empty one is refused by it, which would stop a ledger
/// after its commit.
pub const KEY_BYTES_MAX: usize = 256;

/// Bytes at which other strings are cut in an index row, and compared cut by filters.
pub const ROW_BYTES_MAX: usize = 256;

/// Characters of `producer.id`. With the ledger's name (127 bytes) and the fixed members it keeps
/// an entry far below 4 KiB.
pub const PRODUCER_ID_MAX: usize = 64;

/// Characters of a tenant's or a ledger's name: a DNS label's 63 (RFC 1035 section 2.3.4), because
/// the origin of a log is `<domain>/<tenant>/<ledger>`.
pub const NAME_MAX: usize = 63;

/// `decision.principal_reasons`: at most four, ranked (Regulation B, 12 CFR 1002.9(b)(2), official
/// interpretation: more than four reasons are not likely to help).
pub const PRINCIPAL_REASONS_MAX: usize = 4;

/// Errors that are told of one record. An answer ends at 6 MB (AWS Lambda quotas): 500 records of
/// 8 kB each (4 MiB as sent) with 32 errors of some 200 bytes make 3.2 MB.
pub const ERRORS_MAX: usize = 32;

/// Characters of a string among the facts.
pub const FACT_CHARS_MAX: usize = 128;

/// Scalars in an object or array among the facts.
pub const FACT_MEMBERS_MAX: usize = 8;

/// Bytes of a record's fields as canonical JSON, each part: 8 MiB. A record of 2 MiB can grow: the
/// worst is `"abc":9e15,` (11 bytes), which becomes `"/attributes/abc":9000000000000000,` (34), and
/// with `/` in the name, escaped to `~1`, 3.4 times as much: 7.1 MiB.
pub const CANONICAL_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Cuts a string at [`ROW_BYTES_MAX`] bytes, never inside a character. Rows hold and filters
/// compare what this gives.
#[must_use]
pub fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(ROW_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_cut_between_characters() {
        for (text, bytes) in [
            (String::new(), 0),
            ("a".repeat(256), 256),
            ("a".repeat(257), 256),
            (format!("{}é", "a".repeat(254)), 256),
            (format!("{}é", "a".repeat(255)), 255),
            ("😀".repeat(65), 256),
            (format!("a{}", "😀".repeat(64)), 253),
        ] {
            assert_eq!(cut(&text).len(), bytes, "{} bytes", text.len());
        }
    }
}
