//! Which fields are *facts* (part 0) and which are *content* (part 1).
//!
//! Facts are sealed under the ledger's own key and survive an erasure, so they must never hold
//! anything about a person: a field is a fact only if the table names its exact pointer and its
//! value fits a grammar that free text does not fit. The table decides for writers only. A reader
//! takes membership from the body, so that the table may grow.

use crate::json::Value;

/// The part that a field is sealed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Part 0.
    Facts,
    /// Part 1.
    Content,
}

impl Part {
    /// Both, in order.
    pub const ALL: [Part; 2] = [Part::Facts, Part::Content];

    /// Its number in the body.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Part::Facts => 0,
            Part::Content => 1,
        }
    }
}

/// The table: pointers whose values are facts where they fit the grammar. `/actor` is not in it: it
/// depends on the actor's type.
pub const TABLE: &[&str] = &[
    "/attributes/audit.call.attempts",
    "/attributes/audit.call.completion",
    "/attributes/audit.call.cost",
    "/attributes/audit.call.provider_request_id",
    "/attributes/error.type",
    "/attributes/gen_ai.operation.name",
    "/attributes/gen_ai.prompt.name",
    "/attributes/gen_ai.prompt.version",
    "/attributes/gen_ai.provider.name",
    "/attributes/gen_ai.request.model",
    "/attributes/gen_ai.response.finish_reasons",
    "/attributes/gen_ai.response.id",
    "/attributes/gen_ai.response.model",
    "/attributes/gen_ai.usage.cache_read.input_tokens",
    "/attributes/gen_ai.usage.cache_write.input_tokens",
    "/attributes/gen_ai.usage.input_tokens",
    "/attributes/gen_ai.usage.output_tokens",
    "/attributes/gen_ai.usage.reasoning.output_tokens",
    "/decision/adverse",
    "/decision/ai_role",
    "/decision/confidence",
    "/decision/confidence_source",
    "/decision/outcome",
    "/decision/oversight/action",
    "/decision/oversight/at",
    "/decision/oversight/required",
    "/decision/policy",
    "/decision/risk_level",
    "/decision/solely_automated",
    "/decision_id",
    "/ended_at",
    "/environment",
    "/id",
    "/occurred_at",
    "/parent_id",
    "/producer",
    "/regulatory/legal_basis",
    "/regulatory/retention",
    "/regulatory/system_risk_class",
    "/system",
    "/trace_id",
    "/type",
];

/// The part of a field.
#[must_use]
pub fn part_of(pointer: &str, value: &Value<'_>) -> Part {
    let _ = (pointer, value);
    unimplemented!()
}

/// Whether a value fits the facts grammar.
#[must_use]
pub fn fits(value: &Value<'_>) -> bool {
    let _ = value;
    unimplemented!()
}
