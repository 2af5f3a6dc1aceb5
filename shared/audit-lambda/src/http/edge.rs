//! Whether a request came by way of the edge: the distribution in front of the API, with its
//! firewall and its limits.
//!
//! The API has an address of its own that nothing closes, so the edge adds a header with a secret
//! to each request and the functions refuse what comes without it. Only hashes of the secrets are
//! known here: who may read a function's environment can't pass for the edge. It is no
//! authentication: who asks is a matter of the API key.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;

use super::{ApiError, Code, Request};

/// The header that the edge adds; it replaces what a client sent under that name.
const HEADER: &str = "x-audit-edge";

/// The secrets that the edge may show, as SHA-256; two while one takes the other's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    secrets: Vec<[u8; 32]>,
}

impl Edge {
    /// Reads a JSON array of SHA-256 hashes in hexadecimal, at least one.
    #[must_use]
    pub fn parse(json: &str) -> Option<Self> {
        let texts: Vec<String> = serde_json::from_str(json).ok()?;
        let secrets: Option<Vec<_>> = texts.iter().map(|text| hash(text)).collect();
        secrets
            .filter(|secrets| !secrets.is_empty())
            .map(|secrets| Self { secrets })
    }

    /// Refuses with 403 what did not come by way of the edge.
    ///
    /// # Errors
    /// If the header is missing, or its value is none of the secrets.
    pub fn admit(&self, request: &Request) -> Result<(), ApiError> {
        let shown = request.header(HEADER).unwrap_or_default();
        let shown: [u8; 32] = Sha256::digest(shown).into();
        // Each is compared, so that the time says nothing about which one it was.
        let known = self
            .secrets
            .iter()
            .fold(0, |known, secret| known | secret.ct_eq(&shown).unwrap_u8());
        if known == 1 {
            return Ok(());
        }
        Err(ApiError::new(
            Code::Forbidden,
            "This address takes no requests of its own; use the service's public address.",
        ))
    }
}

fn hash(hexadecimal: &str) -> Option<[u8; 32]> {
    let digits = hexadecimal.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16)?;
            *byte = *byte << 4 | u8::try_from(value).ok()?;
        }
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Method;

    /// SHA-256 of `first` and of `second`.
    const BOTH: &str = r#"[
        "a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e",
        "16367aacb67a4a017c8da8ab95682ccb390863780f7114dda0a0e0c55644c7c4"
    ]"#;

    #[test]
    fn either_secret_admits_and_nothing_else_does() {
        let edge = Edge::parse(BOTH).expect("two hashes");
        for (shown, admitted) in [
            (Some("first"), true),
            (Some("second"), true),
            (Some("third"), false),
            (Some(""), false),
            (
                Some("a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e"),
                false,
            ),
            (None, false),
        ] {
            let request = Request::new(Method::Get, "/api/v1/health");
            let request = match shown {
                Some(shown) => request.with_header("X-Audit-Edge", shown),
                None => request,
            };
            let answer = edge.admit(&request).map_err(|error| error.code());
            let expected = if admitted {
                Ok(())
            } else {
                Err(Code::Forbidden)
            };
            assert_eq!(answer, expected, "{shown:?}");
        }
    }

    #[test]
    fn what_is_no_list_of_hashes_is_refused() {
        let short = "0".repeat(63);
        let long = "0".repeat(65);
        for text in [
            "",
            "[]",
            "null",
            r#""a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e""#,
            r#"["secret"]"#,
            &format!(r#"["{short}"]"#),
            &format!(r#"["{long}"]"#),
            &format!(r#"["{}"]"#, "é".repeat(32)),
        ] {
            assert_eq!(Edge::parse(text), None, "{text}");
        }
    }
}
