//! One suite for every file system, and a real directory as the oracle.
#![cfg(unix)]

mod op;
mod oracle;
mod ours;
mod random;

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use stepwell_vfs::host::{HostDir, HostFs};
use stepwell_vfs::{
    Access, Cookie, EPOCH, Errno, FileSystem, FileType, Ino, Quota, SetTimes, Timestamp, Tree,
};
use tempfile::TempDir;

use crate::op::{Op, Place, parse};
use crate::oracle::Host;
use crate::ours::{Ours, read};

/// What every place starts with.
fn base() -> Vec<Op> {
    let s = str::to_owned;
    vec![
        Op::Mkdir(s("a")),
        Op::Mkdir(s("a/b")),
        Op::Mkdir(s("empty")),
        Op::Create(s("a/f")),
        Op::Write(s("a/f"), 0, 10),
        Op::Create(s("big")),
        Op::Write(s("big"), 0, 70_000),
        Op::Link(s("a/f"), s("g")),
        Op::Symlink(s("a/f"), s("l")),
        Op::Symlink(s("nowhere"), s("a/dangling")),
        Op::Create(s("a/b/x")),
    ]
}

fn host_base() -> Host {
    let mut host = Host(TempDir::new().unwrap());
    for op in base() {
        assert_eq!(host.apply(&op), "ok", "{op:?}");
    }
    host
}

/// Every implementation with the same contents.
fn places() -> Vec<(&'static str, Ours)> {
    let tree = || Tree::new(Quota::default(), EPOCH);
    let above = |dir: &TempDir| {
        let lower = Arc::new(HostDir::open(dir.path()).unwrap());
        Tree::above(lower, Quota::default(), EPOCH)
    };
    let full = host_base().0;
    let empty = TempDir::new().unwrap();
    let in_place = host_base().0;
    let mut forked: Box<dyn FileSystem> = Box::new(tree());
    for op in base() {
        let mut ours = Ours(forked, None);
        assert_eq!(ours.apply(&op), "ok", "{op:?}");
        // A fork at every step, of which the first half is thrown away.
        forked = ours.0.fork().unwrap();
    }
    let mut places = vec![
        ("tree", Ours(Box::new(tree()), None)),
        ("tree above nothing", Ours(Box::new(above(&empty)), Some(empty))),
        ("forked tree", Ours(forked, None)),
        ("tree above a host directory", Ours(Box::new(above(&full)), Some(full))),
        ("host", Ours(Box::new(HostFs::open(in_place.path()).unwrap()), Some(in_place))),
    ];
    for (_, ours) in &mut places[..2] {
        for op in base() {
            assert_eq!(ours.apply(&op), "ok", "{op:?}");
        }
    }
    places
}

/// Everything that can be seen of a place.
fn dump(place: &mut dyn Place) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    let mut rest = vec![".".to_owned()];
    while let Some(path) = rest.pop() {
        let stat = place.apply(&Op::Stat(path.clone()));
        if stat == "directory" {
            let names = place.apply(&Op::List(path.clone()));
            for name in names.split(' ').filter(|name| !name.is_empty()) {
                let name = name.split('"').next().unwrap();
                rest.push(format!("{path}/{name}"));
            }
            seen.insert(format!("{path}/"), names);
        } else if stat.starts_with("file") {
            seen.insert(path.clone(), place.apply(&Op::Read(path.clone())));
        }
        seen.insert(path, stat);
    }
    seen
}

fn compare(ops: &[Op]) {
    let mut host = host_base();
    let expected: Vec<_> = ops.iter().map(|op| host.apply(op)).collect();
    let expected_dump = dump(&mut host);
    for (name, mut ours) in places() {
        for (step, op) in ops.iter().enumerate() {
            assert_eq!(ours.apply(op), expected[step], "{name}: {op:?} at {step} of {ops:?}");
        }
        assert_eq!(dump(&mut ours), expected_dump, "{name}: {ops:?}");
    }
}

#[test]
fn every_file_system_does_what_a_directory_does() {
    let rows: &[&[&str]] = &[
        &["create new", "create new", "create a/f", "create nx/f", "create a", "list ."],
        &["mkdir d", "mkdir d", "mkdir d/e", "mkdir a/f", "mkdir g/x", "list d"],
        &["unlink a", "unlink nx", "unlink g", "unlink g", "unlink l", "stat a/f"],
        &["rmdir a", "rmdir a/f", "rmdir nx", "rmdir empty", "rmdir l", "create empty"],
        &["link a new", "link nx new", "link a/f big", "link a/f h", "link l k", "stat a/f"],
        &["rename a/f big", "stat big", "stat g", "rename big big", "read g"],
        &["rename nx nx", "rename nx a", "rename a/f g", "stat a/f", "stat g"],
        &["rename a a/b/c", "rename a a", "rename a/b a", "rename a empty", "list empty"],
        &["rename big empty", "rename empty big", "rename a/b empty", "list a"],
        &["rename empty a", "rename l k", "list .", "rename k a/f", "list a", "stat g"],
        // Over what was below and is gone nothing may show through.
        &["rename a away", "mkdir a", "list a", "mkdir a/b", "list a/b", "list away/b"],
        &["unlink a/b/x", "rmdir a/b", "mkdir a/b", "list a/b", "rename away x", "stat a/b/x"],
        &["rename a/b b", "rename b a/b", "list a/b", "read a/b/x"],
        &["write g 5 3", "read a/f", "write g 20 4", "read g", "write g 5000 1", "read a/f"],
        &["truncate big 66000", "read big", "truncate big 70000", "read big", "write big 66500 9"],
        &["truncate big 0", "read big", "write big 9000 1", "read big", "truncate big 9001"],
        &["write big 65530 12", "read big", "write nx 0 1", "write a 0 1", "truncate a 5"],
        &["unlink a/f", "read g", "stat g", "write g 0 1", "create a/f", "read a/f"],
    ];
    for row in rows {
        compare(&row.iter().map(|line| parse(line)).collect::<Vec<_>>());
    }
}

#[test]
fn a_held_file_outlives_its_names_and_keeps_its_number() {
    for (name, Ours(mut fs, _dir)) in places() {
        let root = fs.root();
        let a = fs.lookup(root, "a").unwrap();
        let f = fs.lookup(a, "f").unwrap();
        assert_eq!(fs.lookup(root, "g"), Ok(f), "{name}");
        fs.open(f, Access { read: true, write: true }).unwrap();
        fs.rename(a, "f", root, "moved", EPOCH).unwrap();
        assert_eq!(fs.lookup(root, "moved"), Ok(f), "{name}");
        fs.unlink(root, "g", EPOCH).unwrap();
        fs.unlink(root, "moved", EPOCH).unwrap();
        assert_eq!(fs.stat(f).map(|stat| stat.nlink), Ok(0), "{name}");
        assert_eq!(fs.write_at(f, 10, b"more", EPOCH), Ok(4), "{name}");
        assert_eq!(read(&mut *fs, f).unwrap().len(), 14, "{name}");
        assert_eq!(fs.link(f, root, "again", EPOCH), Err(Errno::Noent), "{name}");
        fs.close(f);
        assert_eq!(fs.stat(f), Err(Errno::Stale), "{name}");
        assert_ne!(fs.create_file(root, "g", EPOCH), Ok(f), "{name}");
    }
}

#[test]
fn a_removed_directory_that_is_held_takes_no_entries() {
    for (name, Ours(mut fs, _dir)) in places() {
        let root = fs.root();
        let empty = fs.lookup(root, "empty").unwrap();
        fs.open(empty, Access { read: true, write: false }).unwrap();
        fs.remove_dir(root, "empty", EPOCH).unwrap();
        assert_eq!(fs.create_file(empty, "new", EPOCH), Err(Errno::Noent), "{name}");
        assert_eq!(fs.create_dir(empty, "new", EPOCH), Err(Errno::Noent), "{name}");
        assert_eq!(fs.lookup(empty, "new"), Err(Errno::Noent), "{name}");
        let big = fs.lookup(root, "big").unwrap();
        assert_eq!(fs.link(big, empty, "new", EPOCH), Err(Errno::Noent), "{name}");
        assert_eq!(fs.rename(root, "big", empty, "new", EPOCH), Err(Errno::Noent), "{name}");
        let mut count = 0;
        fs.read_dir(empty, Cookie::START, &mut |_| {
            count += 1;
            ControlFlow::Continue(())
        })
        .unwrap();
        assert_eq!(count, 0, "{name}");
        assert_eq!(fs.stat(empty).unwrap().file_type, FileType::Directory, "{name}");
        fs.close(empty);
    }
}

#[test]
fn deleting_every_file_while_listing_deletes_all() {
    for (name, Ours(mut fs, _dir)) in places() {
        let dir = fs.lookup(fs.root(), "empty").unwrap();
        for n in 0..50 {
            fs.create_file(dir, &format!("f{n}"), EPOCH).unwrap();
        }
        let (mut after, mut deleted) = (Cookie::START, 0);
        loop {
            let mut batch = Vec::new();
            fs.read_dir(dir, after, &mut |entry| {
                batch.push((entry.name.to_owned(), entry.cookie));
                if batch.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
            .unwrap();
            let Some((_, last)) = batch.last() else { break };
            after = *last;
            for (entry, _) in &batch {
                fs.unlink(dir, entry, EPOCH).unwrap();
                deleted += 1;
            }
        }
        assert_eq!(deleted, 50, "{name}");
    }
}

#[test]
fn renaming_every_file_while_listing_meets_each_once() {
    for (name, Ours(mut fs, _dir)) in places() {
        let dir = fs.lookup(fs.root(), "empty").unwrap();
        for n in 0..20 {
            fs.create_file(dir, &format!("f{n}"), EPOCH).unwrap();
        }
        let (mut after, mut met) = (Cookie::START, 0);
        loop {
            let mut next = None;
            fs.read_dir(dir, after, &mut |entry| {
                next = Some((entry.name.to_owned(), entry.cookie));
                ControlFlow::Break(())
            })
            .unwrap();
            let Some((entry, cookie)) = next else { break };
            after = cookie;
            met += 1;
            fs.rename(dir, &entry, dir, &format!("renamed_{entry}"), EPOCH).unwrap();
        }
        assert_eq!(met, 20, "{name}");
    }
}

#[test]
fn times_are_set_as_asked() {
    for (name, Ours(mut fs, _dir)) in places() {
        for path in ["a", "big", "l"] {
            let ino = fs.lookup(fs.root(), path).unwrap();
            let (first, second) = (Timestamp(1_000_000_007), Timestamp(2_000_000_009));
            let both = SetTimes { accessed: Some(first), modified: Some(first) };
            fs.set_times(ino, both, EPOCH).unwrap();
            let one = SetTimes { accessed: None, modified: Some(second) };
            fs.set_times(ino, one, EPOCH).unwrap();
            let stat = fs.stat(ino).unwrap();
            assert_eq!((stat.accessed, stat.modified), (first, second), "{name}: {path}");
        }
    }
}

#[test]
fn errors_do_not_depend_on_the_file_system() {
    let read = Access { read: true, write: false };
    for (name, Ours(mut fs, _dir)) in places() {
        let root = fs.root();
        let (big, a) = (fs.lookup(root, "big").unwrap(), fs.lookup(root, "a").unwrap());
        let mut out = [0; 4];
        assert_eq!(fs.lookup(big, "x"), Err(Errno::Notdir), "{name}");
        assert_eq!(fs.create_file(big, "x", EPOCH), Err(Errno::Notdir), "{name}");
        assert_eq!(fs.rename(root, "g", big, "x", EPOCH), Err(Errno::Notdir), "{name}");
        assert_eq!(fs.read_at(a, 0, &mut out), Err(Errno::Isdir), "{name}");
        assert_eq!(fs.write_at(a, 0, &out, EPOCH), Err(Errno::Isdir), "{name}");
        assert_eq!(fs.set_len(a, 0, EPOCH), Err(Errno::Isdir), "{name}");
        assert_eq!(fs.read_link(big), Err(Errno::Inval), "{name}");
        assert_eq!(fs.stat(Ino(u64::MAX)), Err(Errno::Stale), "{name}");
        assert_eq!(fs.open(Ino(u64::MAX), read), Err(Errno::Stale), "{name}");
        fs.open(big, Access { read: true, write: true }).unwrap();
        assert_eq!(fs.set_len(big, u64::MAX, EPOCH), Err(Errno::Fbig), "{name}");
        assert_eq!(fs.write_at(big, u64::MAX - 1, &out, EPOCH), Err(Errno::Fbig), "{name}");
        assert_eq!(fs.read_at(big, u64::MAX, &mut out), Ok(0), "{name}");
        assert_eq!(fs.read_at(big, 69_998, &mut out), Ok(2), "{name}");
        fs.close(big);
    }
}
