//! Step 0: from delivered messages to records, within bounds, and what can't be read to quarantine.

use std::sync::Arc;

use audit_log::{Hash, own_id};
use audit_record::{LedgerName, RecordId};
use audit_storage::config::LedgerConfig;
use audit_storage::message::{self, Message, Quarantined, Records, UnpackError};
use audit_storage::stores::{Put, QuarantineStore, StagingStore};
use audit_storage::{Backend, Entropy, Error, Result, keys};
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::outcome::Delivered;
use crate::patience::Patience;
use crate::writer::Writer;

/// Why a message of which some record is none is in quarantine.
pub(crate) const INVALID_RECORD: &str = "invalid_record";
/// Why a message without any record is in quarantine.
pub(crate) const NO_RECORDS: &str = "no_records";
/// Why a message that names another ledger's staging object is in quarantine.
const FOREIGN_STAGING_KEY: &str = "foreign_staging_key";
/// Why a message without a known ledger is in quarantine.
const UNKNOWN_LEDGER: &str = "unknown_ledger";

/// A message after it was taken in.
pub(crate) enum Taken {
    /// It must come again.
    Retry,
    /// It names no known ledger and is in quarantine.
    Unaddressed,
    /// It belongs to a ledger.
    Addressed {
        config: Arc<LedgerConfig>,
        /// Its records, or why it has none.
        records: std::result::Result<Records, &'static str>,
        /// The staging object, if the records lay there: what quarantine then keeps, because the
        /// object itself expires.
        object: Option<Bytes>,
    },
}

/// The stand-in for a message that is in quarantine.
pub(crate) struct Rejection {
    pub(crate) id: RecordId,
    pub(crate) digest: Hash,
    pub(crate) reason: String,
}

impl<B: Backend, G: StagingStore, Q: QuarantineStore> Writer<B, G, Q> {
    /// Takes messages in, in their order, until the bound on unpacked bytes is reached.
    pub(crate) async fn take_in(
        &self,
        messages: &[Delivered],
        patience: &Patience<'_, B::Clock>,
    ) -> Vec<Taken> {
        let mut taken = Vec::with_capacity(messages.len());
        let mut room = self.limits.unpacked_bytes;
        for message in messages {
            let one = match self.take_one(message, room, patience).await {
                Ok(one) => one,
                Err(error) => {
                    tracing::warn!(
                        message_id = message.message_id,
                        error = &error as &dyn std::error::Error,
                        "a message could not be taken in, it comes again"
                    );
                    Taken::Retry
                }
            };
            if let Taken::Addressed {
                records: Ok(records),
                ..
            } = &one
            {
                room = room.saturating_sub(records.unpacked_bytes());
            }
            taken.push(one);
        }
        taken
    }

    async fn take_one(
        &self,
        message: &Delivered,
        room: usize,
        patience: &Patience<'_, B::Clock>,
    ) -> Result<Taken> {
        let named = message.ledger.as_deref().map(LedgerName::parse);
        let config = match named {
            Some(Ok(ledger)) => self.config(&ledger, patience).await?,
            Some(Err(_)) | None => None,
        };
        let Some(config) = config else {
            return self.put_aside(message, patience).await;
        };
        let alone = room >= self.limits.unpacked_bytes;
        let addressed = |records, object| Taken::Addressed {
            config: config.clone(),
            records,
            object,
        };
        let refused = |error: UnpackError, object| match error {
            // It goes beyond what is left, perhaps not beyond the whole: it comes again, alone
            // or with fewer beside it.
            UnpackError::TooLarge if !alone => Taken::Retry,
            error => addressed(Err(error.reason()), object),
        };
        let staged = match message::unpack(&message.body, room) {
            Ok(Message::Records(records)) => return Ok(addressed(Ok(records), None)),
            Ok(Message::Staged(staged)) => staged,
            Err(error) => return Ok(refused(error, None)),
        };
        if !keys::is_staging_of(&config.ledger, &staged.key) {
            return Ok(addressed(Err(FOREIGN_STAGING_KEY), None));
        }
        // A missing object is no property of the message: perhaps somebody puts it back before
        // the queue gives the message up.
        let object = patience
            .ask(|| self.staging.get(&staged.key))
            .await?
            .ok_or_else(|| Error::unavailable("the staging object is missing"))?;
        Ok(match message::unpack_staged(&staged, &object, room) {
            Ok(records) => addressed(Ok(records), Some(object)),
            Err(error) => refused(error, Some(object)),
        })
    }

    /// Puts a message that names no known ledger into quarantine. There is no ledger that could
    /// hold an entry for it, so somebody must look.
    async fn put_aside(
        &self,
        message: &Delivered,
        patience: &Patience<'_, B::Clock>,
    ) -> Result<Taken> {
        let body = message.body.as_bytes().to_vec();
        self.quarantine(message, None, UNKNOWN_LEDGER, body, patience)
            .await?;
        tracing::error!(
            alarm = "unaddressed_message",
            message_id = message.message_id,
            "a message names no known ledger; it is in quarantine"
        );
        Ok(Taken::Unaddressed)
    }

    /// Puts a message that can't be read into quarantine and makes its stand-in in the ledger.
    ///
    /// If we crash after the quarantine object is written, the redelivery finds it and takes its
    /// salt, so that the entry's digest is the same whoever commits it.
    pub(crate) async fn reject(
        &self,
        message: &Delivered,
        ledger: &LedgerName,
        reason: &'static str,
        object: Option<&Bytes>,
        patience: &Patience<'_, B::Clock>,
    ) -> Result<Rejection> {
        let body = match object {
            Some(object) => object.to_vec(),
            None => message.body.as_bytes().to_vec(),
        };
        let kept = self
            .quarantine(message, Some(ledger), reason, body, patience)
            .await?;
        tracing::error!(
            alarm = "rejected_message",
            %ledger,
            message_id = message.message_id,
            reason = kept.reason,
            "a message can't be read; it is in quarantine and named in its ledger"
        );
        Ok(Rejection {
            id: own_id::derive("rejected", &message.message_id, message.sent_at),
            digest: digest(&kept.salt, &kept.body),
            reason: kept.reason,
        })
    }

    async fn quarantine(
        &self,
        message: &Delivered,
        ledger: Option<&LedgerName>,
        reason: &'static str,
        body: Vec<u8>,
        patience: &Patience<'_, B::Clock>,
    ) -> Result<Quarantined> {
        let mine = Quarantined {
            ledger: ledger.cloned(),
            message_id: message.message_id.clone(),
            sent_at: message.sent_at,
            reason: reason.to_owned(),
            salt: self.backend.entropy().array(),
            body,
        };
        let key = keys::quarantine(ledger, &message.message_id);
        let bytes = Bytes::from(mine.encode());
        let put = patience
            .write_again(|| self.quarantine.put_if_absent(&key, bytes.clone()))
            .await?;
        if let Put::Created(_) = put {
            return Ok(mine);
        }
        let first = patience
            .ask(|| self.quarantine.get(&key))
            .await?
            .ok_or_else(|| Error::unavailable("the quarantine object went away"))?;
        Quarantined::decode(&first)
    }
}

/// The digest in a `rejected` entry: HMAC-SHA256 under a salt that lies with the bytes, so that
/// the entry alone fingerprints nothing.
fn digest(salt: &[u8; 32], body: &[u8]) -> Hash {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt).expect("HMAC takes a key of any length");
    mac.update(body);
    Hash::from_bytes(mac.finalize().into_bytes().into())
}
