//! Batches: the elements of an array, or the lines of NDJSON, each with its own verdict.

use super::parser::{Failure, Parser};
use super::{Error, Value, parse, scan};
use crate::error::Code;
use crate::limits::RECORD_BYTES_MAX;

/// One record of a batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Element<'a> {
    /// Its bytes as sent, without white space around them.
    pub raw: &'a [u8],
    /// Where they begin in the body.
    pub offset: usize,
    /// Its value, or why it is refused; the error's pointer begins at the element, its offset at the
    /// body's beginning.
    pub value: Result<Value<'a>, Error>,
}

/// Splits a JSON array. An element that is sound JSON but refused for what it says (a duplicate key,
/// a number out of range, a lone surrogate, bytes that are not UTF-8, nesting too deep, too long for
/// a record) refuses itself only; its neighbours stand.
///
/// # Errors
/// If the body is not a JSON array, or has more than `max` elements.
pub fn elements(bytes: &[u8], max: usize) -> Result<Vec<Element<'_>>, Error> {
    split_array(bytes, max).map_err(Failure::into_error)
}

fn split_array(bytes: &[u8], max: usize) -> Result<Vec<Element<'_>>, Failure> {
    let mut parser = Parser::new(bytes);
    parser.refuse_byte_order_mark()?;
    match parser.peek() {
        Some(b'[') => parser.at += 1,
        None => return Err(parser.grammar("the text is empty")),
        Some(_) => {
            return Err(Failure::new(
                Code::WrongType,
                parser.at,
                "expected an array",
            ));
        }
    }
    let mut elements = Vec::new();
    if parser.peek() == Some(b']') {
        parser.at += 1;
    } else {
        loop {
            if elements.len() == max {
                return Err(Failure::new(
                    Code::TooMany,
                    parser.at,
                    "more records than a request may have",
                ));
            }
            parser.peek();
            elements.push(element(bytes, &mut parser)?);
            match parser.peek() {
                Some(b',') => parser.at += 1,
                Some(b']') => break,
                _ => return Err(parser.grammar("expected a comma or the array's end")),
            }
        }
        parser.at += 1;
    }
    parser.end()?;
    Ok(elements)
}

fn element<'a>(bytes: &'a [u8], parser: &mut Parser<'a>) -> Result<Element<'a>, Failure> {
    let offset = parser.at;
    let value = match parser.value(1) {
        Ok(value) => Ok(value),
        Err(failure) if failure.is_grammar() => return Err(failure),
        Err(failure) => {
            // The parser stopped in the middle: what follows must be JSON all the same.
            parser.resume(scan::value(bytes, offset)?);
            Err(failure.into_error())
        }
    };
    let raw = &bytes[offset..parser.at];
    Ok(Element {
        raw,
        offset,
        value: value.and_then(|value| within_limit(raw, offset).map(|()| value)),
    })
}

fn within_limit(raw: &[u8], offset: usize) -> Result<(), Error> {
    if raw.len() <= RECORD_BYTES_MAX {
        return Ok(());
    }
    let message = "longer than a record may be";
    Err(Failure::new(Code::TooLarge, offset, message).into_error())
}

/// Splits NDJSON: one value a line, lines end with LF or CRLF, blank ones are passed over. A line
/// that is no JSON at all refuses itself only.
///
/// # Errors
/// If there are more than `max` lines that are not blank.
pub fn lines(bytes: &[u8], max: usize) -> Result<Vec<Element<'_>>, Error> {
    let mut elements = Vec::new();
    let mut start = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        let end = start + line.len();
        let offset = scan::white_space(&bytes[..end], start);
        let raw = without_trailing_space(&bytes[offset..end]);
        start = end + 1;
        if raw.is_empty() {
            continue;
        }
        if elements.len() == max {
            let message = "more records than a request may have";
            return Err(Failure::new(Code::TooMany, offset, message).into_error());
        }
        let value = within_limit(raw, offset).and_then(|()| {
            parse(raw).map_err(|error| Error {
                offset: offset + error.offset,
                ..error
            })
        });
        elements.push(Element { raw, offset, value });
    }
    Ok(elements)
}

fn without_trailing_space(mut line: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t' | b'\r'] = line {
        line = rest;
    }
    line
}
