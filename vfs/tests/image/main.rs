//! Archives: what is written is read back the same, and what is hostile is refused with a reason.

mod foreign;
mod hostile;
mod pack;

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;

use bytes::Bytes;
use proptest::prelude::*;
use stepwell_vfs::{
    Cookie, EPOCH, Errno, FileSystem, FileType, ImageError, Ino, Quota, SetTimes, Timestamp, Tree,
};

fn empty() -> Tree {
    Tree::new(Quota::default(), EPOCH)
}

fn export(tree: &mut Tree) -> Bytes {
    let mut out = Vec::new();
    tree.export_tar(&mut out).unwrap();
    out.into()
}

fn import(archive: impl Into<Bytes>) -> Result<Tree, ImageError> {
    let mut tree = empty();
    tree.import_tar(archive.into(), Timestamp(EPOCH.0 + 1))?;
    Ok(tree)
}

/// Everything of a tree but the numbers: by path, what it is, its first name, mode, times, size and contents.
fn describe(tree: &mut Tree) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    let mut first_names: BTreeMap<Ino, String> = BTreeMap::new();
    let mut rest = vec![(String::new(), tree.root())];
    while let Some((path, ino)) = rest.pop() {
        let stat = tree.stat(ino).unwrap();
        let first = first_names.entry(ino).or_insert_with(|| path.clone()).clone();
        let contents = match stat.file_type {
            FileType::Directory => {
                let start = rest.len();
                tree.read_dir(ino, Cookie::START, &mut |entry| {
                    rest.push((format!("{path}/{}", entry.name), entry.ino));
                    ControlFlow::Continue(())
                })
                .unwrap();
                // So that the first name is the same one however the directory is listed.
                rest[start..].sort_by(|a, b| b.cmp(a));
                String::new()
            }
            FileType::SymbolicLink => tree.read_link(ino).unwrap().to_string(),
            _ => data(tree, ino),
        };
        let mode = tree.mode(ino).unwrap();
        let line = format!(
            "{:?} of {first} {mode:o} {:?} {:?} {} {contents}",
            stat.file_type, stat.accessed, stat.modified, stat.size
        );
        seen.insert(path, line);
    }
    seen
}

/// The bytes that are not zero, as far as a human needs them.
fn data(tree: &mut Tree, ino: Ino) -> String {
    let (mut sum, mut count) = (0u64, 0u64);
    tree.segments(ino, &mut |offset, bytes| {
        for (at, byte) in (offset..).zip(bytes).filter(|(_, byte)| **byte != 0) {
            sum = sum.wrapping_mul(31).wrapping_add(at ^ u64::from(*byte));
            count += 1;
        }
    })
    .unwrap();
    format!("{count} bytes {sum:x}")
}

/// One of everything that an archive can hold.
fn full() -> Tree {
    let mut tree = empty();
    let root = tree.root();
    let long = format!("{}/{}", "d".repeat(200), "f\n".repeat(100));
    for (path, contents) in
        [("a/f", "text"), ("a/empty", ""), ("é\n.txt", "umlaut"), (&long, "long"), ("a.b", "dot")]
    {
        tree.write_file(path, Bytes::copy_from_slice(contents.as_bytes()), EPOCH).unwrap();
    }
    tree.create_dirs("a/b/c", EPOCH).unwrap();
    let (a, f) = (tree.find("a").unwrap(), tree.find("a/f").unwrap());
    tree.link(f, root, "second", EPOCH).unwrap();
    tree.link(f, a, "third", EPOCH).unwrap();
    let to_long = format!("/{long}");
    for (name, target) in [("l", "a/f"), ("up", "../.."), ("absolute", "/a"), ("long", &to_long)] {
        tree.create_symlink(root, name, target, EPOCH).unwrap();
    }
    let link = tree.find("l").unwrap();
    tree.link(link, a, "l2", EPOCH).unwrap();
    let sparse = tree.create_file(root, "sparse", EPOCH).unwrap();
    for n in 0..40 {
        tree.write_at(sparse, (n * 37 + 5) << 20, b"not a hole", EPOCH).unwrap();
    }
    tree.set_len(sparse, 1 << 40, EPOCH).unwrap();
    let hole = tree.create_file(root, "hole", EPOCH).unwrap();
    tree.set_len(hole, 1_000_001, EPOCH).unwrap();
    tree.write_file("zeros", vec![0; 300_000].into(), EPOCH).unwrap();
    for (n, path) in [(1, "a"), (2, "a/f"), (3, "l"), (4, "a/b"), (5, "sparse"), (6, "")] {
        let ino = tree.find(path).unwrap();
        let (accessed, modified) = (Timestamp(n * 1_111_111_111), Timestamp(n * 2_000_000_001));
        let times = SetTimes { accessed: Some(accessed), modified: Some(modified) };
        tree.set_times(ino, times, EPOCH).unwrap();
    }
    tree.set_mode(f, 0o6751).unwrap();
    tree.set_mode(a, 0o1700).unwrap();
    tree.set_mode(root, 0o700).unwrap();
    tree
}

#[test]
fn a_tree_comes_back_from_its_archive_as_it_was() {
    let mut tree = full();
    let archive = export(&mut tree);
    assert!(archive.len() < 1 << 20, "holes are not written");
    let mut again = import(archive.clone()).unwrap();
    assert_eq!(describe(&mut again), describe(&mut tree));
    assert_eq!(export(&mut again), archive);
    assert_eq!(export(&mut tree.fork()), archive);
}

#[test]
fn other_readers_see_the_same() {
    let archive = export(&mut full());
    let mut reader = tar::Archive::new(&archive[..]);
    let mut names = Vec::new();
    for entry in reader.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0), "{name}");
        if name == "hole" {
            assert_eq!(entry.size(), 1_000_001);
            let mut contents = Vec::new();
            entry.read_to_end(&mut contents).unwrap();
            assert!(contents.len() == 1_000_001 && contents.iter().all(|byte| *byte == 0));
        }
        if name == "sparse" {
            assert_eq!(entry.size(), 1 << 40);
        }
        names.push(name.chars().take(9).collect::<String>());
    }
    let expected = [
        "./",
        "a/",
        "a/b/",
        "a/b/c/",
        "a/empty",
        "a/f",
        "a/l2",
        "a/third",
        "a.b",
        "absolute",
        "ddddddddd",
        "ddddddddd",
        "hole",
        "l",
        "long",
        "second",
        "sparse",
        "up",
        "zeros",
        "é\n.txt",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_difference_is_an_archive_and_what_to_remove() {
    let base = full();
    let mut now = base.fork();
    let (root, a) = (now.root(), now.find("a").unwrap());
    let later = Timestamp(EPOCH.0 + 5);
    now.write_file("a/b/new", "new".into(), later).unwrap();
    now.write_file("a.b", "changed".into(), later).unwrap();
    now.unlink(a, "empty", later).unwrap();
    now.rename(root, &"d".repeat(200), root, "renamed", later).unwrap();
    let mut archive = Vec::new();
    let removed = Tree::export_diff_tar(&base, &mut now, &mut archive).unwrap();
    assert_eq!(removed, ["a/empty", &"d".repeat(200)]);

    let mut again = base.fork();
    again.unlink(a, "empty", later).unwrap();
    let dir = again.find(&"d".repeat(200)).unwrap();
    again.unlink(dir, &"f\n".repeat(100), later).unwrap();
    again.remove_dir(root, &"d".repeat(200), later).unwrap();
    again.import_tar(archive.into(), later).unwrap();
    for path in ["a/b/new", "a.b", &format!("renamed/{}", "f\n".repeat(100))] {
        assert_eq!(again.read_file(path), now.read_file(path), "{path:?}");
    }
    let mut nothing = Vec::new();
    let mut same = base.fork();
    assert_eq!(Tree::export_diff_tar(&base, &mut same, &mut nothing).unwrap(), [""; 0]);
    assert_eq!(nothing, [0; 1024]);
}

fn any_tree() -> impl Strategy<Value = Tree> {
    let name = || "[a-c]{1,2}";
    let path = proptest::collection::vec(name(), 1..4).prop_map(|names| names.join("/"));
    let node = (0..5u8, path, any::<u64>(), 0..200_000u64, 0..0o10000u32);
    proptest::collection::vec(node, 0..20).prop_map(|nodes| {
        let mut tree = empty();
        for (kind, path, time, size, mode) in nodes {
            // Paths that meet a file on their way are left out.
            let _ = grow(&mut tree, kind, &path, time, size, mode);
        }
        tree
    })
}

fn grow(
    tree: &mut Tree,
    kind: u8,
    path: &str,
    time: u64,
    size: u64,
    mode: u32,
) -> Result<(), Errno> {
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    let dir = tree.create_dirs(parent, EPOCH)?;
    let ino = match kind {
        0 => tree.create_dirs(path, EPOCH)?,
        1 => tree.create_symlink(dir, name, &format!("{time}"), EPOCH)?,
        2 => {
            let some = tree.find("a")?;
            return tree.link(some, dir, name, EPOCH);
        }
        _ => {
            let ino = tree.create_file(dir, name, EPOCH)?;
            let bytes = time.to_le_bytes();
            tree.write_at(ino, size, &bytes, EPOCH)?;
            tree.write_at(ino, size / 3, &bytes, EPOCH)?;
            ino
        }
    };
    if kind != 1 {
        tree.set_mode(ino, mode)?;
    }
    let times = SetTimes { accessed: Some(Timestamp(time)), modified: Some(Timestamp(time / 2)) };
    tree.set_times(ino, times, EPOCH)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_tree_comes_back_from_its_archive(mut tree in any_tree()) {
        let archive = export(&mut tree);
        let mut again = import(archive.clone()).unwrap();
        prop_assert_eq!(describe(&mut again), describe(&mut tree));
        prop_assert_eq!(export(&mut again), archive);
    }

    #[test]
    fn a_damaged_archive_is_no_panic(at in 0..20_000usize, byte: u8, cut in 0..20_000usize) {
        let mut archive = export(&mut full()).to_vec();
        let len = archive.len();
        archive[at % len] = byte;
        let _ = import(archive.clone());
        archive.truncate(cut % len);
        prop_assert!(import(archive).is_err());
    }
}
