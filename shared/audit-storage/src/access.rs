//! Where the services are, and as whom to call them.
//!
//! Read from the environment by whoever runs (a function's configuration, a command's options) and
//! handed to `audit-aws`. Here, because reader and adapter know nothing of each other.

use std::fmt;

/// Where AWS is, and as whom to call it: what the Lambda service puts into a function's
/// environment, and for an emulator its address.
#[derive(Clone)]
pub struct Access {
    /// The region of everything.
    pub region: String,
    /// One address for every service, of an emulator; S3 is then asked path-style.
    pub endpoint: Option<String>,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key.
    pub secret_access_key: String,
    /// The session's token, for temporary credentials.
    pub session_token: Option<String>,
}

// Without the two secrets: a configuration is printed when something is wrong with it.
impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Access")
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_of_it_holds_no_secret() {
        let access = Access {
            region: "eu-central-1".to_owned(),
            endpoint: None,
            access_key_id: "AKIA".to_owned(),
            secret_access_key: "s3cr3t".to_owned(),
            session_token: Some("t0ken".to_owned()),
        };
        let printed = format!("{access:?}");
        assert!(printed.contains("AKIA"));
        assert!(!printed.contains("s3cr3t") && !printed.contains("t0ken"));
    }
}
