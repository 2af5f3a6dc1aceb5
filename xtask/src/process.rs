//! Programs: run to their end with their output in a file, or started in the background and
//! stopped by their process id.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions};

use crate::clock;
use crate::failure::{Failure, OrFail, Result};
use crate::terminal::Step;

const POLL: Duration = Duration::from_millis(50);
/// How long a program may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(8);

/// Runs a program to its end. Its output goes to `log`, its last line is the step's progress.
///
/// It runs in a process group of its own, so that Ctrl-C reaches it once, from here.
pub(crate) fn run(command: &mut Command, log: &Path, step: &mut Step) -> Result<()> {
    run_with(command, log, |line| step.progress(line))
}

/// The same, with the last line of the output given to a function now and then.
pub(crate) fn run_with(
    command: &mut Command,
    log: &Path,
    mut progress: impl FnMut(&str),
) -> Result<()> {
    let name = program_name(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(create(log)?)
        .stderr(append(log)?)
        .process_group(0)
        .spawn()
        .or_fail(format_args!("start {name}"))?;
    let mut asked_to_stop = false;
    loop {
        let ended = child.try_wait().or_fail(format_args!("wait for {name}"))?;
        if let Some(status) = ended {
            return if clock::stopped() {
                Err(Failure::interrupted())
            } else if status.success() {
                Ok(())
            } else {
                Err(failed(&name, log))
            };
        }
        if clock::stopped() && !asked_to_stop {
            asked_to_stop = true;
            interrupt(child.id());
        }
        progress(&last_line(log));
        clock::pause_regardless(POLL);
    }
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let name = program_name(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .or_fail(format_args!("start {name}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    Err(Failure::new(format!("{name} failed")).advise(last.unwrap_or("it said nothing").trim()))
}

fn failed(name: &str, log: &Path) -> Failure {
    let tail: Vec<String> = tail(log, 8 * 1024)
        .lines()
        .map(str::to_owned)
        .filter(|line| !line.trim().is_empty())
        .collect();
    for line in &tail[tail.len().saturating_sub(15)..] {
        crate::terminal::line(format!("    {line}"));
    }
    Failure::new(format!("{name} failed")).advise(format!("all it said is in {}", shown(log)))
}

/// A path as a person would type it: relative to the working directory where it lies below.
pub(crate) fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&here)
        .unwrap_or(path)
        .display()
        .to_string()
}

fn program_name(command: &Command) -> String {
    Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned()
}

fn create(log: &Path) -> Result<File> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir).or_fail(format_args!("make {}", dir.display()))?;
    }
    fs::write(log, "").or_fail(format_args!("write {}", log.display()))?;
    append(log)
}

fn append(log: &Path) -> Result<File> {
    OpenOptions::new()
        .append(true)
        .open(log)
        .or_fail(format_args!("write {}", log.display()))
}

/// The end of a file, as text.
pub(crate) fn tail(path: &Path, bytes: u64) -> String {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(bytes)))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}

fn last_line(log: &Path) -> String {
    tail(log, 1024)
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("…")
        .to_owned()
}

/// A program in the background, known by a file that holds its process id and, so that a later
/// program with the same id is never taken for it, the time it was started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Background<'a> {
    /// What a person calls it.
    pub(crate) name: &'a str,
    /// The file with its process id.
    pub(crate) pid_file: &'a Path,
}

impl Background<'_> {
    /// Starts it, in a process group of its own that holds all that it starts itself.
    pub(crate) fn start(&self, command: &mut Command, log: &Path) -> Result<u32> {
        let child = command
            .stdin(Stdio::null())
            .stdout(create(log)?)
            .stderr(append(log)?)
            .process_group(0)
            .spawn()
            .or_fail(format_args!("start {}", self.name))?;
        let pid = child.id();
        let text = format!("{pid} {}\n", start_time(pid).unwrap_or_default());
        fs::write(self.pid_file, text)
            .or_fail(format_args!("write {}", self.pid_file.display()))
            .inspect_err(|_| signal_group(pid, Signal::KILL))?;
        Ok(pid)
    }

    /// Its process id, if it runs.
    pub(crate) fn running(&self) -> Option<u32> {
        let text = fs::read_to_string(self.pid_file).ok()?;
        let (pid, started) = text.trim().split_once(' ')?;
        let pid = pid.parse().ok()?;
        reap(pid);
        (is_alive(pid) && start_time(pid).unwrap_or_default() == started).then_some(pid)
    }

    /// Stops it and all that it started. Says whether it ran.
    pub(crate) fn stop(&self) -> Result<bool> {
        let Some(pid) = self.running() else {
            remove_if_there(self.pid_file)?;
            return Ok(false);
        };
        signal_group(pid, Signal::TERM);
        let asked = clock::Stopwatch::start();
        while self.running().is_some() {
            if asked.elapsed() > GRACE {
                signal_group(pid, Signal::KILL);
            }
            if asked.elapsed() > GRACE * 2 {
                return Err(Failure::new(format!(
                    "{} (process {pid}) does not end",
                    self.name
                )));
            }
            clock::pause_regardless(POLL);
        }
        // What it had started may still tidy up; nothing of it shall stay.
        signal_group(pid, Signal::KILL);
        remove_if_there(self.pid_file)?;
        Ok(true)
    }
}

/// Removes a file; that there is none is fine.
pub(crate) fn remove_if_there(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).or_fail(format_args!("remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn process_id(pid: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(pid).ok()?)
}

/// Does to a program in a process group of its own what Ctrl-C does to one in the terminal's.
pub(crate) fn interrupt(pid: u32) {
    signal_group(pid, Signal::INT);
}

fn signal_group(pid: u32, signal: Signal) {
    if let Some(pid) = process_id(pid) {
        // The only failure that can come is that it has ended already.
        let _gone = rustix::process::kill_process_group(pid, signal);
    }
}

/// A child of this very process that has ended stays visible until it is waited for.
fn reap(pid: u32) {
    if let Some(pid) = process_id(pid) {
        let _not_a_child = rustix::process::waitpid(Some(pid), WaitOptions::NOHANG);
    }
}

fn is_alive(pid: u32) -> bool {
    process_id(pid).is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

/// When a process was started, where the system says so (`/proc/<pid>/stat`, field 22).
fn start_time(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name stands in parentheses and may hold spaces itself.
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(19).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_in_the_background_is_stopped_with_what_it_started() {
        let dir = std::env::temp_dir().join(format!("xtask-background-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a folder");
        let pid_file = dir.join("pid");
        let program = Background {
            name: "a shell",
            pid_file: &pid_file,
        };
        assert_eq!(program.running(), None);
        assert!(!program.stop().expect("nothing to stop"));

        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo $!; wait"]);
        let log = dir.join("log");
        let pid = program.start(&mut command, &log).expect("started");
        assert_eq!(program.running(), Some(pid));
        let mut inner = String::new();
        while inner.is_empty() {
            inner = tail(&log, 100).trim().to_owned();
        }
        let inner: u32 = inner.parse().expect("a process id");
        assert!(is_alive(inner));

        assert!(program.stop().expect("stopped"));
        assert_eq!(program.running(), None);
        assert!(!pid_file.exists());
        // Killed with its group; whoever adopted it may need a moment to notice.
        while fs::read_to_string(format!("/proc/{inner}/stat"))
            .is_ok_and(|stat| !stat.contains(") Z "))
        {}
        fs::remove_dir_all(&dir).expect("tidied");
    }

    #[test]
    fn another_program_with_the_same_id_is_left_alone() {
        let dir = std::env::temp_dir().join(format!("xtask-reused-{}", std::process::id()));
        fs::create_dir_all(&dir).expect("a folder");
        let pid_file = dir.join("pid");
        fs::write(&pid_file, format!("{} 1\n", std::process::id())).expect("written");
        let program = Background {
            name: "somebody else",
            pid_file: &pid_file,
        };
        assert_eq!(program.running(), None);
        assert!(!program.stop().expect("nothing to stop"));
        fs::remove_dir_all(&dir).expect("tidied");
    }
}
