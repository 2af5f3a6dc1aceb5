//! What a report says: four kinds of report as content, the law that they serve, and their HTML.
//! Pure: no clock, no storage, no browser.
//!
//! - [`decision::DecisionReport`]: one decision with all its calls;
//! - [`system::SystemReport`]: one AI system over a period, from a [`tally::Tally`];
//! - [`letter::letter`]: to the person that a decision is about, or a refusal with its reason;
//! - [`access::AccessReport`]: who looked at what.
//!
//! Each gives a [`content::Document`], which [`layout::html`] makes a page of. Whoever has the data
//! read them out of the ledger and checked them; this crate reads nothing. Printing the page and
//! finishing the PDF are not done here either.
//!
//! Architecture invariant: `markup` is the only file that writes markup, `printable` decides what of
//! a text can be seen, and `law` is the only file that knows a clause or a legal date. Content of
//! records is hostile, and passes all three unharmed.

pub mod access;
mod chart;
pub mod content;
mod coverage;
pub mod decision;
pub mod evidence;
mod figures;
mod gaps;
pub mod law;
pub mod layout;
pub mod letter;
mod markup;
mod printable;
pub mod query;
#[cfg(test)]
mod sample;
pub mod system;
pub mod tally;

pub use gaps::{Gap, Numbering, Producers};
pub use printable::printable;
