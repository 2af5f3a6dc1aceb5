//! Log lines: one JSON object a line on standard output, from where Lambda takes them.
//!
//! Lines carry names, counts, ids and causes; never a record, a key or a token. The crates
//! underneath (the AWS clients, hyper) would print requests and answers at their finer levels,
//! so they are held at `warn` whatever the filter says.

use std::panic::PanicHookInfo;

use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Crates whose finer levels hold what goes over the wire.
const HELD_AT_WARN: [&str; 8] = [
    "aws_",
    "h2",
    "hyper",
    "hyper_util",
    "lambda_runtime",
    "lambda_runtime_api_client",
    "rustls",
    "tower",
];

/// Tells whether the text is a filter: a level, or `target=level` pairs with commas.
pub(crate) fn is_filter(filter: &str) -> bool {
    filter.parse::<Targets>().is_ok()
}

/// What the filter lets through.
fn asked_for(filter: &str) -> Targets {
    filter
        .parse::<Targets>()
        .unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO))
}

/// What may be logged at all.
fn allowed() -> Targets {
    let held = HELD_AT_WARN.map(|held| (held, LevelFilter::WARN));
    Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(held)
}

/// Starts logging; to be called once, first thing in `main`. A second call changes nothing.
///
/// A panic is logged by its place alone: its message may hold a value.
pub fn init(filter: &str) {
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_filter(asked_for(filter).and(allowed()));
    if tracing_subscriber::registry()
        .with(lines)
        .try_init()
        .is_ok()
    {
        std::panic::set_hook(Box::new(log_panic));
    }
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map_or_else(|| "unknown".to_owned(), ToString::to_string);
    tracing::error!(alarm = true, place, "panicked");
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn the_wire_s_crates_stay_silent_at_any_filter() {
        for filter in ["trace", "info,aws_smithy_runtime=trace", "a=loud"] {
            let would = |target, level| {
                asked_for(filter).would_enable(target, level)
                    && allowed().would_enable(target, level)
            };
            for target in [
                "aws_sdk_s3::operation",
                "aws_smithy_runtime::client",
                "hyper::proto",
                "lambda_runtime::layers",
            ] {
                assert!(!would(target, &Level::DEBUG), "{filter} {target}");
                assert!(would(target, &Level::WARN), "{filter} {target}");
            }
        }
        assert!(asked_for("trace").would_enable("audit_ledger::commit", &Level::DEBUG));
        assert!(!asked_for("info").would_enable("audit_ledger::commit", &Level::DEBUG));
        assert!(allowed().would_enable("audit_ledger::commit", &Level::DEBUG));
    }
}
