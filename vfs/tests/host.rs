//! Host directories: what is above them never changes them, nothing leads out of them, and they may change meanwhile.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::sync::Arc;

use stepwell_vfs::host::{HostDir, HostFs};
use stepwell_vfs::{
    Access, Cookie, EPOCH, Errno, FileSystem, Follow, GuestPath, Lower, LowerId, LowerKind, Mount,
    Namespace, Quota, SetTimes, Timestamp, Tree,
};
use tempfile::TempDir;

const WRITE: Access = Access { read: true, write: true };

/// `a/f`, `a/b/x`, two names of one file, links inside and outside.
fn host() -> TempDir {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("a/b")).unwrap();
    fs::create_dir(at("empty")).unwrap();
    fs::write(at("a/f"), "0123456789").unwrap();
    fs::write(at("a/b/x"), "x").unwrap();
    fs::write(at("one"), "linked").unwrap();
    fs::hard_link(at("one"), at("two")).unwrap();
    symlink("a/f", at("link")).unwrap();
    symlink("../outside", at("out")).unwrap();
    symlink("/etc/passwd", at("absolute")).unwrap();
    dir
}

/// Everything that a change of any kind would show in.
fn digest(dir: &Path) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    let mut rest = vec![dir.to_path_buf()];
    while let Some(path) = rest.pop() {
        let meta = fs::symlink_metadata(&path).unwrap();
        let contents = match () {
            () if meta.is_symlink() => format!("{:?}", fs::read_link(&path).unwrap()),
            () if meta.is_file() => format!("{:?}", fs::read(&path).unwrap()),
            () => {
                rest.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
                String::new()
            }
        };
        let times = (meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec());
        let line = format!("{contents} {} {} {} {times:?}", meta.mode(), meta.nlink(), meta.ino());
        seen.insert(path.to_string_lossy().into_owned(), line);
    }
    seen
}

fn above(dir: &TempDir) -> Tree {
    let lower = HostDir::open(dir.path()).unwrap();
    Tree::above(Arc::new(lower), Quota::default(), EPOCH)
}

#[test]
fn a_tree_above_a_host_directory_never_changes_it() {
    let dir = host();
    let before = digest(dir.path());
    let mut tree = above(&dir);
    let now = Timestamp(EPOCH.0 + 1);
    let root = tree.root();
    let (a, b) = (tree.find("a").unwrap(), tree.find("a/b").unwrap());
    let (f, one) = (tree.find("a/f").unwrap(), tree.find("one").unwrap());
    assert_eq!(tree.find("two").unwrap(), one);
    let x = tree.find("a/b/x").unwrap();

    tree.open(f, WRITE).unwrap();
    tree.write_at(f, 2, b"XX", now).unwrap();
    let end = tree.stat(f).unwrap().size;
    tree.write_at(f, end, b"appended", now).unwrap();
    assert_eq!(tree.read_file("a/f").unwrap(), b"01XX456789appended");
    tree.set_len(one, 3, now).unwrap();
    assert_eq!(tree.read_file("two").unwrap(), b"lin");
    tree.set_times(f, SetTimes { accessed: Some(now), modified: Some(now) }, now).unwrap();
    tree.set_mode(f, 0o600).unwrap();
    tree.link(f, root, "third", now).unwrap();
    tree.unlink(a, "f", now).unwrap();
    tree.close(f);
    tree.rename(root, "one", b, "moved", now).unwrap();
    tree.rename(root, "a", root, "renamed", now).unwrap();
    assert_eq!(tree.find("renamed/b/x").unwrap(), x);
    tree.unlink(b, "x", now).unwrap();
    tree.unlink(b, "moved", now).unwrap();
    tree.remove_dir(a, "b", now).unwrap();
    // What was in the directory that had the name before stays hidden.
    let again = tree.create_dir(a, "b", now).unwrap();
    assert_ne!(again, b);
    assert_eq!(tree.lookup(again, "x"), Err(Errno::Noent));
    tree.remove_dir(root, "empty", now).unwrap();
    tree.create_file(root, "empty", now).unwrap();
    tree.sync(f).unwrap_or_default();

    assert_eq!(tree.read_file("third").unwrap(), b"01XX456789appended");
    assert_eq!(tree.read_file("two").unwrap(), b"lin");
    assert_eq!(digest(dir.path()), before);
}

#[test]
fn a_file_outlives_the_names_that_were_seen_of_it() {
    let dir = host();
    fs::hard_link(dir.path().join("one"), dir.path().join("a/b/three")).unwrap();
    let mut tree = above(&dir);
    let (root, one) = (tree.root(), tree.find("one").unwrap());
    assert_eq!(tree.stat(one).unwrap().nlink, 3);
    tree.write_at(one, 0, b"LINK", EPOCH).unwrap();
    tree.unlink(root, "one", EPOCH).unwrap();
    tree.unlink(root, "two", EPOCH).unwrap();
    assert_eq!(tree.find("a/b/three"), Ok(one));
    assert_eq!(tree.stat(one).unwrap().nlink, 1);
    assert_eq!(tree.read_file("a/b/three").unwrap(), b"LINKed");
}

fn walk(namespace: &mut Namespace, path: &str) -> Result<(), Errno> {
    let path = GuestPath::parse(path.as_bytes())?;
    let found = namespace.walk(namespace.root(), path, Follow::Yes)?;
    found.node.map(|_| ()).ok_or(Errno::Noent)
}

#[test]
fn links_of_the_host_do_not_lead_out() {
    let dir = host();
    let systems: [Box<dyn FileSystem>; 2] =
        [Box::new(above(&dir)), Box::new(HostFs::open(dir.path()).unwrap())];
    for fs in systems {
        let mut namespace = Namespace::new(Mount { fs, read_only: false });
        let cases = [
            ("link", Ok(())),
            ("out", Err(Errno::Perm)),
            ("out/x", Err(Errno::Perm)),
            // From the root of the mount, not of the host.
            ("absolute", Err(Errno::Noent)),
        ];
        for (path, expected) in cases {
            assert_eq!(walk(&mut namespace, path), expected, "{path}");
        }
    }
    // A name that turns into a link between the look and the step is not followed either.
    let mut fs = HostFs::open(dir.path()).unwrap();
    let a = fs.lookup(fs.root(), "a").unwrap();
    fs::rename(dir.path().join("a"), dir.path().join("away")).unwrap();
    symlink("/", dir.path().join("a")).unwrap();
    assert!(fs.lookup(a, "etc").is_err());
}

#[test]
fn a_listing_is_sorted_and_leaves_out_what_cannot_be_shown() {
    use std::os::unix::ffi::OsStrExt;
    let dir = host();
    let bad = std::ffi::OsStr::from_bytes(b"bad\xff");
    fs::write(dir.path().join(bad), "").unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
    let lower = HostDir::open(dir.path()).unwrap();
    let entries = lower.read_dir(LowerId(0)).unwrap();
    let names: Vec<_> = entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["a", "absolute", "empty", "link", "one", "out", "two"]);
    let entry = |name: &str| entries.iter().find(|entry| entry.name == name).unwrap();
    assert_eq!(entry("one").id, entry("two").id);
    assert_eq!((lower.nlink(entry("one").id), lower.nlink(entry("link").id)), (2, 1));
    assert_eq!(entry("one").kind, LowerKind::File { size: 6 });
    assert_eq!(entry("link").kind, LowerKind::Symlink("a/f".into()));
    assert_eq!(lower.read_dir(entry("one").id), Err(Errno::Notdir));
    assert_eq!(lower.read_dir(LowerId(99)), Err(Errno::Noent));
    let mut out = [b'?'; 8];
    assert_eq!(lower.read_at(entry("one").id, 2, &mut out), Ok(4));
    assert_eq!(&out, b"nked????");
    assert_eq!(lower.read_at(entry("one").id, u64::MAX, &mut out), Ok(0));

    let mut fs = HostFs::open(dir.path()).unwrap();
    let socket = fs.lookup(fs.root(), "socket").unwrap();
    assert_eq!(fs.open(socket, WRITE), Err(Errno::Nxio));
}

#[test]
fn what_the_host_takes_away_is_an_error_and_no_panic() {
    let dir = host();
    let mut tree = above(&dir);
    let f = tree.find("a/f").unwrap();
    let mut fs = HostFs::open(dir.path()).unwrap();
    let root = fs.root();
    let a = fs.lookup(root, "a").unwrap();
    let b = fs.lookup(a, "b").unwrap();
    let host_f = fs.lookup(a, "f").unwrap();
    fs.read_dir(a, Cookie::START, &mut |_| ControlFlow::Continue(())).unwrap();

    fs::remove_dir_all(dir.path().join("a")).unwrap();
    fs::write(dir.path().join("a"), "a file now").unwrap();
    let mut out = [0; 4];
    assert!(tree.read_at(f, 0, &mut out).is_err());
    assert!(tree.find("a/b/x").is_err());
    assert_eq!(fs.stat(host_f), Err(Errno::Stale));
    assert!(fs.read_at(host_f, 0, &mut out).is_err());
    assert!(fs.create_file(b, "new", EPOCH).is_err());
    let now_a_file = fs.lookup(root, "a").unwrap();
    assert_ne!(now_a_file, a);
    assert_eq!(fs.read_at(now_a_file, 0, &mut out), Ok(4));
}

#[test]
fn a_host_with_more_directories_than_descriptors_is_walked_to_its_end() {
    let dir = TempDir::new().unwrap();
    let mut path = dir.path().to_path_buf();
    for n in 0..400 {
        fs::create_dir(dir.path().join(format!("d{n:03}"))).unwrap();
        fs::write(dir.path().join(format!("d{n:03}/f")), n.to_string()).unwrap();
        path.push("p");
    }
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("f"), "deep").unwrap();
    let deep = "p/".repeat(400) + "f";
    let mut tree = above(&dir);
    let mut fs = HostFs::open(dir.path()).unwrap();
    for _ in 0..2 {
        for n in 0..400 {
            let name = format!("d{n:03}");
            assert_eq!(tree.read_file(&format!("{name}/f")).unwrap(), n.to_string().as_bytes());
            let dir = fs.lookup(fs.root(), &name).unwrap();
            assert!(fs.lookup(dir, "f").is_ok());
        }
        assert_eq!(tree.read_file(&deep).unwrap(), b"deep");
        let mut at = fs.root();
        for name in deep.split('/') {
            at = fs.lookup(at, name).unwrap();
        }
        let mut out = [0; 8];
        assert_eq!(fs.read_at(at, 0, &mut out), Ok(4));
    }
}

#[test]
fn one_file_can_be_open_for_reading_and_for_writing() {
    let dir = host();
    let mut fs = HostFs::open(dir.path()).unwrap();
    let root = fs.root();
    let one = fs.lookup(root, "one").unwrap();
    fs.open(one, Access { read: true, write: false }).unwrap();
    fs.open(one, Access { read: false, write: true }).unwrap();
    fs.write_at(one, 0, b"LINK", EPOCH).unwrap();
    fs.rename(root, "one", root, "renamed", EPOCH).unwrap();
    let mut out = [0; 6];
    assert_eq!(fs.read_at(one, 0, &mut out), Ok(6));
    assert_eq!(&out, b"LINKed");
    assert_eq!(fs::read(dir.path().join("two")).unwrap(), b"LINKed");
    assert_eq!(fs.lookup(root, "renamed"), Ok(one));

    // It lives on without names, and its number is not given to another file.
    fs.unlink(root, "renamed", EPOCH).unwrap();
    fs.unlink(root, "two", EPOCH).unwrap();
    assert_eq!(fs.stat(one).unwrap().nlink, 0);
    assert_eq!(fs.read_at(one, 0, &mut out), Ok(6));
    let times = SetTimes { accessed: None, modified: Some(EPOCH) };
    fs.set_times(one, times, EPOCH).unwrap();
    assert_eq!(fs.stat(one).unwrap().modified, EPOCH);
    fs.close(one);
    fs.close(one);
    assert_eq!(fs.stat(one), Err(Errno::Stale));
    assert_ne!(fs.create_file(root, "one", EPOCH).unwrap(), one);
}

#[test]
fn a_link_has_times_of_its_own() {
    let dir = host();
    let mut fs = HostFs::open(dir.path()).unwrap();
    let link = fs.lookup(fs.root(), "link").unwrap();
    let times = SetTimes { accessed: Some(Timestamp(1_500_000_001)), modified: Some(EPOCH) };
    fs.set_times(link, times, EPOCH).unwrap();
    let stat = fs.stat(link).unwrap();
    assert_eq!((stat.accessed, stat.modified), (Timestamp(1_500_000_001), EPOCH));
    let target = fs::metadata(dir.path().join("a/f")).unwrap();
    assert_ne!(target.mtime(), i64::try_from(EPOCH.0 / 1_000_000_000).unwrap());
    for dir in [fs.root(), fs.lookup(fs.root(), "a").unwrap()] {
        fs.set_times(dir, times, EPOCH).unwrap();
        assert_eq!(fs.stat(dir).unwrap().modified, EPOCH);
        fs.open(dir, Access { read: true, write: false }).unwrap();
        fs.sync(dir).unwrap();
        fs.close(dir);
    }
}
