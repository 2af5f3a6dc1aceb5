//! The processes of this stack's functions, and of no other's.

use std::fs;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::place::place;

/// A process, held by a descriptor: its number may be another's once it has ended.
pub(crate) struct Process(rustix::fd::OwnedFd);

impl Process {
    fn signal(&self, signal: Signal) {
        // That it has ended already is no failure.
        let _ended = pidfd_send_signal(&self.0, signal);
    }

    /// Lets it do nothing more for now.
    pub(crate) fn stop(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// Ends it without a chance to tidy up: `kill -9`.
    pub(crate) fn kill(&self) {
        self.signal(Signal::KILL);
    }
}

/// The processes of a function.
pub(crate) fn of_function(name: &str) -> Vec<Process> {
    let pids = fs::read_dir("/proc").expect("the processes").flatten();
    pids.filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        // First held, then looked at: what is held stays what was looked at.
        let process = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
        let environment = fs::read(entry.path().join("environ")).ok()?;
        let says = |line: &str| {
            environment
                .split(|byte| *byte == 0)
                .any(|own| own == line.as_bytes())
        };
        let ours = says(&format!("AWS_ENDPOINT_URL={}", place().endpoint))
            && says(&format!("AWS_LAMBDA_FUNCTION_NAME={name}"));
        ours.then_some(Process(process))
    })
    .collect()
}
