//! Archives: what is written is read back the same, and what is hostile is refused with a reason.

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;

use bytes::Bytes;
use proptest::prelude::*;
use stepwell_vfs::{
    Cookie, EPOCH, Errno, FileSystem, FileType, ImageError, Ino, Quota, SetTimes, Timestamp, Tree,
};
use tar::{Builder, EntryType, Header};

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
        let first = first_names
            .entry(ino)
            .or_insert_with(|| path.clone())
            .clone();
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
    for (path, contents) in [
        ("a/f", "text"),
        ("a/empty", ""),
        ("é\n.txt", "umlaut"),
        (&long, "long"),
        ("a.b", "dot"),
    ] {
        tree.write_file(path, Bytes::copy_from_slice(contents.as_bytes()), EPOCH)
            .unwrap();
    }
    tree.create_dirs("a/b/c", EPOCH).unwrap();
    let (a, f) = (tree.find("a").unwrap(), tree.find("a/f").unwrap());
    tree.link(f, root, "second", EPOCH).unwrap();
    tree.link(f, a, "third", EPOCH).unwrap();
    let to_long = format!("/{long}");
    for (name, target) in [
        ("l", "a/f"),
        ("up", "../.."),
        ("absolute", "/a"),
        ("long", &to_long),
    ] {
        tree.create_symlink(root, name, target, EPOCH).unwrap();
    }
    let link = tree.find("l").unwrap();
    tree.link(link, a, "l2", EPOCH).unwrap();
    let sparse = tree.create_file(root, "sparse", EPOCH).unwrap();
    for n in 0..40 {
        tree.write_at(sparse, (n * 37 + 5) << 20, b"not a hole", EPOCH)
            .unwrap();
    }
    tree.set_len(sparse, 1 << 40, EPOCH).unwrap();
    let hole = tree.create_file(root, "hole", EPOCH).unwrap();
    tree.set_len(hole, 1_000_001, EPOCH).unwrap();
    tree.write_file("zeros", vec![0; 300_000].into(), EPOCH)
        .unwrap();
    for (n, path) in [
        (1, "a"),
        (2, "a/f"),
        (3, "l"),
        (4, "a/b"),
        (5, "sparse"),
        (6, ""),
    ] {
        let ino = tree.find(path).unwrap();
        let (accessed, modified) = (Timestamp(n * 1_111_111_111), Timestamp(n * 2_000_000_001));
        let times = SetTimes {
            accessed: Some(accessed),
            modified: Some(modified),
        };
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
        assert_eq!(
            (header.uid().unwrap(), header.gid().unwrap()),
            (0, 0),
            "{name}"
        );
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

/// Type, path, link and contents.
type Row<'a> = (EntryType, &'a [u8], &'a [u8], &'a [u8]);

fn pack(entries: &[Row<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (entry_type, path, link, contents) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*entry_type);
        header.set_mode(0o640);
        header.set_mtime(7);
        header.set_size(contents.len() as u64);
        let old = header.as_old_mut();
        old.name[..path.len()].copy_from_slice(path);
        old.linkname[..link.len()].copy_from_slice(link);
        header.set_cksum();
        builder.append(&header, *contents).unwrap();
    }
    builder.into_inner().unwrap()
}

const FILE: EntryType = EntryType::Regular;
const DIR: EntryType = EntryType::Directory;
const LINK: EntryType = EntryType::Link;
const SYMLINK: EntryType = EntryType::Symlink;

#[test]
fn archives_of_other_programs_are_read() {
    let archive = pack(&[
        (
            EntryType::XGlobalHeader,
            b"pax_global_header",
            b"",
            b"19 comment=ignored\n",
        ),
        (FILE, b"./etc//./conf", b"", b"first"),
        (FILE, b"/bin/sh", b"", b"shell"),
        (EntryType::Continuous, b"etc/conf", b"", b"last wins"),
        (FILE, b"old/style/", b"", b""),
        (LINK, b"bin/dash", b"./bin/sh", b""),
        (SYMLINK, b"usr", b"/bin", b""),
        (DIR, b"usr", b"", b""),
        (DIR, b"bin/", b"", b""),
        (
            EntryType::XHeader,
            b"x",
            b"",
            b"20 mtime=12.0000345\n29 SCHILY.xattr.user.a=b\nc=d\n9 size=1\n",
        ),
        (FILE, b"pax", b"", b"p"),
        (EntryType::XHeader, b"x", b"", b"17 path=new\nline\n"),
        (FILE, b"ignored", b"", b""),
    ]);
    let mut tree = import(archive).unwrap();
    assert_eq!(tree.read_file("etc/conf").unwrap(), b"last wins");
    assert_eq!(tree.read_file("bin/dash").unwrap(), b"shell");
    assert_eq!(tree.find("bin/dash"), tree.find("bin/sh"));
    assert_eq!(tree.find("new\nline").map(|_| ()), Ok(()));
    for (path, file_type, mode, modified) in [
        ("bin", FileType::Directory, 0o640, 7_000_000_000),
        ("bin/sh", FileType::RegularFile, 0o640, 7_000_000_000),
        ("etc", FileType::Directory, 0o755, EPOCH.0 + 1),
        ("old/style", FileType::Directory, 0o640, 7_000_000_000),
        ("usr", FileType::Directory, 0o640, 7_000_000_000),
        ("pax", FileType::RegularFile, 0o640, 12_000_034_500),
    ] {
        let ino = tree.find(path).unwrap();
        let stat = tree.stat(ino).unwrap();
        assert_eq!(
            (stat.file_type, stat.modified.0),
            (file_type, modified),
            "{path}"
        );
        assert_eq!(tree.mode(ino), Ok(mode), "{path}");
    }
}

#[test]
fn the_extended_forms_of_sparse_files_are_read() {
    let mut in_contents = b"2\n4\n3\n600\n2\n".to_vec();
    in_contents.resize(512, 0);
    in_contents.extend_from_slice(b"abcde");
    let forms: [(&[u8], &[u8]); 3] = [
        (
            b"22 GNU.sparse.major=1\n22 GNU.sparse.minor=0\n24 GNU.sparse.name=name\n28 GNU.sparse.realsize=1000\n",
            &in_contents,
        ),
        (b"28 GNU.sparse.map=4,3,600,2\n24 GNU.sparse.size=1000\n24 GNU.sparse.name=name\n", b"abcde"),
        (
            b"24 GNU.sparse.size=1000\n23 GNU.sparse.offset=4\n25 GNU.sparse.numbytes=3\n\
              25 GNU.sparse.offset=600\n25 GNU.sparse.numbytes=2\n24 GNU.sparse.name=name\n",
            b"abcde",
        ),
    ];
    let mut expected = vec![0; 1000];
    expected[4..7].copy_from_slice(b"abc");
    expected[600..602].copy_from_slice(b"de");
    for (records, contents) in forms {
        let archive = pack(&[
            (EntryType::XHeader, b"x", b"", records),
            (FILE, b"other", b"", contents),
        ]);
        let mut tree = import(archive).unwrap();
        let text = String::from_utf8_lossy(records);
        assert_eq!(
            tree.read_file("name").as_deref(),
            Ok(&expected[..]),
            "{text}"
        );
    }
}

#[test]
fn hostile_archives_are_refused_with_a_reason() {
    let gzip = [&[0x1f, 0x8b][..], &[0; 1022]].concat();
    let mut bad_sum = pack(&[(FILE, b"a", b"", b"x")]);
    bad_sum[0] = b'b';
    let cases: &[(Vec<u8>, &str)] = &[
        (
            pack(&[(FILE, b"a", b"", b""), (FILE, b"../etc/passwd", b"", b"x")]),
            "`..`",
        ),
        (pack(&[(FILE, b"a/../b", b"", b"")]), "`..`"),
        (pack(&[(LINK, b"a", b"../b", b"")]), "`..`"),
        (pack(&[(FILE, b"\xff", b"", b"")]), "not UTF-8"),
        (pack(&[(SYMLINK, b"a", b"\xff", b"")]), "not UTF-8"),
        (
            pack(&[
                (EntryType::XHeader, b"x", b"", b"12 path=a\0b\n"),
                (FILE, b"a", b"", b""),
            ]),
            "NUL",
        ),
        (pack(&[(EntryType::Fifo, b"a", b"", b"")]), "device"),
        (pack(&[(EntryType::Char, b"a", b"", b"")]), "device"),
        (pack(&[(EntryType::new(b'M'), b"a", b"", b"")]), "not known"),
        (pack(&[(LINK, b"a", b"nx", b"")]), "hard link"),
        (
            pack(&[(FILE, b"./", b"", b""), (FILE, b".", b"", b"")]),
            "root",
        ),
        (
            pack(&[(FILE, b"a", b"", b""), (FILE, b"a/b", b"", b"")]),
            "no directory",
        ),
        (
            pack(&[(SYMLINK, b"a", b"/etc", b""), (FILE, b"a/b", b"", b"")]),
            "no directory",
        ),
        (
            pack(&[(FILE, b"a/b", b"", b""), (FILE, b"a", b"", b"")]),
            "not empty",
        ),
        (
            pack(&[(DIR, b"a", b"", b""), (LINK, b"b", b"a", b"")]),
            "not permitted",
        ),
        (
            pack(&[
                (EntryType::GNULongName, b"x", b"", &[b'n'; 256]),
                (FILE, b"a", b"", b""),
            ]),
            "255",
        ),
        (
            pack(&[(EntryType::GNULongName, b"x", b"", b"name\0")]),
            "does not follow",
        ),
        (
            pack(&[
                (EntryType::XHeader, b"x", b"", b"13 path=a\n"),
                (FILE, b"a", b"", b""),
            ]),
            "extended header",
        ),
        (gzip, "gzip"),
        (bad_sum, "checksum"),
        (vec![b'x'; 1024], "checksum"),
        (Vec::new(), "ends at byte 0"),
        (
            pack(&[(FILE, b"a", b"", b"x")])[..1024].to_vec(),
            "ends at byte 1024",
        ),
        (
            pack(&[(FILE, b"a", b"", b"x")])[..513].to_vec(),
            "ends at byte 513",
        ),
        (
            pack(&[(FILE, b"a", b"", b"x")])[..100].to_vec(),
            "ends at byte 100",
        ),
    ];
    for (archive, reason) in cases {
        let mut tree = empty();
        let error = tree
            .import_tar(archive.clone().into(), EPOCH)
            .unwrap_err()
            .to_string();
        assert!(error.contains(reason), "{reason}: {error}");
        let root = tree.root();
        assert_eq!(
            tree.lookup(root, "a"),
            Err(Errno::Noent),
            "{reason}: nothing is imported"
        );
    }
    let second = pack(&[(FILE, b"a", b"", b""), (FILE, b"b/../c", b"", b"")]);
    let error = import(second).unwrap_err().to_string();
    assert!(error.contains("\"b/../c\" at byte 512"), "{error}");
}

#[test]
fn sizes_that_lie_are_refused() {
    let mut huge = Header::new_gnu();
    huge.set_size(u64::MAX - 5);
    huge.set_cksum();
    let mut sparse = Header::new_gnu();
    sparse.set_entry_type(EntryType::GNUSparse);
    let gnu = sparse.as_gnu_mut().unwrap();
    gnu.set_real_size(10);
    gnu.sparse[0].set_offset(u64::MAX - 1);
    gnu.sparse[0].set_length(512);
    sparse.set_size(512);
    sparse.set_cksum();
    for header in [huge, sparse] {
        let archive = [&header.as_bytes()[..], &[0; 2048]].concat();
        assert!(import(archive).is_err());
    }
}

#[test]
fn an_archive_that_does_not_fit_changes_nothing() {
    let quota = Quota {
        bytes_max: 4,
        ..Quota::default()
    };
    let mut tree = Tree::new(quota, EPOCH);
    let archive = pack(&[(FILE, b"a", b"", b"fits"), (FILE, b"b", b"", b"not")]);
    let error = tree.import_tar(archive.into(), EPOCH).unwrap_err();
    assert!(
        matches!(
            error,
            ImageError::Tree {
                errno: Errno::Nospc,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(tree.find("a"), Err(Errno::Noent));
    assert_eq!(tree.bytes_used(), 0);
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
    now.rename(root, &"d".repeat(200), root, "renamed", later)
        .unwrap();
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
    assert_eq!(
        Tree::export_diff_tar(&base, &mut same, &mut nothing).unwrap(),
        [""; 0]
    );
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
    let times = SetTimes {
        accessed: Some(Timestamp(time)),
        modified: Some(Timestamp(time / 2)),
    };
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
