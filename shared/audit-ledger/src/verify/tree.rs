//! The tree, by an implementation that is not ours.

use audit_log::Hash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::digest::Update;
use sha2::{Digest, Sha256};

/// Leaves of a block: a power of two, so that a full block is a perfect subtree of the whole tree
/// wherever it stands. With entries of up to 4 KiB, a block holds at most 4 MiB.
const BLOCK: u64 = 1_024;

struct Leaf(Vec<u8>);

impl ct_merkle::HashableLeaf for Leaf {
    fn hash<H: Update>(&self, hasher: &mut H) {
        hasher.update(&self.0);
    }
}

/// The tree over all entries: `ct-merkle` within a block, the definition of RFC 6962 (section 2.1)
/// over the blocks' roots.
#[derive(Default)]
pub(super) struct ReferenceTree {
    full: Vec<Hash>,
    block: Option<MemoryBackedTree<Sha256, Leaf>>,
}

impl ReferenceTree {
    pub(super) fn push(&mut self, entry: &[u8]) {
        let block = self.block.get_or_insert_with(MemoryBackedTree::new);
        block.push(Leaf(entry.to_vec()));
        if block.len() == BLOCK {
            self.full.push(root_of(block));
            self.block = None;
        }
    }

    pub(super) fn root(&self) -> Hash {
        let mut roots = self.full.clone();
        roots.extend(self.block.as_ref().map(root_of));
        over(&roots)
    }
}

fn root_of(block: &MemoryBackedTree<Sha256, Leaf>) -> Hash {
    let root: [u8; 32] = (*block.root().as_bytes()).into();
    Hash::from_bytes(root)
}

/// The definition, read off: split at the largest power of two below the number of leaves.
fn over(roots: &[Hash]) -> Hash {
    match roots {
        [] => Hash::from_bytes(Sha256::digest(b"").into()),
        [only] => *only,
        more => {
            let split = more.len().next_power_of_two() / 2;
            let (left, right) = more.split_at(split);
            let (left, right) = (over(left), over(right));
            let mut hasher = Sha256::new();
            Digest::update(&mut hasher, [1]);
            Digest::update(&mut hasher, left.as_bytes());
            Digest::update(&mut hasher, right.as_bytes());
            Hash::from_bytes(hasher.finalize().into())
        }
    }
}

#[cfg(test)]
mod tests {
    use audit_log::Frontier;
    use audit_log::tree::leaf_hash;

    use super::*;

    #[test]
    fn it_agrees_with_the_frontier_at_every_size_across_blocks() {
        let mut tree = ReferenceTree::default();
        let mut frontier = Frontier::new();
        assert_eq!(tree.root(), frontier.root());
        for number in 0..(3 * BLOCK + 7) {
            let entry = number.to_be_bytes();
            tree.push(&entry);
            frontier.append(leaf_hash(&entry));
            let near_a_block = (number + 2) % BLOCK < 4;
            if near_a_block || number % 97 == 0 {
                assert_eq!(tree.root(), frontier.root(), "{number}");
            }
        }
    }
}
