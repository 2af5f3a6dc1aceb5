//! A client of the project's own HTTP API, and no more of HTTP than that takes.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::failure::{Failure, OrFail, Result};

/// An answer: its status and its JSON body (`null` when it is none).
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Value,
}

/// One credential at one address.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    address: String,
    key: String,
}

impl Client {
    /// A client that sends `key` with each request.
    pub(crate) fn new(address: &str, key: &str) -> Self {
        Self {
            agent: agent(Duration::from_secs(40)),
            address: address.to_owned(),
            key: key.to_owned(),
        }
    }

    /// Sends a batch of records, as a JSON array.
    pub(crate) fn post_records(&self, records: &[Value]) -> Result<Answer> {
        let body = Value::from(records.to_vec()).to_string();
        let response = self
            .agent
            .post(format!("{}/api/v1/audit/logs", self.address))
            .header("authorization", format!("Bearer {}", self.key))
            .header("content-type", "application/json")
            .send(body);
        answer(response)
    }

    /// Reads `path`, the part after `/api/v1`.
    pub(crate) fn get(&self, path: &str) -> Result<Answer> {
        let response = self
            .agent
            .get(format!("{}/api/v1{path}", self.address))
            .header("authorization", format!("Bearer {}", self.key))
            .call();
        answer(response)
    }

    /// Reads `path`; anything but 200 is a failure.
    pub(crate) fn read(&self, path: &str) -> Result<Value> {
        let answer = self.get(path)?;
        if answer.status == 200 {
            return Ok(answer.body);
        }
        Err(answer.refused(&format!("GET {path}")))
    }
}

impl Answer {
    /// The failure that an unexpected answer is.
    pub(crate) fn refused(&self, request: &str) -> Failure {
        let error = &self.body["error"];
        let message = error["message"].as_str().unwrap_or("no message");
        let first = error["details"]
            .get(0)
            .map(|detail| format!(" ({detail})"))
            .unwrap_or_default();
        Failure::new(format!(
            "{request} was answered with {}: {message}{first}",
            self.status
        ))
    }
}

/// Whether something answers there with a success.
pub(crate) fn answers(url: &str) -> bool {
    agent(Duration::from_secs(2))
        .get(url)
        .call()
        .is_ok_and(|response| response.status().is_success())
}

fn agent(timeout: Duration) -> Agent {
    Agent::new_with_config(
        Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(timeout))
            .proxy(None)
            .build(),
    )
}

fn answer(
    response: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer> {
    let mut response = response.or_fail("reach the API")?;
    let status = response.status().as_u16();
    let bytes = response
        .body_mut()
        .with_config()
        .limit(16 * 1024 * 1024)
        .read_to_vec()
        .or_fail("read the API's answer")?;
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Ok(Answer { status, body })
}
