//! Deep trees, large trees and many forks.

use stepwell_vfs::{Change, Errno, FileSystem, Tree, diff};

use crate::common::NOW;
use crate::{LATER, tree};

#[test]
fn the_deepest_tree_is_made_compared_and_dropped() {
    let mut tree = tree();
    let base = tree.fork();
    let mut dir = tree.root();
    for _ in 0..2_000 {
        dir = tree.create_dir(dir, "d", NOW).unwrap();
    }
    tree.create_file(dir, "f", NOW).unwrap();
    let changed = tree.fork();
    tree.unlink(dir, "f", NOW).unwrap();
    let changes = diff(&changed, &tree);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].path().len(), 2 * 2_000 + 1);
    drop((base, tree, changed));
}

#[test]
fn no_path_becomes_longer_than_a_path_may_be() {
    let mut tree = tree();
    let root = tree.root();
    let chain = |tree: &mut Tree, name: &str| {
        let top = tree.create_dir(root, name, NOW).unwrap();
        let mut bottom = top;
        for _ in 0..1_200 {
            bottom = tree.create_dir(bottom, "d", NOW).unwrap();
        }
        bottom
    };
    let bottom = chain(&mut tree, "a");
    chain(&mut tree, "b");
    let file = tree.create_file(root, "f", NOW).unwrap();
    assert_eq!(tree.rename(root, "b", bottom, "b", NOW), Err(Errno::Nametoolong));
    assert_eq!(tree.rename(root, "f", bottom, "f", NOW), Ok(()));
    let mut dir = bottom;
    let longest = "n".repeat(255);
    while let Ok(next) = tree.create_dir(dir, &longest, NOW) {
        dir = next;
    }
    for error in [
        tree.create_file(dir, &longest, NOW).err(),
        tree.create_symlink(dir, &longest, "x", NOW).err(),
        tree.link(file, dir, &longest, NOW).err(),
        tree.rename(bottom, "f", dir, &longest, NOW).err(),
    ] {
        assert_eq!(error, Some(Errno::Nametoolong));
    }
}

#[test]
fn ten_thousand_forks_of_a_large_tree_live_side_by_side() {
    let mut tree = tree();
    let root = tree.root();
    for index in 0..20_000 {
        let ino = tree.create_file(root, &format!("file{index}"), NOW).unwrap();
        tree.write_at(ino, 0, b"x", NOW).unwrap();
    }
    let mut forks: Vec<Tree> = (0..10_000).map(|_| tree.fork()).collect();
    for (index, fork) in forks.iter_mut().enumerate().step_by(100) {
        let ino = fork.lookup(root, &format!("file{index}")).unwrap();
        fork.write_at(ino, 0, b"y", LATER).unwrap();
        assert_eq!(diff(&tree, fork), [Change::Modified { path: format!("file{index}"), ino }]);
    }
    assert_eq!(tree.read_file("file100").unwrap(), b"x");
    assert_eq!(forks[100].read_file("file100").unwrap(), b"y");
}
