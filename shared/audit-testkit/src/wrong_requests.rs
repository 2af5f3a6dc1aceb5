//! The table of wrong requests and what they are answered
//! (`functions/ingest/tests/data/malformed.json`, where its form is told): one table for the
//! function in process and for the running stack, and one reader.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One request and its answer.
#[derive(Debug, Deserialize)]
pub struct WrongRequest {
    /// What is wrong with it.
    pub name: String,
    /// Its method.
    pub method: String,
    /// Its path, with a query string where it has one.
    pub path: String,
    #[serde(default)]
    headers: Map<String, Value>,
    /// Absent: a good key's; null: none.
    #[serde(default = "good_key")]
    authorization: Value,
    body: Option<String>,
    body_base64: Option<String>,
    body_repeat: Option<Repeat>,
    body_base64_repeat: Option<Repeat>,
    status: u16,
    code: Option<String>,
    details: Option<Value>,
    results: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Repeat {
    before: String,
    text: String,
    times: usize,
    after: String,
}

impl Repeat {
    fn bytes(&self, read: impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
        let middle = read(&self.text).repeat(self.times);
        [read(&self.before), middle, read(&self.after)].concat()
    }
}

fn good_key() -> Value {
    Value::Bool(true)
}

fn from_base64(text: &str) -> Vec<u8> {
    base64_simd::STANDARD
        .decode_to_vec(text)
        .expect("the table's base64")
}

impl WrongRequest {
    /// Reads the table's text.
    ///
    /// # Panics
    /// If it is not the table.
    #[must_use]
    pub fn table(text: &str) -> Vec<Self> {
        #[derive(Deserialize)]
        struct Table {
            cases: Vec<WrongRequest>,
        }
        let table: Table = serde_json::from_str(text).expect("the table's form");
        table.cases
    }

    /// Its headers, a good key's token among them where the table wants one.
    #[must_use]
    pub fn headers(&self, token: &str) -> Vec<(&str, String)> {
        let mut headers = match &self.authorization {
            Value::Bool(_) => vec![("authorization", format!("Bearer {token}"))],
            Value::String(text) => vec![("authorization", text.clone())],
            _ => Vec::new(),
        };
        if !self.headers.contains_key("content-type") {
            headers.push(("content-type", "application/json".to_owned()));
        }
        for (name, value) in &self.headers {
            headers.push((name, value.as_str().expect("a header's value").to_owned()));
        }
        headers
    }

    /// Its body.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        if let Some(text) = &self.body_base64 {
            return from_base64(text);
        }
        if let Some(repeat) = &self.body_base64_repeat {
            return repeat.bytes(from_base64);
        }
        match &self.body_repeat {
            Some(repeat) => repeat.bytes(|text| text.as_bytes().to_vec()),
            None => self.body.clone().unwrap_or_default().into_bytes(),
        }
    }

    /// How many of its records are good.
    #[must_use]
    pub fn good(&self) -> usize {
        let results = self.results.as_ref().and_then(Value::as_array);
        let accepted = |result: &&Value| result["status"] == "accepted";
        results.into_iter().flatten().filter(accepted).count()
    }

    /// What is to be answered, in the form of [`Self::seen`].
    #[must_use]
    pub fn expected(&self) -> Value {
        match &self.results {
            Some(results) => json!({"status": self.status, "results": results}),
            None => json!({"status": self.status, "code": self.code, "details": self.details}),
        }
    }

    /// What was answered, as far as the table speaks of it.
    #[must_use]
    pub fn seen(&self, status: u16, body: &Value) -> Value {
        if self.results.is_some() {
            return json!({"status": status, "results": Self::results(body)});
        }
        json!({
            "status": status,
            "code": body["error"]["code"],
            "details": only(&body["error"]["details"], &["index", "field", "code"]),
        })
    }

    /// What an answer says of each record, as far as the table speaks of it.
    #[must_use]
    pub fn results(body: &Value) -> Value {
        let result = |result: &Value| match result.get("errors") {
            Some(errors) => {
                json!({"status": result["status"], "errors": only(errors, &["field", "code"])})
            }
            None => json!({"status": result["status"]}),
        };
        let all = body["results"].as_array().into_iter().flatten();
        all.map(result).collect()
    }

    /// A record that is refused for what it is can stand in a batch as well: its bytes as a line,
    /// and its faults without the index.
    #[must_use]
    pub fn as_line(&self) -> Option<(Vec<u8>, Value)> {
        let faults = self.details.as_ref()?;
        let of_a_record = faults
            .as_array()?
            .iter()
            .any(|fault| fault.get("index").is_some());
        let body = self.body();
        let line = self.path == "/api/v1/audit/log"
            && of_a_record
            && !body.trim_ascii().is_empty()
            && !body.contains(&b'\n')
            && !self.headers.contains_key("content-encoding");
        line.then(|| (body, only(faults, &["field", "code"])))
    }
}

/// The members that the table speaks of.
fn only(list: &Value, names: &[&str]) -> Value {
    let pick = |value: &Value| -> Value {
        let members = value.as_object().into_iter().flatten();
        let kept = members.filter(|(name, _)| names.contains(&name.as_str()));
        Value::Object(
            kept.map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    };
    list.as_array().into_iter().flatten().map(pick).collect()
}
