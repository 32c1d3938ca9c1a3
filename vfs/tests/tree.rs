//! What a tree promises, sentence by sentence. `model.rs` asks the same of random sequences.

mod common;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use stepwell_vfs::{
    Access, Change, Cookie, Errno, FileSystem, FileType, Ino, Quota, SetTimes, Timestamp, Tree,
    diff,
};

use self::common::{MemoryLower, NOW, contents, entries, names};

const LATER: Timestamp = Timestamp(2_000);
const READ: Access = Access {
    read: true,
    write: false,
};

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
            tree.write_file(path, path.as_bytes().to_vec().into(), NOW)
                .unwrap();
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

#[test]
fn a_rename_answers_as_posix_does() {
    let cases: &[(&str, &str, Result<(), Errno>)] = &[
        ("missing", "missing", Err(Errno::Noent)),
        ("missing", "f", Err(Errno::Noent)),
        ("f", "g", Ok(())),
        ("f", "f", Ok(())),
        ("f", "new", Ok(())),
        ("f", "d/f", Ok(())),
        ("f", "empty", Err(Errno::Isdir)),
        ("f", "d", Err(Errno::Isdir)),
        ("f", "g/x", Err(Errno::Notdir)),
        ("d", "f", Err(Errno::Notdir)),
        ("d", "empty", Ok(())),
        ("empty", "d", Err(Errno::Notempty)),
        ("d", "d", Ok(())),
        ("d", "d/x", Err(Errno::Inval)),
        ("d", "d/e/x", Err(Errno::Inval)),
        ("d", "d/e", Err(Errno::Inval)),
        ("d/e", "d", Err(Errno::Notempty)),
        ("d/e", "moved", Ok(())),
    ];
    for (from, to, expected) in cases {
        let mut tree = tree_of(&["f", "g", "d/e/", "d/h", "empty/"]);
        let before = contents(&mut tree);
        let result = rename(&mut tree, from, to);
        assert_eq!(result, *expected, "{from} to {to}");
        if result.is_err() || from == to {
            assert_eq!(contents(&mut tree), before, "{from} to {to}");
        } else {
            assert_eq!(tree.find(from), Err(Errno::Noent), "{from} to {to}");
            assert!(tree.find(to).is_ok(), "{from} to {to}");
        }
    }
}

#[test]
fn two_names_of_one_file_survive_a_rename_onto_each_other() {
    let mut tree = tree_of(&["a"]);
    link(&mut tree, "a", "b");
    assert_eq!(rename(&mut tree, "a", "b"), Ok(()));
    assert_eq!(names(&mut tree, ""), ["a", "b"]);
}

#[test]
fn creating_and_removing_answer_in_the_documented_order() {
    let mut tree = tree_of(&["f", "d/x"]);
    let (root, f, d) = (
        tree.root(),
        tree.find("f").unwrap(),
        tree.find("d").unwrap(),
    );
    assert_eq!(tree.create_file(f, "x", NOW), Err(Errno::Notdir));
    assert_eq!(tree.create_dir(root, "f", NOW), Err(Errno::Exist));
    assert_eq!(tree.link(d, root, "f", NOW), Err(Errno::Perm));
    assert_eq!(tree.link(f, root, "d", NOW), Err(Errno::Exist));
    assert_eq!(tree.unlink(root, "d", NOW), Err(Errno::Isdir));
    assert_eq!(tree.unlink(root, "nx", NOW), Err(Errno::Noent));
    assert_eq!(tree.remove_dir(root, "f", NOW), Err(Errno::Notdir));
    assert_eq!(tree.remove_dir(root, "d", NOW), Err(Errno::Notempty));
    assert_eq!(tree.read_link(f), Err(Errno::Inval));
    assert_eq!(tree.read_at(d, 0, &mut [0]), Err(Errno::Isdir));
    assert_eq!(tree.write_at(d, 0, b"x", NOW), Err(Errno::Isdir));
    assert_eq!(tree.set_len(d, 0, NOW), Err(Errno::Isdir));
    assert_eq!(tree.stat(Ino(99)), Err(Errno::Stale));
}

#[test]
fn a_held_file_outlives_its_last_name() {
    let mut tree = tree_of(&["f"]);
    let (root, f) = (tree.root(), tree.find("f").unwrap());
    tree.open(f, READ).unwrap();
    tree.open(f, READ).unwrap();
    unlink(&mut tree, "f");
    assert_eq!(tree.stat(f).unwrap().nlink, 0);
    assert_eq!(tree.write_at(f, 1, b"z", NOW), Ok(1));
    assert_eq!(tree.link(f, root, "again", NOW), Err(Errno::Noent));
    tree.close(f);
    assert_eq!((tree.bytes_used(), tree.inodes_used()), (2, 2));
    tree.close(f);
    assert_eq!(tree.stat(f), Err(Errno::Stale));
    assert_eq!((tree.bytes_used(), tree.inodes_used()), (0, 1));
    assert!(
        tree.create_file(root, "g", NOW).unwrap() > f,
        "a number is never used twice"
    );
}

#[test]
fn a_removed_open_directory_takes_no_new_entries() {
    let mut tree = tree_of(&["d/", "f", "e/"]);
    let (root, d, f) = (
        tree.root(),
        tree.find("d").unwrap(),
        tree.find("f").unwrap(),
    );
    tree.open(d, READ).unwrap();
    remove_dir(&mut tree, "d");
    assert_eq!(tree.create_file(d, "x", NOW), Err(Errno::Noent));
    assert_eq!(tree.create_dir(d, "x", NOW), Err(Errno::Noent));
    assert_eq!(tree.link(f, d, "x", NOW), Err(Errno::Noent));
    assert_eq!(tree.rename(root, "f", d, "x", NOW), Err(Errno::Noent));
    assert_eq!(tree.lookup(d, "x"), Err(Errno::Noent));
    assert_eq!(entries(&mut tree, d, Cookie::START), []);
    assert_eq!(tree.stat(d).unwrap().nlink, 0);
    tree.close(d);
    assert_eq!(tree.stat(d), Err(Errno::Stale));
}

#[test]
fn a_directory_counts_the_directories_in_it() {
    let mut tree = tree_of(&["a/b/", "a/c/", "a/f", "d/"]);
    let nlink = |tree: &mut Tree, path: &str| {
        let ino = tree.find(path).unwrap();
        tree.stat(ino).unwrap().nlink
    };
    assert_eq!(
        (
            nlink(&mut tree, ""),
            nlink(&mut tree, "a"),
            nlink(&mut tree, "d")
        ),
        (4, 4, 2)
    );
    rename(&mut tree, "a/b", "d/b").unwrap();
    rename(&mut tree, "a/c", "d/b").unwrap();
    assert_eq!(
        (
            nlink(&mut tree, ""),
            nlink(&mut tree, "a"),
            nlink(&mut tree, "d")
        ),
        (4, 2, 3)
    );
}

#[test]
fn times_move_with_what_changes() {
    let mut tree = tree_of(&["d/f", "e/"]);
    let (d, e, f) = (
        tree.find("d").unwrap(),
        tree.find("e").unwrap(),
        tree.find("d/f").unwrap(),
    );
    let mut at = 10_000;
    let mut check =
        |what: &str, tree: &mut Tree, act: &dyn Fn(&mut Tree, Timestamp), moved: &[(Ino, &str)]| {
            at += 1;
            let before = [d, e, f].map(|ino| tree.stat(ino).unwrap());
            act(tree, Timestamp(at));
            for before in before {
                let now = tree.stat(before.ino).unwrap();
                let expected = moved
                    .iter()
                    .find(|row| row.0 == before.ino)
                    .map_or("", |row| row.1);
                let moves = |letter| expected.contains(letter);
                let rows = [
                    ('a', before.accessed, now.accessed),
                    ('m', before.modified, now.modified),
                    ('c', before.changed, now.changed),
                ];
                for (letter, old, new) in rows {
                    let expected = if moves(letter) { Timestamp(at) } else { old };
                    assert_eq!(new, expected, "{what}: {letter} of {:?}", before.ino);
                }
            }
        };
    check(
        "read",
        &mut tree,
        &|t, _| drop(t.read_at(f, 0, &mut [0; 9]).unwrap()),
        &[],
    );
    check(
        "list",
        &mut tree,
        &|t, _| {
            t.read_dir(d, Cookie::START, &mut |_| ControlFlow::Break(()))
                .unwrap()
        },
        &[],
    );
    check(
        "write",
        &mut tree,
        &|t, now| drop(t.write_at(f, 0, b"x", now).unwrap()),
        &[(f, "mc")],
    );
    check(
        "write nothing",
        &mut tree,
        &|t, now| drop(t.write_at(f, 0, b"", now).unwrap()),
        &[],
    );
    check(
        "set_len",
        &mut tree,
        &|t, now| t.set_len(f, 9, now).unwrap(),
        &[(f, "mc")],
    );
    check(
        "create",
        &mut tree,
        &|t, now| drop(t.create_file(d, "g", now).unwrap()),
        &[(d, "mc")],
    );
    check(
        "unlink",
        &mut tree,
        &|t, now| t.unlink(d, "g", now).unwrap(),
        &[(d, "mc")],
    );
    check(
        "link",
        &mut tree,
        &|t, now| t.link(f, e, "l", now).unwrap(),
        &[(e, "mc"), (f, "c")],
    );
    check(
        "unlink one",
        &mut tree,
        &|t, now| t.unlink(e, "l", now).unwrap(),
        &[(e, "mc"), (f, "c")],
    );
    check(
        "rename",
        &mut tree,
        &|t, now| t.rename(d, "f", e, "f", now).unwrap(),
        &[(d, "mc"), (e, "mc"), (f, "c")],
    );
    check(
        "set access",
        &mut tree,
        &|t, now| {
            t.set_times(
                f,
                SetTimes {
                    accessed: Some(now),
                    modified: None,
                },
                now,
            )
            .unwrap();
        },
        &[(f, "ac")],
    );
    check(
        "failing",
        &mut tree,
        &|t, now| drop(t.create_file(e, "f", now).unwrap_err()),
        &[],
    );
}

#[test]
fn removing_every_file_while_listing_removes_them_all() {
    for step in 1..7 {
        let paths: Vec<String> = (0..20).map(|n| format!("f{n}")).collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let mut tree = tree_of(&paths);
        let root = tree.root();
        let mut at = Cookie::START;
        loop {
            let page: Vec<_> = entries(&mut tree, root, at)
                .into_iter()
                .take(step)
                .collect();
            let Some(last) = page.last() else { break };
            at = last.0;
            for (_, _, _, name) in &page {
                tree.unlink(root, name, NOW).unwrap();
            }
        }
        assert_eq!(names(&mut tree, ""), [""; 0], "{step} at a time");
    }
}

#[test]
fn renaming_every_file_while_listing_comes_to_an_end() {
    let mut tree = tree_of(&["a", "b", "c"]);
    let root = tree.root();
    let mut at = Cookie::START;
    let mut steps = 0;
    while let Some((cookie, _, _, name)) = entries(&mut tree, root, at).into_iter().next() {
        at = cookie;
        // As a program that replaces each file safely: write another one and rename it over the first.
        tree.create_file(root, "new", NOW).unwrap();
        tree.rename(root, "new", root, &name, NOW).unwrap();
        tree.rename(root, &name, root, &format!("{name}.bak"), NOW)
            .unwrap();
        steps += 1;
        assert!(steps <= 3);
    }
    assert_eq!(names(&mut tree, ""), ["a.bak", "b.bak", "c.bak"]);
}

#[test]
fn a_listing_goes_on_after_any_cookie() {
    let mut tree = tree_of(&["c", "a", "b/"]);
    let root = tree.root();
    let all = entries(&mut tree, root, Cookie::START);
    let rows: Vec<_> = all
        .iter()
        .map(|row| (row.0.0, row.2, row.3.as_str()))
        .collect();
    let (file, dir) = (FileType::RegularFile, FileType::Directory);
    assert_eq!(rows, [(3, file, "c"), (4, file, "a"), (5, dir, "b")]);
    for (index, row) in all.iter().enumerate() {
        assert_eq!(entries(&mut tree, root, row.0), all[index + 1..]);
    }
    assert_eq!(entries(&mut tree, root, Cookie(u64::MAX)), []);
}

#[test]
fn quotas_end_writes_short_and_creation_with_nospc() {
    let quota = Quota {
        bytes_max: 10,
        inodes_max: 4,
        file_bytes_max: 1000,
    };
    let mut tree = Tree::new(quota, NOW);
    let root = tree.root();
    let f = tree.create_file(root, "f", NOW).unwrap();
    assert_eq!(tree.write_at(f, 0, b"12345678", NOW), Ok(8));
    assert_eq!(tree.write_at(f, 8, b"abcd", NOW), Ok(2));
    assert_eq!(tree.write_at(f, 10, b"x", NOW), Err(Errno::Nospc));
    assert_eq!(tree.write_at(f, 5, b"over", NOW), Ok(4));
    assert_eq!(
        tree.create_symlink(root, "l", "target", NOW),
        Err(Errno::Nospc)
    );
    assert_eq!(tree.set_len(f, 1000, NOW), Ok(()));
    assert_eq!(tree.set_len(f, 1001, NOW), Err(Errno::Fbig));
    assert_eq!(tree.write_at(f, 1000, b"x", NOW), Err(Errno::Fbig));
    assert_eq!(tree.bytes_used(), 10);
    assert_eq!(tree.set_len(f, 2, NOW), Ok(()));
    assert_eq!(tree.bytes_used(), 2);
    assert_eq!(
        tree.write_at(f, 998, b"abc", NOW),
        Err(Errno::Nospc),
        "its chunk does not fit"
    );
    tree.create_symlink(root, "l", "target", NOW).unwrap();
    assert_eq!(tree.bytes_used(), 8);
    tree.link(f, root, "g", NOW).unwrap();
    assert_eq!(tree.inodes_used(), 4);
    assert_eq!(tree.create_file(root, "h", NOW), Err(Errno::Nospc));
    assert_eq!(tree.link(f, root, "h", NOW), Err(Errno::Nospc));
    assert_eq!(tree.write_file("a/b", "".into(), NOW), Err(Errno::Nospc));
    unlink(&mut tree, "f");
    assert_eq!(
        tree.write_file("a/b", "".into(), NOW),
        Err(Errno::Nospc),
        "two inodes"
    );
    assert_eq!(names(&mut tree, ""), ["l", "g"], "and then nothing is made");
    unlink(&mut tree, "g");
    assert_eq!(tree.write_file("b", "12345".into(), NOW), Err(Errno::Nospc));
    unlink(&mut tree, "l");
    assert_eq!((tree.bytes_used(), tree.inodes_used()), (0, 1));
}

#[test]
fn a_replaced_file_gives_back_what_it_took() {
    let mut tree = tree_of(&["a", "b"]);
    rename(&mut tree, "a", "b").unwrap();
    assert_eq!((tree.bytes_used(), tree.inodes_used()), (1, 2));
    assert_eq!(tree.read_file("b").unwrap(), b"a");
}

#[test]
fn paths_of_embedders_are_checked() {
    let mut tree = tree_of(&["d/f"]);
    let root = tree.root();
    tree.create_symlink(root, "l", "d", NOW).unwrap();
    let long = "n".repeat(256);
    let cases: &[(&str, Errno)] = &[
        ("d/../d", Errno::Inval),
        ("d/\0", Errno::Inval),
        (&long, Errno::Nametoolong),
        ("d/f/x", Errno::Notdir),
        ("d/f/", Errno::Notdir),
        ("l/f", Errno::Notdir),
        ("nx/f", Errno::Noent),
    ];
    for (path, errno) in cases {
        assert_eq!(tree.find(path), Err(*errno), "{path}");
    }
    assert_eq!(tree.find("//d/./f"), tree.find("d/f"));
    assert_eq!(tree.write_file("d", "".into(), NOW), Err(Errno::Isdir));
    assert_eq!(tree.write_file("new/", "".into(), NOW), Err(Errno::Isdir));
    assert_eq!(tree.write_file("l", "".into(), NOW), Err(Errno::Loop));
    assert_eq!(tree.create_dirs("d/f", NOW), Err(Errno::Notdir));
    assert_eq!(tree.read_file("d"), Err(Errno::Isdir));
}

#[test]
fn a_lower_directory_is_loaded_when_somebody_looks_into_it() {
    let (lower, mut tree) = above(
        MemoryLower::new()
            .dir("d")
            .file("d/b", b"bee")
            .file("d/a", b"ay")
            .symlink("d/l", "b"),
    );
    assert_eq!(lower.listed.load(Ordering::Relaxed), 0);
    let d = tree.find("d").unwrap();
    assert_eq!(lower.listed.load(Ordering::Relaxed), 1);
    let fork = tree.fork();
    assert_eq!(names(&mut tree, "d"), ["a", "b", "l"]);
    assert_eq!(tree.read_file("d/b").unwrap(), b"bee");
    let stat = tree.find("d/a").and_then(|ino| tree.stat(ino)).unwrap();
    assert_eq!(
        (stat.size, stat.accessed, stat.modified),
        (2, Timestamp(1), Timestamp(2))
    );
    assert_eq!(tree.mode(stat.ino), Ok(0o640));
    assert_eq!((tree.bytes_used(), tree.inodes_used()), (0, 1));
    assert_eq!(lower.listed.load(Ordering::Relaxed), 2);
    tree.write_at(stat.ino, 1, b"!", NOW).unwrap();
    assert_eq!(tree.read_file("d/a").unwrap(), b"a!");
    assert_eq!(tree.bytes_used(), 2);
    let mut fork = fork;
    assert_eq!(fork.read_file("d/a").unwrap(), b"ay");
    assert_eq!(fork.find("d"), Ok(d));
}

#[test]
fn names_of_one_lower_file_are_one_inode() {
    let (_, mut tree) = above(
        MemoryLower::new()
            .dir("d")
            .file("d/a", b"x")
            .hard_link("d/a", "d/b")
            .hard_link("d/a", "c"),
    );
    let c = tree.find("c").unwrap();
    assert_eq!((tree.find("d/a"), tree.find("d/b")), (Ok(c), Ok(c)));
    assert_eq!(tree.stat(c).unwrap().nlink, 3);
    unlink(&mut tree, "d/a");
    link(&mut tree, "c", "e");
    assert_eq!((tree.stat(c).unwrap().nlink, tree.inodes_used()), (3, 2));
    for path in ["c", "d/b", "e"] {
        unlink(&mut tree, path);
    }
    assert_eq!((tree.stat(c), tree.inodes_used()), (Err(Errno::Stale), 1));
}

#[test]
fn a_directory_made_over_a_removed_lower_one_is_empty() {
    let (_, mut tree) = above(MemoryLower::new().dir("d").file("d/old", b"x"));
    unlink(&mut tree, "d/old");
    remove_dir(&mut tree, "d");
    tree.create_dirs("d", NOW).unwrap();
    assert_eq!(names(&mut tree, "d"), [""; 0]);
}

#[test]
fn a_lower_directory_moves_whole() {
    let (lower, mut tree) = above(MemoryLower::new().dir("d").dir("d/e").file("d/e/f", b"x"));
    let base = tree.fork();
    rename(&mut tree, "d", "moved").unwrap();
    assert_eq!(
        lower.listed.load(Ordering::Relaxed),
        1,
        "a rename looks into nothing"
    );
    assert_eq!(changes(&base, &tree), ["r d > moved"]);
    assert_eq!(tree.read_file("moved/e/f").unwrap(), b"x");
    assert_eq!(changes(&base, &tree), ["r d > moved"]);
}

#[test]
fn a_lower_directory_that_cannot_be_listed_is_an_error_each_time() {
    let (lower, mut tree) = above(MemoryLower::new().dir("d").file("d/f", b"").broken("d"));
    let d = tree.find("d").unwrap();
    assert_eq!(tree.lookup(d, "f"), Err(Errno::Acces));
    assert_eq!(tree.create_file(d, "g", NOW), Err(Errno::Acces));
    let root = tree.root();
    assert_eq!(tree.remove_dir(root, "d", NOW), Err(Errno::Acces));
    assert_eq!(
        tree.stat(d).unwrap().nlink,
        2,
        "its attributes are known nevertheless"
    );
    assert_eq!(lower.listed.load(Ordering::Relaxed), 5);
}

#[test]
fn a_diff_says_what_happened() {
    type Act = fn(&mut Tree);
    let cases: &[(&str, Act, &[&str])] = &[
        ("nothing", |_| {}, &[]),
        (
            "a new file",
            |t| drop(t.write_file("n", "".into(), LATER)),
            &["+ n"],
        ),
        (
            "new directories",
            |t| drop(t.write_file("n/m/f", "".into(), LATER)),
            &["+ n", "+ n/m", "+ n/m/f"],
        ),
        (
            "other bytes",
            |t| drop(t.write_file("d/e/f", "!".into(), LATER)),
            &["m d/e/f"],
        ),
        (
            "the same bytes",
            |t| drop(t.write_file("d/e/f", "d/e/f".into(), LATER)),
            &[],
        ),
        (
            "another mode",
            |t| {
                let ino = t.find("g").unwrap();
                t.set_mode(ino, 0o755).unwrap();
            },
            &["m g"],
        ),
        ("a file away", |t| unlink(t, "d/e/f"), &["- d/e/f"]),
        ("a rename", |t| rename(t, "g", "h").unwrap(), &["r g > h"]),
        (
            "a rename onto a file",
            |t| rename(t, "g", "d/e/f").unwrap(),
            &["- d/e/f", "r g > d/e/f"],
        ),
        (
            "a renamed directory",
            |t| rename(t, "d", "z").unwrap(),
            &["r d > z"],
        ),
        (
            "a file changed in a renamed directory",
            |t| {
                rename(t, "d", "z").unwrap();
                drop(t.write_file("z/e/f", "!".into(), LATER));
            },
            &["r d > z", "m z/e/f"],
        ),
        (
            "a file renamed and changed",
            |t| {
                rename(t, "g", "h").unwrap();
                drop(t.write_file("h", "!".into(), LATER));
            },
            &["r g > h", "m h"],
        ),
        (
            "a directory away",
            |t| {
                unlink(t, "d/e/f");
                remove_dir(t, "d/e");
                unlink(t, "d/k");
                remove_dir(t, "d");
            },
            &["- d"],
        ),
        (
            "a directory away, and a file saved from it",
            |t| {
                rename(t, "d/e/f", "f").unwrap();
                remove_dir(t, "d/e");
            },
            &["- d/e", "r d/e/f > f"],
        ),
        (
            "a directory made anew",
            |t| {
                unlink(t, "d/e/f");
                remove_dir(t, "d/e");
                drop(t.write_file("d/e/f", "d/e/f".into(), LATER));
            },
            &["- d/e", "+ d/e", "+ d/e/f"],
        ),
        (
            "a safe save",
            |t| {
                drop(t.write_file("tmp", "!".into(), LATER));
                rename(t, "tmp", "g").unwrap();
            },
            &["m g"],
        ),
        ("a hard link", |t| link(t, "g", "h"), &["+ h"]),
        (
            "a hard link, changed",
            |t| {
                link(t, "g", "h");
                drop(t.write_file("h", "!".into(), LATER));
            },
            &["m g", "+ h"],
        ),
        (
            "two files exchanged",
            |t| {
                rename(t, "g", "t").unwrap();
                rename(t, "d/k", "g").unwrap();
                rename(t, "t", "d/k").unwrap();
            },
            &["r g > d/k", "r d/k > g"],
        ),
        (
            "moved into a new directory",
            |t| {
                drop(t.create_dirs("n", LATER));
                rename(t, "d/e", "n/e").unwrap();
            },
            &["+ n", "r d/e > n/e"],
        ),
        (
            "an open file without a name",
            |t| {
                let ino = t.write_file("n", "".into(), LATER).unwrap();
                t.open(ino, READ).unwrap();
                unlink(t, "n");
            },
            &[],
        ),
        (
            "a file for a directory",
            |t| {
                unlink(t, "d/e/f");
                remove_dir(t, "d/e");
                drop(t.write_file("d/e", "".into(), LATER));
            },
            &["- d/e", "+ d/e"],
        ),
    ];
    for (what, act, expected) in cases {
        let lower = MemoryLower::new()
            .file("g", b"g")
            .dir("d")
            .file("d/k", b"d/k")
            .dir("d/e")
            .file("d/e/f", b"d/e/f");
        let mut rows = [
            ("in memory", tree_of(&["g", "d/k", "d/e/f"])),
            ("above a source", above(lower).1),
        ];
        for (kind, tree) in &mut rows {
            let base = tree.fork();
            act(tree);
            assert_eq!(changes(&base, tree), *expected, "{what}, {kind}");
            contents(tree);
            assert_eq!(
                changes(&base, tree),
                *expected,
                "{what}, {kind}, all loaded"
            );
            let base = tree.fork();
            assert_eq!(
                changes(&base, tree),
                [""; 0],
                "{what}, {kind}, from here on"
            );
        }
    }
}

#[test]
fn a_modified_file_is_listed_under_each_of_its_old_names() {
    let mut tree = tree_of(&["d/a"]);
    link(&mut tree, "d/a", "b");
    let base = tree.fork();
    tree.write_file("b", "!".into(), LATER).unwrap();
    rename(&mut tree, "d", "e").unwrap();
    assert_eq!(changes(&base, &tree), ["m b", "r d > e", "m e/a"]);
}

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

#[test]
fn segments_leave_holes_out() {
    let mut tree = tree();
    let root = tree.root();
    let f = tree.create_file(root, "f", NOW).unwrap();
    tree.write_at(f, 0, b"head", NOW).unwrap();
    tree.write_at(f, 1 << 40, b"tail", NOW).unwrap();
    let mut seen = Vec::new();
    tree.segments(f, &mut |offset, bytes| seen.push((offset, bytes.to_vec())))
        .unwrap();
    assert_eq!(seen, [(0, b"head".to_vec()), (1 << 40, b"tail".to_vec())]);
    assert_eq!(tree.bytes_used(), 8);
}
