//! The parser beside `serde_json`, which reads what it accepts alike.

use audit_record::json::{Value, elements, lines, parse};
use proptest::prelude::*;

fn same(ours: &Value<'_>, theirs: &serde_json::Value) -> bool {
    match (ours, theirs) {
        (Value::Null, serde_json::Value::Null) => true,
        (Value::Bool(a), serde_json::Value::Bool(b)) => a == b,
        // Without its `float_roundtrip` feature `serde_json` may be off by a unit in the last place.
        (Value::Number(a), serde_json::Value::Number(b)) => b
            .as_f64()
            .is_some_and(|b| (b - a.get()).abs() <= b.abs() * 1e-15),
        (Value::String(a), serde_json::Value::String(b)) => a == b,
        (Value::Array(a), serde_json::Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), serde_json::Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(&**name).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-9_007_199_254_740_991_i64..=9_007_199_254_740_991).prop_map(Into::into),
        (-1e15..1e15).prop_map(Into::into),
        (-1.0..1.0, -300..0).prop_map(|(n, e)| serde_json::Value::from(n * 10_f64.powi(e))),
        any::<String>().prop_map(Into::into),
        "[ -~é😀\\\\\"\n\u{0}]{0,40}".prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..80)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Text that is nearly JSON.
fn almost_json() -> impl Strategy<Value = Vec<u8>> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"\\u00e9\"",
        "\"\\",
        "1",
        "-0",
        "0.5",
        "1e3",
        "true",
        "null",
        " ",
        "\n",
        "e",
        "\"",
    ]);
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn valid_json_reads_as_serde_json_reads_it(value in json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let ours = parse(text.as_bytes());
            prop_assert!(ours.as_ref().is_ok_and(|ours| same(ours, &value)), "{text} {ours:?}");
        }
    }

    #[test]
    fn what_is_accepted_serde_json_accepts_and_reads_alike(text in almost_json()) {
        let theirs = serde_json::from_slice::<serde_json::Value>(&text);
        match parse(&text) {
            Ok(ours) => prop_assert!(theirs.is_ok_and(|theirs| same(&ours, &theirs))),
            Err(error) if error.code == audit_record::Code::InvalidJson => {
                prop_assert!(theirs.is_err(), "{error}");
            }
            Err(_) => {}
        }
    }

    #[test]
    fn changed_bytes_never_panic_and_never_widen_the_grammar(
        value in json(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut text = value.to_string().into_bytes();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        if let Ok(ours) = parse(&text) {
            let theirs = serde_json::from_slice(&text);
            prop_assert!(theirs.is_ok_and(|theirs| same(&ours, &theirs)));
        }
    }

    #[test]
    fn a_batch_reads_each_element_as_if_alone(values in prop::collection::vec(json(), 0..6)) {
        let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
        let array = format!(" [ {} ] ", texts.join(" ,\n"));
        let split = elements(array.as_bytes(), 6).unwrap();
        prop_assert_eq!(split.len(), values.len());
        for (element, text) in split.iter().zip(&texts) {
            prop_assert_eq!(element.raw, text.as_bytes());
            prop_assert_eq!(&array.as_bytes()[element.offset..][..element.raw.len()], element.raw);
            prop_assert_eq!(&element.value, &parse(text.as_bytes()));
        }
        let ndjson = format!("{}\r\n\n", texts.join("\r\n\n"));
        let split = lines(ndjson.as_bytes(), 6).unwrap();
        prop_assert_eq!(split.len(), values.len());
        for (element, text) in split.iter().zip(&texts) {
            prop_assert_eq!(element.raw, text.as_bytes());
            prop_assert_eq!(&ndjson.as_bytes()[element.offset..][..element.raw.len()], element.raw);
            prop_assert!(element.value.is_ok());
        }
    }
}
