//! The system audit report: one AI system over a period, part by part for the duties that each
//! serves.

mod operation;
mod record_keeping;

use audit_record::{LedgerName, Millis};

use crate::content::{
    Attachment, Block, Cell, Document, Paper, Relationship, Section, Table, Text, recorded, said,
    words,
};
use crate::evidence::Evidence;
use crate::figures::{self, count, day_of};
use crate::law::{self, Duty};
use crate::query::Query;
use crate::tally::{Counts, Tally};

pub(crate) use record_keeping::access;
pub use record_keeping::{Access, Integrity, Retention};

/// What the report is made from.
#[derive(Debug)]
pub struct SystemReport {
    /// The job.
    pub job: String,
    /// The moment of the report.
    pub as_of: Millis,
    /// The paper.
    pub paper: Paper,
    /// The ledger.
    pub ledger: LedgerName,
    /// The AI system's id.
    pub system: String,
    /// From this time on, by the records' ids.
    pub from: Millis,
    /// Before this time.
    pub to: Millis,
    /// The system is one of remote biometric identification (Annex III, point 1(a)).
    pub biometric: bool,
    /// The ledger's size that the figures keep to.
    pub size: u64,
    /// The figures.
    pub tally: Tally,
    /// What was checked.
    pub integrity: Integrity,
    /// How long records are kept.
    pub retention: Retention,
    /// Who looked at the records.
    pub accesses: Vec<Access>,
    /// A sample of decisions, chosen as [`sample_of`] says.
    pub sample: Vec<Evidence>,
}

impl SystemReport {
    /// Writes the report.
    #[must_use]
    pub fn document(&self) -> Document {
        let mut sections = vec![self.about()];
        sections.extend(self.operation());
        sections.extend(self.record_keeping());
        sections.push(self.sampled());
        let duties = duties(&sections);
        sections.push(duties);
        sections.push(self.checking());
        Document {
            title: "System audit report".to_owned(),
            subject: format!("System {} of ledger {}", self.system, self.ledger),
            running_head: format!("System audit report, {}", self.ledger),
            job: self.job.clone(),
            as_of: self.as_of,
            paper: self.paper,
            contents: true,
            opening: vec![Block::Paragraph(
                said("The AI system ").quote(&self.system).say(format!(
                    ", from {} to {}.",
                    day_of(self.from),
                    self.last_day()
                )),
            )],
            sections,
            attachments: self.attachments(),
        }
    }

    /// The last day of the period, its end itself not included.
    fn last_day(&self) -> String {
        day_of(Millis::new(self.to.get().saturating_sub(1)))
    }

    /// The list that all counts are of.
    fn records(&self) -> Query {
        Query::new(&["audit", "logs"])
            .with("ledger", self.ledger.ledger())
            .with("system", &self.system)
            .with("from", self.from.to_string())
            .with("to", self.to.to_string())
    }

    fn source(&self, then: &'static str) -> Block {
        Block::Source(self.records().with("limit", "500").then(then))
    }

    fn attachments(&self) -> Vec<Attachment> {
        let figures = Attachment {
            name: "figures.json".to_owned(),
            media_type: "application/json",
            relationship: Relationship::Data,
            description: "The report's counts, for machines".to_owned(),
            bytes: self.figures(),
        };
        let sample = self.sample.iter().map(Evidence::attachment);
        std::iter::once(figures).chain(sample).collect()
    }

    fn about(&self) -> Section {
        let facts = vec![
            ("AI system".into(), recorded(&self.system)),
            ("Ledger".into(), recorded(self.ledger.to_string())),
            (
                "Period".into(),
                said(format!("from {} until before {}", self.from, self.to)),
            ),
            ("Made".into(), said(self.as_of.to_string())),
            ("Ledger size".into(), said(count(self.size))),
            ("Records".into(), said(count(self.tally.records))),
        ];
        Section {
            anchor: "about",
            heading: "About this report",
            serves: vec![],
            blocks: vec![
                Block::Facts(facts),
                Block::Paragraph(said(
                    "Each figure is a count of records in the ledger, and the request that gives these \
                     records is printed below it. Records with an index below the ledger's size are \
                     counted. What a record does not say is counted as not recorded. Words on a grey \
                     ground are those of a record.",
                )),
            ],
        }
    }

    fn sampled(&self) -> Section {
        let rows = self.sample.iter().map(|decision| {
            use audit_record::Fields as _;
            let word = |word: Option<&str>| Cell::Text(crate::content::recorded_or_absent(word));
            vec![
                Cell::Text(crate::evidence::named(&decision.id)),
                Cell::Time(decision.happened()),
                word(decision.outcome()),
                word(decision.risk_level()),
                word(decision.model()),
                Cell::Text(crate::content::code(decision.index.to_string())),
            ]
        });
        Section {
            anchor: "sample",
            heading: "A sample of decisions",
            serves: vec![&law::AI_ACT_26_5, &law::NIST_MEASURE_2_8],
            blocks: vec![
                Block::Paragraph(said(
                    "Of all decisions of the period, ordered by SHA-256 of the job's id and the \
                     decision's, the first ones: nobody can choose them, and anyone can choose the same \
                     again. Each is attached with its evidence.",
                )),
                Block::Table(Table {
                    caption: said("Decisions in the sample"),
                    columns: vec![
                        words("Record"),
                        words("Occurred"),
                        words("Outcome"),
                        words("Risk"),
                        words("Model"),
                        words("Index"),
                    ],
                    rows: rows.collect(),
                    empty: "There is no decision in the period.",
                }),
            ],
        }
    }

    fn checking(&self) -> Section {
        let steps = vec![
            said("Send the requests that are printed below the figures, page by page, and count."),
            said("Open an attached record and check it against its entry, as docs/LEDGER.md says."),
            said("Compare this file's SHA-256 with the record of the report in the ledger."),
        ];
        Section {
            anchor: "checking",
            heading: "How to check this report",
            serves: vec![],
            blocks: vec![Block::List(steps), self.source("all pages")],
        }
    }
}

/// The ids of a sample: ordered by a hash that the job's id goes into, so that a sample is neither
/// chosen nor foreseen, and can be chosen again.
#[must_use]
pub fn sample_of(
    job: &str,
    decisions: &[audit_record::RecordId],
    size: usize,
) -> Vec<audit_record::RecordId> {
    let mut ordered: Vec<_> = decisions
        .iter()
        .map(|id| {
            let hash = audit_log::Hash::of(&[job.as_bytes(), id.to_string().as_bytes()]);
            (*hash.as_bytes(), *id)
        })
        .collect();
    ordered.sort_by_key(|(hash, _)| *hash);
    ordered.into_iter().take(size).map(|(_, id)| id).collect()
}

/// Which part serves which duty, out of what the sections say themselves.
fn duties(sections: &[Section]) -> Section {
    let serving = |duty: &'static Duty| -> Vec<&Section> {
        let serves = |section: &&Section| section.serves.contains(&duty);
        sections.iter().filter(serves).collect()
    };
    let served = law::DUTIES.iter().filter(|duty| !serving(duty).is_empty());
    let rows = served.map(|duty| {
        let mut parts = Text::default();
        for section in serving(duty) {
            if !parts.0.is_empty() {
                parts = parts.say("; ");
            }
            parts = parts.and(crate::content::Span::Link {
                anchor: section.anchor,
                words: section.heading.into(),
            });
        }
        let applies = duty.applies_from.as_ref();
        vec![
            Cell::Text(said(duty.short())),
            Cell::Text(said(duty.asks)),
            Cell::Text(applies.map_or_else(
                || said("no law"),
                |date| said(format!("{} ({})", date.day, date.by)),
            )),
            Cell::Text(parts),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let mut sources: Vec<&law::Source> = Vec::new();
    for duty in law::DUTIES.iter().filter(|duty| !serving(duty).is_empty()) {
        if !sources.contains(&duty.source) {
            sources.push(duty.source);
        }
    }
    let cited = sources.iter().map(|source| {
        said(format!(
            "{}: {}; as of {}",
            source.name, source.citation, source.as_of
        ))
    });
    Section {
        anchor: "duties",
        heading: "Which part serves which duty",
        serves: vec![],
        blocks: vec![
            Block::Paragraph(said(law::DISCLAIMER)),
            Block::Table(Table {
                caption: said("Clauses and parts"),
                columns: vec![
                    words("Clause"),
                    words("It asks"),
                    words("Applies from"),
                    words("Parts"),
                ],
                rows,
                empty: "",
            }),
            Block::List(cited.collect()),
        ],
    }
}

/// A table of counts with each one's share, the largest first.
fn breakdown(
    caption: &'static str,
    of: &'static str,
    counts: &Counts,
    empty: &'static str,
) -> Block {
    let whole = counts.values().fold(0_u64, |sum, n| sum.saturating_add(*n));
    let mut sorted: Vec<(&String, u64)> = counts.iter().map(|(value, n)| (value, *n)).collect();
    sorted.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    let left_out = sorted.len().saturating_sub(BREAKDOWN_MAX);
    let rest: u64 = sorted.iter().skip(BREAKDOWN_MAX).map(|(_, n)| *n).sum();
    sorted.truncate(BREAKDOWN_MAX);
    let mut rows: Vec<Vec<Cell>> = sorted
        .into_iter()
        .map(|(value, part)| {
            let name = if value == crate::tally::NOT_RECORDED {
                said(crate::tally::NOT_RECORDED)
            } else {
                recorded(value)
            };
            vec![
                Cell::Text(name),
                Cell::Count(part),
                Cell::Share { part, whole },
            ]
        })
        .collect();
    if left_out > 0 {
        let left_out = figures::counted(
            u64::try_from(left_out).unwrap_or(u64::MAX),
            ("more value", "more values"),
        );
        rows.push(vec![
            Cell::Text(said(format!("{left_out}, in figures.json"))),
            Cell::Count(rest),
            Cell::Share { part: rest, whole },
        ]);
    }
    Block::Table(Table {
        caption: said(caption),
        columns: vec![
            words(of),
            crate::content::numbers("Records"),
            words("Share"),
        ],
        rows,
        empty,
    })
}

/// The most rows of a breakdown that print: free words could be as many as there are records.
const BREAKDOWN_MAX: usize = 40;
