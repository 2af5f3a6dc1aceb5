//! Reports as their readers get them: the HTML of each kind, with little data, with much and with
//! hostile data.

mod data;
mod docs;
mod hostile;
mod kinds;
mod letters;
mod tallies;
