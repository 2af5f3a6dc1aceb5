//! The events that come in: a lane's messages (AWS: "Using Lambda with Amazon SQS"), or the
//! schedule's `{"audit":"sweep"}`.

use std::collections::HashMap;

use audit_ledger::Delivered;
use audit_record::Millis;
use audit_storage::message::LEDGER_ATTRIBUTE;
use serde::Deserialize;

/// An event as it comes; see [`Batch`] for what it means.
#[derive(Debug, Deserialize)]
pub struct Event {
    #[serde(rename = "Records")]
    records: Option<Vec<SqsRecord>>,
    audit: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SqsRecord {
    message_id: String,
    receipt_handle: String,
    body: String,
    #[serde(default)]
    attributes: HashMap<String, String>,
    #[serde(default)]
    message_attributes: HashMap<String, MessageAttribute>,
    #[serde(rename = "eventSourceARN", default)]
    event_source_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageAttribute {
    #[serde(default)]
    string_value: Option<String>,
}

/// What an event asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Batch {
    /// Messages to be committed.
    Messages {
        /// The messages, in the order delivered.
        messages: Vec<Delivered>,
        /// The name of the queue that they came from.
        source: Option<String>,
    },
    /// Roll forward what stands at each ledger's size.
    Sweep,
}

/// An event that is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidEvent;

impl std::fmt::Display for InvalidEvent {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("neither a lane's messages nor a sweep")
    }
}

impl std::error::Error for InvalidEvent {}

impl TryFrom<Event> for Batch {
    type Error = InvalidEvent;

    fn try_from(event: Event) -> Result<Self, InvalidEvent> {
        match (event.records, event.audit.as_deref()) {
            (Some(records), None) => {
                // A mapping has one source; the name is the ARN's last part.
                let arn = records
                    .iter()
                    .find_map(|record| record.event_source_arn.as_deref());
                let source = arn
                    .and_then(|arn| arn.rsplit(':').next())
                    .map(str::to_owned);
                Ok(Self::Messages {
                    messages: records.into_iter().map(delivered).collect(),
                    source,
                })
            }
            (None, Some("sweep")) => Ok(Self::Sweep),
            _ => Err(InvalidEvent),
        }
    }
}

/// A number that SQS left out, which it does not, reads as its least: the first receive, and
/// the time 0, which only shows in a lag.
fn delivered(mut record: SqsRecord) -> Delivered {
    let number = |name: &str| {
        record
            .attributes
            .get(name)
            .and_then(|value| value.parse::<u64>().ok())
    };
    Delivered {
        sent_at: Millis::new(number("SentTimestamp").unwrap_or(0)),
        receive_count: number("ApproximateReceiveCount")
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or(1),
        ledger: record
            .message_attributes
            .remove(LEDGER_ATTRIBUTE)
            .and_then(|attribute| attribute.string_value),
        message_id: record.message_id,
        receipt: record.receipt_handle,
        body: record.body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> Result<Batch, InvalidEvent> {
        Batch::try_from(serde_json::from_value::<Event>(json).expect("an event"))
    }

    #[test]
    fn the_schedule_asks_for_a_sweep() {
        assert_eq!(
            read(serde_json::json!({"audit": "sweep"})),
            Ok(Batch::Sweep)
        );
    }

    #[test]
    fn anything_else_is_refused() {
        for event in [
            serde_json::json!({}),
            serde_json::json!({"audit": "publish"}),
            serde_json::json!({"audit": "sweep", "Records": []}),
        ] {
            assert_eq!(read(event.clone()), Err(InvalidEvent), "{event}");
        }
    }

    #[test]
    fn a_poor_message_is_still_delivered() {
        let batch = read(
            serde_json::json!({"Records": [{"messageId": "m", "receiptHandle": "r", "body": ""}]}),
        );
        let Ok(Batch::Messages { messages, source }) = batch else {
            panic!("messages");
        };
        assert_eq!(source, None);
        assert_eq!(
            (
                messages[0].receive_count,
                messages[0].sent_at,
                &messages[0].ledger
            ),
            (1, Millis::new(0), &None)
        );
    }
}
