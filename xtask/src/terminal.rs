//! Everything that a task prints: aligned steps with their time, tables, closing lines.
//!
//! On a terminal the running step's line is rewritten as it goes on. Elsewhere a step says a word
//! every 20 s, so that a log of a long run shows that it lives.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::Duration;

use crate::clock::Stopwatch;

const LABEL_WIDTH: usize = 20;
const TEXT_WIDTH: usize = 54;
const REDRAW: Duration = Duration::from_millis(200);
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);

/// Prints a line. A closed pipe is nobody's failure.
#[expect(clippy::print_stdout, reason = "the one place that prints")]
pub(crate) fn line(text: impl AsRef<str>) {
    if stdout().is_terminal() {
        println!("{}", text.as_ref());
    } else {
        let written = writeln!(stdout(), "{}", text.as_ref());
        if written.is_err() {
            std::process::exit(141);
        }
    }
}

/// Prints what went wrong.
#[expect(clippy::print_stderr, reason = "the one place that prints")]
pub(crate) fn error(text: impl AsRef<str>) {
    let flushed = stdout().flush();
    if flushed.is_ok() && stderr().is_terminal() {
        eprintln!("\u{1b}[31merror\u{1b}[0m: {}", text.as_ref());
    } else {
        eprintln!("error: {}", text.as_ref());
    }
}

/// One step of a task. Dropped without `done`, it stands as failed.
pub(crate) struct Step {
    label: String,
    started: Stopwatch,
    drawn: Stopwatch,
    rewrites: bool,
    open: bool,
}

impl Step {
    /// Begins a step.
    pub(crate) fn begin(label: &str) -> Self {
        let step = Self {
            label: label.to_owned(),
            started: Stopwatch::start(),
            drawn: Stopwatch::start(),
            rewrites: stdout().is_terminal(),
            open: true,
        };
        step.draw("…");
        step
    }

    /// Shows how far it is.
    pub(crate) fn progress(&mut self, text: &str) {
        let due = if self.rewrites { REDRAW } else { SIGN_OF_LIFE };
        if self.drawn.elapsed() < due {
            return;
        }
        self.drawn = Stopwatch::start();
        if self.rewrites {
            self.draw(text);
        } else {
            line(self.row(&format!("… {text}")));
        }
    }

    /// Ends it, with what came of it.
    pub(crate) fn done(mut self, text: &str) {
        self.close(text);
    }

    fn close(&mut self, text: &str) {
        self.open = false;
        let row = self.row(text);
        if self.rewrites {
            self.erase();
        }
        line(row);
    }

    fn row(&self, text: &str) -> String {
        let text = shortened(text, TEXT_WIDTH);
        let time = seconds(self.started.elapsed());
        format!("  {:LABEL_WIDTH$} {text:TEXT_WIDTH$} {time:>8}", self.label)
    }

    #[expect(clippy::print_stdout, reason = "the one place that prints")]
    fn draw(&self, text: &str) {
        if self.rewrites {
            self.erase();
            print!("{}", self.row(text));
            let _flushed = stdout().flush();
        }
    }

    #[expect(clippy::print_stdout, reason = "the one place that prints")]
    fn erase(&self) {
        if self.rewrites {
            print!("\r\u{1b}[2K");
        }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if self.open {
            self.close("failed");
        }
    }
}

/// Seconds with one decimal.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Bytes in megabytes.
pub(crate) fn megabytes(bytes: u64) -> String {
    let tenths = bytes.div_ceil(100_000);
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

/// A number with its thousands apart.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn shortened(text: &str, width: usize) -> String {
    let first = text.lines().next().unwrap_or_default().trim();
    if first.chars().count() <= width {
        return first.to_owned();
    }
    first.chars().take(width - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(megabytes(4_950_001), "5.0 MB");
    }

    #[test]
    fn a_long_line_is_cut_to_its_column() {
        assert_eq!(shortened(" abc \nnext", 3), "abc");
        assert_eq!(shortened("abcdef", 4), "abc…");
    }
}
