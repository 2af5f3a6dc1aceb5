//! Several requests at once, bounded.

use std::future::Future;

use futures::stream::{self, StreamExt};

/// Runs futures, `at_once` of them at a time, and gives their outputs in their order.
///
/// Takes a `Vec` rather than an iterator: a closure that borrows, kept across an `await`, would
/// make the caller's future one that can't be sent between threads.
pub(crate) async fn concurrently<F: Future>(at_once: usize, work: Vec<F>) -> Vec<F::Output> {
    stream::iter(work).buffered(at_once.max(1)).collect().await
}
