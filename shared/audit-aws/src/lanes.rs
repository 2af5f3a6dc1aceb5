//! [`LaneQueue`] over SQS.

use audit_storage::config::Lane;
use audit_storage::message::{LEDGER_ATTRIBUTE, MAX_MESSAGE_BYTES};
use audit_storage::stores::{LaneQueue, Outgoing, Postponed};
use audit_storage::{Error, Kind, Result};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{
    BatchResultErrorEntry, ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue,
    SendMessageBatchRequestEntry,
};

use crate::connection::Lazy;
use crate::failure::{Effect, failed};

/// The lanes, by number.
#[derive(Clone)]
pub struct SqsLanes {
    client: Lazy<Client>,
    urls: Vec<String>,
}

impl std::fmt::Debug for SqsLanes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("SqsLanes")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

impl SqsLanes {
    pub(crate) fn new(client: Lazy<Client>, urls: Vec<String>) -> Self {
        Self { client, urls }
    }

    fn url(&self, lane: Lane) -> Result<&str> {
        self.urls
            .get(usize::from(lane.0))
            .map(String::as_str)
            .ok_or_else(|| Error::internal(format!("no queue for lane {}", lane.0)))
    }
}

impl LaneQueue for SqsLanes {
    async fn send(
        &self,
        lane: Lane,
        entries: &[Outgoing],
    ) -> Result<Vec<std::result::Result<(), Error>>> {
        // What a queue takes has grown, and differs between services; ours is the trait's bound.
        let bytes: usize = entries.iter().map(|entry| entry.body.len()).sum();
        if bytes > MAX_MESSAGE_BYTES {
            return Err(Error::invalid("SendMessageBatch of over 256 KiB"));
        }
        let mut request = self.client.send_message_batch().queue_url(self.url(lane)?);
        for (index, entry) in entries.iter().enumerate() {
            request = request.entries(send_entry(index, entry)?);
        }
        let output = request
            .send()
            .await
            .map_err(|error| failed("SendMessageBatch", Effect::Write, &error))?;
        let sent = output.successful.iter().map(|entry| entry.id.as_str());
        Ok(results(entries.len(), sent, &output.failed))
    }

    async fn postpone(&self, lane: Lane, entries: &[Postponed]) -> Result<()> {
        let mut request = self
            .client
            .change_message_visibility_batch()
            .queue_url(self.url(lane)?);
        for (index, entry) in entries.iter().enumerate() {
            let entry = ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(&entry.receipt)
                .visibility_timeout(i32::try_from(entry.visibility_s).unwrap_or(i32::MAX))
                .build()
                .map_err(|error| {
                    Error::internal("ChangeMessageVisibilityBatch").caused_by(error)
                })?;
            request = request.entries(entry);
        }
        let output = request
            .send()
            .await
            .map_err(|error| failed("ChangeMessageVisibilityBatch", Effect::Write, &error))?;
        if output.failed.is_empty() {
            return Ok(());
        }
        let context = format!(
            "ChangeMessageVisibilityBatch refused {} messages",
            output.failed.len()
        );
        Err(Error::unavailable(context))
    }
}

fn send_entry(index: usize, entry: &Outgoing) -> Result<SendMessageBatchRequestEntry> {
    let ledger = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(entry.ledger.to_string())
        .build()
        .map_err(|error| Error::internal("SendMessageBatch").caused_by(error))?;
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(&entry.body)
        .message_attributes(LEDGER_ATTRIBUTE, ledger)
        .build()
        .map_err(|error| Error::internal("SendMessageBatch").caused_by(error))
}

/// One result for each entry, in their order. An entry that the answer does not name at all may
/// have been sent.
fn results<'a>(
    count: usize,
    sent: impl Iterator<Item = &'a str>,
    refused: &[BatchResultErrorEntry],
) -> Vec<std::result::Result<(), Error>> {
    let mut results: Vec<_> = (0..count)
        .map(|_| {
            Err(Error::unknown(
                "SendMessageBatch: an entry without its result",
            ))
        })
        .collect();
    for entry in refused {
        let kind = if entry.sender_fault {
            Kind::Internal
        } else {
            Kind::Unavailable
        };
        if let Some(result) = place(&mut results, &entry.id) {
            *result =
                Err(Error::new(kind, "SendMessageBatch refused an entry")
                    .caused_by(entry.code.clone()));
        }
    }
    for id in sent {
        if let Some(result) = place(&mut results, id) {
            *result = Ok(());
        }
    }
    results
}

fn place<'a, T>(results: &'a mut [T], id: &str) -> Option<&'a mut T> {
    id.parse::<usize>()
        .ok()
        .and_then(|index| results.get_mut(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_entry_gets_the_result_that_the_answer_names() {
        let refused = |id: &str, sender_fault| {
            BatchResultErrorEntry::builder()
                .id(id)
                .code("InternalError")
                .sender_fault(sender_fault)
                .build()
                .expect("an entry")
        };
        let results = results(
            4,
            ["0", "9", "x"].into_iter(),
            &[refused("2", false), refused("3", true)],
        );
        let kinds: Vec<Option<Kind>> = results
            .into_iter()
            .map(|result| result.err().map(|error| error.kind()))
            .collect();
        assert_eq!(
            kinds,
            [
                None,
                Some(Kind::Unknown),
                Some(Kind::Unavailable),
                Some(Kind::Internal)
            ]
        );
    }
}
