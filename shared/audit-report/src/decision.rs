//! The decision audit report: one decision with every call, review and change that belongs to it.

use audit_record::json::Value;
use audit_record::{Fields, LedgerName, Millis, RecordType};

use crate::content::{
    Attachment, Block, Cell, Document, Paper, Section, Span, Table, Text, code, numbers, recorded,
    recorded_or_absent, said, words,
};
use crate::evidence::{Evidence, messages, words_of};
use crate::law;
use crate::letter::refusal;
use crate::query::Query;

/// What the report is made from.
#[derive(Debug)]
pub struct DecisionReport {
    /// The job.
    pub job: String,
    /// The moment of the report.
    pub as_of: Millis,
    /// The paper.
    pub paper: Paper,
    /// The ledger.
    pub ledger: LedgerName,
    /// The record that was asked for.
    pub record: Evidence,
    /// What belongs to it, itself left out, in the order of ids.
    pub chain: Vec<Evidence>,
    /// The chain was longer than what is here.
    pub more: bool,
}

impl DecisionReport {
    /// Writes the report.
    #[must_use]
    pub fn document(&self) -> Document {
        let sections = vec![
            self.summary(),
            self.oversight(),
            self.reasons(),
            self.calls(),
            self.timeline(),
            self.integrity(),
        ];
        Document {
            title: "Decision audit report".to_owned(),
            subject: format!("Record {} of ledger {}", self.record.id, self.ledger),
            running_head: format!("Decision audit report, {}", self.ledger),
            job: self.job.clone(),
            as_of: self.as_of,
            paper: self.paper,
            contents: false,
            opening: vec![Block::Paragraph(
                said("Made ")
                    .say(self.as_of.to_string())
                    .say(" from the records that are attached. Words on a grey ground are those of a record."),
            )],
            sections,
            attachments: self.attachments(),
        }
    }

    fn all(&self) -> Vec<&Evidence> {
        let mut all: Vec<&Evidence> = self.chain.iter().chain([&self.record]).collect();
        all.sort_by_key(|record| *record.id.as_bytes());
        all
    }

    fn attachments(&self) -> Vec<Attachment> {
        self.all().into_iter().map(Evidence::attachment).collect()
    }

    fn summary(&self) -> Section {
        let record = &self.record;
        let confidence = record.field("/decision/confidence").map(words_of);
        let source = record.text("/decision/confidence_source");
        let mut blocks = Vec::new();
        if record.erased {
            blocks.push(Block::Notice(said(
                "Content of this record was erased at a person's request. What is left are facts \
                 that say nothing about them; the ledger still proves what was there.",
            )));
        }
        let policy = |name| record.text(name).unwrap_or("not recorded");
        blocks.push(Block::Facts(vec![
            ("Outcome".into(), recorded_or_absent(record.outcome())),
            ("Risk level".into(), recorded_or_absent(record.risk_level())),
            ("Occurred".into(), said(record.happened().to_string())),
            ("AI system".into(), recorded_or_absent(record.system())),
            (
                "Environment".into(),
                recorded_or_absent(record.environment()),
            ),
            ("Caused by".into(), recorded_or_absent(record.actor_id())),
            ("About".into(), recorded_or_absent(record.subject_id())),
            (
                "AI role".into(),
                recorded_or_absent(record.text("/decision/ai_role")),
            ),
            (
                "Solely automated".into(),
                yes_or_no(record.field("/decision/solely_automated")),
            ),
            (
                "Confidence".into(),
                recorded_or_absent(confidence.as_deref())
                    .say(", source: ")
                    .quote(source.unwrap_or("not recorded")),
            ),
            (
                "Policy".into(),
                recorded(policy("/decision/policy/id"))
                    .say(", version ")
                    .quote(policy("/decision/policy/version")),
            ),
            (
                "Intended purpose".into(),
                recorded_or_absent(record.text("/regulatory/intended_purpose")),
            ),
            (
                "Legal basis".into(),
                recorded_or_absent(record.text("/regulatory/legal_basis")),
            ),
        ]));
        blocks.push(Block::Source(record.query()));
        Section {
            anchor: "summary",
            heading: "What was decided",
            serves: vec![&law::AI_ACT_12_1, &law::AI_ACT_26_1, &law::ISO_A_6_2_8],
            blocks,
        }
    }

    fn oversight(&self) -> Section {
        let with_oversight = |record: &&Evidence| {
            record.record_type() == Some(RecordType::HumanReview)
                || record.field("/decision/oversight").is_some()
        };
        let rows = self.all().into_iter().filter(with_oversight).map(|record| {
            let at = record.time("/decision/oversight/at");
            vec![
                Cell::Time(at.unwrap_or_else(|| record.happened())),
                yes_or_no(record.field("/decision/oversight/required")).into(),
                recorded_or_absent(record.text("/decision/oversight/action")).into(),
                recorded_or_absent(record.outcome()).into(),
                reviewers(record).into(),
                recorded_or_absent(record.text("/decision/oversight/reason")).into(),
            ]
        });
        Section {
            anchor: "oversight",
            heading: "Human oversight",
            serves: vec![&law::AI_ACT_14, &law::AI_ACT_26_2, &law::NIST_MAP_3_5],
            blocks: vec![Block::Table(Table {
                caption: said("What people had to do with it"),
                columns: vec![
                    words("When"),
                    words("Required"),
                    words("Action"),
                    words("Outcome"),
                    words("By"),
                    words("Reason"),
                ],
                rows: rows.collect(),
                empty: "No oversight is recorded: neither that it was required, nor that it took place.",
            })],
        }
    }

    fn reasons(&self) -> Section {
        let record = &self.record;
        let reasons = record
            .field("/decision/principal_reasons")
            .and_then(Value::as_array);
        let mut blocks = Vec::new();
        match reasons.filter(|reasons| !reasons.is_empty()) {
            Some(reasons) => {
                blocks.push(Block::Paragraph(said("Principal reasons, as recorded:")));
                let list = reasons.iter().map(reason_in_words);
                blocks.push(Block::List(list.collect()));
            }
            None => blocks.push(Block::Paragraph(said("No principal reason is recorded."))),
        }
        let rows = refusal::factors(record).into_iter().map(|factor| {
            vec![
                Cell::Text(recorded(factor.name)),
                recorded_or_absent(factor.value.as_deref()).into(),
                recorded_or_absent(factor.direction.as_deref()).into(),
                recorded_or_absent(factor.method.as_deref()).into(),
            ]
        });
        blocks.push(Block::Table(Table {
            caption: said("Factors"),
            columns: vec![
                words("Factor"),
                words("Value"),
                words("Direction"),
                words("Method"),
            ],
            rows: rows.collect(),
            empty: "No factor is recorded.",
        }));
        if record.record_type() == Some(RecordType::Decision) {
            blocks.push(Block::Paragraph(match refusal::reasons(record) {
                Ok(_) => said("An explanation letter can be made from these."),
                Err(refusal) => said("No explanation letter can be made from these: ")
                    .quote(refusal.to_string()),
            }));
        }
        if let Some(explanation) = record.text("/decision/explanation") {
            blocks.push(Block::Quote {
                label: said("Explanation, as recorded. It is an account, not evidence of why."),
                text: explanation.to_owned(),
            });
        }
        Section {
            anchor: "reasons",
            heading: "Why",
            serves: vec![&law::AI_ACT_86, &law::NIST_MEASURE_2_9],
            blocks,
        }
    }

    fn calls(&self) -> Section {
        let mut blocks = Vec::new();
        let calls = [RecordType::LlmCall, RecordType::ToolCall].map(Some);
        let mut any = false;
        for record in self.all() {
            if !calls.contains(&record.record_type()) && record.id != self.record.id {
                continue;
            }
            let texts = texts_of(record);
            if texts.is_empty() && !calls.contains(&record.record_type()) {
                continue;
            }
            any = true;
            blocks.push(Block::Heading(format!("Call {}", record.id)));
            blocks.push(Block::Facts(call_facts(record)));
            blocks.extend(texts);
        }
        if !any {
            blocks.push(Block::Paragraph(said("No call is recorded with it.")));
        }
        Section {
            anchor: "calls",
            heading: "What was asked and answered",
            serves: vec![&law::AI_ACT_12_1, &law::AI_ACT_13],
            blocks,
        }
    }

    fn timeline(&self) -> Section {
        let rows = self.all().into_iter().map(|record| {
            vec![
                Cell::Time(record.happened()),
                recorded_or_absent(record.text("/type")).into(),
                recorded_or_absent(record.outcome().or_else(|| record.model())).into(),
                Cell::Count(record.index),
                code(record.id.to_string()).into(),
            ]
        });
        let chain = Query::new(&["audit", "logs", &self.record.id.to_string(), "chain"])
            .with("ledger", self.ledger.ledger());
        let mut blocks = vec![Block::Table(Table {
            caption: said("All records that belong to it"),
            columns: vec![
                words("Occurred"),
                words("Type"),
                words("Outcome or model"),
                numbers("Index"),
                words("Record"),
            ],
            rows: rows.collect(),
            empty: "",
        })];
        if self.more {
            blocks.push(Block::Notice(said(
                "There are more records than this report holds; the request below gives all.",
            )));
        }
        blocks.push(Block::Source(chain));
        Section {
            anchor: "timeline",
            heading: "Everything that belongs to it",
            serves: vec![&law::AI_ACT_12_1],
            blocks,
        }
    }

    fn integrity(&self) -> Section {
        let mut blocks = vec![Block::Paragraph(said(
            "Each record was read out of the ledger and checked on the way: its fields against their \
             digests, the digests against the entry, the entry against the leaf hash. The attached \
             files hold what it takes to check this again, as docs/LEDGER.md says.",
        ))];
        for record in self.all() {
            blocks.extend(record.integrity());
        }
        Section {
            anchor: "integrity",
            heading: "Integrity",
            serves: vec![&law::AI_ACT_12_1, &law::AI_ACT_19, &law::AI_ACT_26_6],
            blocks,
        }
    }
}

/// A principal reason: its words, and its code where it has both.
fn reason_in_words(reason: &Value<'_>) -> Text {
    let word = |name| reason.get(name).and_then(Value::as_str);
    match (word("text"), word("code")) {
        (Some(text), Some(code)) => recorded(text).say(" (").quote(code).say(")"),
        (Some(text), None) => recorded(text),
        _ => recorded(words_of(reason)),
    }
}

fn yes_or_no(value: Option<&Value<'_>>) -> Text {
    match value.and_then(Value::as_bool) {
        Some(true) => said("yes"),
        Some(false) => said("no"),
        None => said("not recorded"),
    }
}

/// Who reviewed, each with the role.
fn reviewers(record: &Evidence) -> Text {
    let all = record
        .field("/decision/oversight/reviewers")
        .and_then(Value::as_array);
    let mut text = Text::default();
    for reviewer in all.unwrap_or_default() {
        let word = |name| {
            reviewer
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or("not recorded")
        };
        if !text.0.is_empty() {
            text = text.say("; ");
        }
        text = text.quote(word("id")).say(", ").quote(word("role"));
    }
    if text.0.is_empty() {
        said("not recorded")
    } else {
        text
    }
}

fn call_facts(record: &Evidence) -> Vec<(std::borrow::Cow<'static, str>, Text)> {
    let attribute = |name: &str| recorded_or_absent(record.text(&format!("/attributes/{name}")));
    let usage = record.usage();
    let tokens =
        |count: Option<u64>| count.map_or_else(|| "not recorded".to_owned(), |n| n.to_string());
    vec![
        ("Occurred".into(), said(record.happened().to_string())),
        ("Type".into(), recorded_or_absent(record.text("/type"))),
        (
            "Provider and model".into(),
            recorded_or_absent(record.provider())
                .say(", ")
                .and(Span::Recorded(
                    record.model().unwrap_or("not recorded").to_owned(),
                )),
        ),
        (
            "Prompt".into(),
            attribute("gen_ai.prompt.name").say(", version ").quote(
                record
                    .text("/attributes/gen_ai.prompt.version")
                    .unwrap_or("not recorded"),
            ),
        ),
        (
            "Tokens in, out".into(),
            said(format!(
                "{}, {}",
                tokens(usage.input_tokens),
                tokens(usage.output_tokens)
            )),
        ),
        ("Ended as".into(), attribute("audit.call.completion")),
        ("Error".into(), attribute("error.type")),
    ]
}

/// The texts of a call, in the order in which they were said.
fn texts_of(record: &Evidence) -> Vec<Block> {
    let mut blocks = Vec::new();
    for (name, what) in [
        ("gen_ai.system_instructions", "Instructions"),
        ("gen_ai.input.messages", "Input"),
        ("gen_ai.tool.call.arguments", "Arguments"),
        ("gen_ai.tool.call.result", "Result"),
        ("gen_ai.output.messages", "Output"),
    ] {
        let Some(value) = record.field(&format!("/attributes/{name}")) else {
            continue;
        };
        let texts = messages(value).unwrap_or_else(|| vec![(String::new(), words_of(value))]);
        for (role, text) in texts {
            let label = if role.is_empty() {
                said(what)
            } else {
                said(what).say(", ").quote(role)
            };
            blocks.push(Block::Quote { label, text });
        }
    }
    blocks
}
