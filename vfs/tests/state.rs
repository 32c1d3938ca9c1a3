//! Trees, streams and namespaces as bytes and back: what comes back behaves as what was saved.

mod common;

#[path = "common/plain.rs"]
mod plain;
#[path = "common/world.rs"]
mod world;

use std::sync::Arc;

use bytes::Bytes;
use proptest::prelude::*;
use stepwell_vfs::{
    Access, Base, Cookie, Errno, FileSystem, FileType, GuestPath, LoadError, Mount, Namespace,
    Quota, Tree, Unsaved,
};

use self::common::{MemoryLower, NOW, entries};
use self::plain::Model;
use self::world::{INODES_MAX, World, ops, quota};

fn world() -> World {
    World::new(Tree::new(quota(), NOW), Model::new(INODES_MAX, NOW))
}

fn save(tree: &Tree) -> Bytes {
    tree.save(None).unwrap().into()
}

/// The tree again, by way of bytes, which a second time are the same.
fn again(tree: &Tree, base: Option<&Base>) -> Tree {
    let bytes = Bytes::from(tree.save(base).unwrap());
    let bases = base.cloned();
    let loaded = Tree::load(&bytes, bases.as_slice()).unwrap();
    assert_eq!(loaded.save(base).unwrap(), bytes, "the bytes of what was loaded");
    assert_eq!(save(&loaded), save(tree), "all of the state");
    loaded
}

proptest! {
    #[test]
    fn a_loaded_tree_goes_on_like_the_model(before in ops(), after in ops()) {
        let mut world = world();
        before.iter().for_each(|op| world.apply(op));
        let mut loaded = world.clone();
        loaded.tree = again(&world.tree, None);
        prop_assert_eq!(loaded.tree.digest(), world.tree.digest());
        loaded.check();
        for op in &after {
            world.apply(op);
            loaded.apply(op);
        }
        // That covers numbers, cookies, times, holds and quotas.
        prop_assert_eq!(save(&loaded.tree), save(&world.tree));
        loaded.check();
        loaded.check_that_all_is_given_back();
    }

    #[test]
    fn a_difference_to_any_base_gives_the_same_tree(before in ops(), after in ops(), other in ops()) {
        let mut world = world();
        before.iter().for_each(|op| world.apply(op));
        let base = Base::new(&world.tree).unwrap();
        // A base that was loaded is as good, though it shares nothing.
        let far = Base::new(&again(&world.tree, None)).unwrap();
        prop_assert_eq!(base.digest(), far.digest());
        let mut unrelated = self::world();
        other.iter().for_each(|op| unrelated.apply(op));
        let unrelated = Base::new(&unrelated.tree).unwrap();
        after.iter().for_each(|op| world.apply(op));
        let difference = world.tree.save(Some(&base)).unwrap();
        prop_assert_eq!(&difference, &world.tree.save(Some(&far)).unwrap());
        for base in [base, far, unrelated] {
            let mut loaded = world.clone();
            loaded.tree = again(&world.tree, Some(&base));
            loaded.check();
            loaded.check_that_all_is_given_back();
        }
    }

    #[test]
    fn a_damaged_tree_is_refused_or_consistent(
        before in ops(), changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut world = world();
        before.iter().for_each(|op| world.apply(op));
        let mut bytes = world.tree.save(None).unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(tree) = Tree::load(&bytes.into(), &[]) {
            use_up(tree);
        }
    }
}

/// Does to a tree whatever can be done to it.
fn use_up(mut tree: Tree) {
    again(&tree, None);
    tree.digest().unwrap();
    let mut dirs = vec![tree.root()];
    let mut at = 0;
    while at < dirs.len() {
        tree.set_quota(Quota::default());
        let dir = dirs[at];
        match tree.create_file(dir, "a new name", NOW) {
            Ok(file) => {
                let _ = tree.write_at(file, 0, b"bytes", NOW);
                tree.unlink(dir, "a new name", NOW).unwrap();
            }
            Err(errno) => {
                let known = [Errno::Exist, Errno::Nospc, Errno::Nametoolong];
                assert!(known.contains(&errno), "{errno:?}");
            }
        }
        for (_, ino, file_type, name) in entries(&mut tree, dir, Cookie::START) {
            assert_eq!(tree.lookup_type(dir, &name), Ok((ino, file_type)));
            match file_type {
                FileType::Directory => dirs.push(ino),
                _ => tree.unlink(dir, &name, NOW).unwrap(),
            }
        }
        at += 1;
    }
    for dir in dirs.into_iter().rev() {
        for (_, _, _, name) in entries(&mut tree, dir, Cookie::START) {
            tree.remove_dir(dir, &name, NOW).unwrap();
        }
    }
    for ino in 1..200 {
        let ino = stepwell_vfs::Ino(ino);
        (0..tree.holds(ino).min(1000)).for_each(|_| tree.close(ino));
    }
}

/// A tree with one of everything: a file of shared bytes that was written over, one with holes, one without a name, a
/// removed directory, links.
fn small() -> Tree {
    let mut tree = Tree::new(quota(), NOW);
    let file = tree.write_file("d/shared", Bytes::from_static(&[b's'; 20_000]), NOW).unwrap();
    tree.write_at(file, 16_384, b"written", NOW).unwrap();
    let holes = tree.write_file("holes", Bytes::new(), NOW).unwrap();
    tree.write_at(holes, 1 << 40, b"end", NOW).unwrap();
    let (root, access) = (tree.root(), Access { read: true, write: true });
    tree.create_symlink(root, "link", "d/shared", NOW).unwrap();
    tree.link(holes, root, "more", NOW).unwrap();
    for path in ["unlinked", "removed"] {
        let ino = match path {
            "unlinked" => tree.create_file(root, path, NOW).unwrap(),
            _ => tree.create_dir(root, path, NOW).unwrap(),
        };
        tree.open(ino, access).unwrap();
        tree.open(ino, access).unwrap();
        if path == "unlinked" {
            tree.write_at(ino, 0, b"still here", NOW).unwrap();
            tree.unlink(root, path, NOW).unwrap();
        } else {
            tree.remove_dir(root, path, NOW).unwrap();
        }
    }
    tree.set_mode(file, 0o600).unwrap();
    tree
}

#[test]
fn every_single_damaged_byte_and_every_cut_is_refused_or_consistent() {
    let mut tree = small();
    again(&tree, None);
    let file = tree.find("d/shared").unwrap();
    tree.set_content(file, Bytes::from_static(b"short"), NOW).unwrap();
    let base = Base::new(&tree).unwrap();
    tree.write_file("d/e/new", Bytes::from_static(b"n"), NOW).unwrap();
    let (root, dir) = (tree.root(), tree.find("d").unwrap());
    tree.rename(dir, "shared", root, "moved", NOW).unwrap();
    tree.unlink(root, "link", NOW).unwrap();
    for bytes in [tree.save(None).unwrap(), tree.save(Some(&base)).unwrap()] {
        for at in 0..bytes.len() {
            let cut = Bytes::copy_from_slice(&bytes[..at]);
            assert!(Tree::load(&cut, std::slice::from_ref(&base)).is_err(), "cut at {at}");
            for byte in [0, 1, 2, 3, 5, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at].wrapping_add(1)]
            {
                let mut damaged = bytes.clone();
                damaged[at] = byte;
                if let Ok(tree) = Tree::load(&damaged.into(), std::slice::from_ref(&base)) {
                    use_up(tree);
                }
            }
        }
        let more = [&bytes[..], b"\0"].concat();
        let result = Tree::load(&more.into(), std::slice::from_ref(&base));
        assert_eq!(result.err(), Some(LoadError::Malformed));
    }
}

#[test]
fn a_difference_is_as_large_as_the_changes() {
    let mut tree = Tree::new(Quota::default(), NOW);
    for i in 0..10_000 {
        let path = format!("d{}/file-{i}", i % 7);
        tree.write_file(&path, Bytes::from(vec![b'x'; 100]), NOW).unwrap();
    }
    let base = Base::new(&tree).unwrap();
    let size = |tree: &Tree| {
        again(tree, Some(&base));
        tree.save(Some(&base)).unwrap().len()
    };
    assert!(size(&tree) < 100, "nothing: {}", size(&tree));
    let changed = vec![b'y'; 30_000];
    tree.write_file("d3/file-3", changed.into(), NOW).unwrap();
    assert!((30_000..30_200).contains(&size(&tree)), "a file: {}", size(&tree));
    tree.write_file("d3/new", Bytes::from_static(b"new"), NOW).unwrap();
    let (from, to) = (tree.find("d4").unwrap(), tree.find("d5").unwrap());
    tree.rename(from, "file-4", to, "moved", NOW).unwrap();
    tree.unlink(to, "file-5", NOW).unwrap();
    assert!(size(&tree) < 30_000 + 1000, "names: {}", size(&tree));
}

#[test]
fn holes_and_an_empty_tree_cost_next_to_nothing() {
    let mut tree = Tree::new(Quota::default(), NOW);
    assert!(save(&tree).len() < 100, "{}", save(&tree).len());
    let file = tree.write_file("f", Bytes::new(), NOW).unwrap();
    tree.write_at(file, 1 << 42, b"end", NOW).unwrap();
    assert!(save(&tree).len() < 200, "{}", save(&tree).len());
    let mut end = [0; 3];
    assert_eq!(again(&tree, None).read_at(file, 1 << 42, &mut end), Ok(3));
    assert_eq!(&end, b"end");
}

#[test]
fn a_difference_needs_its_base() {
    let tree = small();
    let base = Base::new(&tree).unwrap();
    let bytes = Bytes::from(tree.save(Some(&base)).unwrap());
    let other = Base::new(&Tree::new(quota(), NOW)).unwrap();
    let digest = base.digest();
    for bases in [&[][..], &[other]] {
        assert_eq!(Tree::load(&bytes, bases).err(), Some(LoadError::NoBase { digest }));
    }
}

#[test]
fn what_lies_above_a_host_directory_is_refused() {
    let above = || Tree::above(Arc::new(MemoryLower::new().dir("d")), quota(), NOW);
    assert_eq!(above().save(None), Err(Unsaved::Lower));
    assert_eq!(Base::new(&above()).err(), Some(Unsaved::Lower));
    let dir = tempfile::tempdir().unwrap();
    let host = stepwell_vfs::host::HostFs::open(dir.path()).unwrap();
    let mounts: [Box<dyn FileSystem>; 2] = [Box::new(above()), Box::new(host)];
    for fs in mounts {
        let mut namespace = Namespace::new(mount(small()));
        namespace.mount("/a/b", Mount { fs, read_only: true }, NOW).unwrap();
        assert_eq!(namespace.save(&[]), Err(Unsaved::Mount("/a/b".to_owned())));
    }
}

fn mount(tree: Tree) -> Mount {
    Mount { fs: Box::new(tree), read_only: false }
}

#[test]
fn a_namespace_comes_back_with_its_mounts() {
    let (root, other) = (small(), Tree::new(quota(), NOW));
    let bases = [Base::new(&other).unwrap(), Base::new(&root).unwrap()];
    let mut namespace = Namespace::new(mount(root));
    namespace.mount("/d/m", Mount { fs: Box::new(other), read_only: true }, NOW).unwrap();
    namespace.mount("/d/m/n", mount(small()), NOW).unwrap();
    let path = GuestPath::parse(b"d/m/n/d/shared").unwrap();
    let found = namespace.walk(namespace.root(), path, stepwell_vfs::Follow::Yes).unwrap();
    for bases in [&[][..], &bases] {
        let bytes = Bytes::from(namespace.save(bases).unwrap());
        let mut loaded = Namespace::load(&bytes, bases).unwrap();
        assert_eq!(loaded.save(bases).unwrap(), bytes);
        let mounts = |namespace: &Namespace| {
            let mounts = namespace.mounts();
            mounts.map(|(path, mount)| (path.to_owned(), mount.read_only)).collect::<Vec<_>>()
        };
        assert_eq!(mounts(&loaded), mounts(&namespace));
        assert_eq!(loaded.walked(), namespace.walked());
        let again = loaded.walk(loaded.root(), path, stepwell_vfs::Follow::Yes).unwrap();
        assert_eq!(again, found);
        assert!(loaded.fs_mut(stepwell_vfs::MountId(1)).is_err());
        for at in 0..bytes.len() {
            for byte in [0, 1, 2, 0xff, bytes[at] ^ 1] {
                let mut damaged = bytes.to_vec();
                damaged[at] = byte;
                if let Ok(mut namespace) = Namespace::load(&damaged.into(), bases) {
                    let _ = namespace.walk(namespace.root(), path, stepwell_vfs::Follow::Yes);
                }
            }
        }
    }
}
