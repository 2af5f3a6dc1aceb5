//! Fields: what a record consists of when it is disclosed, and the names by which rows, filters and
//! metrics read them. The same reading works on a record that is about to be written and on one that
//! was opened again, so that an index row is a pure function of its fields.

use std::borrow::Cow;

use crate::facts::Part;
use crate::json::Value;
use crate::time::Millis;
use crate::vocabulary::{ActorType, RecordType};

/// One field of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct Field<'a> {
    /// JSON pointer (RFC 6901).
    pub pointer: Cow<'a, str>,
    /// Its value.
    pub value: &'a Value<'a>,
    /// The part that it is sealed in.
    pub part: Part,
}

/// Token counts of a model call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// `gen_ai.usage.input_tokens`.
    pub input_tokens: Option<u64>,
    /// `gen_ai.usage.output_tokens`.
    pub output_tokens: Option<u64>,
    /// `gen_ai.usage.cache_read.input_tokens`.
    pub cache_read_input_tokens: Option<u64>,
    /// `gen_ai.usage.cache_write.input_tokens`.
    pub cache_write_input_tokens: Option<u64>,
    /// `gen_ai.usage.reasoning.output_tokens`.
    pub reasoning_output_tokens: Option<u64>,
}

/// Who numbers the records: each member where it was sent and is not null.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Producer<'a> {
    /// The producer's id.
    pub id: Option<&'a str>,
    /// The running number, from 1.
    pub seq: Option<u64>,
}

/// Reads fields by name. `null` counts as absent.
pub trait Fields {
    /// The value of the field with exactly this pointer.
    fn field(&self, pointer: &str) -> Option<&Value<'_>>;

    /// The string at a pointer.
    fn text(&self, pointer: &str) -> Option<&str> {
        self.field(pointer)?.as_str()
    }

    /// The integer from 0 up at a pointer.
    fn count(&self, pointer: &str) -> Option<u64> {
        self.field(pointer)?.as_u64()
    }

    /// The time at a pointer.
    fn time(&self, pointer: &str) -> Option<Millis> {
        Millis::parse(self.text(pointer)?).ok()
    }

    /// `type`.
    fn record_type(&self) -> Option<RecordType> {
        RecordType::from_word(self.text("/type")?)
    }

    /// `occurred_at`.
    fn occurred_at(&self) -> Option<Millis> {
        self.time("/occurred_at")
    }

    /// `ended_at`.
    fn ended_at(&self) -> Option<Millis> {
        self.time("/ended_at")
    }

    /// Milliseconds from `occurred_at` to `ended_at`; none if it ended before it occurred.
    fn latency_ms(&self) -> Option<u64> {
        let ended = self.ended_at()?.get();
        ended.checked_sub(self.occurred_at()?.get())
    }

    /// `system`.
    fn system(&self) -> Option<&str> {
        self.text("/system")
    }

    /// `environment`.
    fn environment(&self) -> Option<&str> {
        self.text("/environment")
    }

    /// `actor.id`.
    fn actor_id(&self) -> Option<&str> {
        self.field("/actor")?.get("id")?.as_str()
    }

    /// `actor.type`.
    fn actor_type(&self) -> Option<ActorType> {
        ActorType::from_word(self.field("/actor")?.get("type")?.as_str()?)
    }

    /// `subject.id`.
    fn subject_id(&self) -> Option<&str> {
        self.field("/subject")?.get("id")?.as_str()
    }

    /// `subject.category`.
    fn subject_category(&self) -> Option<&str> {
        self.field("/subject")?.get("category")?.as_str()
    }

    /// `trace_id`.
    fn trace_id(&self) -> Option<&str> {
        self.text("/trace_id")
    }

    /// `parent_id`.
    fn parent_id(&self) -> Option<&str> {
        self.text("/parent_id")
    }

    /// `decision_id`.
    fn decision_id(&self) -> Option<&str> {
        self.text("/decision_id")
    }

    /// What ties records to a chain: `decision_id`, else `trace_id`, else `parent_id`.
    fn chain_id(&self) -> Option<&str> {
        self.decision_id()
            .or_else(|| self.trace_id())
            .or_else(|| self.parent_id())
    }

    /// `producer.id` and `producer.seq`.
    fn producer(&self) -> Producer<'_> {
        let producer = self.field("/producer");
        Producer {
            id: producer.and_then(|p| p.get("id")?.as_str()),
            seq: producer.and_then(|p| p.get("seq")?.as_u64()),
        }
    }

    /// `decision.outcome`.
    fn outcome(&self) -> Option<&str> {
        self.text("/decision/outcome")
    }

    /// `decision.risk_level`.
    fn risk_level(&self) -> Option<&str> {
        self.text("/decision/risk_level")
    }

    /// The model that answered, else the one that was asked for.
    fn model(&self) -> Option<&str> {
        self.text("/attributes/gen_ai.response.model")
            .or_else(|| self.text("/attributes/gen_ai.request.model"))
    }

    /// `gen_ai.provider.name`.
    fn provider(&self) -> Option<&str> {
        self.text("/attributes/gen_ai.provider.name")
    }

    /// `gen_ai.operation.name`.
    fn operation(&self) -> Option<&str> {
        self.text("/attributes/gen_ai.operation.name")
    }

    /// `gen_ai.conversation.id`.
    fn conversation_id(&self) -> Option<&str> {
        self.text("/attributes/gen_ai.conversation.id")
    }

    /// `error.type`.
    fn error_type(&self) -> Option<&str> {
        self.text("/attributes/error.type")
    }

    /// The five token counts.
    fn usage(&self) -> Usage {
        Usage {
            input_tokens: self.count("/attributes/gen_ai.usage.input_tokens"),
            output_tokens: self.count("/attributes/gen_ai.usage.output_tokens"),
            cache_read_input_tokens: self.count("/attributes/gen_ai.usage.cache_read.input_tokens"),
            cache_write_input_tokens: self
                .count("/attributes/gen_ai.usage.cache_write.input_tokens"),
            reasoning_output_tokens: self.count("/attributes/gen_ai.usage.reasoning.output_tokens"),
        }
    }

    /// `audit.call.cost`: US dollars.
    fn cost(&self) -> Option<f64> {
        self.field("/attributes/audit.call.cost")?.as_f64()
    }
}
