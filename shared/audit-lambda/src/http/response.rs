//! An answer, and what the log line of its request says beside it.

use std::collections::BTreeMap;

use serde::Serialize;

/// What a handler knows of its request that belongs into the one log line of the invocation:
/// names and counts, never anything that a record holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The ledger as `tenant/ledger`.
    pub ledger: Option<String>,
    /// The API key's public id.
    pub key_id: Option<String>,
    /// Records that the queue took.
    pub accepted: Option<u64>,
    /// Records refused for what they are.
    pub rejected: Option<u64>,
    /// Good records that the queue did not take.
    pub unavailable: Option<u64>,
    /// Queue messages that the records went in.
    pub messages: Option<u64>,
    /// Records in the answer.
    pub returned: Option<u64>,
}

/// An answer in JSON.
#[derive(Debug)]
pub struct Response {
    status: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    facts: Facts,
}

impl Response {
    /// An answer whose body is this value in JSON.
    ///
    /// A value that does not serialise (a map whose keys are no strings) is a mistake in the
    /// program; the client then gets a constant 500.
    #[must_use]
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        match serde_json::to_string(value) {
            Ok(body) => Self::json_text(status, body),
            Err(error) => {
                tracing::error!(%error, "an answer could not be written as JSON");
                let body = r#"{"error":{"code":"internal","message":"Something went wrong on our side.","request_id":"","details":[]}}"#;
                Self::json_text(500, body.to_owned())
            }
        }
    }

    /// An answer whose body is JSON text already.
    #[must_use]
    pub fn json_text(status: u16, body: String) -> Self {
        // An answer depends on the key that asked and on the moment: no cache may keep it.
        let headers = BTreeMap::from([
            ("content-type", "application/json".to_owned()),
            ("cache-control", "no-store".to_owned()),
        ]);
        Self {
            status,
            headers,
            body,
            facts: Facts::default(),
        }
    }

    /// The same answer with a header set; the name in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    /// The same answer with what its log line should say.
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// A header's value; the name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The body's text.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// What the log line says.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The answer as API Gateway takes it.
    #[must_use]
    pub fn into_wire(self) -> WireResponse {
        WireResponse {
            status_code: self.status,
            headers: self.headers,
            body: self.body,
            is_base64_encoded: false,
        }
    }
}

/// A function's answer to API Gateway, payload format 2.0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WireResponse {
    status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form_is_payload_format_2() {
        let wire = Response::json(202, &serde_json::json!({"a": 1}))
            .with_header("retry-after", "1")
            .into_wire();
        insta::assert_snapshot!(serde_json::to_string(&wire).expect("JSON"), @r#"{"statusCode":202,"headers":{"cache-control":"no-store","content-type":"application/json","retry-after":"1"},"body":"{\"a\":1}","isBase64Encoded":false}"#);
    }
}
