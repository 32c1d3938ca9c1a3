//! The `path_*` functions.

mod common;

use common::{BUF, CREAT, DIRECTORY, EXCL, Guest, OUT, READ, RW, TRUNC, WRITE, namespace, tree};
use syscalls::{Setup, Stop};
use vfs::{EPOCH, Errno, Mount};

const FILE: u8 = 4;
const DIR: u8 = 3;
const LINK: u8 = 7;

/// A file `f` with "abc", directories `d` and `d/s`, links `lf`, `ld` and `nx` to the two and to nothing.
fn guest() -> Guest {
    let mut guest = Guest::new();
    guest.file("f", "abc");
    guest.mkdir("d").unwrap();
    guest.mkdir("d/s").unwrap();
    for (target, link) in [("f", "lf"), ("d", "ld"), ("missing", "nx")] {
        guest.symlink(target, link).unwrap();
    }
    guest
}

#[test]
fn paths_are_walked_and_never_rewritten() {
    let mut guest = guest();
    let long_name = "n".repeat(256);
    let long_path = "d/s/../../".repeat(410);
    let cases = [
        ("f", Ok(FILE)),
        ("./d//s/.", Ok(DIR)),
        ("d/../f", Ok(FILE)),
        ("ld/s", Ok(DIR)),
        ("ld/", Ok(DIR)),
        ("lf", Ok(LINK)),
        ("nx", Ok(LINK)),
        (".", Ok(DIR)),
        ("missing/../f", Err(Errno::Noent)),
        ("f/..", Err(Errno::Notdir)),
        ("f/.", Err(Errno::Notdir)),
        ("f/", Err(Errno::Notdir)),
        ("lf/", Err(Errno::Notdir)),
        ("nx/", Err(Errno::Noent)),
        ("..", Err(Errno::Perm)),
        ("d/../..", Err(Errno::Perm)),
        ("/f", Err(Errno::Perm)),
        ("", Err(Errno::Noent)),
        ("f\0", Err(Errno::Inval)),
        (&long_name, Err(Errno::Nametoolong)),
        (&long_path, Err(Errno::Nametoolong)),
    ];
    for (path, expected) in cases {
        assert_eq!(guest.stat(path, 0).map(|stat| stat.0), expected, "{path}");
    }
    assert_eq!(guest.stat("lf", 1), Ok((FILE, 1, 3)));
    assert_eq!(guest.stat("nx", 1), Err(Errno::Noent));
    assert_eq!(guest.stat("f", 2), Err(Errno::Inval));
    guest.put(BUF, b"\xff");
    assert_eq!(guest.errno("path_filestat_get", &[3, 0, BUF, 1, OUT]), Err(Errno::Ilseq));
}

#[test]
fn a_link_may_be_made_to_anywhere_below_and_never_followed_out() {
    let mut guest = guest();
    guest.symlink("../../etc/passwd", "out").unwrap();
    assert_eq!(guest.open("out", 0, READ), Err(Errno::Perm));
    guest.symlink("../f", "d/up").unwrap();
    assert_eq!(guest.cat("d/up"), Ok(String::from("abc")));
    let cases = [
        ("/f", "abs", Errno::Perm),
        ("", "empty", Errno::Noent),
        ("a\0b", "nul", Errno::Inval),
        ("f", "f", Errno::Exist),
        ("f", "d/", Errno::Exist),
        ("f", "new/", Errno::Noent),
        ("f", "missing/new", Errno::Noent),
        ("f", ".", Errno::Exist),
    ];
    for (target, path, errno) in cases {
        assert_eq!(guest.symlink(target, path), Err(errno), "{target} {path}");
    }
}

#[test]
fn forty_links_are_followed_and_not_one_more() {
    let mut guest = guest();
    guest.symlink("f", "l1").unwrap();
    for i in 2..=41 {
        guest.symlink(&format!("l{}", i - 1), &format!("l{i}")).unwrap();
    }
    assert_eq!(guest.cat("l40"), Ok(String::from("abc")));
    assert_eq!(guest.cat("l41"), Err(Errno::Loop));
    guest.symlink("loop", "loop").unwrap();
    assert_eq!(guest.open("loop", 0, READ), Err(Errno::Loop));
    assert_eq!(guest.stat("loop", 0).map(|stat| stat.0), Ok(LINK));
}

#[test]
fn opening_answers_like_linux() {
    let cases = [
        ("f", CREAT | DIRECTORY, READ, Err(Errno::Inval)),
        ("new", CREAT | DIRECTORY, READ, Err(Errno::Inval)),
        ("f", DIRECTORY, READ, Err(Errno::Notdir)),
        ("f", CREAT | EXCL, RW, Err(Errno::Exist)),
        ("f", CREAT | EXCL | TRUNC, RW, Err(Errno::Exist)),
        ("f", EXCL, READ, Ok(())),
        ("f/", 0, READ, Err(Errno::Notdir)),
        ("d", 0, RW, Err(Errno::Isdir)),
        ("d", 0, WRITE, Err(Errno::Isdir)),
        ("d", DIRECTORY, RW, Err(Errno::Isdir)),
        ("d", CREAT, READ, Err(Errno::Isdir)),
        ("d", TRUNC, READ, Err(Errno::Isdir)),
        ("d", CREAT | EXCL, READ, Err(Errno::Exist)),
        ("d/", DIRECTORY, READ, Ok(())),
        (".", DIRECTORY, 0, Ok(())),
        ("new", 0, READ, Err(Errno::Noent)),
        ("new/", CREAT, RW, Err(Errno::Isdir)),
        ("missing/new", CREAT, RW, Err(Errno::Noent)),
        ("f/new", CREAT, RW, Err(Errno::Notdir)),
        ("lf", DIRECTORY, READ, Err(Errno::Notdir)),
        ("ld", DIRECTORY, READ, Ok(())),
        ("nx", CREAT | EXCL, RW, Err(Errno::Exist)),
        ("f", 16, READ, Err(Errno::Inval)),
        ("f", 0x1_0001, READ, Err(Errno::Inval)),
    ];
    for (path, oflags, rights, expected) in cases {
        let mut guest = guest();
        let opened = guest.open(path, oflags, rights);
        assert_eq!(opened.map(|_| ()), expected, "{path} {oflags} {rights:#x}");
        assert_eq!(guest.stat("new", 0), Err(Errno::Noent));
        assert_eq!(guest.cat("f"), Ok(String::from("abc")));
    }
}

#[test]
fn a_link_is_opened_only_if_it_is_followed() {
    let cases = [
        ("lf", 0, Err(Errno::Loop)),
        ("nx", 0, Err(Errno::Loop)),
        ("nx", CREAT, Err(Errno::Loop)),
        ("ld", DIRECTORY, Err(Errno::Loop)),
        ("ld/", DIRECTORY, Ok(())),
        ("ld/", 0, Ok(())),
    ];
    for (path, oflags, expected) in cases {
        let mut guest = guest();
        let opened = guest.open_at(3, 0, path, [oflags, READ, 0]);
        assert_eq!(opened.map(|_| ()), expected, "{path} {oflags}");
    }
    let mut guest = guest();
    guest.open("nx", CREAT, RW).unwrap();
    assert_eq!(guest.stat("missing", 0).map(|stat| stat.0), Ok(FILE));
    assert_eq!(guest.open_at(3, 2, "f", [0, READ, 0]), Err(Errno::Inval));
    assert_eq!(guest.open_at(3, 0, "f", [0, READ, 32]), Err(Errno::Inval));
}

#[test]
fn what_is_made_or_cut_may_be_written_without_asking() {
    let cases = [
        ("new", CREAT, Ok(1)),
        ("f", CREAT, Ok(1)),
        ("f", TRUNC, Ok(1)),
        ("f", 0, Err(Errno::Badf)),
    ];
    for (path, oflags, expected) in cases {
        let mut guest = guest();
        let fd = guest.open(path, oflags, READ).unwrap();
        assert_eq!(guest.write(fd, "x"), expected, "{path} {oflags}");
    }
}

#[test]
fn a_file_reports_the_rights_that_were_asked_for_however_it_was_opened() {
    for rights in [0, READ, WRITE, RW] {
        for (path, oflags) in [("new", CREAT), ("f", CREAT), ("f", TRUNC), ("f", 0)] {
            let mut guest = guest();
            let fd = guest.open(path, oflags, rights).unwrap();
            guest.errno("fd_fdstat_get", &[fd, BUF]).unwrap();
            let (base, inheriting) = (guest.u64(BUF + 8), guest.u64(BUF + 16));
            assert_eq!(base & RW, rights, "{path} {oflags} {rights:#x}");
            guest.errno("fd_fdstat_set_rights", &[fd, base & !RW, inheriting]).unwrap();
            let written = guest.write(fd, "x");
            assert!(matches!(written, Err(Errno::Notcapable | Errno::Badf)), "{written:?}");
        }
    }
}

#[test]
fn cutting_needs_no_right_to_write() {
    let mut guest = guest();
    guest.open("f", TRUNC, READ).unwrap();
    assert_eq!(guest.cat("f"), Ok(String::new()));
}

#[test]
fn only_a_directory_can_be_started_from() {
    let mut guest = guest();
    let file = guest.open("f", 0, READ).unwrap();
    for (fd, errno) in [(file, Errno::Notdir), (0, Errno::Notdir), (99, Errno::Badf)] {
        assert_eq!(guest.open_at(fd, 0, "f", [0, READ, 0]), Err(errno), "{fd}");
        // Before pointers are looked at.
        for name in ["path_create_directory", "path_remove_directory", "path_unlink_file"] {
            assert_eq!(guest.errno(name, &[fd, 0xffff_fff0, 4]), Err(errno), "{name}");
        }
    }
    let Err(Stop::Fault(fault)) = guest.call("path_unlink_file", &[3, 0xffff_fff0, 4]) else {
        panic!("no fault")
    };
    assert_eq!((fault.function, fault.argument), ("path_unlink_file", "path"));
}

#[test]
fn removing_answers_like_linux() {
    let cases = [
        ("path_unlink_file", "f", Ok(())),
        ("path_unlink_file", "ld", Ok(())),
        ("path_unlink_file", "f/", Err(Errno::Notdir)),
        ("path_unlink_file", "lf/", Err(Errno::Notdir)),
        ("path_unlink_file", "d", Err(Errno::Isdir)),
        ("path_unlink_file", "d/", Err(Errno::Isdir)),
        ("path_unlink_file", "ld/", Err(Errno::Isdir)),
        ("path_unlink_file", ".", Err(Errno::Isdir)),
        ("path_unlink_file", "..", Err(Errno::Perm)),
        ("path_unlink_file", "missing", Err(Errno::Noent)),
        ("path_remove_directory", "d/s", Ok(())),
        ("path_remove_directory", "d/s//", Ok(())),
        ("path_remove_directory", "d", Err(Errno::Notempty)),
        ("path_remove_directory", "f", Err(Errno::Notdir)),
        ("path_remove_directory", "f/", Err(Errno::Notdir)),
        ("path_remove_directory", "ld", Err(Errno::Notdir)),
        ("path_remove_directory", "ld/", Err(Errno::Notdir)),
        ("path_remove_directory", "missing", Err(Errno::Noent)),
        ("path_remove_directory", ".", Err(Errno::Inval)),
        ("path_remove_directory", "d/.", Err(Errno::Inval)),
        ("path_remove_directory", "d/..", Err(Errno::Inval)),
        ("path_remove_directory", "..", Err(Errno::Perm)),
        ("path_create_directory", "new", Ok(())),
        ("path_create_directory", "new//", Ok(())),
        ("path_create_directory", "d", Err(Errno::Exist)),
        ("path_create_directory", "d/", Err(Errno::Exist)),
        ("path_create_directory", "f", Err(Errno::Exist)),
        ("path_create_directory", "f/", Err(Errno::Exist)),
        ("path_create_directory", "nx", Err(Errno::Exist)),
        ("path_create_directory", ".", Err(Errno::Exist)),
        ("path_create_directory", "missing/new", Err(Errno::Noent)),
    ];
    for (name, path, expected) in cases {
        assert_eq!(guest().on(name, path), expected, "{name} {path}");
    }
}

#[test]
fn a_removed_open_directory_takes_nothing_new_and_lists_nothing() {
    let mut guest = guest();
    let dir = guest.open("d/s", DIRECTORY, 0).unwrap();
    guest.rmdir("d/s").unwrap();
    assert_eq!(guest.open_at(dir, 0, "x", [CREAT, RW, 0]), Err(Errno::Noent));
    let [path, len] = guest.path("x");
    assert_eq!(guest.errno("path_create_directory", &[dir, path, len]), Err(Errno::Noent));
    guest.errno("fd_readdir", &[dir, BUF, 256, 0, OUT]).unwrap();
    assert_eq!(guest.u32(OUT), 0);
}

#[test]
fn renaming_answers_like_linux() {
    let cases = [
        ("f", "g", Ok(())),
        ("f", "lf", Ok(())),
        ("f", "f", Ok(())),
        ("d", "d", Ok(())),
        ("d", "e", Ok(())),
        ("d", "e/", Ok(())),
        ("d", "empty", Ok(())),
        ("ld", "z", Ok(())),
        ("f", "d", Err(Errno::Isdir)),
        ("d", "f", Err(Errno::Notdir)),
        ("empty", "d", Err(Errno::Notempty)),
        ("d", "d/s/x", Err(Errno::Inval)),
        ("missing", "g", Err(Errno::Noent)),
        ("missing", "missing", Err(Errno::Noent)),
        ("f", "g/", Err(Errno::Notdir)),
        ("f/", "g", Err(Errno::Notdir)),
        ("ld/", "z", Err(Errno::Notdir)),
        (".", "g", Err(Errno::Busy)),
        ("f", ".", Err(Errno::Busy)),
        ("f", "missing/g", Err(Errno::Noent)),
        ("f", "..", Err(Errno::Perm)),
    ];
    for (from, to, expected) in cases {
        let mut guest = guest();
        guest.mkdir("empty").unwrap();
        assert_eq!(guest.rename(from, to), expected, "{from} to {to}");
    }
}

#[test]
fn renaming_keeps_inodes_and_two_names_of_one_file() {
    let mut guest = guest();
    let fd = guest.open("f", 0, RW).unwrap();
    guest.link("f", "h").unwrap();
    guest.rename("f", "h").unwrap();
    assert_eq!((guest.cat("f"), guest.cat("h")), (Ok("abc".into()), Ok("abc".into())));
    guest.file("g", "old");
    guest.rename("h", "g").unwrap();
    guest.write(fd, "X").unwrap();
    assert_eq!(guest.cat("g"), Ok(String::from("Xbc")));
    guest.symlink("f", "k").unwrap();
    guest.rename("f", "k").unwrap();
    assert_eq!(guest.stat("k", 0).map(|stat| stat.0), Ok(FILE));
}

#[test]
fn linking_answers_like_linux() {
    let cases = [
        ("f", "g", Ok(())),
        ("lf", "g", Ok(())),
        ("nx", "g", Ok(())),
        ("f", "f", Err(Errno::Exist)),
        ("f", "d", Err(Errno::Exist)),
        ("f", "nx", Err(Errno::Exist)),
        ("f", "g/", Err(Errno::Noent)),
        ("f/", "g", Err(Errno::Notdir)),
        ("d", "g", Err(Errno::Perm)),
        ("missing", "g", Err(Errno::Noent)),
    ];
    for (from, to, expected) in cases {
        assert_eq!(guest().link(from, to), expected, "{from} to {to}");
    }
    let mut guest = guest();
    guest.link("lf", "g").unwrap();
    assert_eq!(guest.stat("g", 0), Ok((LINK, 2, 1)));
    guest.link("f", "h").unwrap();
    assert_eq!(guest.stat("f", 0), Ok((FILE, 2, 3)));
    let ([from, from_len], [to, to_len]) = (guest.path("lf"), guest.path2("i"));
    let following = guest.errno("path_link", &[3, 1, from, from_len, 3, to, to_len]);
    assert_eq!(following, Err(Errno::Inval));
}

#[test]
fn a_links_target_is_cut_to_the_buffer() {
    let mut guest = guest();
    let readlink = |guest: &mut Guest, path, buf_len| {
        let [path, len] = guest.path(path);
        guest.put(BUF, b"????????");
        guest.errno("path_readlink", &[3, path, len, BUF, buf_len, OUT])?;
        Ok((guest.u32(OUT), guest.text(BUF, 8)))
    };
    assert_eq!(readlink(&mut guest, "nx", 64), Ok((7, String::from("missing?"))));
    assert_eq!(readlink(&mut guest, "nx", 3), Ok((3, String::from("mis?????"))));
    assert_eq!(readlink(&mut guest, "nx", 0), Ok((0, String::from("????????"))));
    let cases =
        [("f", Errno::Inval), ("d", Errno::Inval), ("ld/", Errno::Inval), ("no", Errno::Noent)];
    for (path, errno) in cases {
        assert_eq!(readlink(&mut guest, path, 64), Err(errno), "{path}");
    }
}

#[test]
fn times_of_a_link_or_of_what_it_leads_to() {
    let mut guest = guest();
    let set = |guest: &mut Guest, follow, flags| {
        let [path, len] = guest.path("lf");
        guest.errno("path_filestat_set_times", &[3, follow, path, len, 5, 6, flags])
    };
    let mtim = |guest: &mut Guest, path| {
        guest.stat(path, 0).unwrap();
        guest.u64(BUF + 48)
    };
    let before = mtim(&mut guest, "f");
    set(&mut guest, 0, 4).unwrap();
    assert_eq!((mtim(&mut guest, "lf"), mtim(&mut guest, "f")), (6, before));
    set(&mut guest, 1, 4).unwrap();
    assert_eq!(mtim(&mut guest, "f"), 6);
    for (follow, flags) in [(0, 3), (0, 12), (0, 16), (2, 0)] {
        assert_eq!(set(&mut guest, follow, flags), Err(Errno::Inval), "{follow} {flags}");
    }
}

/// The root writable, and below it `ro` read-only and `rw` writable, each with a file `f` and a directory `d`.
fn mounts() -> Guest {
    let mut fs = namespace(tree());
    for (path, read_only) in [("/ro", true), ("/rw", false)] {
        let mut tree = tree();
        tree.write_file("f", bytes::Bytes::from_static(b"abc"), EPOCH).unwrap();
        tree.create_dirs("d", EPOCH).unwrap();
        fs.mount(path, Mount { fs: Box::new(tree), read_only }, EPOCH).unwrap();
    }
    Guest::of(Setup::new(fs))
}

#[test]
fn a_read_only_mount_cannot_be_changed_in_any_way() {
    let mut guest = mounts();
    let fd = guest.open("ro/f", 0, READ).unwrap();
    let touch = |guest: &mut Guest| {
        let [path, len] = guest.path("ro/f");
        guest.errno("path_filestat_set_times", &[3, 0, path, len, 1, 1, 5])
    };
    let results = [
        guest.open("ro/f", 0, RW).map(|_| ()),
        guest.open("ro/f", TRUNC, READ).map(|_| ()),
        guest.open("ro/new", CREAT, READ).map(|_| ()),
        guest.mkdir("ro/new"),
        guest.rmdir("ro/d"),
        guest.unlink("ro/f"),
        guest.symlink("f", "ro/new"),
        guest.link("ro/f", "ro/new"),
        guest.link("ro/f", "rw/new"),
        guest.link("rw/f", "ro/new"),
        guest.rename("ro/f", "ro/new"),
        guest.rename("ro/f", "rw/new"),
        guest.rename("rw/f", "ro/new"),
        guest.errno("fd_filestat_set_times", &[fd, 1, 1, 5]),
        touch(&mut guest),
    ];
    for (i, result) in results.into_iter().enumerate() {
        assert_eq!(result, Err(Errno::Rofs), "{i}");
    }
    assert_eq!(guest.open("ro/f", CREAT, READ).map(|_| ()), Ok(()));
    assert_eq!(guest.cat("ro/f"), Ok(String::from("abc")));
}

#[test]
fn mounts_are_devices_that_nothing_is_moved_between() {
    let mut guest = mounts();
    assert_eq!(guest.rename("rw/f", "g"), Err(Errno::Xdev));
    assert_eq!(guest.link("rw/f", "g"), Err(Errno::Xdev));
    for (path, dev) in [(".", 1), ("ro/f", 2), ("rw", 3), ("rw/f", 3), ("rw/..", 1)] {
        guest.stat(path, 0).unwrap();
        assert_eq!(guest.u64(BUF), dev, "{path}");
    }
    assert_eq!(guest.rmdir("rw"), Err(Errno::Busy));
    assert_eq!(guest.rmdir("rw/"), Err(Errno::Busy));
    assert_eq!(guest.unlink("rw"), Err(Errno::Isdir));
    assert_eq!(guest.rename("rw", "z"), Err(Errno::Busy));
    guest.mkdir("z").unwrap();
    assert_eq!(guest.rename("z", "rw"), Err(Errno::Busy));
    assert_eq!(guest.mkdir("rw"), Err(Errno::Exist));
}
