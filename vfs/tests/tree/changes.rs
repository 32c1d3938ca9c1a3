//! The diff of two trees.

use stepwell_vfs::{FileSystem, Tree};

use crate::common::{MemoryLower, contents};
use crate::{LATER, READ, above, changes, link, remove_dir, rename, tree_of, unlink, write};

/// What is done to a tree with the files `g`, `d/k` and `d/e/f`.
type Act = fn(&mut Tree);

/// What was done, and the changes of which a diff reports it.
type Case = (&'static str, Act, &'static [&'static str]);

fn mv(tree: &mut Tree, from: &str, to: &str) {
    rename(tree, from, to).unwrap();
}

/// Removes `d/e` with its file.
fn remove_e(tree: &mut Tree) {
    unlink(tree, "d/e/f");
    remove_dir(tree, "d/e");
}

const FILES: &[Case] = &[
    ("nothing", |_| {}, &[]),
    ("a new file", |t| write(t, "n", ""), &["+ n"]),
    ("other bytes", |t| write(t, "d/e/f", "!"), &["m d/e/f"]),
    ("the same bytes", |t| write(t, "d/e/f", "d/e/f"), &[]),
    (
        "another mode",
        |t| {
            let ino = t.find("g").unwrap();
            t.set_mode(ino, 0o755).unwrap();
        },
        &["m g"],
    ),
    ("a file away", |t| unlink(t, "d/e/f"), &["- d/e/f"]),
    ("a rename", |t| mv(t, "g", "h"), &["r g > h"]),
    ("a rename onto a file", |t| mv(t, "g", "d/e/f"), &["- d/e/f", "r g > d/e/f"]),
    (
        "a file renamed and changed",
        |t| {
            mv(t, "g", "h");
            write(t, "h", "!");
        },
        &["r g > h", "m h"],
    ),
    (
        "a file replaced by another that was written first",
        |t| {
            write(t, "tmp", "!");
            mv(t, "tmp", "g");
        },
        &["m g"],
    ),
    (
        "two files exchanged",
        |t| {
            mv(t, "g", "t");
            mv(t, "d/k", "g");
            mv(t, "t", "d/k");
        },
        &["r g > d/k", "r d/k > g"],
    ),
    ("a hard link", |t| link(t, "g", "h"), &["+ h"]),
    (
        "a hard link, changed",
        |t| {
            link(t, "g", "h");
            write(t, "h", "!");
        },
        &["m g", "+ h"],
    ),
    (
        "an open file without a name",
        |t| {
            write(t, "n", "");
            let ino = t.find("n").unwrap();
            t.open(ino, READ).unwrap();
            unlink(t, "n");
        },
        &[],
    ),
    (
        "a symbolic link made anew",
        |t| {
            let root = t.root();
            unlink(t, "g");
            t.create_symlink(root, "g", "d", LATER).unwrap();
        },
        &["- g", "+ g"],
    ),
];

const DIRECTORIES: &[Case] = &[
    ("new directories", |t| write(t, "n/m/f", ""), &["+ n", "+ n/m", "+ n/m/f"]),
    ("a renamed directory", |t| mv(t, "d", "z"), &["r d > z"]),
    (
        "a file changed in a renamed directory",
        |t| {
            mv(t, "d", "z");
            write(t, "z/e/f", "!");
        },
        &["r d > z", "m z/e/f"],
    ),
    (
        "a directory away",
        |t| {
            remove_e(t);
            unlink(t, "d/k");
            remove_dir(t, "d");
        },
        &["- d"],
    ),
    (
        "a directory away, and a file saved from it",
        |t| {
            mv(t, "d/e/f", "f");
            remove_dir(t, "d/e");
        },
        &["- d/e", "r d/e/f > f"],
    ),
    (
        "a directory made anew",
        |t| {
            remove_e(t);
            write(t, "d/e/f", "d/e/f");
        },
        &["- d/e", "+ d/e", "+ d/e/f"],
    ),
    (
        "moved into a new directory",
        |t| {
            t.create_dirs("n", LATER).unwrap();
            mv(t, "d/e", "n/e");
        },
        &["+ n", "r d/e > n/e"],
    ),
    (
        "a directory moved away and made anew",
        |t| {
            mv(t, "d", "z");
            unlink(t, "z/k");
            write(t, "d/k", "!");
        },
        &["+ d", "- d/k", "+ d/k", "r d > z"],
    ),
    (
        "a file replaced in a renamed directory",
        |t| {
            mv(t, "d", "z");
            unlink(t, "z/k");
            write(t, "z/k", "!");
        },
        &["r d > z", "m z/k"],
    ),
    (
        "a directory moved out of one that has gone",
        |t| {
            mv(t, "d/e", "e");
            unlink(t, "d/k");
            remove_dir(t, "d");
            write(t, "e/f", "!");
        },
        &["- d", "r d/e > e", "m e/f"],
    ),
    (
        "a file for a directory",
        |t| {
            remove_e(t);
            write(t, "d/e", "");
        },
        &["- d/e", "+ d/e"],
    ),
];

fn lower() -> MemoryLower {
    let lower = MemoryLower::new().file("g", b"g").dir("d").file("d/k", b"d/k");
    lower.dir("d/e").file("d/e/f", b"d/e/f")
}

#[test]
fn a_diff_says_what_happened() {
    for (what, act, expected) in FILES.iter().chain(DIRECTORIES) {
        let mut rows =
            [("in memory", tree_of(&["g", "d/k", "d/e/f"])), ("above a source", above(lower()).1)];
        for (kind, tree) in &mut rows {
            let base = tree.fork();
            act(tree);
            assert_eq!(changes(&base, tree), *expected, "{what}, {kind}");
            contents(tree);
            assert_eq!(changes(&base, tree), *expected, "{what}, {kind}, all loaded");
            let base = tree.fork();
            assert_eq!(changes(&base, tree), [""; 0], "{what}, {kind}, from here on");
        }
    }
}

#[test]
fn a_modified_file_is_listed_under_each_of_its_old_names() {
    let mut tree = tree_of(&["d/a"]);
    link(&mut tree, "d/a", "b");
    let base = tree.fork();
    write(&mut tree, "b", "!");
    mv(&mut tree, "d", "e");
    assert_eq!(changes(&base, &tree), ["m b", "r d > e", "m e/a"]);
}
