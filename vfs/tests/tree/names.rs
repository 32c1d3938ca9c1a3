//! Creating, removing and renaming.

use stepwell_vfs::{Cookie, Errno, FileSystem, Ino, Tree};

use crate::common::{NOW, contents, entries, names};
use crate::{READ, link, remove_dir, rename, tree_of, unlink};

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
        ("d/h", "d", Err(Errno::Notempty)),
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
    let (root, f, d) = (tree.root(), tree.find("f").unwrap(), tree.find("d").unwrap());
    assert_eq!(tree.create_file(f, "x", NOW), Err(Errno::Notdir));
    assert_eq!(tree.create_dir(root, "f", NOW), Err(Errno::Exist));
    assert_eq!(tree.link(d, root, "f", NOW), Err(Errno::Exist));
    assert_eq!(tree.link(d, root, "new", NOW), Err(Errno::Perm));
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
    assert!(tree.create_file(root, "g", NOW).unwrap() > f, "a number is never used twice");
}

#[test]
fn a_removed_open_directory_takes_no_new_entries() {
    let mut tree = tree_of(&["d/", "f", "e/"]);
    let (root, d, f) = (tree.root(), tree.find("d").unwrap(), tree.find("f").unwrap());
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
    assert_eq!((nlink(&mut tree, ""), nlink(&mut tree, "a"), nlink(&mut tree, "d")), (4, 4, 2));
    rename(&mut tree, "a/b", "d/b").unwrap();
    rename(&mut tree, "a/c", "d/b").unwrap();
    assert_eq!((nlink(&mut tree, ""), nlink(&mut tree, "a"), nlink(&mut tree, "d")), (4, 2, 3));
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
fn nothing_is_made_on_the_way_to_a_path_that_is_too_long() {
    let deep = vec!["p"; 2049].join("/");
    let just = vec!["p"; 2047].join("/");
    let mut tree = tree_of(&["f"]);
    let before = contents(&mut tree);
    assert_eq!(tree.write_file(&deep, "".into(), NOW), Err(Errno::Nametoolong));
    assert_eq!(tree.create_dirs(&deep, NOW), Err(Errno::Nametoolong));
    assert_eq!(contents(&mut tree), before);
    assert!(tree.create_dirs(&just, NOW).is_ok());
}
