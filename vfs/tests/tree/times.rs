//! Which times move.

use std::ops::ControlFlow;

use stepwell_vfs::{Cookie, FileSystem, Ino, SetTimes, Timestamp, Tree};

use crate::tree_of;

/// The directories `d` and `e` and the file `d/f`, later `e/f`.
#[derive(Clone, Copy)]
struct Three {
    d: Ino,
    e: Ino,
    f: Ino,
}

/// What is done, and for `d`, `e` and `f` which times it moves: a for accessed, m for modified, c for changed.
type Row = (&'static str, fn(&mut Tree, Three, Timestamp), [&'static str; 3]);

/// Each row goes on where the one before it ended.
const ROWS: &[Row] = &[
    ("read", |t, at, _| assert!(t.read_at(at.f, 0, &mut [0; 9]).is_ok()), ["", "", ""]),
    ("list", |t, at, _| list(t, at.d), ["", "", ""]),
    ("write", |t, at, now| assert!(t.write_at(at.f, 0, b"x", now).is_ok()), ["", "", "mc"]),
    ("write nothing", |t, at, now| assert!(t.write_at(at.f, 0, b"", now).is_ok()), ["", "", ""]),
    ("set_len", |t, at, now| t.set_len(at.f, 9, now).unwrap(), ["", "", "mc"]),
    ("create", |t, at, now| assert!(t.create_file(at.d, "g", now).is_ok()), ["mc", "", ""]),
    ("fail", |t, at, now| assert!(t.create_file(at.d, "g", now).is_err()), ["", "", ""]),
    ("unlink", |t, at, now| t.unlink(at.d, "g", now).unwrap(), ["mc", "", ""]),
    ("link", |t, at, now| t.link(at.f, at.e, "l", now).unwrap(), ["", "mc", "c"]),
    ("unlink one of two", |t, at, now| t.unlink(at.e, "l", now).unwrap(), ["", "mc", "c"]),
    ("rename", |t, at, now| t.rename(at.d, "f", at.e, "f", now).unwrap(), ["mc", "mc", "c"]),
    ("rename to itself", |t, at, now| t.rename(at.e, "f", at.e, "f", now).unwrap(), ["", "", ""]),
    ("set accessed", set_accessed, ["", "", "ac"]),
];

fn list(tree: &mut Tree, dir: Ino) {
    tree.read_dir(dir, Cookie::START, &mut |_| ControlFlow::Continue(())).unwrap();
}

fn set_accessed(tree: &mut Tree, at: Three, now: Timestamp) {
    let times = SetTimes { accessed: Some(now), modified: None };
    tree.set_times(at.f, times, now).unwrap();
}

#[test]
fn times_move_with_what_changes() {
    let mut tree = tree_of(&["d/f", "e/"]);
    let [d, e, f] = ["d", "e", "d/f"].map(|path| tree.find(path).unwrap());
    for (now, (what, act, expected)) in (10_000..).map(Timestamp).zip(ROWS) {
        let before = [d, e, f].map(|ino| tree.stat(ino).unwrap());
        act(&mut tree, Three { d, e, f }, now);
        for (before, expected) in before.into_iter().zip(expected) {
            let after = tree.stat(before.ino).unwrap();
            let times = [
                ('a', before.accessed, after.accessed),
                ('m', before.modified, after.modified),
                ('c', before.changed, after.changed),
            ];
            for (letter, before, after) in times {
                let expected = if expected.contains(letter) { now } else { before };
                assert_eq!(after, expected, "{what}: {letter}");
            }
        }
    }
}
