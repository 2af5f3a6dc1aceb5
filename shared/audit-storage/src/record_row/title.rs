//! The title: one short line by which a person tells a record from the next in a list.
//!
//! Taken from names and reasons, never from prompts or answers: the index is no place for what
//! people wrote to a model.

use audit_record::{Fields, RecordType};

/// The most bytes of a title. A list shows some 80 characters of it.
const TITLE_BYTES: usize = 120;

/// The first of these that says something: for a review what was done; the tool's name; the first
/// principal reason; the prompt's name; the error; the operation.
pub(super) fn title<F: Fields + ?Sized>(fields: &F) -> Option<String> {
    let review = match fields.record_type() {
        Some(RecordType::HumanReview) => fields
            .text("/decision/oversight/action")
            .or_else(|| fields.text("/decision/oversight/reason")),
        _ => None,
    };
    let reason = || {
        let reasons = fields.field("/decision/principal_reasons")?.as_array()?;
        let first = reasons.first()?;
        // A reason is a text, or an object that describes one.
        first
            .as_str()
            .or_else(|| first.get("description")?.as_str())
            .or_else(|| first.get("code")?.as_str())
    };
    review
        .or_else(|| fields.text("/attributes/gen_ai.tool.name"))
        .or_else(reason)
        .or_else(|| fields.text("/attributes/gen_ai.prompt.name"))
        .or_else(|| fields.error_type())
        .or_else(|| fields.operation())
        .map(one_line)
        .filter(|line| !line.is_empty())
}

/// White space and control characters become single spaces, and the whole is cut.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(TITLE_BYTES));
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > TITLE_BYTES {
            break;
        }
    }
    line.truncate(line.floor_char_boundary(TITLE_BYTES));
    line.truncate(line.trim_end().len());
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_of_limited_length() {
        for (text, expected) in [
            ("  income\n below\tthreshold ", "income below threshold"),
            ("a\u{0}b", "a b"),
            ("\n\n", ""),
        ] {
            assert_eq!(one_line(text), expected);
        }
        for text in [
            "é".repeat(500),
            "word ".repeat(500),
            format!("a{}", "é".repeat(80)),
        ] {
            let line = one_line(&text);
            assert!((115..=TITLE_BYTES).contains(&line.len()), "{}", line.len());
        }
    }
}
