//! The ledger's formats, version 1: canonical JSON, disclosures, parts, seal, body, entry, segment
//! and tree. Pure: nonces, salts and times come from the caller; there is no I/O.
//!
//! This crate is what a verifier stands on, so it knows nothing of where bytes are stored or how a
//! commit is made. Every format is specified byte for byte in `docs/LEDGER.md`, held by golden files
//! in `tests/golden` and by the vectors in `shared/vectors`; none of them is ever changed in place.
//!
//! Writing a record: [`Sealer::seal`], then [`segment::Builder::push`]. Reading one:
//! [`segment::item`], [`Entry::read`], [`SealedRecord::check`], [`SealedRecord::open`].

pub mod base64url;
mod body;
pub mod canonical;
pub mod cbor;
pub mod disclosure;
pub mod domain;
mod entry;
mod hash;
mod key;
pub mod own_id;
mod padme;
mod scope;
mod seal;
mod sealer;
pub mod segment;
pub mod tree;
mod verify;

pub use body::{Body, InvalidBody, KeyBody, SealedPart};
pub use entry::{BodyRef, ENTRY_BYTES_MAX, Entry, InvalidEntry, Kind, Leaf, ProducerRef};
pub use hash::Hash;
pub use key::{
    Key, KeyId, Ledger, LedgerKey, Nonce, PartSalt, Scope as ScopeRole, ScopeKey, WRAPPED_LEN,
    WrongKey,
};
pub use scope::{Scope, ScopeRule};
pub use seal::{OpenedPart, SealError};
pub use sealer::{PartSecrets, Sealed, Sealer, Sealing};
pub use tree::{Frontier, Index, Size};
pub use verify::{Mismatch, Opened, SealedRecord};
