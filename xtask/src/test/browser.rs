//! The dashboard in a browser: Playwright's suites, against a stack that serves the export.

use std::process::Command;

use crate::failure::Result;
use crate::stack::{Needs, Stack};
use crate::{dashboard, seed};

/// The sample records, and the dashboard at the root.
pub(super) fn needs() -> Needs {
    Needs {
        compiled_also: &[],
        records: seed::COUNT,
        dashboard: true,
    }
}

/// The suites of `frontend/tests/e2e`.
pub(super) fn suites(stack: &Stack) -> Result<Vec<Command>> {
    let settings = stack.read_settings()?;
    Ok(vec![dashboard::in_browser("e2e.mjs", &settings)?])
}
