//! Finishes the PDF that Chromium printed, so that it conforms to PDF/UA-1 (ISO 14289-1) and
//! PDF/A-3a (ISO 19005-3), carries its attachments, and has the same bytes for the same report.
//!
//! Chromium's tagged output has a structure tree, headings, table headers, alternative texts and an
//! outline. What it lacks, and what [`finish`] adds or mends:
//! - metadata (XMP) that says what the file conforms to, agreeing with the document information;
//! - an output intent: what the colours mean;
//! - page headers and footers, which it leaves unmarked, as artifacts;
//! - words for links, and the element `LBody` that a list item's content has to stand in;
//! - a Unicode value for glyphs that shaping made and no code point names;
//! - attachments with relationship, description and date;
//! - a file identifier; dates, creator and producer that say nothing of this run; names of elements
//!   that do not depend on how often a page was laid out before.
//!
//! Architecture invariant: this is the only crate that knows the inside of a PDF. It knows nothing of
//! what a report says. A printed file that is not as expected is an error, never a file that only
//! almost conforms.

mod artifacts;
mod attach;
mod colour;
mod failure;
mod identifiers;
mod lexer;
mod metadata;
mod structure;
mod unicode;

use audit_record::Millis;
use lopdf::{Document, LoadOptions, Object, StringFormat};
use sha2::{Digest as _, Sha256};

pub use failure::{Result, Unfinished};

/// What the finished file says about itself, and what goes with it.
#[derive(Debug, Clone)]
pub struct Finish<'a> {
    /// The title, as the window shows it.
    pub title: &'a str,
    /// What it is about, in one line.
    pub subject: &'a str,
    /// Names this file: a job's id.
    pub id: &'a str,
    /// The moment that all its dates are.
    pub as_of: Millis,
    /// What leads where: a link's anchor in the page, and words for it.
    pub anchors: &'a [(&'a str, &'a str)],
    /// The files that go with it.
    pub files: &'a [File<'a>],
}

/// A file that is attached.
#[derive(Debug, Clone)]
pub struct File<'a> {
    /// Its name: letters, digits, `.`, `-` and `_`, so that it needs no escapes anywhere.
    pub name: &'a str,
    /// Its media type.
    pub media_type: &'a str,
    /// What it is to the document: an `AFRelationship` of ISO 19005-3.
    pub relationship: &'a str,
    /// What it is, in words.
    pub description: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Who made the file, as its metadata says.
pub const CREATOR: &str = "AI Audit Layer";
/// What wrote its bytes.
pub const PRODUCER: &str = "AI Audit Layer reports";

/// Finishes a printed PDF.
///
/// # Errors
/// If it is no PDF, or not one as Chromium prints it.
pub fn finish(printed: &[u8], wanted: &Finish<'_>) -> Result<Vec<u8>> {
    // A lenient reader would repair a file that was cut, and a report would lack pages.
    let strictly = LoadOptions {
        strict: true,
        ..LoadOptions::default()
    };
    let mut pdf = Document::load_mem_with_options(printed, strictly)?;
    "1.7".clone_into(&mut pdf.version);
    artifacts::mark(&mut pdf)?;
    structure::mend(&mut pdf, wanted.anchors)?;
    identifiers::rename(&mut pdf)?;
    unicode::name_all_glyphs(&mut pdf)?;
    colour::add_intent(&mut pdf)?;
    attach::files(&mut pdf, wanted)?;
    metadata::write(&mut pdf, wanted)?;
    pdf.trailer.set("ID", identifier(wanted));
    // What nothing refers to any more would still be written.
    pdf.prune_objects();
    pdf.renumber_objects();
    let mut bytes = Vec::with_capacity(printed.len() + 16 * 1024);
    pdf.save_to(&mut bytes).map_err(lopdf::Error::IO)?;
    Ok(bytes)
}

/// The file identifier (ISO 32000-1, 14.4): of what the file is, not of when it was written.
fn identifier(wanted: &Finish<'_>) -> Object {
    let mut hash = Sha256::new();
    for part in [wanted.id, wanted.title, wanted.subject] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.update(wanted.as_of.to_string());
    for file in wanted.files {
        hash.update(file.name);
        hash.update(Sha256::digest(file.bytes));
    }
    let half = Object::String(hash.finalize()[..16].to_vec(), StringFormat::Hexadecimal);
    Object::Array(vec![half.clone(), half])
}
