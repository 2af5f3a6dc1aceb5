//! Domain separation: every string that begins a hash, a MAC or associated data, in one place, so
//! that no two uses can be mistaken for one another. Each is followed by a zero byte.

/// `part_content`: a hash over a part's digests.
pub const PART: &[u8] = b"audit-part/v1\0";
/// `content`: a hash over the parts.
pub const CONTENT: &[u8] = b"audit-content/v1\0";
/// Associated data of a wrapped scope key.
pub const KEY: &[u8] = b"audit-key/v1\0";
/// Associated data of a sealed part.
pub const SEAL: &[u8] = b"audit-seal/v1\0";
/// Ids of the ledger's own kinds.
pub const ID: &[u8] = b"audit-id/v1\0";
/// Ids of conflicts.
pub const CONFLICT: &[u8] = b"audit-conflict/v1\0";
