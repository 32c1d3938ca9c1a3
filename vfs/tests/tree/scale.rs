//! Deep trees, large trees and many forks.

use stepwell_vfs::{Change, FileSystem, Tree, diff};

use crate::common::NOW;
use crate::{LATER, tree};

#[test]
fn a_deep_tree_is_made_compared_and_dropped_without_recursion() {
    let mut tree = tree();
    let base = tree.fork();
    let mut dir = tree.root();
    for _ in 0..20_000 {
        dir = tree.create_dir(dir, "d", NOW).unwrap();
    }
    tree.create_file(dir, "f", NOW).unwrap();
    let changed = tree.fork();
    tree.unlink(dir, "f", NOW).unwrap();
    let changes = diff(&changed, &tree);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].path().len(), 2 * 20_000 + 1);
    drop((base, tree, changed));
}

#[test]
fn ten_thousand_forks_of_a_large_tree_live_side_by_side() {
    let mut tree = tree();
    let root = tree.root();
    for index in 0..20_000 {
        let ino = tree
            .create_file(root, &format!("file{index}"), NOW)
            .unwrap();
        tree.write_at(ino, 0, b"x", NOW).unwrap();
    }
    let mut forks: Vec<Tree> = (0..10_000).map(|_| tree.fork()).collect();
    for (index, fork) in forks.iter_mut().enumerate().step_by(100) {
        let ino = fork.lookup(root, &format!("file{index}")).unwrap();
        fork.write_at(ino, 0, b"y", LATER).unwrap();
        assert_eq!(
            diff(&tree, fork),
            [Change::Modified {
                path: format!("file{index}"),
                ino
            }]
        );
    }
    assert_eq!(tree.read_file("file100").unwrap(), b"x");
    assert_eq!(forks[100].read_file("file100").unwrap(), b"y");
}
