//! The parts about how the system worked and who watched it.

use audit_record::Millis;

use crate::chart::BARS_MAX;
use crate::content::{
    Block, Cell, Chart, Section, Table, Text, code, numbers, recorded, said, words,
};
use crate::figures::{count, counted, day_of, percent};
use crate::law;
use crate::tally::{Counts, InUse, Versions};

use super::{SystemReport, breakdown};

impl SystemReport {
    pub(super) fn operation(&self) -> Vec<Section> {
        vec![
            self.volumes(),
            self.outcomes(),
            self.oversight(),
            self.errors(),
            self.versions(),
            self.explanations(),
        ]
    }

    fn volumes(&self) -> Section {
        let tally = &self.tally;
        Section {
            anchor: "volumes",
            heading: "Volumes",
            serves: vec![
                &law::AI_ACT_12_1,
                &law::AI_ACT_12_2_B,
                &law::AI_ACT_72,
                &law::ISO_9_1,
                &law::NIST_MEASURE_2_4,
            ],
            blocks: vec![
                Block::Chart(Chart {
                    caption: "Decisions over time",
                    unit: ("decision", "decisions"),
                    points: self.points(&tally.decision_days),
                }),
                Block::Chart(Chart {
                    caption: "Records of all types over time",
                    unit: ("record", "records"),
                    points: self.points(&tally.days),
                }),
                breakdown(
                    "Records by type",
                    "Type",
                    &tally.types,
                    "There is no record.",
                ),
                self.source("all pages, counted by type and by the day in the id"),
            ],
        }
    }

    fn outcomes(&self) -> Section {
        let tally = &self.tally;
        let of_all = |part| percent(part, tally.decisions).unwrap_or_else(|| "none".to_owned());
        Section {
            anchor: "outcomes",
            heading: "Outcomes and risk",
            serves: vec![
                &law::AI_ACT_12_2_C,
                &law::AI_ACT_26_5,
                &law::AI_ACT_72,
                &law::ISO_A_6_2_6,
                &law::NIST_MEASURE_2_4,
            ],
            blocks: vec![
                Block::Facts(vec![
                    ("Decisions".into(), said(count(tally.decisions))),
                    (
                        "Against a person".into(),
                        said(format!(
                            "{} ({})",
                            count(tally.adverse),
                            of_all(tally.adverse)
                        )),
                    ),
                    (
                        "Without any person".into(),
                        said(format!(
                            "{} ({})",
                            count(tally.solely_automated),
                            of_all(tally.solely_automated)
                        )),
                    ),
                ]),
                breakdown(
                    "Decisions by outcome",
                    "Outcome",
                    &tally.outcomes,
                    NO_DECISION,
                ),
                breakdown(
                    "Decisions by risk level",
                    "Risk level",
                    &tally.risks,
                    NO_DECISION,
                ),
                breakdown(
                    "Decisions by the system's part",
                    "AI role",
                    &tally.roles,
                    NO_DECISION,
                ),
                self.source("all pages, records of type decision"),
            ],
        }
    }

    fn oversight(&self) -> Section {
        let tally = &self.tally;
        let without = tally.oversight_required - tally.oversight_done;
        let reviewers = tally.reviewers.iter().map(|((id, role), reviews)| {
            vec![
                Cell::Text(recorded(id)),
                Cell::Text(recorded(role)),
                Cell::Count(*reviews),
            ]
        });
        let overrides = tally.overrides.iter().map(|change| {
            vec![
                Cell::Text(code(&change.review)),
                Cell::Time(change.at),
                Cell::Text(recorded(&change.from).say(" to ").quote(&change.to)),
                Cell::Text(recorded(&change.by)),
                Cell::Text(crate::content::recorded_or_absent(change.reason.as_deref())),
            ]
        });
        let mut blocks = vec![Block::Facts(vec![
            (
                "Oversight required".into(),
                said(counted(tally.oversight_required, DECISIONS)),
            ),
            (
                "With a review".into(),
                said(counted(tally.oversight_done, DECISIONS)),
            ),
            ("Without a review".into(), said(counted(without, DECISIONS))),
        ])];
        if without > 0 {
            blocks.push(Block::Notice(said(format!(
                "{} required oversight and have no review in the period.",
                counted(without, DECISIONS)
            ))));
        }
        blocks.extend([
            breakdown("Reviews by action", "Action", &tally.actions, "There is no review."),
            Block::Table(Table {
                caption: said("Who reviewed"),
                columns: vec![words("Reviewer"), words("Role"), numbers("Reviews")],
                rows: reviewers.collect(),
                empty: "No reviewer is named.",
            }),
            Block::Table(Table {
                caption: said(
                    "Decisions that a person changed: a review gave another outcome than the decision",
                ),
                columns: vec![
                    words("Review"),
                    words("When"),
                    words("Change"),
                    words("By"),
                    words("Reason"),
                ],
                rows: overrides.collect(),
                empty: "No review gave another outcome than the decision.",
            }),
            self.source("all pages, records of type human_review, matched to decisions by decision_id or parent_id"),
        ]);
        Section {
            anchor: "oversight",
            heading: "Human oversight",
            serves: vec![
                &law::AI_ACT_12_2_A,
                &law::AI_ACT_14,
                &law::AI_ACT_26_2,
                &law::ISO_A_3_2,
                &law::NIST_GOVERN_2_1,
                &law::NIST_MAP_3_5,
                &law::NIST_MANAGE_4_1,
            ],
            blocks,
        }
    }

    fn errors(&self) -> Section {
        let tally = &self.tally;
        Section {
            anchor: "errors",
            heading: "Errors and incidents",
            serves: vec![
                &law::AI_ACT_12_2_A,
                &law::AI_ACT_12_2_B,
                &law::AI_ACT_72,
                &law::ISO_A_8_4,
                &law::NIST_MANAGE_4_3,
            ],
            blocks: vec![
                Block::Chart(Chart {
                    caption: "Records with an error over time",
                    unit: ("error", "errors"),
                    points: self.points(&tally.error_days),
                }),
                breakdown(
                    "Errors by type",
                    "error.type",
                    &tally.errors,
                    "No record names an error.",
                ),
                breakdown(
                    "Model calls by how they ended",
                    "Ended as",
                    &tally.completions,
                    "There is no model call.",
                ),
                self.source(
                    "all pages, records with the attribute error.type; records of type llm_call",
                ),
            ],
        }
    }

    fn versions(&self) -> Section {
        let tally = &self.tally;
        let changes = tally.changes.iter().map(|(at, id, what)| {
            vec![
                Cell::Text(code(id)),
                Cell::Time(*at),
                Cell::Text(recorded(what)),
            ]
        });
        Section {
            anchor: "versions",
            heading: "Models, policies and instructions in use",
            serves: vec![
                &law::AI_ACT_12_2_A,
                &law::AI_ACT_13,
                &law::AI_ACT_26_1,
                &law::ISO_A_9_4,
                &law::NIST_MANAGE_4_1,
            ],
            blocks: vec![
                versions("Models", ("Provider", "Model"), &tally.models),
                versions("Policies", ("Policy", "Version"), &tally.policies),
                versions("Prompts", ("Prompt", "Version"), &tally.prompts),
                versions("Intended purposes", ("Purpose", "Version"), &tally.purposes),
                Block::Table(Table {
                    caption: said("Changes of the configuration"),
                    columns: vec![words("Record"), words("When"), words("What")],
                    rows: changes.collect(),
                    empty: "No change of the configuration is recorded.",
                }),
                self.source("all pages; the first and the last record that names each"),
            ],
        }
    }

    fn explanations(&self) -> Section {
        let tally = &self.tally;
        Section {
            anchor: "explanations",
            heading: "Explanations to people",
            serves: vec![
                &law::AI_ACT_26_11,
                &law::AI_ACT_86,
                &law::GDPR_15_1_H,
                &law::NIST_MEASURE_2_8,
                &law::NIST_MEASURE_2_9,
            ],
            blocks: vec![
                Block::Facts(vec![
                    (
                        "Decisions against a person".into(),
                        said(count(tally.adverse)),
                    ),
                    (
                        "A letter can be made for".into(),
                        said(counted(tally.explainable, DECISIONS)),
                    ),
                ]),
                breakdown(
                    "Decisions against a person that no letter can be made for",
                    "Why not",
                    &tally.refusals,
                    "A letter can be made for each.",
                ),
                Block::Paragraph(said(
                    "Whether people were told that the system is used is not recorded by the ledger \
                     itself; records of notices show among the types above where they are sent.",
                )),
                self.source("all pages, records of type decision with decision.adverse true"),
            ],
        }
    }
}

impl SystemReport {
    /// The days of the period as points, those without a record too; by months where there would be
    /// more bars than a page can show.
    fn points(&self, days: &Counts) -> Vec<(String, u64)> {
        const DAY_MS: u64 = 86_400_000;
        let (first, end) = (self.from.get() / DAY_MS, self.to.get().div_ceil(DAY_MS));
        let by_months = usize::try_from(end - first).map_or(true, |days| days > BARS_MAX);
        let mut points: Vec<(String, u64)> = Vec::new();
        for day in first..end {
            let day = day_of(Millis::new(day * DAY_MS));
            let records = days.get(&day).copied().unwrap_or_default();
            let name = if by_months { &day[..7] } else { &day };
            match points.last_mut().filter(|(last, _)| last == name) {
                Some((_, sum)) => *sum += records,
                None => points.push((name.to_owned(), records)),
            }
        }
        points
    }
}

const DECISIONS: (&str, &str) = ("decision", "decisions");
const NO_DECISION: &str = "There is no decision in the period.";

fn versions(caption: &'static str, names: (&'static str, &'static str), of: &Versions) -> Block {
    let row = |((name, version), used): (&(String, String), &InUse)| {
        let version = if version.is_empty() {
            Text::default()
        } else {
            recorded(version)
        };
        vec![
            Cell::Text(recorded(name)),
            Cell::Text(version),
            Cell::Text(said(day_of(used.first))),
            Cell::Text(said(day_of(used.last))),
            Cell::Count(used.records),
        ]
    };
    Block::Table(Table {
        caption: said(caption),
        columns: vec![
            words(names.0),
            words(names.1),
            words("First"),
            words("Last"),
            numbers("Records"),
        ],
        rows: of.iter().map(row).collect(),
        empty: "None is recorded.",
    })
}
