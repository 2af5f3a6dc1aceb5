//! What an answer weighs on its way out of the function, and the shorter writing of numbers for
//! records that would weigh too much.
//!
//! A function's answer ends at 6 MB (AWS: "Lambda quotas", invocation payload: 6,291,556 bytes),
//! as the JSON text in which the body is a *string*: each quote and backslash of the body takes one
//! byte more there. A record of 2 MiB can at most double by that. But canonical JSON also writes
//! `1e15`, four bytes as sent, with sixteen digits: an array of those more than triples. So a
//! record that would not fit is written with each number in its shortest form, which is at most as
//! long as what was sent but for fractions like `1e-6` (`0.000001`, twice as long, and then nothing
//! of it needs an escape): 2 x 2 MiB and some kilobytes of evidence fit.

use audit_log::canonical;
use audit_record::json::{Object, Value};

/// The most bytes of a body as it stands in the function's answer; 64 kB are left for headers,
/// evidence and the envelope.
pub(crate) const WIRE_BYTES: usize = 6_291_556 - 65_536;

/// The bytes that a text takes as a JSON string inside the function's answer, quotes aside.
pub(crate) fn wire_len(text: &str) -> usize {
    text.bytes()
        .map(|byte| if matches!(byte, b'"' | b'\\') { 2 } else { 1 })
        .sum()
}

/// The record's JSON: canonical, but where that would be too long, with shorter numbers.
pub(crate) fn record(object: &Object<'_>) -> String {
    let mut canonical = Vec::new();
    canonical::write_object(object, &mut canonical);
    let canonical = String::from_utf8_lossy(&canonical).into_owned();
    if wire_len(&canonical) <= WIRE_BYTES {
        return canonical;
    }
    let mut short = Vec::new();
    write_object(object, &mut short);
    String::from_utf8_lossy(&short).into_owned()
}

fn write_object(object: &Object<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    for (at, (name, value)) in object.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        canonical::write_string(name, out);
        out.push(b':');
        write(value, out);
    }
    out.push(b'}');
}

fn write(value: &Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::Object(object) => write_object(object, out),
        Value::Array(values) => {
            out.push(b'[');
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(value, out);
            }
            out.push(b']');
        }
        Value::Number(_) => {
            let start = out.len();
            canonical::write(value, out);
            shorten(out, start);
        }
        Value::Null | Value::Bool(_) | Value::String(_) => canonical::write(value, out),
    }
}

/// Writes the zeros at the end of an integer as an exponent, where that is shorter.
fn shorten(out: &mut Vec<u8>, start: usize) {
    let digits = &out[start..];
    if digits
        .iter()
        .any(|byte| !byte.is_ascii_digit() && *byte != b'-')
    {
        return;
    }
    let zeros = digits
        .iter()
        .rev()
        .take_while(|byte| **byte == b'0')
        .count();
    if zeros > 2 && zeros < digits.len() {
        out.truncate(out.len() - zeros);
        out.extend(format!("e{zeros}").bytes());
    }
}
