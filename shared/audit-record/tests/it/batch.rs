//! Batches: a bad record never costs a good one beside it.

use audit_record::Code;
use audit_record::json::{elements, lines};

fn deep(depth: usize) -> String {
    format!("{}{}", r#"{"a":["#.repeat(depth), "]}".repeat(depth))
}

#[test]
fn a_sound_element_that_is_refused_refuses_itself_only() {
    let deep = deep(20_000);
    for (element, code, pointer) in [
        (&br#"{"a":1,"a":[{"b":2}]}"#[..], Code::DuplicateKey, "/a"),
        (
            br#"{"a":[1e400,{"x":"\"]"}]}"#,
            Code::NumberOutOfRange,
            "/a/0",
        ),
        (br#"{"a":9007199254740993}"#, Code::NumberOutOfRange, "/a"),
        (br#"["\ud800",[]]"#, Code::LoneSurrogate, "/0"),
        (b"{\"a\":\"\xff\xfe\"}", Code::InvalidUtf8, "/a"),
        (
            deep.as_bytes(),
            Code::TooDeep,
            "/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0/a/0",
        ),
    ] {
        let good = r#"{"good":"é"}"#.as_bytes();
        let body = [b"[", good, b",", element, b" , ", good, b"]"].concat();
        let split = elements(&body, 3).unwrap();
        let error = split[1].value.as_ref().unwrap_err();
        assert_eq!((error.code, error.pointer.as_str()), (code, pointer));
        assert_eq!(split[1].raw, element);
        assert!(split[0].value.is_ok() && split[2].value.is_ok());
        assert_eq!((split[0].raw, split[2].raw), (good, good));
        assert!(split[1].offset <= error.offset);

        let body = [good, b"\n", element, b"\r\n \t\n", good].concat();
        let split = lines(&body, 3).unwrap();
        let error = split[1].value.as_ref().unwrap_err();
        assert_eq!((error.code, error.pointer.as_str()), (code, pointer));
        assert!(split[0].value.is_ok() && split[2].value.is_ok());
    }
}

#[test]
fn a_body_that_is_no_array_is_refused_whole() {
    for (body, code, pointer) in [
        ("", Code::InvalidJson, ""),
        ("{}", Code::WrongType, ""),
        ("\u{feff}[]", Code::InvalidJson, ""),
        ("[", Code::InvalidJson, ""),
        ("[{}", Code::InvalidJson, ""),
        ("[{},]", Code::InvalidJson, ""),
        ("[{}]x", Code::InvalidJson, ""),
        ("[{} {}]", Code::InvalidJson, ""),
        (r#"[{},{"a":1,"a":2}"#, Code::InvalidJson, ""),
        (r#"[{"a":1e400,"b":}]"#, Code::InvalidJson, ""),
        ("[1,2,3,4]", Code::TooMany, ""),
    ] {
        let error = elements(body.as_bytes(), 3).unwrap_err();
        assert_eq!(
            (error.code, error.pointer.as_str()),
            (code, pointer),
            "{body}"
        );
    }
    assert_eq!(elements(b" [ ] ", 3), Ok(vec![]));
}

#[test]
fn a_line_that_is_no_json_refuses_itself_only() {
    let split = lines(b"{\"a\":1}\n{oops\n\n{\"b\":2}", 3).unwrap();
    assert_eq!(split.len(), 3);
    let error = split[1].value.as_ref().unwrap_err();
    assert_eq!((error.code, error.offset), (Code::InvalidJson, 9));
    assert!(split[0].value.is_ok() && split[2].value.is_ok());
    assert_eq!(lines(b"1\n2\n3\n4", 3).unwrap_err().code, Code::TooMany);
    assert_eq!(lines(b"\n \r\n", 3), Ok(vec![]));
    assert!(lines(b"1\x0c\n", 3).unwrap()[0].value.is_err());
}

#[test]
fn a_record_that_is_too_long_refuses_itself_only() {
    let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(2 * 1024 * 1024));
    let body = format!("[{long},1]");
    let split = elements(body.as_bytes(), 3).unwrap();
    assert_eq!(split[0].value.as_ref().unwrap_err().code, Code::TooLarge);
    assert!(split[1].value.is_ok());
    let split = [long.as_str(), "1"].join("\n");
    let split = lines(split.as_bytes(), 3).unwrap();
    assert_eq!(split[0].value.as_ref().unwrap_err().code, Code::TooLarge);
    assert!(split[1].value.is_ok());
}
