//! Records of the size and shape of real ones, for benches: one model call of 3 kB each, member by
//! member what the Python SDK makes of the requests and answers of `sdk/python/benchmarks/texts.py`.
//!
//! The prose is this project's own documentation and comments, 126 kB of English
//! (`data/prose.txt`), and no passage comes twice within a hundred records: text that repeats
//! itself would make a compressor look better than it is. Instructions are the same in each
//! record, as an application sends them.

use std::fmt::Write as _;

use audit_record::{Millis, RecordId};

use crate::entropy::Random;

const PROSE: &str = include_str!("../data/prose.txt");

/// Bytes of a record.
pub const RECORD_BYTES: usize = 3_000;
/// Bytes of instructions, of a question, and of an answer: what is left of the record.
const INSTRUCTIONS: usize = 600;
const QUESTION: usize = 600;
/// How far one record's passages lie behind the last one's. A hundred times that is the prose.
const STRIDE: usize = 1_250;

/// Which sparse indexes the records are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// None: no actor, no subject, no chain.
    Plain,
    /// All three, with fifty subjects.
    Indexed,
}

/// The records `first..first + count`, a tenth of a second apart from `start` on.
#[must_use]
pub fn records(shape: Shape, start: Millis, first: u64, count: usize) -> Vec<String> {
    (first..)
        .take(count)
        .map(|number| record(shape, start, number))
        .collect()
}

fn record(shape: Shape, start: Millis, number: u64) -> String {
    let at = Millis::new(start.get() + number * 100);
    let mut random = Random::new(number);
    let mut tail = [0; 10];
    tail[..8].copy_from_slice(&random.bits().to_be_bytes());
    let id = RecordId::mint(at, tail);
    let mut text = format!(r#"{{"id":"{id}","type":"llm_call","occurred_at":"{at}""#);
    let ended = Millis::new(at.get() + 400 + random.bits() % 3_000);
    push(&mut text, format_args!(r#","ended_at":"{ended}""#));
    text.push_str(r#","system":"credit-scoring","environment":"production""#);
    if shape == Shape::Indexed {
        let subject = number % 50;
        push(
            &mut text,
            format_args!(
                r#","actor":{{"id":"scoring-service","type":"service"}},"subject":{{"id":"applicant-{subject}","category":"applicant"}},"trace_id":"{:032x}""#,
                u128::from(random.bits()) << 64 | u128::from(random.bits())
            ),
        );
    }
    let producer = format!(
        r#""producer":{{"id":"p-01a20e71-3bd8-797c-ae3d-84628d92b22f","seq":{},"sdk":"audit-layer-python/0.1.0"}}"#,
        number + 1
    );
    call(&mut text, number, &producer, &mut random);
    text
}

/// The model call, laid out as the SDK lays it out, of which the answer keeps the provider's own
/// white space; the answer fills the record up to its size.
fn call(text: &mut String, number: u64, producer: &str, random: &mut Random) {
    let (input, output) = (300 + random.below(200), 100 + random.below(300));
    push(
        text,
        format_args!(
            r#","attributes":{{"gen_ai.operation.name":"chat","gen_ai.provider.name":"openai","server.address":"api.openai.com","gen_ai.request.model":"gpt-5-mini","gen_ai.response.id":"chatcmpl-{:016x}{:08x}","gen_ai.response.model":"gpt-5-mini-2026-06-01","gen_ai.response.finish_reasons":["stop"],"gen_ai.usage.input_tokens":{input},"gen_ai.usage.output_tokens":{output},"gen_ai.usage.cache_read.input_tokens":0,"gen_ai.usage.reasoning.output_tokens":0,"audit.call.completion":"complete","audit.call.attempts":1,"http.response.status_code":200"#,
            random.bits(),
            random.below(1 << 32),
        ),
    );
    let passages = usize::try_from(number).unwrap_or_default() * STRIDE;
    text.push_str(r#","gen_ai.input.messages":[{"role":"system","content":""#);
    push_prose(text, 0, INSTRUCTIONS);
    text.push_str(r#""},{"role":"user","content":""#);
    push_prose(text, passages, QUESTION);
    text.push_str(r#""}],"gen_ai.output.messages":[     {       "index": 0,       "message": {         "role": "assistant",         "content": ""#);
    let end = format!(
        r#"",         "refusal": null,         "annotations": []       }},       "logprobs": null,       "finish_reason": "stop"     }}   ],"audit.response.parameters":{{"object":"chat.completion","created":{},"service_tier":"default"}}}},{producer}}}"#,
        1_790_000_000 + number
    );
    let left = RECORD_BYTES.saturating_sub(text.len() + end.len());
    push_prose(text, passages + QUESTION, left);
    text.push_str(&end);
}

fn push(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string can't fail.
    text.write_fmt(arguments).ok();
}

/// A passage as a JSON string holds it, up to so many bytes of that.
fn push_prose(text: &mut String, from: usize, bytes: usize) {
    let end = text.len() + bytes;
    let start = PROSE.ceil_char_boundary(from % PROSE.len());
    for character in PROSE[start..].chars().chain(PROSE.chars()) {
        let escaped = match character {
            '\n' => "\\n",
            '"' => "\\\"",
            '\\' => "\\\\",
            _ => "",
        };
        let taken = escaped.len().max(character.len_utf8());
        if text.len() + taken > end {
            return;
        }
        if escaped.is_empty() {
            text.push(character);
        } else {
            text.push_str(escaped);
        }
    }
}

#[cfg(test)]
mod tests {
    use audit_record::Record;

    use super::*;

    #[test]
    fn records_are_valid_and_of_three_kilobytes() {
        for shape in [Shape::Plain, Shape::Indexed] {
            let records = records(shape, Millis::new(1_772_359_200_000), 0, 250);
            for record in &records {
                assert!((RECORD_BYTES - 8..=RECORD_BYTES).contains(&record.len()));
                Record::parse(record.as_bytes()).expect("a record");
            }
        }
    }

    #[test]
    fn no_passage_comes_twice_within_a_hundred_records() {
        assert!(PROSE.len() > 100 * STRIDE);
        let records = records(Shape::Plain, Millis::new(0), 0, 100);
        let of = |record: &str| {
            let start = record.find("\"user\"").expect("a question") + 60;
            record[record.ceil_char_boundary(start)..]
                .chars()
                .take(40)
                .collect::<String>()
        };
        let mut questions: Vec<String> = records.iter().map(|record| of(record)).collect();
        questions.sort();
        questions.dedup();
        assert_eq!(questions.len(), 100);
    }
}
