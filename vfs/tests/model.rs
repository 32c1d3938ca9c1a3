//! Random operations on a tree, on its forks and on trees above a lower source, against a plain model.
//!
//! The model is written to be obviously right: directories are vectors of names, files are vectors of bytes, and a
//! fork is a copy.

mod common;

#[path = "common/plain.rs"]
mod plain;
#[path = "common/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use stepwell_vfs::{Change, Tree, diff};

use self::common::{MemoryLower, NOW, contents};
use self::plain::Model;
use self::world::{INODES_MAX, Op, World, ops, quota};

/// Carries a diff out on the contents of the older tree, as far as paths, bytes and permission bits go.
fn carry_out(
    changes: &[Change],
    base: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let is_below = |path: &str, dir: &str| {
        path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut out = BTreeMap::new();
    for (path, text) in base {
        // The deepest change above a path decides where it goes.
        let fate = changes
            .iter()
            .filter_map(|change| match change {
                Change::Removed { path: from } => Some((from, None)),
                Change::Renamed { from, path, .. } => Some((from, Some(path))),
                Change::Added { .. } | Change::Modified { .. } => None,
            })
            .filter(|(from, _)| is_below(path, from))
            .max_by_key(|(from, _)| from.len());
        match fate {
            None => drop(out.insert(path.clone(), text.clone())),
            Some((_, None)) => {}
            Some((from, Some(to))) => {
                let path = format!("{to}{}", &path[from.len()..]);
                out.insert(path, text.clone());
            }
        }
    }
    for change in changes {
        match change {
            Change::Added { path, .. } => {
                assert!(!out.contains_key(path), "{path} is there already");
                out.insert(path.clone(), now[path].clone());
            }
            Change::Modified { path, .. } => {
                let old = out.insert(path.clone(), now[path].clone());
                assert!(old.is_some(), "{path} is not there: {changes:?}");
            }
            Change::Removed { .. } | Change::Renamed { .. } => {}
        }
    }
    out
}

/// The diff of an earlier state and a later one leads from the one to the other.
fn check_diff(base: &Tree, now: &Tree) {
    let changes = diff(base, now);
    assert!(changes.is_sorted_by(|a, b| a.path() <= b.path()));
    let (mut base, mut now) = (base.fork(), now.fork());
    let (old, new) = (contents(&mut base), contents(&mut now));
    assert_eq!(carry_out(&changes, &old, &new), new, "{changes:?}");
    for change in &changes {
        if let Change::Added { path, ino }
        | Change::Modified { path, ino }
        | Change::Renamed { path, ino, .. } = change
        {
            assert_eq!(now.find(path), Ok(*ino), "{path}");
        }
        // A name may have come to mean another file with the same content; that is a change too.
        if let Change::Modified { path, ino } = change
            && base.find(path) == Ok(*ino)
        {
            assert_ne!(old.get(path), new.get(path), "{path} is the same");
        }
    }
}

/// Both halves of a fork go on with their own operations, and each is as its own model says.
fn check_halves(world: World, before: &[Op], left: &[Op], right: &[Op]) {
    let (base, base_model) = (world.tree.fork(), world.model.clone());
    let mut left_half = world;
    before.iter().for_each(|op| left_half.apply(op));
    let middle = left_half.tree.fork();
    check_diff(&base, &middle);
    let mut right_half = left_half.clone();
    for index in 0..left.len().max(right.len()) {
        left.get(index).into_iter().for_each(|op| left_half.apply(op));
        right.get(index).into_iter().for_each(|op| right_half.apply(op));
    }
    for half in [&left_half, &right_half] {
        check_diff(&base, &half.tree);
        check_diff(&middle, &half.tree);
    }
    for mut half in [left_half, right_half] {
        half.check();
        check_diff(&base, &half.tree);
        half.check_that_all_is_given_back();
    }
    World::new(base, base_model).check();
}

proptest! {
    #[test]
    fn an_empty_tree_and_its_forks_behave_like_the_model(
        before in ops(), left in ops(), right in ops(),
    ) {
        let world = World::new(Tree::new(quota(), NOW), Model::new(INODES_MAX, NOW));
        check_halves(world, &before, &left, &right);
    }

    #[test]
    fn a_tree_above_a_source_and_its_forks_behave_like_the_model(
        before in ops(), left in ops(), right in ops(),
    ) {
        let long = vec![b'L'; 40_000];
        let lower = MemoryLower::new()
            .file("a", b"lower a").hard_link("a", "b").dir("c").file("c/a", &long)
            .dir("c/b").file("c/b/d", b"d").symlink("c/b/e", "t").dir("d").dir("d/d").file("d/d/a", b"x");
        let mut model = Model::new(INODES_MAX, NOW);
        let row = |model: &mut Model, dir, name, kind| model.load(dir, name, kind);
        let file = |bytes: &[u8]| plain::Kind::File(bytes.to_vec());
        let dir = || plain::Kind::Dir(Vec::new());
        let a = row(&mut model, plain::ROOT, "a", file(b"lower a"));
        model.load_link(plain::ROOT, "b", a);
        let c = row(&mut model, plain::ROOT, "c", dir());
        row(&mut model, c, "a", file(&long));
        let c_b = row(&mut model, c, "b", dir());
        row(&mut model, c_b, "d", file(b"d"));
        row(&mut model, c_b, "e", plain::Kind::Symlink("t".into()));
        let d = row(&mut model, plain::ROOT, "d", dir());
        let d_d = row(&mut model, d, "d", dir());
        row(&mut model, d_d, "a", file(b"x"));
        let tree = Tree::above(Arc::new(lower), quota(), NOW);
        check_halves(World::new(tree, model), &before, &left, &right);
    }
}
