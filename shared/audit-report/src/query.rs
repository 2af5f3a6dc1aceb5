//! The request behind a figure, as anyone with a key can send it again.

use std::fmt;

/// A request to the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    path: String,
    parameters: Vec<(&'static str, String)>,
    /// What was done with the answer, where it is not shown as it is.
    pub then: &'static str,
}

impl Query {
    /// A request for a path below `/api/v1`; the parts of the path are encoded.
    #[must_use]
    pub fn new(parts: &[&str]) -> Self {
        let path = parts.iter().map(|part| format!("/{}", encoded(part)));
        Self {
            path: path.collect(),
            parameters: Vec::new(),
            then: "",
        }
    }

    /// The request with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// The request, and what was done with its answer.
    #[must_use]
    pub fn then(mut self, then: &'static str) -> Self {
        self.then = then;
        self
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GET /api/v1{}", self.path)?;
        for (at, (name, value)) in self.parameters.iter().enumerate() {
            let before = if at == 0 { '?' } else { '&' };
            write!(f, "{before}{name}={}", encoded(value))?;
        }
        Ok(())
    }
}

/// Percent-encodes all but what RFC 3986 leaves unreserved.
fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_can_be_sent_as_it_is_printed() {
        let query = Query::new(&["audit", "logs"])
            .with("system", "credit & loans+ä")
            .with("from", "2026-11-01T00:00:00.000Z");
        assert_eq!(
            query.to_string(),
            "GET /api/v1/audit/logs?system=credit%20%26%20loans%2B%C3%A4&from=2026-11-01T00%3A00%3A00.000Z"
        );
        assert_eq!(Query::new(&["a/b"]).to_string(), "GET /api/v1/a%2Fb");
    }
}
