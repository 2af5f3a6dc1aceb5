//! The query string, read strictly: a parameter that is unknown or comes twice is an error and
//! never ignored, so that a misspelt filter can't quietly widen an answer.

use std::collections::BTreeMap;

use super::{ApiError, Code, Detail};

/// A request's query parameters, by name, decoded.
#[derive(Debug, Default)]
pub struct QueryParameters {
    values: BTreeMap<&'static str, String>,
}

impl QueryParameters {
    /// Reads `application/x-www-form-urlencoded` text (WHATWG URL, section 5.1): `&` between
    /// pairs, `+` as a space, percent-encoded UTF-8. Empty pairs are skipped.
    ///
    /// # Errors
    /// `invalid_request` with a detail for each parameter that is not in `allowed`, comes a
    /// second time, or is not percent-encoded UTF-8.
    pub fn parse(raw: &str, allowed: &[&'static str]) -> Result<Self, ApiError> {
        let mut values = BTreeMap::new();
        let mut details = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(name) = decode(name) else {
                details.push(Detail::new(
                    "",
                    "invalid_utf8",
                    "a parameter's name is not percent-encoded UTF-8",
                ));
                continue;
            };
            let Some(known) = allowed.iter().find(|known| **known == name) else {
                details.push(Detail::new(
                    shortened(&name),
                    "unknown_parameter",
                    "is not a parameter of this route",
                ));
                continue;
            };
            match decode(value) {
                None => details.push(Detail::new(
                    *known,
                    "invalid_utf8",
                    "is not percent-encoded UTF-8",
                )),
                Some(_) if values.contains_key(known) => {
                    details.push(Detail::new(
                        *known,
                        "repeated_parameter",
                        "may be given once only",
                    ));
                }
                Some(value) => {
                    values.insert(*known, value);
                }
            }
        }
        if details.is_empty() {
            return Ok(Self { values });
        }
        Err(
            ApiError::new(Code::InvalidRequest, "The query string is not valid.")
                .with_details(details),
        )
    }

    /// A parameter's value; `None` where it was not given. One given without a value is "".
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The parameters that were given, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }
}

/// A name that the client chose is given back at no more than 64 characters.
fn shortened(name: &str) -> String {
    name.chars().take(64).collect()
}

/// Undoes percent-encoding and `+`; `None` where a `%` has no two hex digits behind it or the
/// result is not UTF-8.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => (hex_digit(rest.next()?)? << 4) | hex_digit(rest.next()?)?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["from", "actor"];

    #[test]
    fn decodes_what_a_browser_and_curl_send() {
        for (raw, expected) in [
            ("actor=a", "a"),
            ("actor=a+b%20c", "a b c"),
            ("actor=%C3%A9", "é"),
            ("actor=a%3Db%26c", "a=b&c"),
            ("actor=a=b", "a=b"),
            ("&&actor=x&", "x"),
            ("actor", ""),
            ("actor=", ""),
        ] {
            let parameters = QueryParameters::parse(raw, ALLOWED).expect(raw);
            assert_eq!(parameters.get("actor"), Some(expected), "{raw}");
            assert_eq!(parameters.get("from"), None, "{raw}");
        }
    }

    #[test]
    fn refuses_by_name_and_says_why() {
        for (raw, field, code) in [
            ("acto=a", "acto", "unknown_parameter"),
            ("Actor=a", "Actor", "unknown_parameter"),
            ("actor=a&actor=a", "actor", "repeated_parameter"),
            ("actor=%zz", "actor", "invalid_utf8"),
            ("actor=%", "actor", "invalid_utf8"),
            ("actor=%f", "actor", "invalid_utf8"),
            ("actor=%ff", "actor", "invalid_utf8"),
            ("%ff=a", "", "invalid_utf8"),
        ] {
            let error = QueryParameters::parse(raw, ALLOWED).expect_err(raw);
            assert_eq!(error.code(), Code::InvalidRequest, "{raw}");
            let detail = &error.details()[0];
            assert_eq!(
                (detail.field.as_ref(), detail.code.as_ref()),
                (field, code),
                "{raw}"
            );
        }
    }

    #[test]
    fn names_each_fault_at_once() {
        let error = QueryParameters::parse("x=1&y=2&from=%ff", ALLOWED).expect_err("three faults");
        assert_eq!(error.details().len(), 3);
    }

    proptest::proptest! {
        #[test]
        fn no_query_string_panics(raw in ".*") {
            if let Ok(parameters) = QueryParameters::parse(&raw, ALLOWED) {
                proptest::prop_assert!(parameters.iter().count() <= ALLOWED.len());
            }
        }
    }
}
