//! The vectors of strict parsing and validation: what is refused, with code and pointer, and what is
//! read, with its canonical form.

use audit_log::{base64url, canonical};
use audit_record::Record;
use audit_record::json::parse;
use serde_json::{Value as Json, json};

/// Texts that are refused by the parser or read, each as bytes.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let texts = [
        ("duplicate key", r#"{"a":1,"a":2}"#),
        ("duplicate key by escape", r#"{"a":{"b":1,"\u0062":2}}"#),
        ("byte order mark", "\u{feff}{}"),
        ("lone high surrogate", r#"["\ud800"]"#),
        ("lone low surrogate", r#"["\udc00"]"#),
        ("two high surrogates", r#"["\ud800\ud800"]"#),
        ("lone surrogate in a name", r#"{"\udfff":1}"#),
        ("2^53", "[9007199254740992]"),
        ("2^53 + 1", "[9007199254740993]"),
        ("-2^53", "[-9007199254740992]"),
        ("rounds to 2^53", "[9007199254740991.6]"),
        ("rounds to 2^53 - 1", "[9007199254740991.4]"),
        ("fraction above 2^53", "[9007199254740992.5]"),
        ("1e300", r#"{"a":1e300}"#),
        ("1e400", r#"{"a":[0,1e400]}"#),
        ("underflow", "[1e-400]"),
        ("underflow by half", "[2e-324]"),
        ("rounds up to the least", "[3e-324]"),
        ("zero with a large exponent", "[0e99999]"),
        ("minus zero", "[-0,-0.0]"),
        ("trailing data", "{} {}"),
        ("trailing comma", "[1,]"),
        ("comment", "[1] // one"),
        ("single quotes", "{'a':1}"),
        ("leading zero", "[01]"),
        ("no digit after the point", "[1.]"),
        ("plus sign", "[+1]"),
        ("NaN", "[NaN]"),
        ("control character", "[\"a\u{1}\"]"),
        ("unknown escape", r#"["\x41"]"#),
        ("empty text", ""),
        ("unfinished", r#"{"a":"#),
        (
            "pointer with slash and tilde",
            r#"{"a/b":{"m~n":[1,1e400]}}"#,
        ),
        ("escapes", r#"["\"\\\/\b\f\n\r\t\u0000\u00e9\ud83d\ude00"]"#),
        ("nothing but white space around", " \t\r\n[ 1 , 2 ]\n"),
    ];
    let mut inputs: Vec<_> = texts
        .map(|(name, text)| (name, text.as_bytes().to_vec()))
        .into();
    inputs.extend([
        ("depth 32", nested(32).into_bytes()),
        ("depth 33", nested(33).into_bytes()),
        ("byte that is no UTF-8", b"[\"\xff\"]".to_vec()),
        ("surrogate in UTF-8", b"[\"\xed\xa0\x80\"]".to_vec()),
        ("overlong zero", b"[\"\xc0\x80\"]".to_vec()),
    ]);
    inputs
}

/// Records that validation refuses, by the member that is put into a valid one.
const MEMBERS: &[&str] = &[
    r#""id":"019390F7-0C00-7ABC-8DEF-0123456789AB""#,
    r#""id":"019390f7-0c00-8abc-8def-0123456789ab""#,
    r#""id":"e677d21f-dc00-7abc-8def-0123456789ab""#,
    r#""id":null"#,
    r#""ended_at":"2026-11-24""#,
    r#""trace_id":"""#,
    r#""actor":{"id":"a","type":"person"}"#,
    r#""actor":{"id":"a","name":"b"}"#,
    r#""producer":{"id":"a b"}"#,
    r#""producer":{"seq":0}"#,
    r#""producer":null"#,
    r#""attributes":[]"#,
    r#""attributes":{"gen_ai.usage.input_tokens":1.5}"#,
    r#""attributes":{"audit.call.completion":"done"}"#,
    r#""decision":{"risk_levl":"high"}"#,
    r#""decision":{"risk_level":"severe"}"#,
    r#""decision":{"confidence":95}"#,
    r#""decision":{"oversight":null}"#,
    r#""decision":{"principal_reasons":["a","b","c","d","e"]}"#,
    r#""decision":{"factors":[{"name":"n"},{"wieght":1}]}"#,
    r#""regulatory":{"retention":{"until":"later"}}"#,
    r#""received_at":"2026-11-24T08:42:00Z""#,
];

pub(crate) fn file() -> Json {
    let parsed = inputs().into_iter().map(|(name, bytes)| {
        let input = base64url::encode(&bytes);
        match parse(&bytes) {
            Ok(value) => {
                let canonical = String::from_utf8(canonical::to_vec(&value)).unwrap();
                json!({ "name": name, "input": input, "canonical": canonical })
            }
            Err(error) => json!({
                "name": name,
                "input": input,
                "code": error.code.as_str(),
                "pointer": error.pointer,
                "offset": error.offset,
            }),
        }
    });
    let refused = MEMBERS.iter().map(|member| {
        let record = format!(
            r#"{{"type":"decision","occurred_at":"2026-11-24T08:42:00Z","system":"credit",{member}}}"#
        );
        let errors = Record::parse(record.as_bytes()).unwrap_err();
        let errors = errors.iter().map(|error| json!({ "field": error.field, "code": error.code.as_str() }));
        json!({ "record": record, "errors": errors.collect::<Vec<_>>() })
    });
    json!({ "texts": parsed.collect::<Vec<_>>(), "records": refused.collect::<Vec<_>>() })
}
