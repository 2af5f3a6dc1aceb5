//! The security headers, read from the one file that the cloud's distribution is made from too
//! (`localstack/edge/security-headers.json`), so that a page that works here works there.

use std::collections::BTreeMap;
use std::path::Path;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use serde::Deserialize;

/// Names and values as the file has them: for every answer, for the site's and for the API's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    all: BTreeMap<String, String>,
    site: BTreeMap<String, String>,
    api: BTreeMap<String, String>,
}

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum HeadersError {
    /// It can't be read.
    #[error("cannot read the security headers")]
    Read(#[from] std::io::Error),
    /// It is not of the expected form.
    #[error("the security headers are not of the expected form")]
    Form(#[from] serde_json::Error),
    /// A name or a value is none that HTTP allows.
    #[error("{0} is no valid header")]
    Header(String),
}

/// What the edge adds to each answer.
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    site: HeaderMap,
    api: HeaderMap,
}

impl SecurityHeaders {
    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, HeadersError> {
        Self::parse(&std::fs::read_to_string(path)?)
    }

    /// Parses the file's text.
    pub fn parse(text: &str) -> Result<Self, HeadersError> {
        let file: File = serde_json::from_str(text)?;
        Ok(Self {
            site: header_map(&file.all, &file.site)?,
            api: header_map(&file.all, &file.api)?,
        })
    }

    /// For the site's answers.
    pub(crate) fn site(&self) -> HeaderMap {
        self.site.clone()
    }

    /// For the API's answers.
    pub(crate) fn api(&self) -> HeaderMap {
        self.api.clone()
    }
}

fn header_map(
    all: &BTreeMap<String, String>,
    own: &BTreeMap<String, String>,
) -> Result<HeaderMap, HeadersError> {
    let mut map = HeaderMap::new();
    for (name, value) in all.iter().chain(own) {
        // RFC 6797 section 7.2: never over plain HTTP.
        if name == "strict-transport-security" {
            continue;
        }
        let invalid = || HeadersError::Header(name.clone());
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        map.insert(header, HeaderValue::from_str(value).map_err(|_| invalid())?);
    }
    Ok(map)
}

/// Sets the headers on an answer, over whatever stood behind said.
pub(crate) async fn set(
    State(headers): State<HeaderMap>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().extend(headers);
    response
}
