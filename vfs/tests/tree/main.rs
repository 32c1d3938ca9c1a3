//! What a tree promises, sentence by sentence. `model.rs` asks the same of random sequences.

#[path = "../common/mod.rs"]
mod common;

mod changes;
mod listing;
mod lower;
mod names;
mod quota;
mod scale;
mod times;

use std::sync::Arc;

use stepwell_vfs::{Access, Change, Errno, FileSystem, Quota, Timestamp, Tree, diff};

use self::common::{MemoryLower, NOW};

const LATER: Timestamp = Timestamp(2_000);
const READ: Access = Access { read: true, write: false };

fn tree() -> Tree {
    Tree::new(Quota::default(), NOW)
}

/// A tree with these files, each holding its own path; a slash at the end makes a directory.
fn tree_of(paths: &[&str]) -> Tree {
    let mut tree = tree();
    for path in paths {
        if path.ends_with('/') {
            tree.create_dirs(path, NOW).unwrap();
        } else {
            tree.write_file(path, path.as_bytes().to_vec().into(), NOW).unwrap();
        }
    }
    tree
}

fn above(lower: MemoryLower) -> (Arc<MemoryLower>, Tree) {
    let lower = Arc::new(lower);
    let tree = Tree::above(Arc::clone(&lower) as _, Quota::default(), NOW);
    (lower, tree)
}

/// Renames by path.
fn rename(tree: &mut Tree, from: &str, to: &str) -> Result<(), Errno> {
    let split = |path| str::rsplit_once(path, '/').unwrap_or(("", path));
    let (from, to) = (split(from), split(to));
    let dirs = (tree.find(from.0)?, tree.find(to.0)?);
    tree.rename(dirs.0, from.1, dirs.1, to.1, LATER)
}

fn unlink(tree: &mut Tree, path: &str) {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let dir = tree.find(dir).unwrap();
    tree.unlink(dir, name, LATER).unwrap();
}

fn remove_dir(tree: &mut Tree, path: &str) {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let dir = tree.find(dir).unwrap();
    tree.remove_dir(dir, name, LATER).unwrap();
}

fn link(tree: &mut Tree, old: &str, new: &str) {
    let (dir, name) = new.rsplit_once('/').unwrap_or(("", new));
    let (ino, dir) = (tree.find(old).unwrap(), tree.find(dir).unwrap());
    tree.link(ino, dir, name, LATER).unwrap();
}

/// A diff as lines of text.
fn changes(base: &Tree, now: &Tree) -> Vec<String> {
    let line = |change| match change {
        Change::Added { path, .. } => format!("+ {path}"),
        Change::Modified { path, .. } => format!("m {path}"),
        Change::Removed { path } => format!("- {path}"),
        Change::Renamed { from, path, .. } => format!("r {from} > {path}"),
    };
    diff(base, now).into_iter().map(line).collect()
}

/// Makes a file or replaces its content.
fn write(tree: &mut Tree, path: &str, text: &str) {
    tree.write_file(path, text.to_owned().into(), LATER).unwrap();
}
