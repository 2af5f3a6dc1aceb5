//! Marks what a page shows and no element of the structure holds as an artifact: page headers and
//! footers, rules and bars that stand beside their numbers.
//!
//! PDF/UA-1, 7.1: content is an artifact or tagged. Chromium marks only what comes from the page's
//! elements. Text objects count as a whole; a path begins with its construction and ends with its
//! painting, since marks may not stand between the two (ISO 32000-1, 8.2).

use lopdf::{Document, ObjectId};

use crate::failure::{Result, Unfinished};
use crate::lexer::{Lexer, Operation};

const TEXT: &[u8] = b"/Artifact <</Type /Pagination>> BDC\n";
const DRAWING: &[u8] = b"/Artifact <</Type /Layout>> BDC\n";
const END: &[u8] = b"\nEMC";

/// The most bytes of a page's content, unpacked. A page full of small type has some 100 kB.
const PAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Marks the artifacts of all pages.
pub(crate) fn mark(pdf: &mut Document) -> Result<()> {
    let pages: Vec<ObjectId> = pdf.page_iter().collect();
    for page in pages {
        for id in pdf.get_page_contents(page) {
            let stream = pdf.get_object_mut(id)?.as_stream_mut()?;
            let content = stream.get_plain_content_with_limit(PAGE_BYTES_MAX)?;
            let marked = marked(&content)?;
            stream.set_plain_content(marked);
            stream.compress()?;
        }
    }
    Ok(())
}

/// A content stream with its artifacts marked.
fn marked(content: &[u8]) -> Result<Vec<u8>> {
    let mut lexer = Lexer::new(content);
    let mut open = Open::default();
    let mut out = Vec::with_capacity(content.len() + 256);
    let mut copied = 0;
    while let Some(operation) = lexer.next()? {
        if let Some(artifact) = open.take(&operation)? {
            out.extend_from_slice(&content[copied..artifact.start]);
            out.extend_from_slice(if artifact.text { TEXT } else { DRAWING });
            out.extend_from_slice(&content[artifact.start..artifact.end]);
            out.extend_from_slice(END);
            copied = artifact.end;
        }
    }
    out.extend_from_slice(&content[copied..]);
    if open.marks.is_empty() {
        Ok(out)
    } else {
        Err(Unfinished::Unexpected("marked content that never ends"))
    }
}

/// Bytes to be marked.
struct Artifact {
    start: usize,
    end: usize,
    text: bool,
}

/// What is open at a place of the stream.
#[derive(Default)]
struct Open {
    /// The marks around it: whether each ties its content to the structure, or away from it.
    marks: Vec<bool>,
    /// Where the path began that is being built outside of any such mark.
    path: Option<usize>,
    /// Where the text object began that stands outside of any such mark.
    text: Option<usize>,
}

impl Open {
    fn is_tagged(&self) -> bool {
        self.marks.contains(&true)
    }

    /// Takes an operation; gives what ends with it and has to be marked.
    fn take(&mut self, operation: &Operation<'_>) -> Result<Option<Artifact>> {
        match operation.operator {
            b"BMC" | b"BDC" => {
                let ties = ties(operation.operands);
                if ties && self.text.is_some() {
                    let message = "a tag inside of a text object that has none";
                    return Err(Unfinished::Unexpected(message));
                }
                self.marks.push(ties);
            }
            b"EMC" => {
                let closed = self.marks.pop();
                closed.ok_or(Unfinished::Unexpected("marked content that never began"))?;
            }
            b"BI" => return Err(Unfinished::Unexpected("an inline image")),
            b"BT" if !self.is_tagged() => self.text = Some(operation.start),
            b"ET" => return Ok(artifact(self.text.take(), operation, true)),
            b"m" | b"l" | b"c" | b"v" | b"y" | b"h" | b"re" if !self.is_tagged() => {
                self.path.get_or_insert(operation.start);
            }
            b"n" => self.path = None,
            b"f" | b"F" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"S" | b"s" => {
                return Ok(artifact(self.path.take(), operation, false));
            }
            b"Do" | b"sh" if !self.is_tagged() => {
                return Ok(artifact(Some(operation.start), operation, false));
            }
            _ => {}
        }
        Ok(None)
    }
}

fn artifact(start: Option<usize>, last: &Operation<'_>, text: bool) -> Option<Artifact> {
    Some(Artifact {
        start: start?,
        end: last.end,
        text,
    })
}

/// Whether a mark ties content to the structure (a content id) or away from it (an artifact). Spans
/// with a replacement text, and reversed characters, do neither.
fn ties(operands: &[u8]) -> bool {
    operands.starts_with(b"/Artifact") || operands.windows(5).any(|word| word == b"/MCID")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_tag_is_marked_and_all_else_stays() {
        let text = "/Artifact <</Type /Pagination>> BDC\n";
        let drawing = "/Artifact <</Type /Layout>> BDC\n";
        for (content, expected) in [
            ("q BT <01> Tj ET Q", format!("q {text}BT <01> Tj ET\nEMC Q")),
            (
                "/P <</MCID 0 >>BDC BT <01> Tj ET 0 0 1 1 re f EMC",
                "/P <</MCID 0 >>BDC BT <01> Tj ET 0 0 1 1 re f EMC".to_owned(),
            ),
            (
                "BT /Span<</ActualText <FEFF0031> >> BDC <01> Tj EMC ET",
                format!("{text}BT /Span<</ActualText <FEFF0031> >> BDC <01> Tj EMC ET\nEMC"),
            ),
            ("0 0 1 1 re W* n q", "0 0 1 1 re W* n q".to_owned()),
            (
                "1 g 0 0 1 1 re\n1 1 m f 2 w",
                format!("1 g {drawing}0 0 1 1 re\n1 1 m f\nEMC 2 w"),
            ),
            ("/X1 Do", format!("{drawing}/X1 Do\nEMC")),
            (
                "/Artifact BMC 0 0 1 1 re f EMC",
                "/Artifact BMC 0 0 1 1 re f EMC".to_owned(),
            ),
        ] {
            let marked = marked(content.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(marked).unwrap(), expected);
        }
    }

    #[test]
    fn marking_again_changes_nothing() {
        let once = marked(b"q BT <01> Tj ET 0 0 1 1 re f Q").unwrap();
        assert_eq!(marked(&once).unwrap(), once);
    }

    #[test]
    fn what_is_not_as_expected_is_an_error() {
        for content in [
            "/P <</MCID 0>> BDC",
            "EMC",
            "BT /P <</MCID 0>> BDC EMC ET",
            "BI /W 1 ID x EI",
        ] {
            assert!(marked(content.as_bytes()).is_err(), "{content}");
        }
    }
}
