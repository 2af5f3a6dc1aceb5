//! The split into fields, and back.

use audit_record::json::{Value, parse};
use audit_record::{Fields, Part, Record};

const REQUIRED: &str =
    r#""type":"decision","occurred_at":"2026-11-24T08:42:00Z","system":"credit scoring""#;

fn split(members: &str) -> Vec<(String, Part)> {
    let text = format!("{{{REQUIRED},{members}}}");
    let record = Record::parse(text.as_bytes()).unwrap();
    let fields = record.fields();
    assert_eq!(
        record.has_content(),
        fields.iter().any(|f| f.part == Part::Content)
    );
    for field in &fields {
        assert_eq!(
            record.field(&field.pointer),
            Some(field.value),
            "{}",
            field.pointer
        );
    }
    fields[3..]
        .iter()
        .map(|f| (f.pointer.to_string(), f.part))
        .collect()
}

#[test]
fn a_record_splits_into_exactly_what_was_sent() {
    use Part::{Content, Facts};
    for (members, expected) in [
        (r#""attributes":{}"#, vec![("/attributes", Content)]),
        (r#""decision":{}"#, vec![("/decision", Content)]),
        (
            r#""decision":{"oversight":{}}"#,
            vec![("/decision/oversight", Content)],
        ),
        (r#""regulatory":{}"#, vec![("/regulatory", Content)]),
        (r#""producer":{}"#, vec![("/producer", Facts)]),
        (r#""actor":{}"#, vec![("/actor", Content)]),
        (
            r#""decision":{"outcome":"approved","oversight":{"required":true,"reviewers":[]},"policy":{"id":"p"},"explanation":"x"}"#,
            vec![
                ("/decision/outcome", Facts),
                ("/decision/oversight/required", Facts),
                ("/decision/oversight/reviewers", Content),
                ("/decision/policy", Facts),
                ("/decision/explanation", Content),
            ],
        ),
        (
            r#""attributes":{"gen_ai.request.model":"m","gen_ai.prompt.name":"two words","a/b~c":{},"oversight":{"x":1},"":1}"#,
            vec![
                ("/attributes/gen_ai.request.model", Facts),
                ("/attributes/gen_ai.prompt.name", Content),
                ("/attributes/a~1b~0c", Content),
                ("/attributes/oversight", Content),
                ("/attributes/", Content),
            ],
        ),
        (
            r#""regulatory":{"legal_basis":"contract","retention":{"class":"7y"},"intended_purpose":"x"}"#,
            vec![
                ("/regulatory/legal_basis", Facts),
                ("/regulatory/retention", Facts),
                ("/regulatory/intended_purpose", Content),
            ],
        ),
        (
            r#""environment":null,"trace_id":"t-1""#,
            vec![("/environment", Content), ("/trace_id", Facts)],
        ),
        (
            r#""actor":{"id":"u","type":"user"},"subject":{"id":"s"}"#,
            vec![("/actor", Content), ("/subject", Content)],
        ),
    ] {
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(p, part)| (p.to_owned(), part))
            .collect();
        assert_eq!(split(members), expected, "{members}");
    }
}

#[test]
fn fields_put_together_again_are_the_record() {
    let text = format!(
        r#"{{{REQUIRED},"attributes":{{"a/b":1,"~":{{"x":[]}},"":null}},"decision":{{"oversight":{{}},"outcome":"o"}},"regulatory":{{}}}}"#
    );
    let record = Record::parse(text.as_bytes()).unwrap();
    let fields = record.fields();
    let again = Record::assemble(fields.iter().map(|f| (&*f.pointer, f.value.clone()))).unwrap();
    assert_eq!(Value::Object(again), parse(text.as_bytes()).unwrap());
}

#[test]
fn what_is_no_set_of_fields_is_not_put_together() {
    for pointers in [vec!["x"], vec![""], vec!["/a", "/a/b"]] {
        let fields = pointers.iter().map(|pointer| (*pointer, Value::Null));
        assert_eq!(Record::assemble(fields), None, "{pointers:?}");
    }
}

#[test]
fn pointers_that_name_no_field_find_nothing() {
    let text = format!(
        r#"{{{REQUIRED},"decision":{{"oversight":{{"required":true}}}},"attributes":{{"a":{{"b":1}}}}}}"#
    );
    let record = Record::parse(text.as_bytes()).unwrap();
    for pointer in [
        "",
        "/",
        "x",
        "/decision",
        "/decision/oversight",
        "/attributes/a/b",
        "/system/x",
        "/attributes",
    ] {
        assert_eq!(record.field(pointer), None, "{pointer}");
    }
}
