//! What is to be said of each record: good, with its id and the bytes to be queued, or refused,
//! with everything that is wrong.

use std::borrow::Cow;

use audit_record::json::{Element, Value};
use audit_record::{Code, FieldError, Millis, Record, RecordId};
use audit_storage::Entropy;
use audit_storage::config::LedgerConfig;

const DAY_MS: u64 = 86_400_000;

/// The verdict on one record of the request.
#[derive(Debug)]
pub(crate) enum Verdict<'a> {
    /// It is a record.
    Good(Good<'a>),
    /// It is not, and why.
    Bad {
        /// Its id, where it has one that can be read.
        id: Option<RecordId>,
        /// What is wrong, at least one.
        errors: Vec<FieldError>,
    },
}

/// A record on its way to the queue.
#[derive(Debug)]
pub(crate) struct Good<'a> {
    /// The client's id, or the minted one.
    pub(crate) id: RecordId,
    /// The bytes as sent, a minted id inserted.
    pub(crate) bytes: Cow<'a, [u8]>,
    /// Whether a queue has it.
    pub(crate) sent: bool,
}

/// Judges the records of one request.
pub(crate) struct Judge<'e, E> {
    received_at: Millis,
    /// Ids from before that could not be deduplicated: the index does not reach back to them.
    oldest: Option<Millis>,
    entropy: &'e E,
}

impl<'e, E: Entropy> Judge<'e, E> {
    pub(crate) fn new(ledger: &LedgerConfig, received_at: Millis, entropy: &'e E) -> Self {
        let oldest = ledger
            .index_days
            .map(|days| Millis::new(received_at.get().saturating_sub(u64::from(days) * DAY_MS)));
        Self {
            received_at,
            oldest,
            entropy,
        }
    }

    /// One verdict for each record, in their order.
    pub(crate) fn all<'a>(&self, elements: Vec<Element<'a>>) -> Vec<Verdict<'a>> {
        elements
            .into_iter()
            .map(|element| self.one(element))
            .collect()
    }

    fn one<'a>(&self, element: Element<'a>) -> Verdict<'a> {
        let value = match element.value {
            Ok(value) => value,
            Err(error) => {
                return Verdict::Bad {
                    id: None,
                    errors: vec![error.into()],
                };
            }
        };
        let id = value
            .get("id")
            .and_then(Value::as_str)
            .and_then(|id| RecordId::parse(id).ok());
        let errors = match Record::validate(value) {
            Ok(record) => match record.id() {
                None => return Verdict::Good(self.minted(element.raw)),
                Some(id) if !self.is_too_old(id) => {
                    return Verdict::Good(Good {
                        id,
                        bytes: Cow::Borrowed(element.raw),
                        sent: false,
                    });
                }
                Some(_) => {
                    let message = "the id's time is older than this ledger's index reaches back";
                    vec![FieldError::new("/id", Code::TooOld, message)]
                }
            },
            Err(errors) => errors,
        };
        Verdict::Bad { id, errors }
    }

    fn minted<'a>(&self, raw: &'a [u8]) -> Good<'a> {
        let id = RecordId::mint(self.received_at, self.entropy.array());
        Good {
            id,
            bytes: Cow::Owned(Record::insert_id(raw, id)),
            sent: false,
        }
    }

    fn is_too_old(&self, id: RecordId) -> bool {
        self.oldest.is_some_and(|oldest| id.millis() < oldest)
    }
}
