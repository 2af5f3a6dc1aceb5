//! What benches measure with: CPU time of one thread, subjects taken in turns, ratios of one run.
//!
//! Wall-clock time says little on a machine that others use. The time that a thread was on a core
//! says more, and the ratio of two subjects that took turns, round by round, still more: what
//! slows one slows the other. No bench judges its own figures: `xtask/budgets.json` holds what each
//! of them may be.

use std::fmt;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How much a bench does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// One round on a few records: whether it works at all.
    Tiny,
    /// Enough to mean something.
    Full,
}

impl Scale {
    /// Full where `cargo bench` runs it, which says `--bench`.
    #[must_use]
    pub fn from_arguments() -> Self {
        if std::env::args().any(|argument| argument == "--bench") {
            Self::Full
        } else {
            Self::Tiny
        }
    }

    /// One of two numbers.
    #[must_use]
    pub fn choose<T>(self, tiny: T, full: T) -> T {
        match self {
            Self::Tiny => tiny,
            Self::Full => full,
        }
    }
}

/// One figure of a bench.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// Its name, `<bench>.<what>`, as the budgets have it.
    pub name: String,
    /// Its value, in the unit that the budgets say.
    pub value: f64,
}

impl Figure {
    /// A figure.
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64) -> Self {
        Self {
            name: name.into(),
            value,
        }
    }
}

/// As one line of JSON.
impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = serde_json::json!({"name": self.name, "figure": self.value});
        line.fmt(f)
    }
}

/// Prints figures, one a line.
#[expect(
    clippy::print_stdout,
    reason = "a bench's figures are its standard output"
)]
pub fn report(figures: &[Figure]) {
    for figure in figures {
        println!("{figure}");
    }
}

const BUDGETS: &str = include_str!("../../../xtask/budgets.json");

/// Checks a bench's figures without judging them: they are the ones that the budgets name for it,
/// but for those that are measured `elsewhere`, they are numbers, and each line is JSON.
pub fn check(bench: &str, figures: &[Figure], elsewhere: &[&str]) {
    let budgets: Vec<serde_json::Value> = serde_json::from_str(BUDGETS).expect("JSON");
    let budgeted: Vec<&str> = budgets
        .iter()
        .filter_map(|budget| budget["name"].as_str())
        .filter(|name| name.split('.').next() == Some(bench) && !elsewhere.contains(name))
        .collect();
    let named: Vec<&str> = figures.iter().map(|figure| figure.name.as_str()).collect();
    assert_eq!(named, budgeted);
    for figure in figures {
        let line: serde_json::Value = serde_json::from_str(&figure.to_string()).expect("JSON");
        assert!(
            line["figure"].as_f64().is_some_and(|value| value > 0.0),
            "{line}"
        );
    }
}

/// The time that this thread was on a core so far.
#[must_use]
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds)
        + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}

/// Does something, and says how long this thread was on a core for it.
pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let before = cpu_time();
    let done = work();
    (cpu_time().saturating_sub(before), done)
}

/// Something to be measured: does its work once and says how long that took.
pub type Subject<'s> = Box<dyn FnMut() -> Duration + 's>;

/// What subjects took, in seconds, round by round.
#[derive(Debug, Clone)]
pub struct Rounds<const N: usize>(Vec<[f64; N]>);

impl<const N: usize> Rounds<N> {
    /// Lets subjects take turns, each first as often as last. A round before the first one warms
    /// caches and is not counted.
    #[must_use]
    pub fn take(rounds: usize, mut subjects: [Subject<'_>; N]) -> Self {
        let mut taken = Vec::with_capacity(rounds);
        for round in 0..=rounds {
            let mut row = [0.0; N];
            for turn in 0..N {
                let at = (turn + round) % N;
                row[at] = subjects[at]().as_secs_f64();
            }
            if round > 0 {
                taken.push(row);
            }
        }
        Self(taken)
    }

    /// What a subject took, the median of all rounds.
    #[must_use]
    pub fn seconds(&self, subject: usize) -> f64 {
        self.median(|row| row[subject])
    }

    /// The median over the rounds of something that is computed from a round.
    #[must_use]
    pub fn median(&self, of: impl Fn(&[f64; N]) -> f64) -> f64 {
        let mut values: Vec<f64> = self.0.iter().map(of).collect();
        values.sort_unstable_by(f64::total_cmp);
        values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_take_turns_and_the_first_round_does_not_count() {
        let order = std::cell::RefCell::new(Vec::new());
        let subject = |at: u64| -> Subject<'_> {
            let (order, mut calls) = (&order, 0);
            Box::new(move || {
                order.borrow_mut().push(at);
                calls += 1;
                Duration::from_secs(if calls == 1 { 100 } else { at + calls })
            })
        };
        let rounds = Rounds::take(3, [subject(0), subject(10)]);
        assert_eq!(*order.borrow(), [0, 10, 10, 0, 0, 10, 10, 0]);
        assert!((rounds.seconds(0) - 3.0).abs() < 1e-9);
        assert!((rounds.median(|row| row[1] - row[0]) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn a_figure_is_one_line_of_json() {
        let line = Figure::new("writer.ratio", 0.5).to_string();
        assert_eq!(line, r#"{"figure":0.5,"name":"writer.ratio"}"#);
    }

    #[test]
    fn work_takes_time() {
        let (took, sum) = timed(|| (0..100_000_u64).map(std::hint::black_box).sum::<u64>());
        assert!(took > Duration::ZERO && sum > 0);
    }
}
