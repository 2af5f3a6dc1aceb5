//! What the parser takes and refuses.

use audit_record::Code;
use audit_record::json::{Value, parse};

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

fn many_members(last: &str) -> String {
    let members: Vec<_> = (0..200).map(|n| format!(r#""k{n}":{n}"#)).collect();
    format!(r#"{{{},"{last}":0}}"#, members.join(","))
}

#[test]
fn refusals_carry_code_pointer_and_offset() {
    for (text, code, pointer, offset) in [
        ("", Code::InvalidJson, "", 0),
        (" ", Code::InvalidJson, "", 1),
        ("\u{feff}{}", Code::InvalidJson, "", 0),
        ("{} {}", Code::InvalidJson, "", 3),
        ("{}x", Code::InvalidJson, "", 2),
        ("[1,]", Code::InvalidJson, "/1", 3),
        ("[1 2]", Code::InvalidJson, "", 3),
        ("{\"a\" 1}", Code::InvalidJson, "", 5),
        ("{\"a\":1,}", Code::InvalidJson, "", 7),
        ("{a:1}", Code::InvalidJson, "", 1),
        ("{'a':1}", Code::InvalidJson, "", 1),
        ("[1}", Code::InvalidJson, "", 2),
        ("{\"a\":[1}", Code::InvalidJson, "/a", 7),
        ("// note\n1", Code::InvalidJson, "", 0),
        ("tru", Code::InvalidJson, "", 0),
        ("NaN", Code::InvalidJson, "", 0),
        ("[Infinity]", Code::InvalidJson, "/0", 1),
        ("-", Code::InvalidJson, "", 1),
        ("01", Code::InvalidJson, "", 0),
        ("-01", Code::InvalidJson, "", 1),
        ("1.", Code::InvalidJson, "", 2),
        (".5", Code::InvalidJson, "", 0),
        ("+1", Code::InvalidJson, "", 0),
        ("1e", Code::InvalidJson, "", 2),
        ("1e+", Code::InvalidJson, "", 3),
        ("0x10", Code::InvalidJson, "", 1),
        ("\"abc", Code::InvalidJson, "", 4),
        ("\"a\nb\"", Code::InvalidJson, "", 2),
        ("\"tab\there\"", Code::InvalidJson, "", 4),
        ("\"\\x41\"", Code::InvalidJson, "", 1),
        ("\"\\u12g4\"", Code::InvalidJson, "", 1),
        ("\"\\u123", Code::InvalidJson, "", 1),
        ("{\"a\":{\"b\":1,\"b\":2}}", Code::DuplicateKey, "/a/b", 12),
        ("{\"b\":1,\"\\u0062\":2}", Code::DuplicateKey, "/b", 7),
        ("{\"a/b\":1,\"a/b\":2}", Code::DuplicateKey, "/a~1b", 9),
        ("{\"\":1,\"\":2}", Code::DuplicateKey, "/", 6),
        ("[\"\\ud800\"]", Code::LoneSurrogate, "/0", 2),
        ("[\"\\udc00\"]", Code::LoneSurrogate, "/0", 2),
        ("[\"\\ud800\\ud800\"]", Code::LoneSurrogate, "/0", 2),
        ("[\"x\\ud83d\\n\"]", Code::LoneSurrogate, "/0", 3),
        ("{\"\\udfff\":1}", Code::LoneSurrogate, "", 2),
        ("[9007199254740992]", Code::NumberOutOfRange, "/0", 1),
        ("[9007199254740993]", Code::NumberOutOfRange, "/0", 1),
        ("[-9007199254740992]", Code::NumberOutOfRange, "/0", 1),
        ("[9007199254740991.6]", Code::NumberOutOfRange, "/0", 1),
        ("[9007199254740992.5]", Code::NumberOutOfRange, "/0", 1),
        ("[1e16]", Code::NumberOutOfRange, "/0", 1),
        ("[1e300]", Code::NumberOutOfRange, "/0", 1),
        ("[1e400]", Code::NumberOutOfRange, "/0", 1),
        ("[-1e400]", Code::NumberOutOfRange, "/0", 1),
        ("[1e99999999999999999999]", Code::NumberOutOfRange, "/0", 1),
        ("{\"a\":1e-400}", Code::NumberOutOfRange, "/a", 5),
        ("[0.00001e-330]", Code::NumberOutOfRange, "/0", 1),
        ("[-2e-324]", Code::NumberOutOfRange, "/0", 1),
    ] {
        let error = parse(text.as_bytes()).expect_err(text);
        assert_eq!(
            (error.code, error.pointer.as_str(), error.offset),
            (code, pointer, offset),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_where_they_stand() {
    for (bytes, code, offset) in [
        (&b"\"\xff\""[..], Code::InvalidUtf8, 1),
        (b"[\"ok\",\"a\xc3\"]", Code::InvalidUtf8, 8),
        (b"\"\xed\xa0\x80\"", Code::InvalidUtf8, 1),
        (b"\"\xc0\x80\"", Code::InvalidUtf8, 1),
        (b"{\"\x80\":1}", Code::InvalidUtf8, 2),
        (b"\xff", Code::InvalidJson, 0),
        (b"{} \xff", Code::InvalidJson, 3),
    ] {
        let error = parse(bytes).unwrap_err();
        assert_eq!((error.code, error.offset), (code, offset), "{bytes:?}");
    }
}

#[test]
fn numbers_are_the_nearest_double_and_zero_has_no_sign() {
    for (text, value) in [
        ("0", 0.0_f64),
        ("-0", 0.0),
        ("-0.0", 0.0),
        ("0e999999999999", 0.0),
        ("-0.000e-400", 0.0),
        ("123456789", 123_456_789.0),
        ("-1234567890", -1_234_567_890.0),
        ("9007199254740991", 9_007_199_254_740_991.0),
        ("-9007199254740991", -9_007_199_254_740_991.0),
        ("9007199254740991.4", 9_007_199_254_740_991.0),
        ("9.007199254740991e15", 9_007_199_254_740_991.0),
        ("90071992547409910e-1", 9_007_199_254_740_991.0),
        ("0.1", 0.1),
        ("0.1000000000000000055511151231257827", 0.1),
        ("5e-324", 5e-324),
        ("2.5e-324", 5e-324),
        ("2.2250738585072014e-308", 2.225_073_858_507_201_4e-308),
        ("1E2", 100.0),
        ("1e+2", 100.0),
        ("4503599627370497.5", 4_503_599_627_370_497.5),
    ] {
        let Ok(Value::Number(number)) = parse(text.as_bytes()) else {
            panic!("{text}")
        };
        assert_eq!(number.get().to_bits(), value.to_bits(), "{text}");
    }
}

#[test]
fn strings_stay_as_sent_but_for_escapes() {
    for (text, value) in [
        (r#""""#, ""),
        (r#""plain""#, "plain"),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u00e9""#, "é"),
        (r#""\u0000""#, "\0"),
        (r#""\ud83d\ude00\uD83D\uDE00""#, "😀😀"),
        (r#""\udbff\udfff""#, "\u{10ffff}"),
        ("\"e\u{301}\"", "e\u{301}"),
        ("\"é\u{feff}😀\u{7f}\"", "é\u{feff}😀\u{7f}"),
        (r#""0123456\u0041789012345""#, "0123456A789012345"),
    ] {
        assert_eq!(parse(text.as_bytes()), Ok(Value::from(value)), "{text}");
    }
}

#[test]
fn nesting_ends_at_32_containers() {
    assert!(parse(nested(32).as_bytes()).is_ok());
    let error = parse(nested(33).as_bytes()).unwrap_err();
    assert_eq!(error.code, Code::TooDeep);
    assert_eq!(error.offset, 32);
    assert_eq!(error.pointer, "/0".repeat(32));
    assert_eq!(
        parse(nested(1_000_000).as_bytes()).unwrap_err().code,
        Code::TooDeep
    );
}

#[test]
fn duplicate_keys_are_found_in_large_objects_too() {
    assert!(parse(many_members("fresh").as_bytes()).is_ok());
    for last in ["k0", "k63", "k64", "k199"] {
        let error = parse(many_members(last).as_bytes()).unwrap_err();
        assert_eq!(
            (error.code, error.pointer),
            (Code::DuplicateKey, format!("/{last}"))
        );
    }
}

#[test]
fn strings_without_escapes_are_borrowed() {
    let text = br#"{"name":["value"]}"#;
    let value = parse(text).unwrap();
    let (name, values) = &value.as_object().unwrap().iter().next().unwrap();
    assert!(matches!(name, std::borrow::Cow::Borrowed("name")));
    assert!(matches!(
        values.as_array().unwrap(),
        [Value::String(std::borrow::Cow::Borrowed("value"))]
    ));
}

#[test]
fn members_keep_the_order_as_sent() {
    let value = parse(br#"{"z":1,"a":{"y":2,"b":3}}"#).unwrap();
    let names = |value: &Value<'_>| -> Vec<String> {
        let object = value.as_object().unwrap();
        object.iter().map(|(name, _)| name.to_string()).collect()
    };
    assert_eq!(names(&value), ["z", "a"]);
    assert_eq!(names(value.get("a").unwrap()), ["y", "b"]);
}

#[test]
fn a_long_name_is_cut_in_the_pointer() {
    let name = "n".repeat(100_000);
    let text = format!(r#"{{"{name}":1e400}}"#);
    let error = parse(text.as_bytes()).unwrap_err();
    assert_eq!(error.pointer, format!("/{}…", "n".repeat(128)));
}
