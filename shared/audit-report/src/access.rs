//! The access report: who looked at what in a ledger over a period.

use audit_record::{LedgerName, Millis};

use crate::content::{Block, Document, Paper, Section, recorded, said};
use crate::figures::count;
use crate::query::Query;
use crate::system::Access;

/// What the report is made from.
#[derive(Debug)]
pub struct AccessReport {
    /// The job.
    pub job: String,
    /// The moment of the report.
    pub as_of: Millis,
    /// The paper.
    pub paper: Paper,
    /// The ledger.
    pub ledger: LedgerName,
    /// From this time on.
    pub from: Millis,
    /// Before this time.
    pub to: Millis,
    /// The accesses, oldest first.
    pub accesses: Vec<Access>,
}

impl AccessReport {
    /// Writes the report.
    #[must_use]
    pub fn document(&self) -> Document {
        let total = u64::try_from(self.accesses.len()).unwrap_or(u64::MAX);
        let mut seen = crate::system::access(&self.accesses);
        seen.blocks.extend(["access", "export"].map(|kind| {
            Block::Source(
                Query::new(&["audit", "logs"])
                    .with("ledger", self.ledger.ledger())
                    .with("type", kind)
                    .with("from", self.from.to_string())
                    .with("to", self.to.to_string())
                    .then("all pages"),
            )
        }));
        let about = Section {
            anchor: "about",
            heading: "About this report",
            serves: vec![],
            blocks: vec![
                Block::Facts(vec![
                    ("Ledger".into(), recorded(self.ledger.to_string())),
                    (
                        "Period".into(),
                        said(format!("from {} until before {}", self.from, self.to)),
                    ),
                    ("Made".into(), said(self.as_of.to_string())),
                    ("Accesses".into(), said(count(total))),
                ]),
                Block::Paragraph(said(
                    "Counted are the records of the types access and export. Who looked at records by \
                     another way than one that records it is not in the ledger.",
                )),
            ],
        };
        Document {
            title: "Access report".to_owned(),
            subject: format!("Accesses to ledger {}", self.ledger),
            running_head: format!("Access report, {}", self.ledger),
            job: self.job.clone(),
            as_of: self.as_of,
            paper: self.paper,
            contents: false,
            opening: Vec::new(),
            sections: vec![about, seen],
            attachments: Vec::new(),
        }
    }
}
