//! The name of a ledger: `tenant/ledger`.

use std::fmt;

use crate::limits::NAME_MAX;

/// A name is not `[a-z0-9][a-z0-9-]{0,62}`, or there are not two of them with a `/` between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name is 1 to 63 of a-z, 0-9 and -, and does not begin with -")]
pub struct InvalidName;

/// A ledger's full name, `tenant/ledger`. It stands in every entry, key and origin.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LedgerName {
    text: String,
    tenant_len: usize,
}

impl LedgerName {
    /// From its two names.
    ///
    /// # Errors
    /// If one of them is no name.
    pub fn new(tenant: &str, ledger: &str) -> Result<Self, InvalidName> {
        if !is_name(tenant) || !is_name(ledger) {
            return Err(InvalidName);
        }
        Ok(Self {
            text: format!("{tenant}/{ledger}"),
            tenant_len: tenant.len(),
        })
    }

    /// From `tenant/ledger`.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let (tenant, ledger) = text.split_once('/').ok_or(InvalidName)?;
        Self::new(tenant, ledger)
    }

    /// The tenant's name.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.text[..self.tenant_len]
    }

    /// The ledger's short name.
    #[must_use]
    pub fn ledger(&self) -> &str {
        &self.text[self.tenant_len + 1..]
    }

    /// `tenant/ledger`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Whether a text is a tenant's or a ledger's name: `[a-z0-9][a-z0-9-]{0,62}`.
#[must_use]
pub fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.len())
        && !text.starts_with('-')
        && text
            .bytes()
            .all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

impl fmt::Display for LedgerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for LedgerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LedgerName({})", self.text)
    }
}

impl std::str::FromStr for LedgerName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_grammar() {
        let longest = "a".repeat(63);
        for (text, good) in [
            ("demo/credit", true),
            ("0/9-", true),
            (&format!("{longest}/{longest}"), true),
            (&format!("{longest}a/b"), false),
            ("demo", false),
            ("demo/", false),
            ("/credit", false),
            ("demo/credit/x", false),
            ("Demo/credit", false),
            ("-demo/credit", false),
            ("demo/cre_dit", false),
            ("demo/é", false),
            ("", false),
        ] {
            assert_eq!(LedgerName::parse(text).is_ok(), good, "{text}");
        }
    }

    #[test]
    fn a_name_gives_back_its_halves() {
        let name = LedgerName::parse("demo/credit").unwrap();
        assert_eq!(
            (name.tenant(), name.ledger(), name.as_str()),
            ("demo", "credit", "demo/credit")
        );
        assert_eq!(LedgerName::new("demo", "credit").unwrap(), name);
    }
}
