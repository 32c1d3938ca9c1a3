//! A tree above a read-only source.

use std::sync::atomic::Ordering;

use stepwell_vfs::{Errno, FileSystem, FileType, Timestamp};

use crate::common::{MemoryLower, NOW, names};
use crate::{above, changes, link, remove_dir, rename, unlink};

#[test]
fn a_lower_directory_is_loaded_when_somebody_looks_into_it() {
    let (lower, mut tree) = above(
        MemoryLower::new().dir("d").file("d/b", b"bee").file("d/a", b"ay").symlink("d/l", "b"),
    );
    assert_eq!(lower.listed.load(Ordering::Relaxed), 0);
    let d = tree.find("d").unwrap();
    let root = tree.root();
    assert_eq!(tree.lookup_type(root, "d"), Ok((d, FileType::Directory)));
    assert_eq!(lower.listed.load(Ordering::Relaxed), 1);
    let fork = tree.fork();
    assert_eq!(names(&mut tree, "d"), ["a", "b", "l"]);
    assert_eq!(tree.read_file("d/b").unwrap(), b"bee");
    let stat = tree.find("d/a").and_then(|ino| tree.stat(ino)).unwrap();
    // When the source was read last depends on who looks.
    assert_eq!((stat.size, stat.accessed, stat.modified), (2, Timestamp(2), Timestamp(2)));
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
        MemoryLower::new().dir("d").file("d/a", b"x").hard_link("d/a", "d/b").hard_link("d/a", "c"),
    );
    let c = tree.find("c").unwrap();
    assert_eq!(tree.stat(c).unwrap().nlink, 3);
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
fn a_lower_file_lives_while_it_has_a_name_that_nobody_has_seen() {
    let (lower, mut tree) =
        above(MemoryLower::new().dir("d").file("d/a", b"x").hard_link("d/a", "c"));
    let c = tree.find("c").unwrap();
    assert_eq!(tree.stat(c).unwrap().nlink, 2);
    tree.write_at(c, 0, b"!", NOW).unwrap();
    unlink(&mut tree, "c");
    assert_eq!((tree.stat(c).unwrap().nlink, tree.bytes_used()), (1, 1));
    assert_eq!(lower.listed.load(Ordering::Relaxed), 1);
    assert_eq!(tree.find("d/a"), Ok(c));
    assert_eq!(tree.read_file("d/a").unwrap(), b"!");
    unlink(&mut tree, "d/a");
    assert_eq!((tree.stat(c), tree.bytes_used()), (Err(Errno::Stale), 0));
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
    assert_eq!(lower.listed.load(Ordering::Relaxed), 1, "a rename looks into nothing");
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
    assert_eq!(tree.stat(d).unwrap().nlink, 2, "its attributes are known nevertheless");
    assert_eq!(lower.listed.load(Ordering::Relaxed), 5);
}
