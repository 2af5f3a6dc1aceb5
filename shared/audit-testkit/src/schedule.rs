//! Several processes, interleaved at their storage calls.
//!
//! A process whose gate is [stepping](crate::Gate::stepping) waits once before each call, so one
//! poll of its future makes exactly one call. Which future is polled next is a choice, and a run
//! is the list of its choices: it replays, and all lists can be tried.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::entropy::Random;
use crate::gate::Gate;

/// Where choices come from.
pub trait Choices {
    /// One of `options` (at least 1), from 0.
    fn choose(&mut self, options: usize) -> usize;
}

impl Choices for Random {
    fn choose(&mut self, options: usize) -> usize {
        self.below(options)
    }
}

/// One path through a tree of choices: a given beginning, then always the first option.
#[derive(Debug, Clone, Default)]
pub struct Path {
    beginning: Vec<usize>,
    taken: Vec<(usize, usize)>,
}

impl Choices for Path {
    fn choose(&mut self, options: usize) -> usize {
        let choice = self.beginning.get(self.taken.len()).copied().unwrap_or(0);
        self.taken.push((choice, options));
        choice
    }
}

impl Path {
    /// The choices that were made.
    #[must_use]
    pub fn taken(&self) -> Vec<usize> {
        self.taken.iter().map(|(choice, _)| *choice).collect()
    }

    /// The next path in order; `None` after the last one.
    fn next(&self) -> Option<Self> {
        let turn = self
            .taken
            .iter()
            .rposition(|(choice, options)| choice + 1 < *options)?;
        let mut beginning: Vec<usize> = self.taken().into_iter().take(turn + 1).collect();
        beginning[turn] += 1;
        Some(Self {
            beginning,
            taken: Vec::new(),
        })
    }
}

/// Runs a deterministic script once for every path through its choices; returns how many there
/// were, at most `limit`.
pub fn explore(limit: usize, mut run: impl FnMut(&mut Path)) -> usize {
    let mut path = Some(Path::default());
    let mut runs = 0;
    while let Some(mut current) = path.filter(|_| runs < limit) {
        run(&mut current);
        runs += 1;
        path = current.next();
    }
    runs
}

/// A process to be interleaved: its gate and what it does.
pub type Lane<'a, T> = (Gate, Pin<Box<dyn Future<Output = T> + 'a>>);

/// Runs processes to their ends, one storage call at a time. `None` for one that died.
pub fn interleave<T>(lanes: Vec<Lane<'_, T>>, choices: &mut impl Choices) -> Vec<Option<T>> {
    let mut results: Vec<Option<T>> = lanes.iter().map(|_| None).collect();
    let mut running: Vec<_> = lanes.into_iter().enumerate().collect();
    while !running.is_empty() {
        let chosen = choices.choose(running.len());
        let (at, (gate, future)) = &mut running[chosen];
        match step(future.as_mut()) {
            Poll::Ready(done) => {
                results[*at] = Some(done);
                drop(running.remove(chosen));
            }
            Poll::Pending if gate.is_dead() => drop(running.remove(chosen)),
            Poll::Pending => {}
        }
    }
    results
}

/// Polls a process's work once: with a stepping gate, up to its next storage call.
pub fn step<F: Future + ?Sized>(work: Pin<&mut F>) -> Poll<F::Output> {
    work.poll(&mut Context::from_waker(Waker::noop()))
}

/// Pending once: the next poll is the turn.
pub(crate) fn wait_for_turn() -> impl Future<Output = ()> + Send {
    let mut granted = false;
    std::future::poll_fn(move |context| {
        if std::mem::replace(&mut granted, true) {
            Poll::Ready(())
        } else {
            // Work done side by side polls only those of its parts that were woken.
            context.waker().wake_by_ref();
            Poll::Pending
        }
    })
}
