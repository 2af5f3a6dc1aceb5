//! What stands in the `keys` table, typed: tenants, ledgers, API keys, scope keys.
//!
//! Forms only: each type goes to an [`Item`](crate::Item) and back. The operations on them are in
//! [`key_table`](crate::key_table). Every row has a `rev`, raised by one with each change, on
//! which a change is conditional; no row of this table is ever deleted.

mod api_key;
mod ledger;
mod rate_limit;
mod scope_key;
mod tenant;

use std::fmt;
use std::str::FromStr;

pub use api_key::{ApiKey, ApiKeyId, ApiKeySecret, ApiScope};
pub use ledger::{LedgerConfig, LedgerKey, ScopeSetting};
pub use rate_limit::RateLimit;
pub use scope_key::{ScopeKey, ScopeKeyState};
pub use tenant::Tenant;

use crate::error::{Error, Result};
use crate::item::Item;
use crate::rows::{PK, RowKey, SK};

/// The attribute that counts a row's changes.
pub const REVISION: &str = "rev";

/// Which queue a ledger's messages go by: an index into `AUDIT_LANES`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lane(pub u16);

/// A retention class, which decides the records bucket: `7y`, `trial`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RetentionClass(String);

impl RetentionClass {
    /// The class's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RetentionClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RetentionClass {
    type Err = Error;

    /// Reads `[a-z0-9][a-z0-9-]{0,31}`, which can be part of a bucket's name.
    fn from_str(text: &str) -> Result<Self> {
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let plain = (1..=32).contains(&text.len())
            && word(text.as_bytes()[0])
            && text.bytes().all(|byte| word(byte) || byte == b'-');
        if plain {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::invalid("name of a retention class"))
        }
    }
}

/// A row with its key and nothing else.
pub(crate) fn keyed(key: RowKey) -> Item {
    Item::new().with(PK, key.pk).with(SK, key.sk)
}

/// Parses a stored text; what this crate wrote and can't read is corrupt.
pub(crate) fn parsed<T: FromStr>(text: &str, what: &'static str) -> Result<T> {
    text.parse()
        .map_err(|_| Error::corrupt(format!("row holds no valid {what}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_class_can_name_a_bucket() {
        for (text, good) in [
            ("7y", true),
            ("trial", true),
            ("", false),
            ("-7y", false),
            ("7Y", false),
        ] {
            assert_eq!(text.parse::<RetentionClass>().is_ok(), good, "{text}");
        }
    }
}
