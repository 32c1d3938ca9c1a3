//! What is charged and given back.

use stepwell_vfs::{Errno, FileSystem, Quota, Tree};

use crate::common::{NOW, names};
use crate::{rename, tree, tree_of, unlink};

#[test]
fn quotas_end_writes_short_and_creation_with_nospc() {
    let quota = Quota { bytes_max: 10, inodes_max: 4, file_bytes_max: 1000 };
    let mut tree = Tree::new(quota, NOW);
    let root = tree.root();
    let f = tree.create_file(root, "f", NOW).unwrap();
    assert_eq!(tree.write_at(f, 0, b"12345678", NOW), Ok(8));
    assert_eq!(tree.write_at(f, 8, b"abcd", NOW), Ok(2));
    assert_eq!(tree.write_at(f, 10, b"x", NOW), Err(Errno::Nospc));
    assert_eq!(tree.write_at(f, 5, b"over", NOW), Ok(4));
    assert_eq!(tree.create_symlink(root, "l", "target", NOW), Err(Errno::Nospc));
    assert_eq!(tree.set_len(f, 1000, NOW), Ok(()));
    assert_eq!(tree.set_len(f, 1001, NOW), Err(Errno::Fbig));
    assert_eq!(tree.write_at(f, 1000, b"x", NOW), Err(Errno::Fbig));
    assert_eq!(tree.bytes_used(), 10);
    assert_eq!(tree.set_len(f, 2, NOW), Ok(()));
    assert_eq!(tree.bytes_used(), 2);
    assert_eq!(tree.write_at(f, 998, b"abc", NOW), Err(Errno::Nospc), "its chunk does not fit");
    tree.create_symlink(root, "l", "target", NOW).unwrap();
    assert_eq!(tree.bytes_used(), 8);
    tree.link(f, root, "g", NOW).unwrap();
    assert_eq!(tree.inodes_used(), 4);
    assert_eq!(tree.create_file(root, "h", NOW), Err(Errno::Nospc));
    assert_eq!(tree.link(f, root, "h", NOW), Err(Errno::Nospc));
    assert_eq!(tree.write_file("a/b", "".into(), NOW), Err(Errno::Nospc));
    unlink(&mut tree, "f");
    assert_eq!(tree.write_file("a/b", "".into(), NOW), Err(Errno::Nospc), "two inodes");
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
fn segments_leave_holes_out() {
    let mut tree = tree();
    let root = tree.root();
    let f = tree.create_file(root, "f", NOW).unwrap();
    tree.write_at(f, 0, b"head", NOW).unwrap();
    tree.write_at(f, 1 << 40, b"tail", NOW).unwrap();
    let mut seen = Vec::new();
    tree.segments(f, &mut |offset, bytes| seen.push((offset, bytes.to_vec()))).unwrap();
    assert_eq!(seen, [(0, b"head".to_vec()), (1 << 40, b"tail".to_vec())]);
    assert_eq!(tree.bytes_used(), 260);
}
