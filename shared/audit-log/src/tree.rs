//! The Merkle tree of RFC 6962 (section 2.1), as a writer needs it: leaf hashes and a frontier.

use std::fmt;

use crate::hash::Hash;

/// Position of an entry in its ledger, from 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Index(pub u64);

/// Number of entries of a ledger, or of its beginning.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size(pub u64);

impl Size {
    /// The index of the entry that comes next.
    #[must_use]
    pub const fn next_index(self) -> Index {
        Index(self.0)
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The hash of a leaf: `SHA-256(0x00 ‖ entry)`.
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash::of(&[&[0], entry])
}

/// The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The roots of the perfect subtrees that a tree consists of, largest first: all that is needed to
/// append to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: Size,
    nodes: Vec<Hash>,
}

/// A list of nodes is not the frontier of a tree of that size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a tree of {size} leaves has another number of subtrees than {nodes}")]
pub struct InvalidFrontier {
    /// Leaves of the tree.
    pub size: Size,
    /// Nodes given.
    pub nodes: usize,
}

impl Frontier {
    /// The frontier of the empty tree.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            size: Size(0),
            nodes: Vec::new(),
        }
    }

    /// From stored nodes, largest subtree first.
    ///
    /// # Errors
    /// If their number is not the number of ones in `size`.
    pub fn from_parts(size: Size, nodes: Vec<Hash>) -> Result<Self, InvalidFrontier> {
        if size.0.count_ones() as usize != nodes.len() {
            return Err(InvalidFrontier {
                size,
                nodes: nodes.len(),
            });
        }
        Ok(Self { size, nodes })
    }

    /// Leaves of the tree.
    #[must_use]
    pub const fn size(&self) -> Size {
        self.size
    }

    /// Its nodes, largest subtree first.
    #[must_use]
    pub fn nodes(&self) -> &[Hash] {
        &self.nodes
    }

    /// Appends a leaf.
    pub fn append(&mut self, leaf: Hash) {
        // As many subtrees merge as the size has ones at its end.
        let mut node = leaf;
        for _ in 0..self.size.0.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size.0 += 1;
    }

    /// The root: of the empty tree, SHA-256 of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut nodes = self.nodes.iter().rev();
        match nodes.next() {
            None => Hash::of(&[]),
            Some(last) => nodes.fold(*last, |right, left| node_hash(left, &right)),
        }
    }
}
