//! A record as a report gets it: read out of the ledger and checked, with what proves it.

use audit_log::canonical;
use audit_record::json::{Object, Value};
use audit_record::{Fields, LedgerName, Millis, RecordId};

use crate::content::{Attachment, Block, Relationship, Span, Text, code, said};
use crate::query::Query;

/// A record out of the ledger.
#[derive(Debug, Clone)]
pub struct Evidence {
    /// Its id.
    pub id: RecordId,
    /// Its ledger.
    pub ledger: LedgerName,
    /// Its index there.
    pub index: u64,
    /// Its leaf hash, in base64url.
    pub leaf_hash: String,
    /// When the server received it.
    pub received_at: Millis,
    /// Its content was erased; `record` holds the facts that are left.
    pub erased: bool,
    /// What was sent, or is left of it.
    pub record: Object<'static>,
    /// The API's answer for it, byte for byte, evidence included: what is attached.
    pub answer: Vec<u8>,
}

impl Fields for Evidence {
    fn field(&self, pointer: &str) -> Option<&Value<'_>> {
        let mut names = pointer.strip_prefix('/')?.split('/');
        let mut value = self.record.get(&unescaped(names.next()?))?;
        for name in names {
            value = value.get(&unescaped(name))?;
        }
        (!value.is_null()).then_some(value)
    }
}

/// A name of a pointer (RFC 6901).
fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

impl Evidence {
    /// The request that gives this record.
    #[must_use]
    pub fn query(&self) -> Query {
        Query::new(&["audit", "logs", &self.id.to_string()]).with("ledger", self.ledger.ledger())
    }

    /// The file with the record and its evidence.
    #[must_use]
    pub fn attachment(&self) -> Attachment {
        Attachment {
            name: format!("record-{}.json", self.id),
            media_type: "application/json",
            relationship: Relationship::Source,
            description: format!("Record {} with its ledger evidence", self.id),
            bytes: self.answer.clone(),
        }
    }

    /// Where it stands, and how that is checked.
    #[must_use]
    pub fn integrity(&self) -> Vec<Block> {
        vec![
            Block::Facts(vec![
                ("Record".into(), code(self.id.to_string())),
                ("Ledger".into(), code(self.ledger.to_string())),
                ("Index".into(), code(self.index.to_string())),
                ("Leaf hash".into(), code(&self.leaf_hash)),
                ("Received".into(), said(self.received_at.to_string())),
                ("Attached as".into(), code(self.attachment().name)),
            ]),
            Block::Source(self.query()),
        ]
    }

    /// When it happened: what the client says, else when it was received.
    #[must_use]
    pub fn happened(&self) -> Millis {
        self.occurred_at().unwrap_or(self.received_at)
    }
}

/// A value of a record as text: a string as it is, all else as canonical JSON.
#[must_use]
pub fn words_of(value: &Value<'_>) -> String {
    match value {
        Value::String(text) => text.clone().into_owned(),
        other => String::from_utf8_lossy(&canonical::to_vec(other)).into_owned(),
    }
}

/// The texts of messages in the `OpenTelemetry` `GenAI` form, each with its role; none if the value has
/// another form.
#[must_use]
pub fn messages(value: &Value<'_>) -> Option<Vec<(String, String)>> {
    value.as_array()?.iter().map(message).collect()
}

fn message(value: &Value<'_>) -> Option<(String, String)> {
    let role = value
        .get("role")
        .and_then(Value::as_str)
        .unwrap_or("system");
    let parts = match value.get("parts") {
        Some(parts) => parts
            .as_array()?
            .iter()
            .map(part)
            .collect::<Vec<_>>()
            .join("\n"),
        None => part(value),
    };
    Some((role.to_owned(), parts))
}

/// A part's text, or all of it where it is something else.
fn part(value: &Value<'_>) -> String {
    value
        .get("content")
        .and_then(Value::as_str)
        .map_or_else(|| words_of(value), str::to_owned)
}

/// A text that names a record.
#[must_use]
pub fn named(id: &RecordId) -> Text {
    Text::default().and(Span::Code(id.to_string()))
}
