//! What the command says: for a person, or as one line of JSON for a program.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::failure::Failure;

/// Where and how the command speaks. Results go to standard output; progress, notes and failures
/// to standard error.
pub(crate) struct Output {
    json: bool,
    results: Mutex<Box<dyn Write + Send>>,
    remarks: Mutex<Box<dyn Write + Send>>,
}

impl Output {
    /// On the process's own streams.
    pub(crate) fn standard(json: bool) -> Self {
        Self::new(json, io::stdout(), io::stderr())
    }

    pub(crate) fn new(
        json: bool,
        results: impl Write + Send + 'static,
        remarks: impl Write + Send + 'static,
    ) -> Self {
        Self {
            json,
            results: Mutex::new(Box::new(results)),
            remarks: Mutex::new(Box::new(remarks)),
        }
    }

    /// Says a result.
    pub(crate) fn say(&self, human: &str, value: &Value) {
        if self.json {
            line(&self.results, &value.to_string());
        } else {
            line(&self.results, human.trim_end());
        }
    }

    /// Says something beside the result: how far a long command has come, what to do with what was
    /// printed. A program is not interested.
    pub(crate) fn progress(&self, text: &str) {
        if !self.json {
            line(&self.remarks, text);
        }
    }

    /// Says why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) {
        if self.json {
            let value = json!({"error": {"message": failure.what, "next": failure.next}});
            line(&self.remarks, &value.to_string());
        } else {
            let text = format!("error: {}\nnext:  {}", failure.what, failure.next);
            line(&self.remarks, &text);
        }
    }
}

/// Writes a line. That nobody reads it (a closed pipe) is no failure of ours.
fn line(stream: &Mutex<Box<dyn Write + Send>>, text: &str) {
    let mut stream = stream.lock().unwrap_or_else(PoisonError::into_inner);
    drop(writeln!(stream, "{text}"));
}

/// Rows below a head, each column as wide as its widest cell; `none` where there are no rows.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]], none: &str) -> String {
    if rows.is_empty() {
        return none.to_owned();
    }
    let mut widths = head.map(|cell| cell.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in std::iter::once(&head.map(str::to_owned)).chain(rows) {
        let cells: Vec<String> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A number with its thousands apart.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of a thing: `1 entry`, `2 entries`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    let word = if count == 1 { one } else { many };
    format!("{} {word}", number(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["é".to_owned(), "1".to_owned()],
            ["long name".to_owned(), String::new()],
        ];
        assert_eq!(
            table(["name", "n"], &rows, "nothing"),
            "name       n\né          1\nlong name\n"
        );
        assert_eq!(table(["name", "n"], &[], "nothing"), "nothing");
    }

    #[test]
    fn numbers_have_their_thousands_apart() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(number(value), text);
        }
        assert_eq!(counted(1, "entry", "entries"), "1 entry");
        assert_eq!(counted(2_000, "entry", "entries"), "2,000 entries");
    }
}
