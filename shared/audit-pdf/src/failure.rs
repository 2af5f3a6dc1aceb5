//! Why a printed file could not be finished.

use thiserror::Error;

/// What [`finish`](crate::finish) gives.
pub type Result<T> = std::result::Result<T, Unfinished>;

/// Why a printed file could not be finished. Trying again with the same file changes nothing.
#[derive(Debug, Error)]
pub enum Unfinished {
    /// It can't be read, or not written.
    #[error("the printed file is no PDF that can be read")]
    Pdf(#[from] lopdf::Error),
    /// It is a PDF, and not one as Chromium prints it.
    #[error("the printed file is not as expected: {0}")]
    Unexpected(&'static str),
}
