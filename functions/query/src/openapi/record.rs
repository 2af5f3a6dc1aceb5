//! The record, as it is sent and as it is given back.
//!
//! Which members there are and what each may hold is `audit-record`'s business; a test holds this
//! description against it. `null` is a value where a member's type has it, and then as good as
//! absent. Lengths count characters here and bytes there, which no character has fewer of.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// Declares a schema with the members of a record, of which the first four differ.
macro_rules! record {
    ($(#[$about:meta])* $name:ident { $($(#[$meta:meta])* $member:ident: $type:ty,)+ }) => {
        #[derive(ToSchema)]
        $(#[$about])*
        #[serde(deny_unknown_fields)]
        #[expect(dead_code, reason = "a schema only")]
        pub(super) struct $name {
            $($(#[$meta])* $member: $type,)+
            /// What it is about.
            #[schema(rename = "type")]
            r#type: RecordType,
            /// When it ended.
            #[schema(format = DateTime)]
            ended_at: Option<String>,
            /// Where the system runs: `production`, `staging`, …
            #[schema(min_length = 1, max_length = 256)]
            environment: Option<String>,
            /// Who caused it.
            actor: Option<RecordActor>,
            /// Whom it is about.
            subject: Option<RecordSubject>,
            /// The trace that it belongs to.
            #[schema(min_length = 1, max_length = 256)]
            trace_id: Option<String>,
            /// The id of what caused it.
            #[schema(min_length = 1, max_length = 256)]
            parent_id: Option<String>,
            /// The decision that it belongs to.
            #[schema(min_length = 1, max_length = 256)]
            decision_id: Option<String>,
            /// Who numbers the records, and the number.
            #[schema(nullable = false)]
            producer: Option<Producer>,
            /// OpenTelemetry `GenAI` attributes, ours below `audit.`, and any others.
            #[schema(nullable = false)]
            attributes: Option<Attributes>,
            /// The decision.
            #[schema(nullable = false)]
            decision: Option<Decision>,
            /// What regulation asks for.
            #[schema(nullable = false)]
            regulatory: Option<Regulatory>,
        }
    };
}

record! {
    /// A record, as it is sent: at most 2 MiB, at most 32 containers inside each other.
    #[schema(example = json!({
        "id": "01a20cc8-8e80-7abc-8def-0123456789ab", "type": "decision",
        "occurred_at": "2026-11-24T09:00:00Z", "system": "credit", "environment": "production",
        "actor": {"id": "scoring-service", "type": "service"},
        "subject": {"id": "applicant-7", "category": "applicant"},
        "attributes": {"gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"},
        "decision": {"outcome": "denied", "risk_level": "high", "confidence": 0.93,
            "principal_reasons": ["Debt-to-income ratio"]}
    }))]
    Record {
        /// A `UUIDv7` in lower case. The server mints one where it is left out, and then a retry may
        /// double the record.
        #[schema(format = "uuid", pattern = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", nullable = false)]
        id: Option<String>,
        /// When it happened: RFC 3339, from 1970 to 9999.
        #[schema(format = DateTime)]
        occurred_at: String,
        /// The AI system's id; at most 256 bytes.
        #[schema(min_length = 1, max_length = 256)]
        system: String,
    }
}

record! {
    /// A record, as it is given back: exactly what was sent, with the minted id where none was.
    /// After an erasure what is left of it, and then `system` may be missing too.
    StoredRecord {
        /// The id that was sent, or minted.
        #[schema(format = "uuid")]
        id: String,
        /// When it happened.
        #[schema(format = DateTime, nullable = false)]
        occurred_at: Option<String>,
        /// The AI system's id.
        #[schema(nullable = false)]
        system: Option<String>,
    }
}

/// What a record is about.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
pub(crate) enum RecordType {
    LlmCall,
    ToolCall,
    Decision,
    HumanReview,
    ConfigChange,
    Access,
    Export,
    Heartbeat,
    Gap,
}

/// How much hangs on a decision.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
pub(crate) enum RiskLevel {
    Minimal,
    Limited,
    High,
    Critical,
}

/// What kind of actor it is.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
pub(crate) enum ActorType {
    User,
    Service,
    Model,
    System,
}

/// Who caused a record.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct RecordActor {
    /// The actor's id; at most 256 bytes.
    #[schema(min_length = 1, max_length = 256)]
    id: Option<String>,
    #[schema(rename = "type")]
    r#type: Option<ActorType>,
}

/// Whom a record is about.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct RecordSubject {
    /// A pseudonym, never a name; at most 256 bytes.
    #[schema(min_length = 1, max_length = 256)]
    id: Option<String>,
    /// What kind of subject it is: `applicant`, `patient`, …
    category: Option<String>,
}

/// Who numbers the records of a ledger, and the number: a gap shows that one is missing.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Producer {
    /// One process' id.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$")]
    id: Option<String>,
    /// From 1, by 1.
    #[schema(minimum = 1)]
    seq: Option<u64>,
    /// What sent it.
    sdk: Option<String>,
}

/// Attributes by their OpenTelemetry `GenAI` names. The names that are listed are checked; any other
/// may hold any value.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema only")]
struct Attributes {
    #[schema(rename = "gen_ai.operation.name", example = "chat")]
    operation: Option<String>,
    #[schema(rename = "gen_ai.provider.name", example = "openai")]
    provider: Option<String>,
    #[schema(rename = "gen_ai.request.model")]
    request_model: Option<String>,
    #[schema(rename = "gen_ai.response.id")]
    response_id: Option<String>,
    #[schema(rename = "gen_ai.response.model")]
    response_model: Option<String>,
    #[schema(rename = "gen_ai.response.finish_reasons", schema_with = texts)]
    finish_reasons: Option<Vec<String>>,
    #[schema(rename = "gen_ai.usage.input_tokens", minimum = 0)]
    input_tokens: Option<u64>,
    #[schema(rename = "gen_ai.usage.output_tokens", minimum = 0)]
    output_tokens: Option<u64>,
    #[schema(rename = "gen_ai.usage.cache_read.input_tokens", minimum = 0)]
    cache_read_input_tokens: Option<u64>,
    #[schema(rename = "gen_ai.usage.cache_write.input_tokens", minimum = 0)]
    cache_write_input_tokens: Option<u64>,
    #[schema(rename = "gen_ai.usage.reasoning.output_tokens", minimum = 0)]
    reasoning_output_tokens: Option<u64>,
    #[schema(rename = "gen_ai.conversation.id")]
    conversation: Option<String>,
    #[schema(rename = "gen_ai.prompt.name")]
    prompt_name: Option<String>,
    #[schema(rename = "gen_ai.prompt.version")]
    prompt_version: Option<String>,
    #[schema(rename = "error.type")]
    error_type: Option<String>,
    #[schema(rename = "server.address")]
    server_address: Option<String>,
    /// How the call ended.
    #[schema(rename = "audit.call.completion")]
    completion: Option<Completion>,
    #[schema(rename = "audit.call.attempts", minimum = 0)]
    attempts: Option<u64>,
    #[schema(rename = "audit.call.provider_request_id")]
    provider_request_id: Option<String>,
    /// US dollars.
    #[schema(rename = "audit.call.cost", minimum = 0)]
    cost: Option<f64>,
    /// Any other attribute.
    #[serde(flatten)]
    other: BTreeMap<String, Value>,
}

/// How a model call ended.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
enum Completion {
    Complete,
    Partial,
    Cancelled,
    Abandoned,
    Error,
    BackgroundPending,
}

/// A decision.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Decision {
    /// A free word. `approved`, `denied`, `flagged`, `escalated`, `completed` and `error` have
    /// colours in the dashboard.
    outcome: Option<String>,
    /// Whether it is to the disadvantage of whom it is about.
    adverse: Option<bool>,
    #[schema(minimum = 0, maximum = 1)]
    confidence: Option<f64>,
    /// Where the confidence comes from.
    confidence_source: Option<String>,
    /// What else could have come out.
    alternatives: Option<Vec<Value>>,
    risk_level: Option<RiskLevel>,
    #[schema(schema_with = texts)]
    risk_reasons: Option<Vec<String>>,
    ai_role: Option<AiRole>,
    solely_automated: Option<bool>,
    /// The policy that it was made by.
    policy: Option<Policy>,
    /// Why, the weightiest first.
    #[schema(schema_with = reasons)]
    principal_reasons: Option<Vec<Value>>,
    /// What went into it.
    factors: Option<Vec<Option<Factor>>>,
    /// Why, in words.
    explanation: Option<String>,
    /// What people had to do with it.
    #[schema(nullable = false)]
    oversight: Option<Oversight>,
}

/// Whether a person decides with the model's advice, or the model's result is the decision.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
enum AiRole {
    Advisory,
    Determinative,
}

/// A policy.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Policy {
    id: Option<String>,
    version: Option<String>,
}

/// Something that went into a decision.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Factor {
    name: Option<String>,
    /// Any value.
    value: Option<Value>,
    weight: Option<f64>,
    direction: Option<String>,
    method: Option<FactorMethod>,
}

/// Where a factor's weight comes from.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "a schema only")]
enum FactorMethod {
    ModelReported,
    Logprob,
    Shap,
    Counterfactual,
    Rule,
    UserSupplied,
}

/// What people had to do with a decision.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Oversight {
    required: Option<bool>,
    action: Option<String>,
    reason: Option<String>,
    #[schema(format = DateTime)]
    at: Option<String>,
    reviewers: Option<Vec<Option<Reviewer>>>,
}

/// A person who reviewed a decision.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Reviewer {
    id: Option<String>,
    role: Option<String>,
}

/// What regulation asks for.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Regulatory {
    system_risk_class: Option<String>,
    intended_purpose: Option<String>,
    #[schema(format = DateTime)]
    use_started_at: Option<String>,
    #[schema(format = DateTime)]
    use_ended_at: Option<String>,
    reference_data: Option<Vec<Value>>,
    legal_basis: Option<String>,
    retention: Option<Retention>,
}

/// How long the record has to be kept. It is recorded; the ledger's own class decides.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "a schema only")]
struct Retention {
    class: Option<String>,
    /// An RFC 3339 time or a date.
    until: Option<String>,
}

/// A list of strings, `null` for one being a value.
fn texts() -> RefOr<Schema> {
    let items = ObjectBuilder::new().schema_type(one_of([Type::String, Type::Null]));
    let list = ArrayBuilder::new().items(items.build());
    list.schema_type(one_of([Type::Array, Type::Null])).into()
}

/// At most four reasons, each a string or an object of any members.
fn reasons() -> RefOr<Schema> {
    let reason = OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::String))
        .item(ObjectBuilder::new().additional_properties(Some(true_schema())))
        .item(ObjectBuilder::new().schema_type(Type::Null));
    ArrayBuilder::new()
        .items(reason)
        .max_items(Some(4))
        .description(Some("Why, the weightiest first."))
        .schema_type(one_of([Type::Array, Type::Null]))
        .into()
}

fn one_of<const N: usize>(types: [Type; N]) -> utoipa::openapi::schema::SchemaType {
    utoipa::openapi::schema::SchemaType::Array(types.into())
}

fn true_schema() -> utoipa::openapi::schema::AdditionalProperties<Schema> {
    utoipa::openapi::schema::AdditionalProperties::FreeForm(true)
}
