use audit_record::json::{Object, Value};
use audit_report::evidence::Evidence;
use audit_report::layout;
use audit_report::letter::{Variant, letter};
use proptest::prelude::*;

use crate::data;

/// What a page must never get from a record.
const HOSTILE: [&str; 9] = [
    "</style><script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'; } body { display: none } /*",
    "<!-- --!> <![CDATA[ ]]>",
    "\u{202e}detnarg\u{2066}\u{200b}\u{e0041}",
    "\u{0}\u{7}\u{1b}[2J\u{fffe}\u{e000}",
    "a\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
    "&lt;b&gt; &#x202e; &amp;",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦 שלום مرحبا 日本",
];

/// Puts a text in the place of every string of a record that may be any text.
fn with_text(value: Value<'static>, text: &str) -> Value<'static> {
    match value {
        Value::String(_) => Value::String(text.to_owned().into()),
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(|item| with_text(item, text))
                .collect(),
        ),
        Value::Object(object) => Value::Object(object_with_text(&object, text)),
        other => other,
    }
}

fn object_with_text(object: &Object<'static>, text: &str) -> Object<'static> {
    let fixed = ["id", "type", "occurred_at", "decision_id", "method", "at"];
    let mut out = Object::new();
    for (name, value) in object {
        let value = if fixed.contains(&name.as_ref()) {
            value.clone()
        } else {
            with_text(value.clone(), text)
        };
        out.insert(name.clone(), value).expect("names differ");
    }
    out
}

fn made_hostile(record: Evidence, text: &str) -> Evidence {
    Evidence {
        record: object_with_text(&record.record, text),
        ..record
    }
}

/// The names of all elements, in order.
fn elements(page: &str) -> Vec<&str> {
    page.split('<')
        .skip(1)
        .map(|rest| rest.split([' ', '>']).next().expect("a name"))
        .collect()
}

fn pages(text: &str) -> Vec<String> {
    let hostile: Vec<Evidence> = data::case()
        .into_iter()
        .map(|record| made_hostile(record, text))
        .collect();
    let mut chain = hostile.clone();
    let decision = chain.remove(2);
    let mut accesses = data::accesses();
    text.clone_into(&mut accesses[0].by);
    let mut request = data::letter_request(Variant::EuropeanUnion);
    text.clone_into(&mut request.contact);
    let letter = letter(
        &data::decision(),
        &[made_hostile(data::review(), text)],
        &request,
    )
    .expect("a letter");
    let documents = [
        data::decision_report(decision, chain).document(),
        data::system_report(&hostile).document(),
        data::access_report(accesses).document(),
        letter,
    ];
    documents.iter().map(layout::html).collect()
}

#[test]
fn hostile_text_changes_no_element_of_a_page() {
    let tame = pages("x");
    for text in HOSTILE {
        for (page, tame) in pages(text).iter().zip(&tame) {
            assert_eq!(elements(page), elements(tame), "{text:?}");
            for unseen in [
                '\u{202e}',
                '\u{2066}',
                '\u{200b}',
                '\u{0}',
                '\u{1b}',
                '\u{e000}',
                '\u{e0041}',
            ] {
                assert!(!page.contains(unseen), "{unseen:?}");
            }
        }
    }
}

#[test]
fn a_long_prompt_is_cut_with_a_mark_that_counts() {
    let long = "word ".repeat(5_000);
    let call = made_hostile(data::call(), &long);
    let page = layout::html(&data::decision_report(data::decision(), vec![call]).document());
    let left_out = long.chars().count() - layout::PRINTED_CHARS_MAX;
    let mark = format!(
        "Cut here for print: {}\u{a0}{:03} more characters are in the attached record.",
        left_out / 1000,
        left_out % 1000
    );
    assert!(page.contains(&mark), "{mark}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_text_changes_an_element_of_a_page(text in ".{1,40}") {
        // A reason without a letter or digit is a generic one, which changes what the report says.
        let (text, tame) = (format!("x{text}"), pages("x"));
        for (page, tame) in pages(&text).iter().zip(&tame) {
            prop_assert!(elements(page) == elements(tame));
        }
    }
}
