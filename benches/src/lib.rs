//! Trees and orders that the benches share.

pub mod frozen;
pub mod guests;

use vfs::{Cookie, DirEntry, EPOCH, FileSystem, GuestPath, Ino, Quota, Tree};

/// A tree without limits, with so many empty files in the directory `dir`.
///
/// # Panics
/// If a tree cannot hold them, which is a bug.
#[must_use]
pub fn flat_tree(files: usize) -> Tree {
    let mut tree = Tree::new(unlimited(), EPOCH);
    let root = tree.root();
    let dir = tree.create_dir(root, "dir", EPOCH).expect("the root is empty");
    for index in 0..files {
        tree.create_file(dir, &file_name(index), EPOCH).expect("the names differ");
    }
    tree
}

/// A file of so many bytes, not zero, as the only one of a tree: written piece by piece, so that it is in chunks.
///
/// # Panics
/// If a tree cannot hold it, which is a bug.
#[must_use]
pub fn tree_of_one_file(bytes: u64) -> (Tree, Ino) {
    static PIECE: [u8; 1 << 16] = [b'x'; 1 << 16];
    let mut tree = Tree::new(unlimited(), EPOCH);
    let root = tree.root();
    let file = tree.create_file(root, "file", EPOCH).expect("the root is empty");
    let mut at = 0;
    while at < bytes {
        let left = usize::try_from(bytes - at).map_or(PIECE.len(), |left| left.min(PIECE.len()));
        at += tree.write_at(file, at, &PIECE[..left], EPOCH).expect("there is no limit") as u64;
    }
    (tree, file)
}

/// The name of a file in [`flat_tree`].
#[must_use]
pub fn file_name(index: usize) -> String {
    format!("file-{index:07}.txt")
}

/// The inodes of the files in [`flat_tree`], in order.
///
/// # Panics
/// If `tree` is another.
#[must_use]
pub fn files_of(tree: &mut Tree) -> Vec<Ino> {
    let dir = tree.find("dir").expect("flat_tree() makes it");
    let mut inos = Vec::new();
    let mut visit = |entry: DirEntry<'_>| {
        inos.push(entry.ino);
        std::ops::ControlFlow::Continue(())
    };
    tree.read_dir(dir, Cookie::START, &mut visit).expect("it is a directory");
    inos
}

/// The path of a name in [`flat_tree`], as a guest passes it.
///
/// # Panics
/// If it is no path.
#[must_use]
pub fn guest_path(path: &str) -> GuestPath<'_> {
    GuestPath::parse(path.as_bytes()).expect("the benches' paths are good")
}

/// The numbers below `count` in an order without a pattern, so that neither caches nor predictors know the next one:
/// always the same order.
#[must_use]
pub fn shuffled(count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    for index in (1..count).rev() {
        // xorshift64
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let other = state % (index as u64 + 1);
        order.swap(index, usize::try_from(other).unwrap_or(0));
    }
    order
}

fn unlimited() -> Quota {
    Quota { bytes_max: u64::MAX, inodes_max: u64::MAX, ..Quota::default() }
}
