//! The object that keeps a message which can't be processed, exactly as it came.

use audit_record::{LedgerName, Millis};
use minicbor::{Decoder, Encoder};

use crate::error::{Error, Result};

const FORM: u8 = 1;

/// A message in quarantine: CBOR `[1, ledger or null, message id, sent time, reason, salt, body]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// Whose it would be; absent if it names no known ledger.
    pub ledger: Option<LedgerName>,
    /// Its SQS message id.
    pub message_id: String,
    /// When it was sent.
    pub sent_at: Millis,
    /// Why it is here, a stable word.
    pub reason: String,
    /// The key of the digest in the `rejected` entry, so that the entry fingerprints nothing.
    pub salt: [u8; 32],
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Quarantined {
    /// The object's bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::with_capacity(self.body.len() + 512));
        let written = encoder
            .array(7)
            .and_then(|encoder| encoder.u8(FORM))
            .and_then(|encoder| match &self.ledger {
                Some(ledger) => encoder.str(ledger.as_str()),
                None => encoder.null(),
            })
            .and_then(|encoder| encoder.str(&self.message_id))
            .and_then(|encoder| encoder.str(&self.sent_at.to_string()))
            .and_then(|encoder| encoder.str(&self.reason))
            .and_then(|encoder| encoder.bytes(&self.salt))
            .and_then(|encoder| encoder.bytes(&self.body).map(drop));
        written.expect("writing to memory does not fail");
        encoder.into_writer()
    }

    /// Reads an object back.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        read(bytes).ok_or_else(|| Error::corrupt("quarantine object"))
    }
}

fn read(bytes: &[u8]) -> Option<Quarantined> {
    let mut decoder = Decoder::new(bytes);
    let (Some(7), FORM) = (decoder.array().ok()?, decoder.u8().ok()?) else {
        return None;
    };
    let ledger = if decoder.datatype().ok()? == minicbor::data::Type::Null {
        decoder.null().ok()?;
        None
    } else {
        Some(decoder.str().ok()?.parse().ok()?)
    };
    let message = Quarantined {
        ledger,
        message_id: decoder.str().ok()?.to_owned(),
        sent_at: Millis::parse_exact(decoder.str().ok()?).ok()?,
        reason: decoder.str().ok()?.to_owned(),
        salt: decoder.bytes().ok()?.try_into().ok()?,
        body: decoder.bytes().ok()?.to_vec(),
    };
    (decoder.position() == bytes.len()).then_some(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_round_trips_and_is_read_strictly() {
        let known = Quarantined {
            ledger: Some("acme/credit".parse().expect("a name")),
            message_id: "059f36b4-87a3-44ab-83d2-661975830a7d".to_owned(),
            sent_at: Millis::new(1_700_000_000_123),
            reason: "not_base64".to_owned(),
            salt: [9; 32],
            body: b"\x00 any bytes".to_vec(),
        };
        let unknown = Quarantined {
            ledger: None,
            ..known.clone()
        };
        for message in [known, unknown] {
            let mut bytes = message.encode();
            assert_eq!(Quarantined::decode(&bytes).expect("a message"), message);
            bytes.push(0);
            assert!(Quarantined::decode(&bytes).is_err());
            assert!(Quarantined::decode(&bytes[..20]).is_err());
        }
    }
}
