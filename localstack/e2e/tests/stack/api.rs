//! A client of the HTTP API, as any program in the world would be one.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;

use crate::place::place;

/// One credential.
pub(crate) struct Api {
    agent: Agent,
    key: String,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    /// The body, `null` if it is no JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The body of a success.
    pub(crate) fn good(self) -> Value {
        assert!(
            matches!(self.status, 200 | 202),
            "{}: {}",
            self.status,
            self.text
        );
        self.json()
    }
}

impl Api {
    pub(crate) fn new(key: &str) -> Self {
        let agent = Agent::new_with_config(
            Agent::config_builder()
                .http_status_as_error(false)
                .allow_non_standard_methods(true)
                .timeout_global(Some(Duration::from_mins(1)))
                .proxy(None)
                .build(),
        );
        Self {
            agent,
            key: key.to_owned(),
        }
    }

    /// Reads `path`, the part after `/api/v1`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let headers = [("authorization", format!("Bearer {}", self.key))];
        self.send("GET", &format!("/api/v1{path}"), &headers, Vec::new())
    }

    /// Sends records as newline-delimited JSON.
    pub(crate) fn post_lines(&self, lines: Vec<u8>) -> Answer {
        let headers = [
            ("authorization", format!("Bearer {}", self.key)),
            ("content-type", "application/x-ndjson".to_owned()),
        ];
        self.send("POST", "/api/v1/audit/logs", &headers, lines)
    }

    /// Sends records, all of which are accepted, and returns their ids.
    pub(crate) fn post(&self, records: &[Value]) -> Vec<String> {
        let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
        let answer = self.post_lines(lines.into_bytes()).good();
        assert_eq!(answer["accepted"], records.len(), "{answer}");
        accepted(&answer)
    }

    /// Sends anything.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", place().url));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = if body.is_empty() && method == "GET" {
            self.agent.run(request.body(()).expect("a request"))
        } else {
            self.agent.run(request.body(body).expect("a request"))
        };
        let mut response = response.expect("an answer");
        Answer {
            status: response.status().as_u16(),
            text: response
                .body_mut()
                .with_config()
                .limit(16 * 1024 * 1024)
                .read_to_string()
                .expect("the answer's text"),
        }
    }

    /// The summaries of all records of a stretch of time, page by page, newest first.
    pub(crate) fn list(&self, query: &str) -> Vec<Value> {
        let mut summaries = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.get(&format!("/audit/logs?{query}{cursor}")).good();
            summaries.extend(page["records"].as_array().expect("records").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return summaries,
            }
        }
    }
}

/// The ids of the records that an answer to a POST says are accepted.
pub(crate) fn accepted(answer: &Value) -> Vec<String> {
    let results = answer["results"].as_array().into_iter().flatten();
    results
        .filter(|result| result["status"] == "accepted")
        .map(|result| result["id"].as_str().expect("an id").to_owned())
        .collect()
}
