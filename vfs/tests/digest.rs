//! The hash of a tree: what counts, and what does not.

mod common;

use std::sync::Arc;

use common::{MemoryLower, NOW};
use proptest::prelude::*;
use stepwell_vfs::{FileSystem, Ino, Quota, SetTimes, Timestamp, Tree};

fn empty() -> Tree {
    Tree::new(Quota::default(), NOW)
}

fn write(tree: &mut Tree, path: &str, bytes: &[u8]) -> Ino {
    tree.write_file(path, bytes.to_vec().into(), NOW).unwrap()
}

fn link(tree: &mut Tree, old: &str, new: &str) {
    let (ino, root) = (tree.find(old).unwrap(), tree.root());
    tree.link(ino, root, new, NOW).unwrap();
}

/// A tree with one of everything.
fn sample() -> Tree {
    let mut tree = empty();
    write(&mut tree, "a/f", b"0123456789");
    write(&mut tree, "a/b/g", &[b'G'; 5000]);
    tree.create_dirs("empty", NOW).unwrap();
    let root = tree.root();
    tree.create_symlink(root, "l", "a/f", NOW).unwrap();
    link(&mut tree, "a/f", "second");
    tree
}

#[test]
fn the_encoding_is_the_documented_one() {
    use sha2::{Digest, Sha256};
    let mut tree = empty();
    let file = write(&mut tree, "f", b"hi");
    link(&mut tree, "f", "g");
    tree.set_mode(file, 0o600).unwrap();
    let root = tree.root();
    tree.create_symlink(root, "l", "f", NOW).unwrap();
    let mut bytes = b"stepwell tree 1\n".to_vec();
    let number = |bytes: &mut Vec<u8>, number: u64| bytes.extend(number.to_le_bytes());
    let text = |bytes: &mut Vec<u8>, text: &str| {
        number(bytes, text.len() as u64);
        bytes.extend(text.as_bytes());
    };
    bytes.push(3);
    text(&mut bytes, "");
    for value in [0o755, NOW.0, NOW.0] {
        number(&mut bytes, value);
    }
    bytes.push(4);
    text(&mut bytes, "f");
    for value in [0o600, NOW.0, NOW.0, 2, 0] {
        number(&mut bytes, value);
    }
    bytes.extend(b"hi");
    bytes.resize(bytes.len() + 4094, 0);
    number(&mut bytes, u64::MAX);
    bytes.push(1);
    text(&mut bytes, "g");
    text(&mut bytes, "f");
    bytes.push(7);
    text(&mut bytes, "l");
    number(&mut bytes, NOW.0);
    number(&mut bytes, NOW.0);
    text(&mut bytes, "f");
    bytes.push(0);
    assert_eq!(tree.digest(), Ok(Sha256::digest(&bytes).into()));
}

#[test]
fn the_order_of_making_does_not_count() {
    let mut other = empty();
    let root = other.root();
    write(&mut other, "passing", b"by");
    write(&mut other, "second", b"0123456789");
    other.create_symlink(root, "l", "a/f", NOW).unwrap();
    other.create_dirs("x", NOW).unwrap();
    write(&mut other, "x/g", &[b'G'; 5000]);
    other.create_dirs("a", NOW).unwrap();
    let a = other.find("a").unwrap();
    other.rename(root, "x", a, "b", NOW).unwrap();
    let second = other.find("second").unwrap();
    other.link(second, a, "f", NOW).unwrap();
    other.create_dirs("empty", NOW).unwrap();
    other.unlink(root, "passing", NOW).unwrap();
    assert_eq!(sample().digest(), other.digest());
}

#[test]
fn everything_that_a_tree_holds_counts() {
    type Change = fn(&mut Tree);
    fn set_times(tree: &mut Tree, path: &str, times: SetTimes) {
        let ino = tree.find(path).unwrap();
        tree.set_times(ino, times, NOW).unwrap();
    }
    fn set_mode(tree: &mut Tree, path: &str) {
        let ino = tree.find(path).unwrap();
        tree.set_mode(ino, 0o700).unwrap();
    }
    fn write_at(tree: &mut Tree, offset: u64, bytes: &[u8]) {
        let ino = tree.find("a/b/g").unwrap();
        tree.write_at(ino, offset, bytes, NOW).unwrap();
    }
    const LATER: Option<Timestamp> = Some(Timestamp(2_000));
    let changes: &[(&str, Change)] = &[
        ("nothing", |_| {}),
        ("a byte", |tree| write_at(tree, 4999, b"g")),
        ("a byte more", |tree| write_at(tree, 5000, b"g")),
        ("a zero more", |tree| write_at(tree, 5000, b"\0")),
        ("a byte far away", |tree| write_at(tree, 1 << 40, b"G")),
        ("a file", |tree| {
            write(tree, "new", b"");
        }),
        ("a directory", |tree| {
            tree.create_dirs("new", NOW).unwrap();
        }),
        ("a name", |tree| {
            let root = tree.root();
            tree.rename(root, "empty", root, "full", NOW).unwrap();
        }),
        ("a depth", |tree| {
            let (root, a) = (tree.root(), tree.find("a").unwrap());
            tree.rename(root, "empty", a, "empty", NOW).unwrap();
        }),
        ("one more name", |tree| link(tree, "a/f", "third")),
        ("a copy instead of a link", |tree| {
            let root = tree.root();
            tree.unlink(root, "second", NOW).unwrap();
            write(tree, "second", b"0123456789");
        }),
        ("a target", |tree| {
            let root = tree.root();
            tree.unlink(root, "l", NOW).unwrap();
            tree.create_symlink(root, "l", "a/g", NOW).unwrap();
        }),
        ("a file's mode", |tree| set_mode(tree, "a/f")),
        ("a directory's mode", |tree| set_mode(tree, "a")),
        ("the root's mode", |tree| set_mode(tree, "")),
        ("when a file was read", |tree| {
            set_times(tree, "a/f", SetTimes { accessed: LATER, modified: None });
        }),
        ("when a file was written", |tree| {
            set_times(tree, "a/f", SetTimes { accessed: None, modified: LATER });
        }),
        ("when a directory was written", |tree| {
            set_times(tree, "a/b", SetTimes { accessed: None, modified: LATER });
        }),
        ("when a link was written", |tree| {
            set_times(tree, "l", SetTimes { accessed: None, modified: LATER });
        }),
    ];
    let mut seen = Vec::new();
    for (what, change) in changes {
        let mut tree = sample();
        change(&mut tree);
        let digest = tree.digest().unwrap();
        assert!(!seen.contains(&digest), "{what} does not count");
        seen.push(digest);
    }
}

#[test]
fn a_hole_is_the_same_as_zeros() {
    let cases: &[(u64, u64)] = &[(0, 1), (1, 4095), (100, 70_000), (4096, 20_000), (40_000, 3)];
    for (at, len) in cases {
        let (mut zeros, mut hole) = (empty(), empty());
        for tree in [&mut zeros, &mut hole] {
            let ino = write(tree, "f", b"begin");
            tree.set_len(ino, at + len + 9, NOW).unwrap();
            tree.write_at(ino, at + len, b"end", NOW).unwrap();
        }
        let ino = zeros.find("f").unwrap();
        let from = (*at).max(5);
        let len = usize::try_from((at + len).saturating_sub(from)).unwrap();
        zeros.write_at(ino, from, &vec![0; len], NOW).unwrap();
        assert_eq!(zeros.digest(), hole.digest(), "{at} {len}");
    }
}

#[test]
fn a_tree_above_files_has_the_digest_of_their_copy() {
    let lower = MemoryLower::new()
        .dir("a")
        .dir("a/b")
        .dir("empty")
        .file("a/f", b"0123456789")
        .file("a/b/g", &[b'G'; 5000])
        .symlink("l", "a/f")
        .hard_link("a/f", "second");
    let mut above = Tree::above(Arc::new(lower), Quota::default(), NOW);
    let digest = above.fork().digest().unwrap();
    let mut copy = sample();
    for path in ["", "a", "a/b", "empty", "a/f", "a/b/g", "l"] {
        let (theirs, ours) = (above.find(path).unwrap(), copy.find(path).unwrap());
        let stat = above.stat(theirs).unwrap();
        let times = SetTimes { accessed: Some(stat.accessed), modified: Some(stat.modified) };
        copy.set_times(ours, times, NOW).unwrap();
        copy.set_mode(ours, above.mode(theirs).unwrap()).unwrap();
    }
    assert_eq!(Ok(digest), copy.digest());
    assert_eq!(Ok(digest), above.digest(), "looking changes nothing");
}

#[test]
fn a_tree_that_comes_back_from_an_archive_has_the_same_digest() {
    let mut tree = sample();
    let mut archive = Vec::new();
    tree.export_tar(&mut archive).unwrap();
    let mut back = Tree::new(Quota::default(), Timestamp(5));
    back.import_tar(archive.into(), Timestamp(6)).unwrap();
    assert_eq!(tree.digest(), back.digest());
}

#[test]
fn the_deepest_tree_has_a_digest() {
    let mut tree = empty();
    let mut dir = tree.root();
    for _ in 0..2_000 {
        dir = tree.create_dir(dir, "d", NOW).unwrap();
    }
    let shallow = sample().digest();
    assert!(tree.digest().is_ok_and(|digest| Ok(digest) != shallow));
}

proptest! {
    #[test]
    fn equal_contents_have_equal_digests(
        len in 0..50_000u64,
        writes in proptest::collection::vec((0..50_000u64, 1..9_000usize, 0..3u8), 0..6),
    ) {
        let mut tree = empty();
        let ino = write(&mut tree, "f", b"");
        tree.set_len(ino, len, NOW).unwrap();
        for (at, len, byte) in &writes {
            tree.write_at(ino, *at, &vec![*byte; *len], NOW).unwrap();
        }
        let mut copy = empty();
        let content = tree.read_file("f").unwrap();
        write(&mut copy, "f", &content);
        prop_assert_eq!(tree.digest(), copy.digest());
    }
}
