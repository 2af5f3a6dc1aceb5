//! One case: the calls, the decision and the review that belong together, one after the other.

use serde_json::{Map, Value, json};

use crate::clock;

use super::random::Random;

/// A record that still lacks what its producer adds.
pub(crate) struct Draft {
    /// When it happened, in milliseconds since 1970.
    pub(crate) at: u64,
    /// Its id.
    pub(crate) id: String,
    /// Its other members.
    pub(crate) record: Map<String, Value>,
}

impl Draft {
    /// A record that stands alone.
    pub(crate) fn new(at: u64, record: Value, random: &mut Random) -> Self {
        let record = match record {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        Self {
            at,
            id: random.uuid_v7(at),
            record,
        }
    }
}

/// A model, as its provider names it, and what a million of its tokens costs in US cents.
pub(crate) struct Model {
    /// `gen_ai.provider.name`.
    pub(crate) provider: &'static str,
    /// `gen_ai.request.model`.
    pub(crate) name: &'static str,
    /// `gen_ai.response.model`.
    pub(crate) answered_as: &'static str,
    /// A million input tokens.
    pub(crate) input_cents: u64,
    /// A million output tokens.
    pub(crate) output_cents: u64,
}

/// What a model was asked and said.
pub(crate) struct Exchange<'a> {
    pub(crate) model: &'a Model,
    pub(crate) prompt_name: &'static str,
    pub(crate) prompt_version: &'static str,
    pub(crate) instructions: &'a str,
    pub(crate) question: &'a str,
    pub(crate) answer: &'a str,
}

/// Who is asked to look, and in what role.
pub(crate) struct Reviewer {
    pub(crate) id: &'static str,
    pub(crate) role: &'static str,
}

/// A person's word on a decision.
pub(crate) struct Review<'a> {
    pub(crate) reviewer: &'a Reviewer,
    pub(crate) action: &'a str,
    pub(crate) outcome: &'a str,
    pub(crate) risk_level: &'a str,
    pub(crate) reason: &'a str,
    /// How long the person took to come to it.
    pub(crate) after_ms: u64,
}

/// A case as it goes on.
pub(crate) struct Case {
    clock: u64,
    trace_id: String,
    decision_id: String,
    subject: Value,
    actor: Value,
    parent_id: Option<String>,
    drafts: Vec<Draft>,
}

impl Case {
    /// A case that begins at a time.
    pub(crate) fn begin(at: u64, random: &mut Random) -> Self {
        Self {
            clock: at,
            trace_id: random.hex(32),
            decision_id: format!("dec-{}", random.hex(10)),
            subject: Value::Null,
            actor: Value::Null,
            parent_id: None,
            drafts: Vec::new(),
        }
    }

    /// Whom it is about, by a pseudonym, and who set it going.
    pub(crate) fn about(&mut self, subject: &str, category: &str, actor: &str, kind: &str) {
        self.subject = json!({"id": subject, "category": category});
        self.actor = json!({"id": actor, "type": kind});
    }

    /// A tool that the system asked.
    pub(crate) fn tool_call(
        &mut self,
        tool: &str,
        arguments: &Value,
        result: &Value,
        random: &mut Random,
    ) {
        let took = random.between(40, 900);
        let record = json!({
            "type": "tool_call",
            "ended_at": clock::rfc3339(self.clock + took),
            "attributes": {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": tool,
                "gen_ai.tool.call.id": format!("call_{}", random.hex(12)),
                "gen_ai.tool.call.arguments": arguments,
                "gen_ai.tool.call.result": result,
            },
        });
        self.push(record, took, random);
    }

    /// A model's answer.
    pub(crate) fn llm_call(&mut self, exchange: &Exchange<'_>, random: &mut Random) {
        let took = random.between(600, 9_000);
        let input = tokens(exchange.instructions) + tokens(exchange.question);
        let output = tokens(exchange.answer);
        let cached = if random.chance(40) {
            tokens(exchange.instructions)
        } else {
            0
        };
        let mut attributes = request(exchange);
        attributes.extend(members(json!({
            "gen_ai.response.id": format!("resp_{}", random.hex(20)),
            "gen_ai.response.model": exchange.model.answered_as,
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.usage.input_tokens": input,
            "gen_ai.usage.output_tokens": output,
            "gen_ai.usage.cache_read.input_tokens": cached,
            "gen_ai.output.messages": [message("assistant", exchange.answer)],
            "audit.call.completion": "complete",
            "audit.call.attempts": if random.chance(6) { 2 } else { 1 },
            "audit.call.provider_request_id": format!("req_{}", random.hex(16)),
            "audit.call.cost": cost(exchange.model, input, output),
        })));
        let record = json!({
            "type": "llm_call",
            "ended_at": clock::rfc3339(self.clock + took),
            "attributes": attributes,
        });
        self.push(record, took, random);
    }

    /// A call that brought no answer.
    pub(crate) fn failed_call(&mut self, exchange: &Exchange<'_>, random: &mut Random) {
        let took = random.between(5_000, 60_000);
        let error = *random.pick(&[
            "timeout",
            "rate_limit_exceeded",
            "server_error",
            "overloaded",
        ]);
        let mut attributes = request(exchange);
        attributes.extend(members(json!({
            "error.type": error,
            "audit.call.completion": "error",
            "audit.call.attempts": random.between(2, 4),
        })));
        let record = json!({
            "type": "llm_call",
            "ended_at": clock::rfc3339(self.clock + took),
            "attributes": attributes,
        });
        self.push(record, took, random);
    }

    /// What came out.
    pub(crate) fn decision(&mut self, decision: Value, regulatory: Value, random: &mut Random) {
        let record = json!({
            "type": "decision",
            "decision": decision,
            "regulatory": regulatory,
        });
        self.push(record, 20, random);
    }

    /// A person who looked at it.
    pub(crate) fn review(&mut self, review: &Review<'_>, random: &mut Random) {
        self.clock += review.after_ms;
        self.actor = json!({"id": review.reviewer.id, "type": "user"});
        let record = json!({
            "type": "human_review",
            "decision": {
                "outcome": review.outcome,
                "adverse": review.outcome == "denied",
                "risk_level": review.risk_level,
                "ai_role": "advisory",
                "solely_automated": false,
                "explanation": review.reason,
                "oversight": {
                    "required": true,
                    "action": review.action,
                    "reason": review.reason,
                    "at": clock::rfc3339(self.clock),
                    "reviewers": [{"id": review.reviewer.id, "role": review.reviewer.role}],
                },
            },
        });
        self.push(record, 0, random);
    }

    /// Its records.
    pub(crate) fn finish(self) -> Vec<Draft> {
        self.drafts
    }

    /// Adds a record, caused by the one before it, and lets the time go on.
    fn push(&mut self, record: Value, took: u64, random: &mut Random) {
        let mut draft = Draft::new(self.clock, record, random);
        let record = &mut draft.record;
        record.insert("trace_id".into(), self.trace_id.clone().into());
        record.insert("decision_id".into(), self.decision_id.clone().into());
        record.insert("subject".into(), self.subject.clone());
        record.insert("actor".into(), self.actor.clone());
        if let Some(parent) = self.parent_id.replace(draft.id.clone()) {
            record.insert("parent_id".into(), parent.into());
        }
        self.drafts.push(draft);
        self.clock += took + random.between(5, 120);
    }
}

fn request(exchange: &Exchange<'_>) -> Map<String, Value> {
    members(json!({
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": exchange.model.provider,
        "gen_ai.request.model": exchange.model.name,
        "gen_ai.prompt.name": exchange.prompt_name,
        "gen_ai.prompt.version": exchange.prompt_version,
        "gen_ai.system_instructions": [{"type": "text", "content": exchange.instructions}],
        "gen_ai.input.messages": [message("user", exchange.question)],
    }))
}

fn message(role: &str, text: &str) -> Value {
    json!({"role": role, "parts": [{"type": "text", "content": text}]})
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// Some four letters make a token.
fn tokens(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(0).div_ceil(4) + 8
}

/// In US dollars.
fn cost(model: &Model, input: u64, output: u64) -> f64 {
    let ten_thousandths_of_a_cent = (input * model.input_cents + output * model.output_cents) / 100;
    f64::from(u32::try_from(ten_thousandths_of_a_cent).unwrap_or(u32::MAX)) / 1_000_000.0
}
