//! What a report consists of, before it is HTML: sections of blocks of text.
//!
//! Kinds of report build this from data; [`layout`](crate::layout) alone knows how it looks. Words
//! of the report and words of the record are different spans, so that a reader always sees which is
//! which, and no record can speak in the report's voice.

use std::borrow::Cow;

use audit_record::Millis;

use crate::law::Duty;
use crate::query::Query;

/// A report, ready to be laid out.
#[derive(Debug)]
pub struct Document {
    /// Its title, on the first page and in the PDF's metadata.
    pub title: String,
    /// What it is about, in one line of the PDF's metadata.
    pub subject: String,
    /// The short line above each page; letters, digits and punctuation of ours only.
    pub running_head: String,
    /// The job that made it.
    pub job: String,
    /// The moment that it speaks of: all dates of the PDF are this.
    pub as_of: Millis,
    /// The paper.
    pub paper: Paper,
    /// Whether it begins with a list of its sections.
    pub contents: bool,
    /// What stands between the title and the first section.
    pub opening: Vec<Block>,
    /// The sections, in order.
    pub sections: Vec<Section>,
    /// The files that go with it.
    pub attachments: Vec<Attachment>,
}

/// The size of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Paper {
    /// ISO 216 A4, 210 × 297 mm.
    #[default]
    A4,
    /// ANSI A, 8.5 × 11 inches.
    Letter,
}

/// A part under a heading of its own.
#[derive(Debug)]
pub struct Section {
    /// The anchor, unique in the report: lower-case letters and hyphens.
    pub anchor: &'static str,
    /// Its heading.
    pub heading: &'static str,
    /// The duties that it serves.
    pub serves: Vec<&'static Duty>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// One block.
#[derive(Debug)]
pub enum Block {
    /// A heading below the section's.
    Heading(String),
    /// A paragraph.
    Paragraph(Text),
    /// Names and what they are.
    Facts(Vec<(Cow<'static, str>, Text)>),
    /// A table.
    Table(Table),
    /// A picture of figures.
    Chart(Chart),
    /// A text as it was recorded, whole or cut with a mark.
    Quote {
        /// What it is.
        label: Text,
        /// The text.
        text: String,
    },
    /// Something that a reader must not miss.
    Notice(Text),
    /// A list.
    List(Vec<Text>),
    /// Where the figures above come from.
    Source(Query),
}

/// Text, as spans that follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Span>);

/// A stretch of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// The report's own words.
    Said(Cow<'static, str>),
    /// The report's own words, to be seen first.
    Strong(Cow<'static, str>),
    /// What a record says, as it says it.
    Recorded(String),
    /// An identifier, a hash or a request.
    Code(String),
    /// A way to another section.
    Link {
        /// The section's anchor.
        anchor: &'static str,
        /// The words that lead there.
        words: Cow<'static, str>,
    },
}

impl Text {
    /// The text and one more span.
    #[must_use]
    pub fn and(mut self, span: Span) -> Self {
        self.0.push(span);
        self
    }

    /// The text and words of the report.
    #[must_use]
    pub fn say(self, words: impl Into<Cow<'static, str>>) -> Self {
        self.and(Span::Said(words.into()))
    }

    /// The text and words of a record.
    #[must_use]
    pub fn quote(self, words: impl Into<String>) -> Self {
        self.and(Span::Recorded(words.into()))
    }
}

/// Words of the report.
#[must_use]
pub fn said(words: impl Into<Cow<'static, str>>) -> Text {
    Text::default().say(words)
}

/// Words of the report, to be seen first.
#[must_use]
pub fn strong(words: impl Into<Cow<'static, str>>) -> Text {
    Text::default().and(Span::Strong(words.into()))
}

/// Words of a record.
#[must_use]
pub fn recorded(words: impl Into<String>) -> Text {
    Text::default().quote(words)
}

/// An identifier, a hash or a request.
#[must_use]
pub fn code(words: impl Into<String>) -> Text {
    Text::default().and(Span::Code(words.into()))
}

/// What a record says, or that it says nothing.
#[must_use]
pub fn recorded_or_absent(words: Option<&str>) -> Text {
    words.map_or_else(|| said("not recorded"), recorded)
}

/// A table. The first cell of each row is its header.
#[derive(Debug)]
pub struct Table {
    /// What it shows.
    pub caption: Text,
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows, each with as many cells as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// What is said in its place where there is no row.
    pub empty: &'static str,
}

/// A column of a table.
#[derive(Debug)]
pub struct Column {
    /// Its heading.
    pub heading: &'static str,
    /// Whether it holds numbers, which stand below each other.
    pub numbers: bool,
}

/// A column of words.
#[must_use]
pub const fn words(heading: &'static str) -> Column {
    Column {
        heading,
        numbers: false,
    }
}

/// A column of numbers.
#[must_use]
pub const fn numbers(heading: &'static str) -> Column {
    Column {
        heading,
        numbers: true,
    }
}

/// A cell of a table.
#[derive(Debug)]
pub enum Cell {
    /// Text.
    Text(Text),
    /// A number.
    Count(u64),
    /// A time, to the millisecond.
    Time(Millis),
    /// A share of a whole, as a bar and in per cent.
    Share {
        /// The part.
        part: u64,
        /// The whole.
        whole: u64,
    },
}

impl From<Text> for Cell {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// Figures over time, as bars.
#[derive(Debug)]
pub struct Chart {
    /// What it shows.
    pub caption: &'static str,
    /// What one is called, and several: `decision`, `decisions`.
    pub unit: (&'static str, &'static str),
    /// The stretches of time, named by their beginning, and their figures.
    pub points: Vec<(String, u64)>,
}

/// A file that goes with the report.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its name: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it is to the report.
    pub relationship: Relationship,
    /// What it is, in words.
    pub description: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a file is to the report (ISO 19005-3 Annex E, `AFRelationship`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relationship {
    /// The report was made from it.
    Source,
    /// Figures of the report, for machines.
    Data,
    /// It adds to what the report says.
    Supplement,
}

impl Relationship {
    /// The PDF name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Data => "Data",
            Self::Supplement => "Supplement",
        }
    }
}
