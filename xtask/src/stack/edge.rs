//! The edge: the site and the API behind one origin.

use std::fs;
use std::process::Command;
use std::time::Duration;

use crate::clock::{self, Stopwatch};
use crate::failure::{Failure, OrFail, Result};
use crate::process::{self, Background};
use crate::terminal::Step;
use crate::workspace;

use super::{Stack, api, functions, site};

const READY_WITHIN: Duration = Duration::from_secs(10);

impl Stack {
    /// Starts the edge in front of an API, in place of one that runs already.
    pub(super) fn start_edge(&self, api_id: &str, with_dashboard: bool) -> Result<()> {
        let mut step = Step::begin("Edge");
        let pid_file = self.edge_pid_file();
        let edge = Background {
            name: "the edge",
            pid_file: &pid_file,
        };
        edge.stop()?;
        super::emulator::require_free_port(self.edge_port, "the edge")?;

        let site = self.dir().join("site");
        site::build(&site, with_dashboard)?;
        // A copy: a compile while it runs would meet a busy file.
        let program = self.dir().join("audit-edge");
        process::remove_if_there(&program)?;
        fs::copy(functions::binary("audit-edge"), &program)
            .or_fail(format_args!("copy the edge to {}", program.display()))?;

        let log = self.log("edge");
        let mut command = Command::new(&program);
        command
            .current_dir(self.dir())
            .env_clear()
            .arg(format!("--port={}", self.edge_port))
            .arg(format!("--site={}", site.display()))
            .arg(format!("--api=127.0.0.1:{}", self.emulator_port))
            .arg(format!("--api-host={api_id}.execute-api.localhost"))
            .arg(format!(
                "--headers={}",
                workspace::root()
                    .join("localstack/edge/security-headers.json")
                    .display()
            ));
        edge.start(&mut command, &log)?;

        let started = Stopwatch::start();
        while !api::answers(&self.address()) {
            if edge.running().is_none() || started.elapsed() > READY_WITHIN {
                return Err(Failure::new("the edge does not answer")
                    .advise(format!("what it said is in {}", process::shown(&log))));
            }
            step.progress("waiting for its answer");
            clock::pause(Duration::from_millis(20))?;
        }
        step.done(&self.url());
        Ok(())
    }
}
