//! A key of one erasure scope, or the tombstone that says it was destroyed.

use audit_record::{LedgerName, Millis};

use super::{REVISION, keyed};
use crate::encode::from_base64url;
use crate::error::{Error, Result};
use crate::item::Item;
use crate::rows::{self, PK, SK};

/// One of a scope's keys. A scope may have several: two writers that meet make two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeKey {
    /// The ledger.
    pub ledger: LedgerName,
    /// The scope: `s#<subject>`, `d#<yyyymmdd>`, `c#<conversation>` or `r#<id>`.
    pub scope: String,
    /// Random, so it tells nothing about the scope.
    pub key_id: [u8; 16],
    /// The key, or that it is gone.
    pub state: ScopeKeyState,
}

/// Whether a scope's key can still open what it sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeKeyState {
    /// It can.
    Live {
        /// The key as the ledger key wrapped it.
        wrapped: Vec<u8>,
        /// The `key_id` of that ledger key.
        epoch: [u8; 16],
    },
    /// Destroyed for good. (A key that is missing without this is an error, never an erasure.)
    Erased {
        /// When.
        at: Millis,
    },
}

impl ScopeKey {
    /// The row. A tombstone has `erased_at` in place of `wrapped` and `epoch`.
    #[must_use]
    pub fn to_item(&self) -> Item {
        let item = keyed(rows::scope_key(&self.ledger, &self.scope, &self.key_id));
        match &self.state {
            ScopeKeyState::Live { wrapped, epoch } => item
                .with(REVISION, 1)
                .with("wrapped", wrapped.as_slice())
                .with("epoch", *epoch),
            ScopeKeyState::Erased { at } => item.with(REVISION, 2).with("erased_at", at.get()),
        }
    }

    /// Reads the row back; ledger and scope are those it was asked for by.
    pub fn from_item(ledger: &LedgerName, scope: &str, item: &Item) -> Result<Self> {
        if item.text(PK)? != rows::scope(ledger, scope) {
            return Err(Error::corrupt("scope key of another scope"));
        }
        let key_id = from_base64url(item.text(SK)?)
            .ok_or_else(|| Error::corrupt("scope key without a key id"))?;
        let state = match item.opt_number("erased_at")? {
            Some(at) => ScopeKeyState::Erased {
                at: Millis::new(at),
            },
            None => ScopeKeyState::Live {
                wrapped: item.bytes("wrapped")?.to_vec(),
                epoch: item.array("epoch")?,
            },
        };
        Ok(Self {
            ledger: ledger.clone(),
            scope: scope.to_owned(),
            key_id,
            state,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_and_its_tombstone_round_trip_under_one_row_key() {
        let ledger: LedgerName = "acme/credit".parse().expect("a name");
        let live = ScopeKey {
            ledger: ledger.clone(),
            scope: "s#person#7".to_owned(),
            key_id: [7; 16],
            state: ScopeKeyState::Live {
                wrapped: vec![1; 72],
                epoch: [2; 16],
            },
        };
        let erased = ScopeKey {
            state: ScopeKeyState::Erased { at: Millis::new(5) },
            ..live.clone()
        };
        for key in [&live, &erased] {
            let back = ScopeKey::from_item(&ledger, "s#person#7", &key.to_item()).expect("a key");
            assert_eq!(&back, key);
        }
        assert_eq!(erased.to_item().value("wrapped"), None);
        assert_eq!(erased.to_item().value(SK), live.to_item().value(SK));
        assert!(ScopeKey::from_item(&ledger, "s#person", &live.to_item()).is_err());
    }
}
