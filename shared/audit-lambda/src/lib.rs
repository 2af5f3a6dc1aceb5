//! What every function needs: configuration, telemetry, authentication and HTTP answers.
//!
//! Deliberately no domain logic: nothing here knows what a record is. Beside `functions/*` it
//! is the only crate that names the Lambda runtime.

mod auth;
mod config;
pub mod http;
mod rate;
mod recent;
mod runtime;
pub mod telemetry;

pub use auth::{Authenticator, Credential};
pub use config::{Config, ConfigError};
pub use rate::RateLimiter;
pub use recent::Recent;
pub use runtime::{RuntimeError, serve_events, serve_http};
