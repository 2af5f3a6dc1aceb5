//! The function, in process.

mod document;
