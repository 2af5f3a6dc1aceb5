//! The wire forms of the answers.
//!
//! What a record does not have is absent, never `null`. Hashes and other bytes are unpadded
//! base64url, times `YYYY-MM-DDTHH:MM:SS.mmmZ`.

use audit_query::{Chain, Evidence as FoundEvidence, Found, Health as Parts, LedgerState, Listing};
use audit_record::Millis;
use audit_storage::encode::base64url;
use audit_storage::record_row::RecordRow;
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::record::{ActorType, RecordType, RiskLevel};

/// How far a record that is shown has come.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It stands in a write-once segment; its index is final.
    Committed,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordPage {
    /// The records, in the order asked for.
    pub records: Vec<Summary>,
    /// Where to go on; `null` once everything has been answered.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// The ledger, `tenant/ledger`.
    pub ledger: String,
    /// The size of the ledger when the first page was made. All pages hold only records below it.
    pub size: u64,
    /// The time that this page and those before it cover.
    pub searched: Searched,
    /// Whether the records came by way of an index that may lack the last seconds' records
    /// (`actor` or `subject` was given).
    pub eventual: bool,
}

/// A record's chain: what caused it, what it caused, and what belongs to the same decision or trace.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordChain {
    /// The records by id, the one that was asked about among them. The last seconds' may be missing.
    pub records: Vec<Summary>,
    /// Where to go on; `null` once everything has been answered.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// The ledger, `tenant/ledger`.
    pub ledger: String,
    /// The size of the ledger when the first page was made. All pages hold only records below it.
    pub size: u64,
}

/// A stretch of time, by the records' ids; `null` where it is open.
#[derive(Debug, Serialize, ToSchema)]
pub struct Searched {
    /// Its beginning.
    #[schema(required, format = DateTime)]
    pub from: Option<String>,
    /// Its end, itself not included.
    #[schema(required, format = DateTime)]
    pub to: Option<String>,
}

/// What a list shows of a record. Strings are cut at 256 bytes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    /// The record's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// What it is about.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RecordType>, nullable = false)]
    pub record_type: Option<String>,
    /// When it happened, as the client says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime, nullable = false)]
    pub occurred_at: Option<String>,
    /// When the server received it.
    #[schema(format = DateTime)]
    pub received_at: String,
    /// The ledger, `tenant/ledger`.
    pub ledger: String,
    /// Its index in the ledger.
    pub index: u64,
    /// Its leaf hash.
    pub leaf_hash: String,
    /// How far it has come.
    pub status: Status,
    /// The AI system's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub system: Option<String>,
    /// The environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub environment: Option<String>,
    /// Who caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub actor: Option<Actor>,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub subject: Option<Subject>,
    /// The decision's outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<String>,
    /// The decision's risk level.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<RiskLevel>, nullable = false)]
    pub risk_level: Option<String>,
    /// The model that answered, else the one that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub model: Option<String>,
    /// The model's provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub provider: Option<String>,
    /// The trace's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub trace_id: Option<String>,
    /// The id of what caused it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub parent_id: Option<String>,
    /// The decision's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision_id: Option<String>,
    /// One line that tells it from the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub title: Option<String>,
    /// Present and true where its content was erased.
    #[serde(skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub erased: bool,
}

/// Who caused a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor {
    /// The actor's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<String>,
    /// `user`, `service`, `model` or `system`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ActorType>, nullable = false)]
    pub actor_type: Option<String>,
}

/// Whom a record is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct Subject {
    /// The subject's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub id: Option<String>,
    /// What kind of subject it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub category: Option<String>,
}

/// One record, all of it but the member `record`, which the answer puts in front.
#[derive(Debug, Serialize)]
pub struct RecordAnswer {
    /// The ledger, `tenant/ledger`.
    pub ledger: String,
    /// Its index in the ledger.
    pub index: u64,
    /// Its leaf hash.
    pub leaf_hash: String,
    /// When the server received it.
    pub received_at: String,
    /// How far it has come.
    pub status: Status,
    /// Present and true where its content was erased.
    #[serde(skip_serializing_if = "is_false")]
    pub erased: bool,
    /// What it takes to check it.
    pub evidence: Evidence,
}

/// What it takes to check a record against its entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct Evidence {
    /// The entry's bytes: the leaf of the log, canonical JSON.
    pub entry: String,
    /// Where entry and sealed body stand.
    pub segment: Segment,
    /// The sealed parts: facts, then content where there is any.
    pub parts: Vec<SealedPart>,
}

/// A place in a write-once object.
#[derive(Debug, Serialize, ToSchema)]
pub struct Segment {
    /// The object's key.
    pub key: String,
    /// The index of its first entry.
    pub start: u64,
    /// The object's version.
    pub version: String,
    /// Where entry and body begin.
    pub offset: u64,
    /// How many bytes they have.
    pub length: u64,
}

/// A sealed part of a record.
#[derive(Debug, Serialize, ToSchema)]
pub struct SealedPart {
    /// The id of the key that seals it.
    pub key_id: String,
    /// The hash over its fields' digests.
    pub part_content: String,
    /// The salt of its fields' digests; absent where the key was destroyed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub part_salt: Option<String>,
}

/// The ledgers that a credential may read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ledgers {
    /// Its home first, the others by name.
    pub ledgers: Vec<Ledger>,
}

/// A ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ledger {
    /// Its short name, for the parameter `ledger`.
    pub name: String,
    /// Its full name, `tenant/ledger`.
    pub ledger: String,
    /// How long its records are kept write-once.
    pub retention_class: String,
    /// How many entries it has, the ledger's own among them.
    pub size: u64,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// Whether the service can answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` if every part is.
    pub status: PartHealth,
    /// The parts.
    pub parts: HealthParts,
}

/// The parts that answers are made of.
#[derive(Debug, Serialize, ToSchema)]
pub struct HealthParts {
    /// The index of records.
    pub index: PartHealth,
    /// The write-once segments.
    pub segments: PartHealth,
    /// API keys, ledgers and scope keys.
    pub keys: PartHealth,
    /// The key service.
    pub kms: PartHealth,
}

/// Whether a part answers.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartHealth {
    /// It does.
    Ok,
    /// It does not.
    Unavailable,
}

impl From<Listing> for RecordPage {
    fn from(listing: Listing) -> Self {
        let Listing {
            rows,
            next,
            size,
            searched_from,
            searched_to,
            eventual,
            ledger,
        } = listing;
        Self {
            records: rows.into_iter().map(Summary::from).collect(),
            next_cursor: next,
            ledger: ledger.to_string(),
            size,
            searched: Searched {
                from: searched_from.map(text),
                to: searched_to.map(text),
            },
            eventual,
        }
    }
}

impl From<Chain> for RecordChain {
    fn from(chain: Chain) -> Self {
        Self {
            records: chain.rows.into_iter().map(Summary::from).collect(),
            next_cursor: chain.next,
            ledger: chain.ledger.to_string(),
            size: chain.size,
        }
    }
}

impl From<RecordRow> for Summary {
    fn from(row: RecordRow) -> Self {
        let members = row.members;
        let actor = Actor {
            id: members.actor_id,
            actor_type: members.actor_type,
        };
        let subject = Subject {
            id: members.subject_id,
            category: members.subject_category,
        };
        Self {
            id: row.id.to_string(),
            record_type: members.record_type,
            occurred_at: members.occurred_at.map(text),
            received_at: text(row.received_at),
            ledger: row.ledger.to_string(),
            index: row.position.index,
            leaf_hash: base64url(&row.leaf_hash),
            status: Status::Committed,
            system: members.system,
            environment: members.environment,
            actor: (actor.id.is_some() || actor.actor_type.is_some()).then_some(actor),
            subject: (subject.id.is_some() || subject.category.is_some()).then_some(subject),
            outcome: members.outcome,
            risk_level: members.risk_level,
            model: members.model,
            provider: members.provider,
            trace_id: members.trace_id,
            parent_id: members.parent_id,
            decision_id: members.decision_id,
            title: members.title,
            erased: row.erased,
        }
    }
}

impl From<&Found> for RecordAnswer {
    fn from(found: &Found) -> Self {
        Self {
            ledger: found.ledger.to_string(),
            index: found.index,
            leaf_hash: base64url(&found.leaf_hash),
            received_at: text(found.received_at),
            status: Status::Committed,
            erased: found.erased,
            evidence: Evidence::from(&found.evidence),
        }
    }
}

impl From<&FoundEvidence> for Evidence {
    fn from(evidence: &FoundEvidence) -> Self {
        let parts = evidence.parts.iter().map(|part| SealedPart {
            key_id: base64url(&part.key_id),
            part_content: base64url(&part.part_content),
            part_salt: part.part_salt.as_ref().map(|salt| base64url(salt)),
        });
        Self {
            entry: base64url(&evidence.entry),
            segment: Segment {
                key: evidence.segment_key.clone(),
                start: evidence.segment_start,
                version: evidence.segment_version.clone(),
                offset: evidence.offset,
                length: evidence.length,
            },
            parts: parts.collect(),
        }
    }
}

impl From<LedgerState> for Ledger {
    fn from(state: LedgerState) -> Self {
        let LedgerState { config, size } = state;
        Self {
            name: config.ledger.ledger().to_owned(),
            ledger: config.ledger.to_string(),
            retention_class: config.retention_class.to_string(),
            size,
            created_at: text(config.created_at),
        }
    }
}

impl From<Parts> for Health {
    fn from(parts: Parts) -> Self {
        let part = |answers| {
            if answers {
                PartHealth::Ok
            } else {
                PartHealth::Unavailable
            }
        };
        Self {
            status: part(parts.is_well()),
            parts: HealthParts {
                index: part(parts.index),
                segments: part(parts.segments),
                keys: part(parts.keys),
                kms: part(parts.kms),
            },
        }
    }
}

fn text(time: Millis) -> String {
    time.to_string()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde calls"
)]
fn is_false(flag: &bool) -> bool {
    !flag
}
