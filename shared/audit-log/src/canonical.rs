//! Canonical JSON: RFC 8785 (JCS). One text for one value: members sorted by the UTF-16 code units of
//! their names, numbers as ECMAScript prints them, the shortest escapes, no white space.

use audit_record::json::{Object, Value};

/// Appends the canonical form of a value.
pub fn write(value: &Value<'_>, out: &mut Vec<u8>) {
    let _ = (value, out);
    unimplemented!()
}

/// Appends the canonical form of an object.
pub fn write_object(object: &Object<'_>, out: &mut Vec<u8>) {
    let _ = (object, out);
    unimplemented!()
}

/// Appends a string with its quotes.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    let _ = (text, out);
    unimplemented!()
}

/// The canonical form of a value.
#[must_use]
pub fn to_vec(value: &Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    write(value, &mut out);
    out
}
