//! The HEAD row: how far a ledger has come, and all that the next commit builds on.
//!
//! Derived: it trails the segments, is moved only after the index rows of a segment are durable,
//! and is found again from the highest segment when it is missing.

use audit_record::LedgerName;

use crate::config::keyed;
use crate::error::{Error, Result};
use crate::item::{Item, Value};
use crate::rows;
use crate::stores::{Condition, VersionId};

const SIZE: &str = "size";
const ROOT: &str = "root";
const FRONTIER: &str = "frontier";
const START: &str = "seg_start";
const SHA256: &str = "seg_sha256";
const VERSION: &str = "seg_version";
/// The version of the last segment's form; absent for 1.
const FORM: &str = "seg_v";
const FIRST_FORM: u64 = 1;
const HASH_BYTES: usize = 32;

/// The last segment that went into a HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastSegment {
    /// The index of its first entry.
    pub start: u64,
    /// The SHA-256 of the whole object: the next segment's `prev`.
    pub sha256: [u8; 32],
    /// The version that the chain demands.
    pub version: VersionId,
    /// The version of its form, by which a writer of an earlier one learns that a later one is at
    /// work and stops.
    pub form: u64,
}

/// A ledger's HEAD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How many entries are committed and indexed; at least 1, the `genesis`.
    pub size: u64,
    /// The tree's root hash at that size.
    pub root: [u8; 32],
    /// The roots of its complete subtrees, largest first.
    pub frontier: Vec<[u8; 32]>,
    /// The segment that ends at that size.
    pub last: LastSegment,
}

impl Head {
    /// The row.
    #[must_use]
    pub fn to_item(&self, ledger: &LedgerName) -> Item {
        let mut item = keyed(rows::head(ledger))
            .with(SIZE, self.size)
            .with(ROOT, self.root)
            .with(FRONTIER, self.frontier.concat())
            .with(START, self.last.start)
            .with(SHA256, self.last.sha256)
            .with(VERSION, self.last.version.as_str());
        let later = (self.last.form != FIRST_FORM).then_some(self.last.form);
        item.set_opt(FORM, later);
        item
    }

    /// Reads the row back.
    pub fn from_item(item: &Item) -> Result<Self> {
        let (subtrees, rest) = item.bytes(FRONTIER)?.as_chunks::<HASH_BYTES>();
        let head = Self {
            size: item.number(SIZE)?,
            root: item.array(ROOT)?,
            frontier: subtrees.to_vec(),
            last: LastSegment {
                start: item.number(START)?,
                sha256: item.array(SHA256)?,
                version: VersionId(item.text(VERSION)?.to_owned()),
                form: item.opt_number(FORM)?.unwrap_or(FIRST_FORM),
            },
        };
        // A complete subtree for each bit of the size (RFC 9162, section 2.1.1's decomposition).
        let consistent = rest.is_empty()
            && head.frontier.len() == head.size.count_ones() as usize
            && head.last.start < head.size;
        if consistent {
            Ok(head)
        } else {
            Err(Error::corrupt("HEAD row contradicts itself"))
        }
    }

    /// The condition under which a HEAD may be written: that the one there has the size that was
    /// read, or that there is none. Sizes only grow, so a size names one state.
    #[must_use]
    pub fn condition(expected: Option<u64>) -> Condition {
        match expected {
            None => Condition::Absent,
            Some(size) => Condition::Equals {
                attribute: SIZE,
                value: Value::Number(size),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head {
            size: 5,
            root: [1; 32],
            frontier: vec![[2; 32], [3; 32]],
            last: LastSegment {
                start: 3,
                sha256: [4; 32],
                version: VersionId("v1".to_owned()),
                form: 1,
            },
        }
    }

    #[test]
    fn a_head_round_trips() {
        let ledger: LedgerName = "acme/credit".parse().expect("a name");
        let mut head = head();
        for (form, stored) in [(1, None), (2, Some(2))] {
            head.last.form = form;
            let item = head.to_item(&ledger);
            assert_eq!(item.opt_number(FORM).expect("a number"), stored);
            assert_eq!(Head::from_item(&item).expect("a head"), head);
        }
    }

    #[test]
    fn a_head_that_contradicts_itself_is_corrupt() {
        let ledger: LedgerName = "acme/credit".parse().expect("a name");
        let item = head().to_item(&ledger);
        for broken in [
            item.clone().with(SIZE, 4u64),
            item.clone().with(START, 5u64),
            item.clone().with(FRONTIER, vec![0u8; 65]),
            item.with(ROOT, vec![0u8; 31]),
        ] {
            let error = Head::from_item(&broken).expect_err("refused");
            assert_eq!(error.kind(), crate::Kind::Corrupt);
        }
    }
}
