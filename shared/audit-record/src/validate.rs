//! The record's form: which members it has and what each may hold, as data.
//!
//! Objects whose members the form lists are closed: a member that it does not know is refused by
//! name, because a typo (`risk_levl`) would otherwise lose its meaning silently. What an application
//! wants to add goes into `attributes`, which is open: any name, and the names that the form knows
//! are checked. `null` is refused where the ledger could not do without a value; elsewhere it is a
//! value like others.

use std::fmt::Write;

use crate::error::{Code, FieldError};
use crate::id::RecordId;
use crate::json::{Object, Value};
use crate::limits::{ERRORS_MAX, KEY_BYTES_MAX, PRINCIPAL_REASONS_MAX, PRODUCER_ID_MAX};
use crate::pointer;
use crate::time::Millis;
use crate::vocabulary::{ActorType, AiRole, Completion, FactorMethod, RecordType, RiskLevel};

/// What a value may be.
enum Rule {
    Any,
    Bool,
    Text,
    TextOrObject,
    /// A string that becomes a key.
    Key,
    Id,
    ProducerId,
    Word(&'static [&'static str]),
    Time,
    TimeOrDate,
    Number,
    Ratio,
    NotNegative,
    /// An integer from this on.
    Count(u32),
    List(&'static Rule),
    /// A list of at most so many.
    Ranked(usize, &'static Rule),
    /// An object of these members and no others.
    Closed(&'static [Member]),
    /// An object of any members, of which these are checked.
    Open(&'static [Member]),
}

struct Member {
    name: &'static str,
    rule: Rule,
    nullable: bool,
}

const fn member(name: &'static str, rule: Rule) -> Member {
    Member {
        name,
        rule,
        nullable: true,
    }
}

const fn never_null(name: &'static str, rule: Rule) -> Member {
    Member {
        name,
        rule,
        nullable: false,
    }
}

const REQUIRED: [&str; 3] = ["type", "occurred_at", "system"];

static RECORD: &[Member] = &[
    never_null("id", Rule::Id),
    never_null("type", Rule::Word(RecordType::WORDS)),
    never_null("occurred_at", Rule::Time),
    member("ended_at", Rule::Time),
    never_null("system", Rule::Key),
    member("environment", Rule::Key),
    member("actor", Rule::Closed(ACTOR)),
    member("subject", Rule::Closed(SUBJECT)),
    member("trace_id", Rule::Key),
    member("parent_id", Rule::Key),
    member("decision_id", Rule::Key),
    never_null("producer", Rule::Closed(PRODUCER)),
    never_null("attributes", Rule::Open(ATTRIBUTES)),
    never_null("decision", Rule::Closed(DECISION)),
    never_null("regulatory", Rule::Closed(REGULATORY)),
];

static ACTOR: &[Member] = &[
    member("id", Rule::Key),
    member("type", Rule::Word(ActorType::WORDS)),
];

static SUBJECT: &[Member] = &[member("id", Rule::Key), member("category", Rule::Text)];

static PRODUCER: &[Member] = &[
    member("id", Rule::ProducerId),
    member("seq", Rule::Count(1)),
    member("sdk", Rule::Text),
];

static ATTRIBUTES: &[Member] = &[
    member("gen_ai.operation.name", Rule::Text),
    member("gen_ai.provider.name", Rule::Text),
    member("gen_ai.request.model", Rule::Text),
    member("gen_ai.response.id", Rule::Text),
    member("gen_ai.response.model", Rule::Text),
    member("gen_ai.response.finish_reasons", Rule::List(&Rule::Text)),
    member("gen_ai.usage.input_tokens", Rule::Count(0)),
    member("gen_ai.usage.output_tokens", Rule::Count(0)),
    member("gen_ai.usage.cache_read.input_tokens", Rule::Count(0)),
    member("gen_ai.usage.cache_write.input_tokens", Rule::Count(0)),
    member("gen_ai.usage.reasoning.output_tokens", Rule::Count(0)),
    member("gen_ai.conversation.id", Rule::Text),
    member("gen_ai.prompt.name", Rule::Text),
    member("gen_ai.prompt.version", Rule::Text),
    member("error.type", Rule::Text),
    member("server.address", Rule::Text),
    member("audit.call.completion", Rule::Word(Completion::WORDS)),
    member("audit.call.attempts", Rule::Count(0)),
    member("audit.call.provider_request_id", Rule::Text),
    member("audit.call.cost", Rule::NotNegative),
];

static DECISION: &[Member] = &[
    member("outcome", Rule::Text),
    member("adverse", Rule::Bool),
    member("confidence", Rule::Ratio),
    member("confidence_source", Rule::Text),
    member("alternatives", Rule::List(&Rule::Any)),
    member("risk_level", Rule::Word(RiskLevel::WORDS)),
    member("risk_reasons", Rule::List(&Rule::Text)),
    member("ai_role", Rule::Word(AiRole::WORDS)),
    member("solely_automated", Rule::Bool),
    member("policy", Rule::Closed(POLICY)),
    member(
        "principal_reasons",
        Rule::Ranked(PRINCIPAL_REASONS_MAX, &Rule::TextOrObject),
    ),
    member("factors", Rule::List(&Rule::Closed(FACTOR))),
    member("explanation", Rule::Text),
    never_null("oversight", Rule::Closed(OVERSIGHT)),
];

static POLICY: &[Member] = &[member("id", Rule::Text), member("version", Rule::Text)];

static FACTOR: &[Member] = &[
    member("name", Rule::Text),
    member("value", Rule::Any),
    member("weight", Rule::Number),
    member("direction", Rule::Text),
    member("method", Rule::Word(FactorMethod::WORDS)),
];

static OVERSIGHT: &[Member] = &[
    member("required", Rule::Bool),
    member("action", Rule::Text),
    member("reason", Rule::Text),
    member("at", Rule::Time),
    member("reviewers", Rule::List(&Rule::Closed(REVIEWER))),
];

static REVIEWER: &[Member] = &[member("id", Rule::Text), member("role", Rule::Text)];

static REGULATORY: &[Member] = &[
    member("system_risk_class", Rule::Text),
    member("intended_purpose", Rule::Text),
    member("use_started_at", Rule::Time),
    member("use_ended_at", Rule::Time),
    member("reference_data", Rule::List(&Rule::Any)),
    member("legal_basis", Rule::Text),
    member("retention", Rule::Closed(RETENTION)),
];

static RETENTION: &[Member] = &[
    member("class", Rule::Text),
    member("until", Rule::TimeOrDate),
];

/// Checks a value against the record's form.
pub(crate) fn record(value: &Value<'_>) -> Result<(), Vec<FieldError>> {
    let mut check = Check {
        path: String::with_capacity(64),
        errors: Vec::new(),
    };
    check.value(&Rule::Closed(RECORD), value);
    if let Value::Object(root) = value {
        for name in REQUIRED {
            if root.get(name).is_none() {
                check.inside(name, |check| {
                    check.refuse(Code::Required, "a record must have it");
                });
            }
        }
    }
    if check.errors.is_empty() {
        Ok(())
    } else {
        Err(check.errors)
    }
}

struct Check {
    path: String,
    errors: Vec<FieldError>,
}

impl Check {
    fn refuse(&mut self, code: Code, message: impl Into<std::borrow::Cow<'static, str>>) {
        if self.errors.len() < ERRORS_MAX {
            let error = FieldError::new(self.path.clone(), code, message);
            self.errors.push(error);
        }
    }

    fn inside(&mut self, token: &str, check: impl FnOnce(&mut Self)) {
        let len = self.path.len();
        pointer::push(&mut self.path, &pointer::shown(token));
        check(self);
        self.path.truncate(len);
    }

    fn value(&mut self, rule: &Rule, value: &Value<'_>) {
        match (rule, value) {
            (Rule::Any, _)
            | (Rule::Bool, Value::Bool(_))
            | (Rule::Number, Value::Number(_))
            | (Rule::Text | Rule::TextOrObject, Value::String(_))
            | (Rule::TextOrObject, Value::Object(_)) => {}
            (Rule::Key, Value::String(text)) => self.length(text, KEY_BYTES_MAX),
            (Rule::Id, Value::String(text)) => self.id(text),
            (Rule::ProducerId, Value::String(text)) => self.producer_id(text),
            (Rule::Word(words), Value::String(text)) => {
                if !words.contains(&&**text) {
                    let message = format!("expected one of {}", words.join(", "));
                    self.refuse(Code::InvalidValue, message);
                }
            }
            (Rule::Time, Value::String(text)) => {
                if Millis::parse(text).is_err() {
                    self.refuse(
                        Code::InvalidTime,
                        "expected an RFC 3339 time from 1970 to 9999",
                    );
                }
            }
            (Rule::TimeOrDate, Value::String(text)) => {
                if Millis::parse(text)
                    .or_else(|_| Millis::parse_date(text))
                    .is_err()
                {
                    self.refuse(Code::InvalidTime, "expected an RFC 3339 time, or a date");
                }
            }
            (Rule::Ratio, Value::Number(number)) => {
                if !(0.0..=1.0).contains(&number.get()) {
                    self.refuse(Code::NumberOutOfRange, "expected a number from 0 to 1");
                }
            }
            (Rule::NotNegative, Value::Number(number)) => {
                if number.get() < 0.0 {
                    self.refuse(Code::NumberOutOfRange, "expected a number from 0 up");
                }
            }
            (Rule::Count(least), Value::Number(number)) => match number.as_u64() {
                Some(count) if count >= u64::from(*least) => {}
                Some(_) => self.refuse(Code::NumberOutOfRange, format!("expected {least} or more")),
                None if number.get() < 0.0 && number.get().fract() == 0.0 => {
                    self.refuse(Code::NumberOutOfRange, format!("expected {least} or more"));
                }
                None => self.refuse(Code::WrongType, "expected an integer"),
            },
            (Rule::List(rule), Value::Array(values)) => self.list(rule, values),
            (Rule::Ranked(most, rule), Value::Array(values)) => {
                if values.len() > *most {
                    self.refuse(Code::TooMany, format!("expected at most {most}"));
                }
                self.list(rule, values);
            }
            (Rule::Closed(members), Value::Object(object)) => self.object(members, true, object),
            (Rule::Open(members), Value::Object(object)) => self.object(members, false, object),
            (rule, _) => self.refuse(Code::WrongType, rule.expected()),
        }
    }

    fn object(&mut self, members: &'static [Member], closed: bool, object: &Object<'_>) {
        for (name, value) in object {
            match members.iter().find(|member| member.name == name) {
                Some(member) if value.is_null() && member.nullable => {}
                Some(_) if value.is_null() => self.inside(name, |check| {
                    check.refuse(Code::NullNotAllowed, "null is no value here");
                }),
                Some(member) => self.inside(name, |check| check.value(&member.rule, value)),
                None if closed => self.inside(name, |check| {
                    check.refuse(Code::UnknownField, "a record has no such member");
                }),
                None => {}
            }
        }
    }

    fn list(&mut self, rule: &'static Rule, values: &[Value<'_>]) {
        if matches!(rule, Rule::Any) {
            return;
        }
        for (index, value) in values.iter().enumerate() {
            if !value.is_null() {
                let len = self.path.len();
                // Writing to a string can't fail.
                write!(self.path, "/{index}").ok();
                self.value(rule, value);
                self.path.truncate(len);
            }
        }
    }

    fn length(&mut self, text: &str, most: usize) {
        if text.is_empty() {
            self.refuse(Code::TooShort, format!("expected 1 to {most} bytes"));
        } else if text.len() > most {
            self.refuse(Code::TooLong, format!("expected 1 to {most} bytes"));
        }
    }

    fn id(&mut self, text: &str) {
        match RecordId::parse(text) {
            Ok(id) if id.version() == 7 => {}
            Ok(_) => self.refuse(Code::InvalidId, "expected a UUIDv7 in lower case"),
            Err(error) => self.refuse(Code::InvalidId, error.to_string()),
        }
    }

    fn producer_id(&mut self, text: &str) {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        self.length(text, PRODUCER_ID_MAX);
        if !text.bytes().all(allowed) {
            self.refuse(
                Code::InvalidValue,
                "expected only A-Z, a-z, 0-9, ., _ and -",
            );
        }
    }
}

impl Rule {
    const fn expected(&self) -> &'static str {
        match self {
            Rule::Any => "expected a value",
            Rule::Bool => "expected true or false",
            Rule::Text
            | Rule::Key
            | Rule::Id
            | Rule::ProducerId
            | Rule::Word(_)
            | Rule::Time
            | Rule::TimeOrDate => "expected a string",
            Rule::TextOrObject => "expected a string or an object",
            Rule::Number | Rule::Ratio | Rule::NotNegative => "expected a number",
            Rule::Count(_) => "expected an integer",
            Rule::List(_) | Rule::Ranked(..) => "expected an array",
            Rule::Closed(_) | Rule::Open(_) => "expected an object",
        }
    }
}
