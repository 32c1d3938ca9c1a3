//! A tree as bytes and back, whole or as what differs from another tree.
//!
//! ```text
//! mark     "stepwell tree state 1\n"
//! head     the base's digest, the next number, the quota, who is held, which numbers of the base are gone
//! records  one for each inode that the base does not have like that, by number
//! ```
//!
//! A record has what cannot be derived: no link counts, no names (they are in the directories), nothing that counts
//! against the quota. A directory's record lists the rows that differ from the base's, a file's has all of its bytes
//! without the holes. To load is to change a fork of the base, so there is one way for whole trees and differences: the
//! base of a whole one has no inodes.

mod check;
mod load;
mod record;
mod save;
#[cfg(test)]
mod tests;

use alloc::sync::Arc;
use core::fmt;

use sha2::{Digest as _, Sha256};

use super::Tree;
use crate::Unsaved;

/// What the bytes of a tree start with.
const MARK: &[u8] = b"stepwell tree state 1\n";

/// A tree that others can be saved as differences to. A clone takes constant time.
///
/// It is known by its digest, which covers all of its state: unlike [`Tree::digest`] also numbers and cookies, since a
/// difference refers to them.
#[derive(Clone)]
pub struct Base {
    tree: Arc<Tree>,
    digest: [u8; 32],
}

impl Base {
    /// `tree` as it is now. Its bytes are hashed, which takes time that grows with the tree, so make one and keep it.
    ///
    /// # Errors
    /// [`Unsaved::Lower`].
    pub fn new(tree: &Tree) -> Result<Self, Unsaved> {
        let mut hash = Sha256::new();
        tree.write_state(None, &mut |bytes| hash.update(bytes))?;
        Ok(Self { tree: Arc::new(tree.fork()), digest: hash.finalize().into() })
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The SHA-256 of what [`Tree::save`] gives for the tree without a base.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Base").field("tree", &self.tree).finish_non_exhaustive()
    }
}
