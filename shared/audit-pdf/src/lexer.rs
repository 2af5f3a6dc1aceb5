//! The words of a content stream (ISO 32000-1, 7.8.2), with the place of each.
//!
//! Content streams are edited in place, byte for byte: what is not changed stays exactly as it was
//! printed.

use crate::failure::{Result, Unfinished};

/// An operator with its operands.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Operation<'a> {
    /// The operator.
    pub(crate) operator: &'a [u8],
    /// Everything before it that belongs to it.
    pub(crate) operands: &'a [u8],
    /// Where its first operand begins, or it itself.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

/// Reads a stream's operations one by one.
pub(crate) struct Lexer<'a> {
    stream: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(stream: &'a [u8]) -> Self {
        Self { stream, at: 0 }
    }

    /// The next operation; none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Operation<'a>>> {
        self.skip_space();
        let start = self.at;
        while self.at < self.stream.len() {
            let word = self.at;
            match self.stream[word] {
                b'(' => self.skip_string()?,
                b'<' if self.stream.get(word + 1) == Some(&b'<') => self.at += 2,
                b'<' => self.skip_past(b'>')?,
                b'>' | b'[' | b']' | b'{' | b'}' => self.at += 1,
                b'%' => return Err(Unfinished::Unexpected("a comment in a content stream")),
                b'/' => {
                    self.at += 1;
                    self.skip_regular();
                }
                b'0'..=b'9' | b'+' | b'-' | b'.' => self.skip_regular(),
                b')' => return Err(Unfinished::Unexpected("a string that was never opened")),
                _ => {
                    self.skip_regular();
                    let operator = &self.stream[word..self.at];
                    if !matches!(operator, b"true" | b"false" | b"null") {
                        return Ok(Some(Operation {
                            operator,
                            operands: &self.stream[start..word],
                            start,
                            end: self.at,
                        }));
                    }
                }
            }
            self.skip_space();
        }
        if start == self.stream.len() {
            Ok(None)
        } else {
            Err(Unfinished::Unexpected("operands without an operator"))
        }
    }

    fn skip_space(&mut self) {
        while self.stream.get(self.at).is_some_and(|byte| is_space(*byte)) {
            self.at += 1;
        }
    }

    /// Past the rest of a word: everything up to white space or a delimiter.
    fn skip_regular(&mut self) {
        let ends = |byte: &u8| is_space(*byte) || b"()<>[]{}/%".contains(byte);
        let rest = &self.stream[self.at..];
        self.at += rest.iter().position(ends).unwrap_or(rest.len());
    }

    fn skip_past(&mut self, end: u8) -> Result<()> {
        let rest = &self.stream[self.at..];
        let found = rest.iter().position(|byte| *byte == end);
        let found = found.ok_or(Unfinished::Unexpected("a string that never ends"))?;
        self.at += found + 1;
        Ok(())
    }

    /// Past a literal string: balanced parentheses, and a backslash before any byte.
    fn skip_string(&mut self) -> Result<()> {
        let mut depth = 0_usize;
        while let Some(byte) = self.stream.get(self.at) {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
        Err(Unfinished::Unexpected("a string that never ends"))
    }
}

/// White space (ISO 32000-1, table 1).
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn operators(stream: &str) -> Vec<String> {
        let mut lexer = Lexer::new(stream.as_bytes());
        let mut found = Vec::new();
        while let Some(operation) = lexer.next().unwrap() {
            found.push(String::from_utf8_lossy(operation.operator).into_owned());
        }
        found
    }

    #[test]
    fn operators_are_told_from_operands() {
        for (stream, expected) in [
            ("", ""),
            ("q Q", "q Q"),
            ("1 0 0 -1 .5 0 cm\nq", "cm q"),
            (
                "/P <</MCID 0 >>BDC BT /F4 1 Tf <0036> Tj ET EMC",
                "BDC BT Tf Tj ET EMC",
            ),
            (r"(a \) b (Tj) \\) Tj [(f) 12 (S)] TJ", "Tj TJ"),
            ("0 0 1 1 re\nW* n", "re W* n"),
            ("/f /S gs f", "gs f"),
        ] {
            assert_eq!(operators(stream).join(" "), expected, "{stream}");
        }
    }

    #[test]
    fn what_is_cut_is_an_error() {
        for stream in ["(abc", "<00", "1 2", "a)b"] {
            let mut lexer = Lexer::new(stream.as_bytes());
            let mut last = lexer.next();
            while let Ok(Some(_)) = last {
                last = lexer.next();
            }
            assert!(last.is_err(), "{stream}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(stream in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut lexer = Lexer::new(&stream);
            let mut end = 0;
            while let Ok(Some(operation)) = lexer.next() {
                prop_assert!(operation.start >= end && operation.end > operation.start);
                end = operation.end;
            }
        }
    }
}
