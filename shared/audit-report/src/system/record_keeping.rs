//! The parts about the records themselves: completeness, integrity, retention, access.

use std::fmt::Write as _;

use audit_log::canonical;
use audit_record::Millis;
use audit_record::json::{Number, Object, Value};

use crate::content::{Block, Cell, Section, Table, code, numbers, recorded, said, words};
use crate::figures::{count, counted};
use crate::law;
use crate::tally::{Counts, Tally};

use super::{SystemReport, breakdown};

/// What was checked of the ledger when the report was made.
#[derive(Debug, Clone)]
pub struct Integrity {
    /// The ledger's root hash at its size, in base64url.
    pub root: String,
    /// How many records were read and checked for the report.
    pub checked: u64,
    /// Of those, how many did not hold, by id.
    pub broken: Vec<String>,
}

/// How long records are kept.
#[derive(Debug, Clone)]
pub struct Retention {
    /// The ledger's class.
    pub class: String,
    /// Its days.
    pub days: u64,
}

/// Somebody looked at records.
#[derive(Debug, Clone)]
pub struct Access {
    /// The record of the access.
    pub record: String,
    /// When.
    pub at: Millis,
    /// Who.
    pub by: String,
    /// What was looked at.
    pub what: String,
}

impl SystemReport {
    pub(super) fn record_keeping(&self) -> Vec<Section> {
        let mut sections = vec![self.gaps(), self.integrity(), self.retention()];
        sections.push(access(&self.accesses));
        if self.biometric {
            sections.push(self.uses());
        }
        sections
    }

    fn gaps(&self) -> Section {
        let producers = self.tally.numbering.producers();
        let missing: u64 = producers.iter().map(|producer| producer.missing).sum();
        let rows = producers.iter().map(|producer| {
            let mut gaps = String::new();
            for gap in &producer.gaps {
                let before = if gaps.is_empty() { "" } else { "; " };
                let numbers = (gap.numbers.start(), gap.numbers.end());
                // Writing to a string can't fail.
                let _written = write!(
                    gaps,
                    "{before}{} to {} between {} and {}",
                    numbers.0, numbers.1, gap.after, gap.before
                );
            }
            vec![
                Cell::Text(recorded(&producer.producer)),
                Cell::Text(said(format!(
                    "{} to {}",
                    producer.range.start(),
                    producer.range.end()
                ))),
                Cell::Count(producer.seen),
                Cell::Count(producer.missing),
                Cell::Text(said(if gaps.is_empty() {
                    "none".to_owned()
                } else {
                    gaps
                })),
            ]
        });
        let verdict = if missing == 0 {
            Block::Paragraph(said(
                "Between the first and the last number of each producer in the period, no number is \
                 missing.",
            ))
        } else {
            Block::Notice(said(format!(
                "{} missing: never recorded, still on the way, or dated outside the period.",
                counted(missing, ("number is", "numbers are"))
            )))
        };
        Section {
            anchor: "completeness",
            heading: "Completeness and gaps",
            serves: vec![&law::AI_ACT_12_1, &law::ISO_A_6_2_8],
            blocks: vec![
                Block::Paragraph(said(
                    "Each producer numbers its records from 1 by 1, so that one that was never recorded \
                     leaves a gap.",
                )),
                verdict,
                Block::Table(Table {
                    caption: said("Producers"),
                    columns: vec![
                        words("Producer"),
                        words("Numbers"),
                        numbers("Seen"),
                        numbers("Missing"),
                        words("Gaps"),
                    ],
                    rows: rows.collect(),
                    empty: "No record has a producer's number: completeness can't be shown.",
                }),
                Block::Facts(vec![
                    (
                        "Without a number".into(),
                        said(counted(
                            self.tally.numbering.unnumbered,
                            ("record", "records"),
                        )),
                    ),
                    (
                        "Content erased".into(),
                        said(counted(self.tally.erased, ("record", "records"))),
                    ),
                ]),
                self.source("all pages, each record's member producer"),
            ],
        }
    }

    fn integrity(&self) -> Section {
        let checked = &self.integrity;
        let verdict = if checked.broken.is_empty() {
            Block::Paragraph(said(
                "Every record that this report was made from was read out of the ledger and held \
                 against its entry: fields, digests and leaf hash.",
            ))
        } else {
            let ids = checked.broken.join(", ");
            Block::Notice(said("These records do not hold against the ledger: ").quote(ids))
        };
        Section {
            anchor: "integrity",
            heading: "Integrity",
            serves: vec![&law::AI_ACT_12_1, &law::AI_ACT_19, &law::AI_ACT_26_6],
            blocks: vec![
                verdict,
                Block::Facts(vec![
                    ("Records checked".into(), said(count(checked.checked))),
                    ("Ledger size".into(), said(count(self.size))),
                    ("Root hash at that size".into(), code(&checked.root)),
                ]),
            ],
        }
    }

    fn retention(&self) -> Section {
        Section {
            anchor: "retention",
            heading: "Retention",
            serves: vec![&law::AI_ACT_19, &law::AI_ACT_26_6],
            blocks: vec![
                Block::Facts(vec![
                    ("Class".into(), recorded(&self.retention.class)),
                    (
                        "Kept write-once for".into(),
                        said(counted(self.retention.days, ("day", "days"))),
                    ),
                ]),
                Block::Paragraph(said(
                    "Within this time nobody can delete or change a record, the operator included. The \
                     AI Act asks for at least six months; seven years is this product's default, not a \
                     law.",
                )),
            ],
        }
    }

    fn uses(&self) -> Section {
        Section {
            anchor: "biometric",
            heading: "Uses for remote biometric identification",
            serves: vec![&law::AI_ACT_12_3],
            blocks: vec![
                Block::Table(Table {
                    caption: said("Uses, with reference database and who verified"),
                    columns: vec![
                        words("Record"),
                        words("Began"),
                        words("Ended"),
                        words("Reference data"),
                        words("Verified by"),
                    ],
                    rows: self.tally.uses.iter().map(use_row).collect(),
                    empty: "No record has the members regulatory.use_started_at and use_ended_at.",
                }),
                self.source("all pages, records with regulatory.use_started_at"),
            ],
        }
    }

    /// The counts, in canonical JSON.
    pub(super) fn figures(&self) -> Vec<u8> {
        let tally = &self.tally;
        let mut object = Object::new();
        let mut put = |name: &'static str, value| {
            // Names are constants, each used once.
            let _new = object.insert(name, value);
        };
        put("job", Value::String(self.job.clone().into()));
        put("ledger", Value::String(self.ledger.to_string().into()));
        put("system", Value::String(self.system.clone().into()));
        put("from", Value::String(self.from.to_string().into()));
        put("to", Value::String(self.to.to_string().into()));
        put("size", number(self.size));
        for (name, value) in totals(tally) {
            put(name, number(value));
        }
        for (name, counts) in [
            ("type", &tally.types),
            ("day", &tally.days),
            ("outcome", &tally.outcomes),
            ("risk_level", &tally.risks),
            ("ai_role", &tally.roles),
            ("oversight_action", &tally.actions),
            ("error_type", &tally.errors),
            ("completion", &tally.completions),
            ("letter_refused", &tally.refusals),
        ] {
            put(name, counts_of(counts));
        }
        canonical::to_vec(&Value::Object(object))
    }
}

fn use_row(used: &crate::tally::Use) -> Vec<Cell> {
    let time = |time: Option<Millis>| {
        said(time.map_or_else(|| "not recorded".to_owned(), |t| t.to_string()))
    };
    vec![
        Cell::Text(code(&used.record)),
        Cell::Text(time(used.from)),
        Cell::Text(time(used.to)),
        Cell::Text(recorded(&used.reference)),
        Cell::Text(recorded(&used.verified_by)),
    ]
}

/// Who looked at records, as the report of a system and the access report show it.
pub(crate) fn access(accesses: &[Access]) -> Section {
    let mut by = Counts::new();
    for access in accesses {
        *by.entry(access.by.clone()).or_default() += 1;
    }
    let rows = accesses.iter().map(|access| {
        vec![
            Cell::Text(code(&access.record)),
            Cell::Time(access.at),
            Cell::Text(recorded(&access.by)),
            Cell::Text(recorded(&access.what)),
        ]
    });
    Section {
        anchor: "access",
        heading: "Who looked at the records",
        serves: vec![&law::ISO_A_6_2_8],
        blocks: vec![
            breakdown("Accesses by who", "Who", &by, NO_ACCESS),
            Block::Table(Table {
                caption: said("Each access"),
                columns: vec![words("Record"), words("When"), words("Who"), words("What")],
                rows: rows.collect(),
                empty: NO_ACCESS,
            }),
        ],
    }
}

const NO_ACCESS: &str = "No access is recorded in the period.";

fn totals(tally: &Tally) -> [(&'static str, u64); 9] {
    [
        ("records", tally.records),
        ("decisions", tally.decisions),
        ("adverse", tally.adverse),
        ("solely_automated", tally.solely_automated),
        ("oversight_required", tally.oversight_required),
        ("oversight_done", tally.oversight_done),
        ("letters_possible", tally.explainable),
        ("without_number", tally.numbering.unnumbered),
        ("erased", tally.erased),
    ]
}

fn counts_of(counts: &Counts) -> Value<'static> {
    let mut object = Object::new();
    for (name, count) in counts {
        // The map's keys are different from each other.
        let _new = object.insert(name.clone(), number(*count));
    }
    Value::Object(object)
}

/// A count as JSON; counts stay far below 2^53.
fn number(count: u64) -> Value<'static> {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a count of records stays far below 2^53"
    )]
    let count = count as f64;
    Number::new(count).map_or(Value::Null, Value::Number)
}
