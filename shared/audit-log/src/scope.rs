//! Erasure scopes: which records are erased together, by destroying one scope's keys.

use std::fmt;

use audit_record::limits::KEY_BYTES_MAX;
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
        if let Some(subject) = record.subject_id() {
            return Self::subject(subject);
        }
        let conversation = record
            .conversation_id()
            .filter(|id| (1..=KEY_BYTES_MAX).contains(&id.len()));
        match (rule, conversation) {
            (ScopeRule::Record, _) => Self(format!("r#{id}")),
            (ScopeRule::Conversation, Some(conversation)) => Self(format!("c#{conversation}")),
            (ScopeRule::Day | ScopeRule::Conversation, _) => {
                Self(format!("d#{}", id.millis().day()))
            }
        }
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

#[cfg(test)]
mod tests {
    use audit_record::Record;

    use super::*;

    #[test]
    fn a_subject_decides_else_the_rule() {
        use ScopeRule::{Conversation, Day, Record as Each};
        let id = RecordId::parse("019390f7-0c00-7abc-8def-0123456789ab").unwrap();
        let long = format!(
            r#","attributes":{{"gen_ai.conversation.id":"{}"}}"#,
            "c".repeat(257)
        );
        let talk = r#","attributes":{"gen_ai.conversation.id":"c 1"}"#;
        let day = "d#20241204";
        let each = "r#019390f7-0c00-7abc-8def-0123456789ab";
        for (members, rule, scope) in [
            (r#","subject":{"id":"s é"}"#, Day, "s#s é"),
            (r#","subject":{"id":"s"}"#, Each, "s#s"),
            (r#","subject":{"id":null}"#, Day, day),
            (r#","subject":null"#, Conversation, day),
            ("", Day, day),
            ("", Each, each),
            (talk, Day, day),
            (talk, Conversation, "c#c 1"),
            (talk, Each, each),
            (&long, Conversation, day),
            (
                r#","attributes":{"gen_ai.conversation.id":""}"#,
                Conversation,
                day,
            ),
        ] {
            let text = format!(
                r#"{{"type":"gap","occurred_at":"2026-11-24T08:42:00Z","system":"s"{members}}}"#
            );
            let record = Record::parse(text.as_bytes()).unwrap();
            assert_eq!(
                Scope::of(&record, id, rule).as_str(),
                scope,
                "{members} {rule:?}"
            );
        }
        for rule in [Day, Conversation, Each] {
            assert_eq!(ScopeRule::from_word(rule.as_str()), Some(rule));
        }
        assert_eq!(ScopeRule::from_word("week"), None);
    }
}
