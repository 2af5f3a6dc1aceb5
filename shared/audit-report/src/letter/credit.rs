//! What a letter about credit in the United States adds: the notice of the Equal Credit Opportunity
//! Act (12 CFR 1002.9(b)(1)) and the parts of section 615(a) of the Fair Credit Reporting Act.

use audit_record::json::Value;
use audit_record::{Fields, Millis};

use super::LetterRequest;
use crate::content::{Block, Section, Text, recorded, said};
use crate::evidence::Evidence;
use crate::figures::day_of;
use crate::law;

/// What the request for such a letter adds.
#[derive(Debug, Clone)]
pub struct UsCredit {
    /// The agency that administers compliance for this creditor: name and address, as appendix A of
    /// Regulation B gives them.
    pub agency: String,
    /// The consumer reporting agencies whose reports were used.
    pub bureaus: Vec<Bureau>,
    /// The credit score, where one was used.
    pub score: Option<Score>,
}

/// A consumer reporting agency.
#[derive(Debug, Clone)]
pub struct Bureau {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// Its telephone number, toll-free where it works nationwide.
    pub telephone: String,
}

/// A credit score (FCRA 615(a)(2), 609(f)(1)).
#[derive(Debug, Clone)]
pub struct Score {
    /// The score.
    pub score: u64,
    /// The range of possible scores.
    pub range: (u64, u64),
    /// When it was made.
    pub made_at: Millis,
    /// Who made it or the file behind it.
    pub source: String,
    /// The key factors against it, the weightiest first.
    pub key_factors: Vec<String>,
}

/// The text of 12 CFR 1002.9(b)(1), before the agency.
const NOTICE: &str = "The Federal Equal Credit Opportunity Act prohibits creditors from \
discriminating against credit applicants on the basis of race, color, religion, national origin, \
sex, marital status, age (provided the applicant has the capacity to enter into a binding \
contract); because all or part of the applicant's income derives from any public assistance \
program; or because the applicant has in good faith exercised any right under the Consumer Credit \
Protection Act. The Federal agency that administers compliance with this law concerning this \
creditor is ";

pub(super) fn sections(credit: &UsCredit, request: &LetterRequest) -> Vec<Section> {
    let mut sections = vec![review(request), equal_credit(credit)];
    if !credit.bureaus.is_empty() {
        sections.push(consumer_reports(credit));
    }
    sections
}

fn review(request: &LetterRequest) -> Section {
    Section {
        anchor: "rights",
        heading: "What you can do",
        serves: vec![&law::REG_B_9_A, &law::REG_B_9_B_2],
        blocks: vec![
            Block::Paragraph(said(
                "You can ask us about this decision, ask that a person looks at it again, and send \
                 us what you want us to consider.",
            )),
            Block::Paragraph(said("Write to: ").quote(&request.contact)),
            Block::Paragraph(said("You can complain to: ").quote(&request.authority)),
        ],
    }
}

fn equal_credit(credit: &UsCredit) -> Section {
    Section {
        anchor: "equal-credit",
        heading: "Notice under the Equal Credit Opportunity Act",
        serves: vec![&law::REG_B_9_A],
        blocks: vec![Block::Paragraph(
            said(NOTICE).quote(&credit.agency).say("."),
        )],
    }
}

fn consumer_reports(credit: &UsCredit) -> Section {
    let mut blocks = vec![Block::Paragraph(said(
        "Our decision was based in whole or in part on information from the consumer reporting \
         agency named here. It did not make the decision and can't give you the specific reasons \
         for it.",
    ))];
    let bureau = |bureau: &Bureau| {
        let text = Text::default().quote(&bureau.name).say(", ");
        text.quote(&bureau.address)
            .say(", ")
            .quote(&bureau.telephone)
    };
    blocks.push(Block::List(credit.bureaus.iter().map(bureau).collect()));
    blocks.push(Block::List(vec![
        said(
            "You have the right to a free copy of your report from the agency if you ask for it \
             within 60 days of receiving this notice.",
        ),
        said(
            "You have the right to dispute with the agency the accuracy or completeness of any \
             information in the report.",
        ),
    ]));
    if let Some(score) = &credit.score {
        blocks.push(Block::Heading("Your credit score".to_owned()));
        blocks.push(Block::Facts(vec![
            ("Score".into(), recorded(score.score.to_string())),
            (
                "Range of possible scores".into(),
                said(format!("{} to {}", score.range.0, score.range.1)),
            ),
            ("Made on".into(), said(day_of(score.made_at))),
            ("Made by".into(), recorded(&score.source)),
        ]));
        blocks.push(Block::Paragraph(said(
            "Key factors that adversely affected the score:",
        )));
        blocks.push(Block::List(
            score.key_factors.iter().map(recorded).collect(),
        ));
    }
    Section {
        anchor: "consumer-reports",
        heading: "Information from consumer reports",
        serves: vec![&law::FCRA_615_A],
        blocks,
    }
}

/// Whether the decision is recorded as one against the person.
pub(super) fn is_adverse(decision: &Evidence) -> bool {
    decision.field("/decision/adverse").and_then(Value::as_bool) == Some(true)
}
