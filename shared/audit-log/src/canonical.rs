//! Canonical JSON: RFC 8785 (JCS). One text for one value: members sorted by the UTF-16 code units of
//! their names, numbers as ECMAScript prints them, the shortest escapes, no white space.

use std::cmp::Ordering;

use audit_record::json::{Number, Object, Value, special};

/// Appends the canonical form of a value.
pub fn write(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_number(*number, out),
        Value::String(text) => write_string(text, out),
        Value::Array(values) => {
            out.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(value, out);
            }
            out.push(b']');
        }
        Value::Object(object) => write_object(object, out),
    }
}

/// Members that are sorted on the stack.
const FEW: usize = 48;

/// Appends the canonical form of an object.
pub fn write_object(object: &Object<'_>, out: &mut Vec<u8>) {
    if object.len() > FEW {
        let mut members: Vec<_> = object.iter().collect();
        members.sort_unstable_by(|(a, _), (b, _)| cmp_utf16(a, b));
        write_members(members.into_iter(), out);
        return;
    }
    let members = object.as_slice();
    let mut order: [u8; FEW] = std::array::from_fn(|at| u8::try_from(at).unwrap_or(u8::MAX));
    let order = &mut order[..members.len()];
    order.sort_unstable_by(|a, b| {
        cmp_utf16(&members[usize::from(*a)].0, &members[usize::from(*b)].0)
    });
    write_members(order.iter().map(|at| &members[usize::from(*at)]), out);
}

fn write_members<'o, 'a: 'o>(
    members: impl Iterator<Item = &'o (std::borrow::Cow<'a, str>, Value<'a>)>,
    out: &mut Vec<u8>,
) {
    out.push(b'{');
    for (index, (name, value)) in members.enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_string(name, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

/// Appends a string with its quotes (RFC 8785 section 3.2.2.2).
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let bytes = text.as_bytes();
    out.push(b'"');
    let mut start = 0;
    loop {
        let at = special(bytes, start);
        out.extend_from_slice(&bytes[start..at]);
        let Some(byte) = bytes.get(at) else { break };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            control => {
                out.extend_from_slice(b"\\u00");
                out.push(DIGITS[usize::from(control >> 4)]);
                out.push(DIGITS[usize::from(control & 15)]);
            }
        }
        start = at + 1;
    }
    out.push(b'"');
}

/// Appends a number (RFC 8785 section 3.2.2.3: ECMAScript's `Number.prototype.toString`).
pub fn write_number(number: Number, out: &mut Vec<u8>) {
    if let Some(integer) = number.as_u64() {
        write_unsigned(integer, out);
    } else {
        let mut buffer = ryu_js::Buffer::new();
        out.extend_from_slice(buffer.format_finite(number.get()).as_bytes());
    }
}

/// Appends an integer in decimal digits.
pub(crate) fn write_unsigned(mut value: u64, out: &mut Vec<u8>) {
    // 2^64 has 20 digits.
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// The canonical form of a value.
#[must_use]
pub fn to_vec(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}

/// Compares texts by their UTF-16 code units (RFC 8785 section 3.2.3).
///
/// UTF-8 bytes compare as code points do, and UTF-16 differs from that in one place: code points from
/// U+10000 on, whose surrogates begin at D800, come before U+E000 to U+FFFF, whose UTF-8 begins with
/// EE or EF.
#[must_use]
pub fn cmp_utf16(a: &str, b: &str) -> Ordering {
    cmp_utf16_bytes(a.as_bytes(), b.as_bytes())
}

/// The same on texts as bytes.
pub(crate) fn cmp_utf16_bytes(a: &[u8], b: &[u8]) -> Ordering {
    // EE and EF become FE and FF, which no UTF-8 holds, so that they come after F0 to F4.
    let weight = |byte: u8| {
        if matches!(byte, 0xee | 0xef) {
            byte | 0x10
        } else {
            byte
        }
    };
    match a.iter().zip(b).find(|(a, b)| a != b) {
        Some((a, b)) => weight(*a).cmp(&weight(*b)),
        None => a.len().cmp(&b.len()),
    }
}

#[cfg(test)]
mod tests {
    use audit_record::json::parse;

    use super::*;

    fn canonical(text: &str) -> String {
        String::from_utf8(to_vec(&parse(text.as_bytes()).unwrap())).unwrap()
    }

    #[test]
    fn the_example_of_rfc_8785_comes_out_as_printed_there() {
        let text = "{\"numbers\":[333333333.33333329,4.50,2e-3,0.000000000000000000000000001],\
            \"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\"literals\":[null,true,false]}";
        assert_eq!(
            canonical(text),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,4.5,0.002,1e-27],\
            \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"
        );
    }

    #[test]
    fn members_sort_by_utf_16() {
        // RFC 8785 section 3.2.3, with U+FFFF and U+E000 besides.
        let text = "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,\
            \"\\u00f6\":7,\"\\uffff\":8,\"\\ue000\":9,\"\\u007f\":10,\"\":11,\"11\":12}";
        assert_eq!(
            canonical(text),
            "{\"\":11,\"\\r\":2,\"1\":4,\"11\":12,\"\u{7f}\":10,\"\u{80}\":6,\"ö\":7,\"€\":1,\"😀\":5,\
            \"\u{e000}\":9,\"\u{fb33}\":3,\"\u{ffff}\":8}"
        );
    }

    #[test]
    fn names_compare_as_their_utf_16_does() {
        let names = [
            "",
            "a",
            "ab",
            "\u{7f}",
            "\u{80}",
            "\u{7ff}",
            "\u{800}",
            "\u{d7ff}",
            "\u{e000}",
            "\u{efff}",
            "\u{f000}",
            "\u{ffff}",
            "\u{10000}",
            "\u{10ffff}",
            "a\u{e000}",
            "a\u{10000}",
            "\u{e000}\u{10000}",
            "\u{e000}\u{e000}",
        ];
        for a in names {
            for b in names {
                let expected = a.encode_utf16().cmp(b.encode_utf16());
                assert_eq!(cmp_utf16(a, b), expected, "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn numbers_are_written_as_ecmascript_does() {
        // RFC 8785 appendix B, what of it a record may hold, and the ends of its range.
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("5e-324", "5e-324"),
            ("-5e-324", "-5e-324"),
            ("1e0", "1"),
            ("10E1", "100"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("0.0000001234", "1.234e-7"),
            ("-0.0000033333333333333333", "-0.0000033333333333333333"),
            ("333333333.3333332", "333333333.3333332"),
            ("333333333.33333325", "333333333.33333325"),
            ("9007199254740991", "9007199254740991"),
            ("-9007199254740991", "-9007199254740991"),
            ("4503599627370497.5", "4503599627370498"),
            ("2251799813685249.5", "2251799813685249.5"),
            ("1424953923781206.2", "1424953923781206.2"),
            ("123456789012345", "123456789012345"),
            ("-12", "-12"),
            ("2.2250738585072014e-308", "2.2250738585072014e-308"),
        ] {
            assert_eq!(canonical(text), expected);
        }
    }

    #[test]
    fn every_control_character_has_its_shortest_escape() {
        for code in 0..0x20_u8 {
            let mut out = Vec::new();
            write_string(&char::from(code).to_string(), &mut out);
            let expected = match code {
                8 => "\"\\b\"".to_owned(),
                9 => "\"\\t\"".to_owned(),
                10 => "\"\\n\"".to_owned(),
                12 => "\"\\f\"".to_owned(),
                13 => "\"\\r\"".to_owned(),
                _ => format!("\"\\u{code:04x}\""),
            };
            assert_eq!(out, expected.as_bytes());
        }
        assert_eq!(canonical(r#""\u007f\/é\ud83d\ude00""#), "\"\u{7f}/é😀\"");
    }

    #[test]
    fn large_objects_sort_as_small_ones_do() {
        let members: Vec<_> = (0..200).rev().map(|n| format!("\"{n:03}\":{n}")).collect();
        let sorted: Vec<_> = (0..200).map(|n| format!("\"{n:03}\":{n}")).collect();
        for len in [1, 47, 48, 49, 200] {
            let text = format!("{{{}}}", members[200 - len..].join(","));
            assert_eq!(canonical(&text), format!("{{{}}}", sorted[..len].join(",")));
        }
    }
}
