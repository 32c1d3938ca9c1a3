//! Operations on a tree and its forks, against the plain model of the tests.

#[path = "../../vfs/tests/common/mod.rs"]
mod common;
#[path = "../../vfs/tests/common/plain.rs"]
mod plain;
mod world;

use std::sync::Arc;

use bytes::Bytes;
use stepwell_vfs::{Cookie, FileSystem, FileType, Quota, Tree};

use self::common::{MemoryLower, contents};
pub(crate) use self::common::{NOW, entries};
use self::plain::{Kind, Model, ROOT};
pub(crate) use self::world::World;
use crate::choices::Choices;

const OPS_MAX: usize = 400;
const WORLDS_MAX: usize = 4;

/// Random operations on a tree, which starts empty or above a lower source, and on forks that are made of it and of
/// each other at random steps. Each answer is the model's; at the end each fork is as its own model says, the tree that
/// they all come from has the digest that it started with, a tree comes back from its archive with the same digest, and
/// its difference to the first one, unpacked over that, has the same contents.
///
/// # Panics
/// If one of that does not hold.
pub fn tree_ops(data: &[u8]) {
    let mut choices = Choices::new(data);
    let (tree, model) = if choices.once_in(2) { above_a_source() } else { empty() };
    let mut base = tree.fork();
    let digest = base.fork().digest();
    let mut worlds = vec![World::new(tree, model)];
    for _ in 0..OPS_MAX {
        if choices.is_empty() {
            break;
        }
        let index = choices.below(worlds.len());
        if worlds.len() < WORLDS_MAX && choices.once_in(24) {
            let fork = worlds[index].fork();
            worlds.push(fork);
        } else {
            worlds[index].step(&mut choices);
        }
    }
    for world in &mut worlds {
        world.check();
        check_archive(&mut world.tree.fork());
        check_difference(&base, &mut world.tree.fork());
    }
    assert_eq!(base.digest(), digest, "the tree that all forks come from");
    for world in worlds {
        world.check_that_all_is_given_back();
    }
    assert_eq!(base.digest(), digest, "the tree that all forks come from");
}

pub(crate) fn empty() -> (Tree, Model) {
    (Tree::new(world::QUOTA, NOW), Model::new(world::INODES_MAX, NOW))
}

/// A tree above a source with one of everything, and its model.
fn above_a_source() -> (Tree, Model) {
    let long = vec![b'L'; 40_000];
    let lower = MemoryLower::new().file("a", b"lower a").hard_link("a", "b").dir("c");
    let lower = lower.file("c/a", &long).dir("c/b").symlink("c/b/e", "t").dir("d");
    let mut model = Model::new(world::INODES_MAX, NOW);
    let a = model.load(ROOT, "a", Kind::File(b"lower a".to_vec()));
    model.load_link(ROOT, "b", a);
    let c = model.load(ROOT, "c", Kind::Dir(Vec::new()));
    model.load(c, "a", Kind::File(long));
    let c_b = model.load(c, "b", Kind::Dir(Vec::new()));
    model.load(c_b, "e", Kind::Symlink("t".into()));
    model.load(ROOT, "d", Kind::Dir(Vec::new()));
    (Tree::above(Arc::new(lower), world::QUOTA, NOW), model)
}

/// The archive of a tree gives the same tree again.
fn check_archive(tree: &mut Tree) {
    let mut archive = Vec::new();
    tree.export_tar(&mut archive).expect("a tree can be written");
    let mut again = Tree::new(Quota::default(), NOW);
    again.import_tar(Bytes::from(archive), NOW).expect("what was written can be read");
    assert_eq!(again.digest(), tree.digest(), "a tree and what comes back from its archive");
}

/// The difference to `base`, over `base`, gives the same contents.
fn check_difference(base: &Tree, now: &mut Tree) {
    let mut archive = Vec::new();
    let removed = Tree::export_diff_tar(base, now, &mut archive).expect("it can be written");
    let mut again = base.fork();
    again.set_quota(Quota::default());
    for (index, path) in removed.iter().enumerate() {
        let is_above = |above: &String| {
            path.strip_prefix(above.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        if !removed[..index].iter().any(is_above) {
            remove(&mut again, path);
        }
    }
    again.import_tar(Bytes::from(archive), NOW).expect("what was written can be read");
    assert_eq!(contents(&mut again), contents(now), "removed: {removed:?}");
}

/// Removes what is at `path`, with all that is below it.
pub(crate) fn remove(tree: &mut Tree, path: &str) {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let dir = tree.find(parent).expect("a path of the older tree");
    let ino = tree.lookup(dir, name).expect("a path of the older tree");
    let mut dirs = vec![(dir, name.to_owned(), ino)];
    if tree.stat(ino).expect("it has a name").file_type != FileType::Directory {
        return tree.unlink(dir, name, NOW).expect("it is no directory");
    }
    let mut at = 0;
    while at < dirs.len() {
        let dir = dirs[at].2;
        for (_, ino, file_type, name) in entries(tree, dir, Cookie::START) {
            match file_type {
                FileType::Directory => dirs.push((dir, name, ino)),
                _ => tree.unlink(dir, &name, NOW).expect("it was listed"),
            }
        }
        at += 1;
    }
    for (dir, name, _) in dirs.into_iter().rev() {
        tree.remove_dir(dir, &name, NOW).expect("it is empty");
    }
}
