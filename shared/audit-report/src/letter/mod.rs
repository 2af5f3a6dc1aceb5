//! The explanation letter: to the person that a decision is about, in words that they can act on.
//!
//! It says what came out, who decided and what the AI system's part was, the reasons that lead to
//! recorded factors, what data was used, and how to have it looked at by a person. It never gives a
//! model's own account as a reason: [`refusal`] says when there is no letter. What the ledger can't
//! know, such as addresses, comes with the request.

mod credit;
pub mod refusal;

use audit_record::json::Value;
use audit_record::{Fields, Millis};

use crate::content::{
    Attachment, Block, Document, Paper, Section, Text, recorded, recorded_or_absent, said,
};
use crate::evidence::Evidence;
use crate::figures::day_of;
use crate::law;

pub use credit::{Bureau, Score, UsCredit};
use refusal::{Factor, Reason, Refusal};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct LetterRequest {
    /// The job.
    pub job: String,
    /// The moment of the report.
    pub as_of: Millis,
    /// The paper.
    pub paper: Paper,
    /// Who answers for the decision: name and address, line by line.
    pub sender: Vec<String>,
    /// Whom the letter goes to, line by line; may be empty.
    pub recipient: Vec<String>,
    /// How a person asks for a human review, gives their view and contests.
    pub contact: String,
    /// The authority that a complaint goes to: name and address.
    pub authority: String,
    /// Which law the letter is written for.
    pub variant: Variant,
}

/// Which law a letter is written for.
#[derive(Debug, Clone)]
pub enum Variant {
    /// The European Union: GDPR, AI Act.
    EuropeanUnion,
    /// Credit in the United States: Regulation B, FCRA 615(a).
    UsCredit(UsCredit),
}

/// Writes the letter.
///
/// # Errors
/// Why there is none.
pub fn letter(
    decision: &Evidence,
    reviews: &[Evidence],
    request: &LetterRequest,
) -> Result<Document, Refusal> {
    let reasons = refusal::reasons(decision)?;
    if let Variant::UsCredit(_) = request.variant
        && !credit::is_adverse(decision)
    {
        return Err(Refusal::NotAdverse);
    }
    let mut sections = vec![
        what_was_decided(decision),
        who_decided(decision, reviews),
        why(&reasons),
        data_used(decision),
    ];
    sections.extend(what_would_change(decision));
    match &request.variant {
        Variant::EuropeanUnion => sections.push(your_rights(request)),
        Variant::UsCredit(credit) => sections.extend(credit::sections(credit, request)),
    }
    sections.push(proof(decision));
    Ok(Document {
        title: "Explanation of a decision".to_owned(),
        subject: format!("Explanation of decision {}", decision.id),
        running_head: "Explanation of a decision".to_owned(),
        job: request.job.clone(),
        as_of: request.as_of,
        paper: request.paper,
        contents: false,
        opening: opening(request),
        sections,
        attachments: attachments(decision),
    })
}

/// A letter goes to one person: what it proves goes with it, and nothing about anybody else.
fn attachments(decision: &Evidence) -> Vec<Attachment> {
    vec![decision.attachment()]
}

fn opening(request: &LetterRequest) -> Vec<Block> {
    let lines = |lines: &[String]| lines.join("\n");
    let mut facts = vec![("From".into(), recorded(lines(&request.sender)))];
    if !request.recipient.is_empty() {
        facts.push(("To".into(), recorded(lines(&request.recipient))));
    }
    facts.push(("Date".into(), said(day_of(request.as_of))));
    vec![Block::Facts(facts)]
}

fn what_was_decided(decision: &Evidence) -> Section {
    Section {
        anchor: "decided",
        heading: "What was decided",
        serves: vec![&law::AI_ACT_86],
        blocks: vec![Block::Facts(vec![
            ("Outcome".into(), recorded_or_absent(decision.outcome())),
            ("Date".into(), said(day_of(decision.happened()))),
            ("About".into(), recorded_or_absent(decision.subject_id())),
            (
                "Purpose".into(),
                recorded_or_absent(decision.text("/regulatory/intended_purpose")),
            ),
            ("Reference".into(), recorded(decision.id.to_string())),
        ])],
    }
}

fn who_decided(decision: &Evidence, reviews: &[Evidence]) -> Section {
    let role = match decision.text("/decision/ai_role") {
        Some("determinative") => said("The decision followed from the output of an AI system."),
        Some("advisory") => said("An AI system gave advice; it did not decide by itself."),
        _ => said("What part the AI system had is not recorded."),
    };
    let automated = match decision
        .field("/decision/solely_automated")
        .and_then(Value::as_bool)
    {
        Some(true) => said("No person took part in the decision."),
        Some(false) => said("A person took part in the decision."),
        None => said("Whether a person took part is not recorded."),
    };
    let system = said("The AI system is recorded as ")
        .quote(decision.system().unwrap_or("unknown"))
        .say(".");
    let mut blocks = vec![
        Block::Paragraph(role),
        Block::Paragraph(automated),
        Block::Paragraph(system),
    ];
    let own = decision
        .text("/decision/oversight/action")
        .map(|_| decision);
    for review in own.into_iter().chain(reviews) {
        blocks.push(Block::Paragraph(review_in_words(review)));
    }
    Section {
        anchor: "who",
        heading: "Who decided, and what part the AI system had",
        serves: vec![&law::AI_ACT_86, &law::GDPR_15_1_H],
        blocks,
    }
}

/// A reviewer by role: a letter to the person affected names no employee.
fn review_in_words(review: &Evidence) -> Text {
    let reviewers = review.field("/decision/oversight/reviewers");
    let first = reviewers.and_then(Value::as_array).and_then(<[_]>::first);
    let role = first
        .and_then(|reviewer| reviewer.get("role"))
        .and_then(Value::as_str);
    let action = review.text("/decision/oversight/action");
    said("On ")
        .say(day_of(review.happened()))
        .say(" a person (")
        .quote(role.unwrap_or("role not recorded"))
        .say(") reviewed it. What they did: ")
        .quote(action.unwrap_or("not recorded"))
        .say(". Outcome afterwards: ")
        .quote(review.outcome().unwrap_or("not recorded"))
        .say(".")
}

fn why(reasons: &[Reason]) -> Section {
    let mut blocks = vec![Block::Paragraph(said(
        "The principal reasons, the weightiest first. Under each stands what was recorded at the time \
         of the decision and led to it.",
    ))];
    for (at, reason) in reasons.iter().enumerate() {
        blocks.push(Block::Paragraph(
            said(format!("{}. ", at + 1)).quote(&reason.words),
        ));
        blocks.push(Block::List(
            reason.factors.iter().map(factor_in_words).collect(),
        ));
    }
    Section {
        anchor: "why",
        heading: "Why",
        serves: vec![&law::AI_ACT_86, &law::GDPR_15_1_H],
        blocks,
    }
}

fn factor_in_words(factor: &Factor) -> Text {
    let mut text = recorded(&factor.name);
    if let Some(value) = &factor.value {
        text = text.say(": ").quote(value);
    }
    if let Some(direction) = &factor.direction {
        text = text.say(", which counted as ").quote(direction);
    }
    text.say(match factor.method.as_deref() {
        Some("shap") => " (share in the result computed by Shapley values)",
        Some("counterfactual") => " (found by changing it and computing again)",
        Some("rule") => " (a rule of the deciding organisation)",
        Some("user_supplied") => " (stated by the deciding organisation)",
        Some("model_reported" | "logprob") => " (as the model reported it; not a reason by itself)",
        _ => " (method not recorded)",
    })
}

fn data_used(decision: &Evidence) -> Section {
    let factors = refusal::factors(decision);
    let mut blocks = vec![Block::Paragraph(said(
        "These data about you went into the decision as recorded, each with how it counted.",
    ))];
    if factors.is_empty() {
        blocks.push(Block::Paragraph(said("None are recorded.")));
    } else {
        blocks.push(Block::List(factors.iter().map(factor_in_words).collect()));
    }
    let reference = decision
        .field("/regulatory/reference_data")
        .and_then(Value::as_array);
    if let Some(reference) = reference.filter(|list| !list.is_empty()) {
        blocks.push(Block::Paragraph(said("They were compared with:")));
        let items = reference
            .iter()
            .map(|item| recorded(crate::evidence::words_of(item)));
        blocks.push(Block::List(items.collect()));
    }
    Section {
        anchor: "data",
        heading: "What data was used",
        serves: vec![&law::GDPR_15_1_H],
        blocks,
    }
}

/// Only where it was recorded: nobody guesses what would have been.
fn what_would_change(decision: &Evidence) -> Option<Section> {
    let factors = refusal::factors(decision);
    let found = factors
        .iter()
        .filter(|factor| factor.method.as_deref() == Some("counterfactual"));
    let found: Vec<Text> = found.map(factor_in_words).collect();
    if found.is_empty() {
        return None;
    }
    Some(Section {
        anchor: "change",
        heading: "What would have changed the outcome",
        serves: vec![&law::GDPR_15_1_H],
        blocks: vec![
            Block::Paragraph(said("This was computed and recorded with the decision.")),
            Block::List(found),
        ],
    })
}

fn your_rights(request: &LetterRequest) -> Section {
    Section {
        anchor: "rights",
        heading: "What you can do",
        serves: vec![&law::GDPR_22_3, &law::GDPR_77, &law::AI_ACT_86],
        blocks: vec![
            Block::List(vec![
                said("You can ask that a person reviews the decision."),
                said("You can give your view, and contest the decision."),
                said("You can ask for a copy of the data about you."),
            ]),
            Block::Paragraph(said("Write to: ").quote(&request.contact)),
            Block::Paragraph(
                said("You can complain to the supervisory authority: ").quote(&request.authority),
            ),
        ],
    }
}

fn proof(decision: &Evidence) -> Section {
    let mut blocks = vec![Block::Paragraph(said(
        "The decision was recorded in a log that nobody can change unnoticed. With the attached file, \
         anyone can check that what this letter gives as recorded was recorded.",
    ))];
    blocks.extend(decision.integrity());
    Section {
        anchor: "proof",
        heading: "How this can be checked",
        serves: vec![],
        blocks,
    }
}
