//! MiniStack: started with policies enforced, on loopback, its files in the stack's folder.

use std::net::TcpListener;
use std::process::Command;
use std::time::Duration;

use crate::clock::{self, Stopwatch};
use crate::failure::{Failure, Result};
use crate::process::{self, Background};
use crate::terminal::Step;
use crate::workspace;

use super::{Stack, api, python};

const READY_WITHIN: Duration = Duration::from_secs(40);

/// The root credentials of the emulated account. No secret: they mean nothing elsewhere.
pub(crate) const ROOT_CREDENTIALS: (&str, &str) = ("test", "test");

/// Fails with one clear line when a port is taken.
pub(super) fn require_free_port(port: u16, what: &str) -> Result<()> {
    match TcpListener::bind(("127.0.0.1", port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => Err(Failure::new(format!(
            "port {port}, which {what} needs, is in use by another program"
        ))
        .advise(format!(
            "end that program (`lsof -i :{port}` names it) and run this again"
        ))),
        Err(error) => Err(Failure::new(format!(
            "cannot listen on port {port}: {error}"
        ))),
    }
}

impl Stack {
    /// Whether MiniStack runs and answers.
    pub(crate) fn emulator_runs(&self) -> bool {
        let pid_file = self.emulator_pid_file();
        let running = Background {
            name: "MiniStack",
            pid_file: &pid_file,
        }
        .running();
        running.is_some() && self.emulator_is_ready()
    }

    fn emulator_is_ready(&self) -> bool {
        api::answers(&format!("{}/_ministack/ready", self.endpoint()))
    }

    /// Starts MiniStack and waits until it answers.
    pub(super) fn start_emulator(&self) -> Result<()> {
        let mut step = Step::begin("MiniStack");
        let log = self.log("ministack");
        let pid_file = self.emulator_pid_file();
        let emulator = Background {
            name: "MiniStack",
            pid_file: &pid_file,
        };
        let mut command = Command::new(python::program("ministack"));
        command
            .current_dir(self.dir())
            .env_clear()
            .envs(workspace::plain_environment())
            .envs(self.emulator_environment());
        emulator.start(&mut command, &log)?;

        let started = Stopwatch::start();
        while !self.emulator_is_ready() {
            if emulator.running().is_none() {
                return Err(Failure::new("MiniStack ended at once")
                    .advise(format!("what it said is in {}", process::shown(&log))));
            }
            if started.elapsed() > READY_WITHIN {
                return Err(Failure::new("MiniStack does not answer")
                    .advise(format!("what it said is in {}", process::shown(&log))));
            }
            step.progress("waiting for its answer");
            clock::pause(Duration::from_millis(100))?;
        }
        step.done(&format!("port {}, policies enforced", self.emulator_port));
        Ok(())
    }

    /// The functions inherit all of this from MiniStack, which runs them: so the developer's home
    /// folder, with the cloud credentials in it, is not the one they see.
    fn emulator_environment(&self) -> Vec<(&'static str, String)> {
        let (key, secret) = ROOT_CREDENTIALS;
        let port = self.emulator_port.to_string();
        let dir = |name: &str| self.dir().join(name).display().to_string();
        vec![
            ("AUTH", "true".into()),
            ("GATEWAY_PORT", port),
            ("BIND_HOST", "127.0.0.1".into()),
            ("AWS_ENDPOINT_URL", self.endpoint()),
            ("AWS_ACCESS_KEY_ID", key.into()),
            ("AWS_SECRET_ACCESS_KEY", secret.into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
            ("IOT_MTLS_ENABLED", "0".into()),
            ("SFTP_ENABLED", "0".into()),
            ("HOME", dir("tmp")),
            ("TMPDIR", dir("tmp")),
            ("PYTHONDONTWRITEBYTECODE", "1".into()),
            ("PYTHONUNBUFFERED", "1".into()),
        ]
    }
}
