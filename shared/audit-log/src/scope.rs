//! Erasure scopes: which records are erased together, by destroying one scope's keys.

use std::fmt;

use audit_record::{Fields, RecordId};

/// What a record without a subject falls under; a setting of the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ScopeRule {
    /// The day of its id.
    #[default]
    Day,
    /// Its conversation, else the day.
    Conversation,
    /// Itself.
    Record,
}

impl ScopeRule {
    /// The word that stands in the ledger's configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ScopeRule::Day => "day",
            ScopeRule::Conversation => "conversation",
            ScopeRule::Record => "record",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "day" => Some(ScopeRule::Day),
            "conversation" => Some(ScopeRule::Conversation),
            "record" => Some(ScopeRule::Record),
            _ => None,
        }
    }
}

/// An erasure scope: `s#<subject>`, `d#<yyyymmdd>`, `c#<conversation>` or `r#<id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(String);

impl Scope {
    /// The scope of a record with this id (for a conflict, the id that both records bear).
    ///
    /// The string `subject.id` decides wherever there is one. A conversation's id is free text: one
    /// that is empty or too long for a key counts as none.
    #[must_use]
    pub fn of(record: &impl Fields, id: RecordId, rule: ScopeRule) -> Self {
        let _ = (record, id, rule);
        unimplemented!()
    }

    /// The scope of a subject.
    #[must_use]
    pub fn subject(id: &str) -> Self {
        Self(format!("s#{id}"))
    }

    /// As it stands in the key's row.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
