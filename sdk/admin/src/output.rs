//! What the command says: for a person, or as one line of JSON for a program.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::failure::Failure;

/// Where and how the command speaks. Results go to standard output, progress and failures to
/// standard error.
pub(crate) struct Output {
    json: bool,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json }
    }

    /// Says a result.
    pub(crate) fn say(&self, human: &str, value: &Value) {
        if self.json {
            line(&mut io::stdout(), &value.to_string());
        } else {
            line(&mut io::stdout(), human.trim_end());
        }
    }

    /// Says how far a long command has come; a program is not interested.
    pub(crate) fn progress(&self, text: &str) {
        if !self.json {
            line(&mut io::stderr(), text);
        }
    }

    /// Says why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) {
        if self.json {
            let value = json!({"error": {"message": failure.what, "next": failure.next}});
            line(&mut io::stderr(), &value.to_string());
        } else {
            let text = format!("error: {}\nnext:  {}", failure.what, failure.next);
            line(&mut io::stderr(), &text);
        }
    }
}

/// Writes a line. That nobody reads it (a closed pipe) is no failure of ours.
fn line(stream: &mut impl Write, text: &str) {
    drop(writeln!(stream, "{text}"));
}

/// Rows below a head, each column as wide as its widest cell.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
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
            table(["name", "n"], &rows),
            "name       n\né          1\nlong name\n"
        );
    }
}
