//! The walk of a path: links, dots, slashes, mounts and limits.

use stepwell_vfs::{
    EPOCH, Errno, FileSystem, Follow, Found, GuestPath, Mount, MountId, Namespace, Node, Quota,
    Tree,
};

/// `a/b/`, `a/f`, and links of every kind.
fn tree() -> Tree {
    let mut tree = Tree::new(Quota::default(), EPOCH);
    let a = tree.create_dirs("a", EPOCH).unwrap();
    tree.create_dirs("a/b", EPOCH).unwrap();
    tree.write_file("a/f", "text".into(), EPOCH).unwrap();
    let root = tree.root();
    let links = [
        (root, "to_file", "a/f"),
        (root, "to_file_slash", "a/f/"),
        (root, "to_dir", "a/b"),
        (root, "to_dir_slash", "a/b/"),
        (root, "to_root", "/"),
        (root, "dangling", "a/new"),
        (root, "dangling_slash", "a/new/"),
        (root, "nowhere", "nx/new"),
        (root, "absolute", "/a/f"),
        (root, "outside", "../etc/passwd"),
        (root, "round", "round"),
        (a, "up", "../a/f"),
        (a, "up_twice", "../../a/f"),
        (a, "again", "/a/b"),
    ];
    for (dir, name, target) in links {
        tree.create_symlink(dir, name, target, EPOCH).unwrap();
    }
    tree.create_symlink(root, "long", &"n".repeat(256), EPOCH).unwrap();
    tree.create_symlink(root, "longer", &"n/".repeat(2048), EPOCH).unwrap();
    // l1 is followed once, l41 41 times.
    tree.create_symlink(root, "l1", "a", EPOCH).unwrap();
    for n in 2..=41 {
        tree.create_symlink(root, &format!("l{n}"), &format!("l{}", n - 1), EPOCH).unwrap();
    }
    tree
}

fn namespace() -> Namespace {
    Namespace::new(Mount { fs: Box::new(tree()), read_only: false })
}

fn walk<'a>(
    namespace: &mut Namespace,
    base: Node,
    path: &'a str,
    follow: Follow,
) -> Result<Found<'a>, Errno> {
    namespace.walk(base, GuestPath::parse(path.as_bytes())?, follow)
}

/// What a walk found, as text: the directory, the name, whether it exists, and a slash if it must be a directory.
fn describe(namespace: &mut Namespace, path: &str, follow: Follow) -> String {
    let root = namespace.root();
    let found = match walk(namespace, root, path, follow) {
        Ok(found) => found,
        Err(errno) => return errno.name().into(),
    };
    let tree = namespace.fs(MountId(0)).as_tree_mut().unwrap();
    let dirs = [("", ""), ("a", "a/"), ("a/b", "a/b/")];
    let dir = dirs.iter().find(|(path, _)| tree.find(path) == Ok(found.dir.ino));
    let name = found.name.as_deref().unwrap_or(".");
    let is_there = if found.node.is_some() { "" } else { " new" };
    let slash = if found.wants_directory { "/" } else { "" };
    format!("{}{name}{slash}{is_there}", dir.unwrap().1)
}

#[test]
fn paths_lead_where_posix_says() {
    let cases = [
        // Without links.
        ("a", "a", "a"),
        ("./a//b", "a/b", "a/b"),
        ("a/", "a/", "a/"),
        ("a/.", "a/./", "a/./"),
        ("a/b/..", "a/./", "a/./"),
        (".", "./", "./"),
        ("a/../a/f", "a/f", "a/f"),
        ("new", "new new", "new new"),
        ("new/", "new/ new", "new/ new"),
        ("new/.", "NOENT", "NOENT"),
        ("nx/f", "NOENT", "NOENT"),
        ("nx/../a", "NOENT", "NOENT"),
        ("a/f/", "NOTDIR", "NOTDIR"),
        ("a/f/.", "NOTDIR", "NOTDIR"),
        ("a/f/..", "NOTDIR", "NOTDIR"),
        ("a/f/g", "NOTDIR", "NOTDIR"),
        ("..", "PERM", "PERM"),
        ("a/../..", "PERM", "PERM"),
        ("a/../../a", "PERM", "PERM"),
        // With links: followed, not followed.
        ("to_file", "a/f", "to_file"),
        ("to_file/", "NOTDIR", "NOTDIR"),
        ("to_file/..", "NOTDIR", "NOTDIR"),
        ("to_file_slash", "NOTDIR", "to_file_slash"),
        ("to_dir", "a/b", "to_dir"),
        ("to_dir/", "a/b/", "a/b/"),
        ("to_dir/.", "a/b/./", "a/b/./"),
        ("to_dir/..", "a/./", "a/./"),
        ("to_dir/../f", "a/f", "a/f"),
        ("to_dir_slash", "a/b/", "to_dir_slash"),
        ("to_dir_slash/../f", "a/f", "a/f"),
        ("to_root", "./", "to_root"),
        ("to_root/a", "a", "a"),
        ("dangling", "a/new new", "dangling"),
        ("dangling/", "a/new/ new", "a/new/ new"),
        ("dangling/x", "NOENT", "NOENT"),
        ("dangling_slash", "a/new/ new", "dangling_slash"),
        ("nowhere", "NOENT", "nowhere"),
        ("absolute", "a/f", "absolute"),
        ("a/again", "a/b", "a/again"),
        ("a/again/../f", "a/f", "a/f"),
        ("a/up", "a/f", "a/up"),
        ("a/up_twice", "PERM", "a/up_twice"),
        ("outside", "PERM", "outside"),
        ("outside/..", "PERM", "PERM"),
        ("round", "LOOP", "round"),
        ("round/", "LOOP", "LOOP"),
        ("l40", "a", "l40"),
        ("l41", "LOOP", "l41"),
        ("l40/f", "a/f", "a/f"),
        ("l41/f", "LOOP", "LOOP"),
        ("long", "NAMETOOLONG", "long"),
        ("longer", "NAMETOOLONG", "longer"),
    ];
    let mut namespace = namespace();
    for (path, followed, itself) in cases {
        assert_eq!(describe(&mut namespace, path, Follow::Yes), followed, "{path}, followed");
        assert_eq!(describe(&mut namespace, path, Follow::No), itself, "{path}, itself");
    }
}

#[test]
fn a_walk_does_not_leave_the_directory_that_it_starts_from() {
    let mut namespace = namespace();
    let root = namespace.root();
    let a = walk(&mut namespace, root, "a", Follow::No).unwrap().node.unwrap();
    let cases = [
        ("f", Ok(())),
        ("b/..", Ok(())),
        ("..", Err(Errno::Perm)),
        ("b/../../a/f", Err(Errno::Perm)),
        // Its target is below the base, but the way there is not.
        ("up", Err(Errno::Perm)),
        ("again", Err(Errno::Perm)),
    ];
    for (path, expected) in cases {
        let found = walk(&mut namespace, a, path, Follow::Yes);
        assert_eq!(found.map(|_| ()), expected, "{path}");
    }
}

#[test]
fn a_name_is_borrowed_from_the_path_unless_a_link_gave_it() {
    use std::borrow::Cow::{Borrowed, Owned};
    let mut namespace = namespace();
    let root = namespace.root();
    let name = walk(&mut namespace, root, "to_dir/x", Follow::Yes).unwrap().name;
    assert!(matches!(name, Some(Borrowed("x"))), "{name:?}");
    let name = walk(&mut namespace, root, "to_file", Follow::Yes).unwrap().name;
    assert!(matches!(name, Some(Owned(ref name)) if name == "f"), "{name:?}");
}

/// A tree of one file.
fn mount(name: &str, read_only: bool) -> Mount {
    let mut tree = Tree::new(Quota::default(), EPOCH);
    tree.write_file(name, "text".into(), EPOCH).unwrap();
    let root = tree.root();
    tree.create_symlink(root, "absolute", &format!("/{name}"), EPOCH).unwrap();
    tree.create_symlink(root, "up", "../a/f", EPOCH).unwrap();
    Mount { fs: Box::new(tree), read_only }
}

#[test]
fn mounts_are_crossed_downward_and_upward() {
    let mut namespace = namespace();
    let outer = namespace.mount("/m", mount("g", true), EPOCH).unwrap();
    let inner = namespace.mount("//m/./deep/n/", mount("h", false), EPOCH).unwrap();
    let root = namespace.root();
    let paths: Vec<_> = namespace.mounts().map(|(path, _)| path.to_owned()).collect();
    assert_eq!(paths, ["/", "/m", "/m/deep/n"]);

    let cases = [
        ("m/g", Ok(outer)),
        ("m/deep", Ok(outer)),
        ("m/deep/n", Ok(inner)),
        ("m/deep/n/h", Ok(inner)),
        ("m/deep/n/..", Ok(outer)),
        ("m/deep/n/../../../a/f", Ok(MountId(0))),
        // An absolute link goes to the root of its own mount, `..` leaves it like any directory.
        ("m/absolute", Ok(outer)),
        ("m/deep/n/absolute", Ok(inner)),
        ("m/up", Ok(MountId(0))),
        ("m/deep/n/h/", Err(Errno::Notdir)),
    ];
    for (path, expected) in cases {
        let found = walk(&mut namespace, root, path, Follow::Yes);
        assert_eq!(found.map(|found| found.node.unwrap().mount), expected, "{path}");
    }

    let found = walk(&mut namespace, root, "m", Follow::No).unwrap();
    assert_eq!((found.name, found.node), (None, Some(found.dir)));
    assert!(namespace.is_mount_point(found.dir));
    let deep = walk(&mut namespace, root, "m/deep", Follow::No).unwrap().node.unwrap();
    assert!(!namespace.is_mount_point(deep));
    // From a directory in the mount, its root is not on the way.
    let above = walk(&mut namespace, deep, "../absolute", Follow::Yes);
    assert_eq!(above.map(|_| ()), Err(Errno::Perm));
    assert_eq!(namespace.fs_mut(outer).map(|_| ()).unwrap_err(), Errno::Rofs);
    assert!(namespace.fs_mut(inner).is_ok());
}

#[test]
fn a_mount_needs_a_free_directory() {
    let mut namespace = namespace();
    let cases = [
        ("/", Err(Errno::Busy)),
        ("relative", Err(Errno::Inval)),
        ("", Err(Errno::Inval)),
        ("/a/../b", Err(Errno::Inval)),
        ("/nul\0", Err(Errno::Inval)),
        ("/a/f", Err(Errno::Notdir)),
        ("/a/f/g", Err(Errno::Notdir)),
        ("/outside", Err(Errno::Perm)),
        ("/a/b", Ok(MountId(1))),
        ("/a/b/", Err(Errno::Busy)),
        ("/to_dir", Err(Errno::Busy)),
        ("/a/b/c", Ok(MountId(2))),
    ];
    for (path, expected) in cases {
        let mounted = namespace.mount(path, mount("g", false), EPOCH);
        assert_eq!(mounted, expected, "{path:?}");
    }
}

#[test]
fn a_fork_is_another_namespace() {
    let mut namespace = namespace();
    namespace.mount("/m", mount("g", false), EPOCH).unwrap();
    let mut fork = namespace.fork().unwrap();
    let root = fork.root();
    let found = walk(&mut fork, root, "m/new", Follow::No).unwrap();
    fork.fs(found.dir.mount).create_file(found.dir.ino, "new", EPOCH).unwrap();
    for (namespace, exists) in [(&mut namespace, false), (&mut fork, true)] {
        let found = walk(namespace, root, "m/new", Follow::No).unwrap();
        assert_eq!(found.node.is_some(), exists);
    }
}
