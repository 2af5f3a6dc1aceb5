//! Which fields are *facts* (part 0) and which are *content* (part 1).
//!
//! Facts are sealed under the ledger's own key and survive an erasure, so they must never hold
//! anything about a person: a field is a fact only if the table names its exact pointer and its
//! value fits a grammar that free text does not fit. The table decides for writers only. A reader
//! takes membership from the body, so that the table may grow.

use crate::json::Value;
use crate::limits::{FACT_CHARS_MAX, FACT_MEMBERS_MAX};
use crate::vocabulary::ActorType;

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

/// Actor types whose id is not a person's.
const ACTORS: [ActorType; 3] = [ActorType::Service, ActorType::Model, ActorType::System];

/// The part of a field.
#[must_use]
pub fn part_of(pointer: &str, value: &Value<'_>) -> Part {
    let named = if pointer == "/actor" {
        value
            .get("type")
            .and_then(Value::as_str)
            .and_then(ActorType::from_word)
            .is_some_and(|actor| ACTORS.contains(&actor))
    } else {
        TABLE.contains(&pointer)
    };
    if named && fits(value) {
        Part::Facts
    } else {
        Part::Content
    }
}

/// Whether a value fits the facts grammar: a scalar, an empty container, or a container of at most
/// [`FACT_MEMBERS_MAX`] scalars whose names are words as well. A scalar is a number, a boolean, the
/// empty string or a word: 1 to [`FACT_CHARS_MAX`] of `[A-Za-z0-9._:/+-]`. `null` fits nothing.
#[must_use]
pub fn fits(value: &Value<'_>) -> bool {
    match value {
        Value::Array(values) => values.len() <= FACT_MEMBERS_MAX && values.iter().all(is_scalar),
        Value::Object(object) => {
            object.len() <= FACT_MEMBERS_MAX
                && object
                    .iter()
                    .all(|(name, value)| is_word(name) && is_scalar(value))
        }
        scalar => is_scalar(scalar),
    }
}

fn is_scalar(value: &Value<'_>) -> bool {
    match value {
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => text.is_empty() || is_word(text),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn is_word(text: &str) -> bool {
    (1..=FACT_CHARS_MAX).contains(&text.len())
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b':' | b'/' | b'+' | b'-')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    #[test]
    fn the_grammar_admits_what_no_free_text_fits() {
        let (long, longer) = ("a".repeat(128), "a".repeat(129));
        for (json, expected) in [
            (r#""approved""#, true),
            (r#""""#, true),
            (r#""2026-11-24T08:42:00.123+01:00""#, true),
            (r#""AZaz09._:/+-""#, true),
            (&format!("{long:?}"), true),
            (&format!("{longer:?}"), false),
            (r#""two words""#, false),
            (r#""a@b""#, false),
            (r#""é""#, false),
            (r#""a\u0000""#, false),
            ("0.25", true),
            ("-1", true),
            ("true", true),
            ("null", false),
            ("[]", true),
            ("{}", true),
            (r#"["stop","length"]"#, true),
            ("[1,2,3,4,5,6,7,8]", true),
            ("[1,2,3,4,5,6,7,8,9]", false),
            ("[null]", false),
            ("[[]]", false),
            ("[{}]", false),
            (r#"["two words"]"#, false),
            (r#"{"id":"p-1","seq":7,"ok":true,"e":""}"#, true),
            (r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1}"#, true),
            (
                r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1}"#,
                false,
            ),
            (r#"{"":1}"#, false),
            (r#"{"two words":1}"#, false),
            (r#"{"a":{}}"#, false),
            (r#"{"a":null}"#, false),
        ] {
            assert_eq!(fits(&parse(json.as_bytes()).unwrap()), expected, "{json}");
        }
    }

    #[test]
    fn a_field_is_a_fact_only_by_exact_pointer_and_value() {
        for (pointer, json, part) in [
            ("/type", r#""decision""#, Part::Facts),
            ("/trace_id", r#""free text""#, Part::Content),
            ("/attributes", "{}", Part::Content),
            ("/decision", "{}", Part::Content),
            ("/decision/oversight", "{}", Part::Content),
            ("/regulatory", "{}", Part::Content),
            ("/decision/policy", "{}", Part::Facts),
            ("/decision/explanation", r#""short""#, Part::Content),
            ("/subject", r#"{"id":"s-1"}"#, Part::Content),
            ("/attributes/gen_ai.request.model", r#""gpt""#, Part::Facts),
            (
                "/attributes/gen_ai.request.modelx",
                r#""gpt""#,
                Part::Content,
            ),
            (
                "/attributes/gen_ai.conversation.id",
                r#""c""#,
                Part::Content,
            ),
            (
                "/regulatory/retention",
                r#"{"class":"7y","until":null}"#,
                Part::Content,
            ),
            ("/actor", r#"{"id":"a","type":"service"}"#, Part::Facts),
            ("/actor", r#"{"id":"a","type":"model"}"#, Part::Facts),
            ("/actor", r#"{"id":"a","type":"system"}"#, Part::Facts),
            ("/actor", r#"{"id":"a","type":"user"}"#, Part::Content),
            ("/actor", r#"{"id":"a b","type":"service"}"#, Part::Content),
            ("/actor", r#"{"id":"a"}"#, Part::Content),
            ("/actor", "null", Part::Content),
        ] {
            assert_eq!(
                part_of(pointer, &parse(json.as_bytes()).unwrap()),
                part,
                "{pointer} {json}"
            );
        }
    }

    #[test]
    fn the_table_is_sorted_and_names_nothing_twice() {
        assert!(TABLE.is_sorted_by(|a, b| a < b));
    }
}
