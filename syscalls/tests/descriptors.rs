//! The `fd_*` functions on descriptors themselves: numbers, flags, rights, preopened directories, streams.

mod common;

use bytes::Bytes;
use common::{APPEND, BUF, CREAT, DIRECTORY, Guest, NONBLOCK, OUT, READ, RW, TRUNC, WRITE};
use syscalls::{Context, Setup, Stop, Wait};
use vfs::{Errno, Input, Output, StreamKind};

const SEEK: u64 = 1 << 2;
const TELL: u64 = 1 << 5;

fn rights(guest: &mut Guest, fd: u64) -> (u64, u64) {
    guest.errno("fd_fdstat_get", &[fd, BUF]).unwrap();
    (guest.u64(BUF + 8), guest.u64(BUF + 16))
}

fn waits(result: Result<(), Stop>) -> Wait {
    match result {
        Err(Stop::Pending(wait)) => wait,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_new_descriptor_takes_the_lowest_free_number() {
    let mut guest = Guest::new();
    let open = |guest: &mut Guest| guest.open("f", CREAT, READ).unwrap();
    assert_eq!((open(&mut guest), open(&mut guest), open(&mut guest)), (4, 5, 6));
    for fd in [5, 0, 4] {
        guest.errno("fd_close", &[fd]).unwrap();
        assert_eq!(guest.errno("fd_close", &[fd]), Err(Errno::Badf));
    }
    assert_eq!((open(&mut guest), open(&mut guest), open(&mut guest)), (0, 4, 5));
    assert_eq!(open(&mut guest), 7);
    assert_eq!(guest.errno("fd_close", &[u64::from(u32::MAX)]), Err(Errno::Badf));
}

#[test]
fn the_last_descriptor_is_the_last() {
    let mut guest = Guest::with(|setup| setup.fds_max = 5);
    assert_eq!(guest.open("f", CREAT, READ), Ok(4));
    assert_eq!(guest.open("new", CREAT, READ), Err(Errno::Mfile));
    assert_eq!(guest.stat("new", 1), Err(Errno::Noent));
    guest.errno("fd_close", &[4]).unwrap();
    assert_eq!(guest.open("f", 0, READ), Ok(4));
}

#[test]
fn renumbering_closes_what_was_there() {
    let mut guest = Guest::new();
    guest.file("f", "f");
    let (a, b) = (guest.open("f", 0, READ).unwrap(), guest.open("f", CREAT, RW).unwrap());
    let cases = [
        (a, a, Ok(())),
        (a, 99, Err(Errno::Badf)),
        (99, a, Err(Errno::Badf)),
        (a, b, Ok(())),
        (a, b, Err(Errno::Badf)),
        (b, 1, Ok(())),
        (1, 3, Ok(())),
    ];
    for (from, to, expected) in cases {
        assert_eq!(guest.errno("fd_renumber", &[from, to]), expected, "{from} to {to}");
    }
    assert_eq!(guest.read(3, 4), Ok(String::from("f")));
    assert_eq!(guest.errno("fd_prestat_get", &[3, OUT]), Err(Errno::Badf));
}

#[test]
fn a_stream_keeps_what_it_is_under_another_number() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREAT, RW).unwrap();
    guest.errno("fd_renumber", &[1, fd]).unwrap();
    guest.write(fd, "out").unwrap();
    assert_eq!(guest.ctx.stdout().drain(), "out");
    assert_eq!(guest.write(1, "x"), Err(Errno::Badf));
}

#[test]
fn a_preopened_directory_tells_its_name() {
    let mut setup = Setup::new(common::namespace(common::tree()));
    let root = setup.fs.root();
    setup.preopens.push((String::from("dir"), root));
    let mut guest = Guest::of(setup);
    guest.errno("fd_prestat_get", &[4, OUT]).unwrap();
    assert_eq!(guest.text(OUT, 9), r"\x00\x00\x00\x00\x03\x00\x00\x00?");
    assert_eq!(guest.errno("fd_prestat_dir_name", &[4, BUF, 2]), Err(Errno::Nametoolong));
    guest.errno("fd_prestat_dir_name", &[4, BUF, 64]).unwrap();
    assert_eq!(guest.text(BUF, 4), "dir?");
    guest.errno("fd_prestat_dir_name", &[3, BUF, 1]).unwrap();
    assert_eq!(guest.text(BUF, 2), "/i");
    let opened = guest.open(".", DIRECTORY, 0).unwrap();
    for fd in [0, opened, 99] {
        assert_eq!(guest.errno("fd_prestat_get", &[fd, OUT]), Err(Errno::Badf), "{fd}");
        assert_eq!(guest.errno("fd_prestat_dir_name", &[fd, BUF, 9]), Err(Errno::Badf), "{fd}");
    }
}

#[test]
fn rights_are_full_but_for_what_was_not_asked() {
    let mut guest = Guest::new();
    guest.mkdir("d").unwrap();
    let all = 0x3fff_ffff;
    let rw = guest.open("f", CREAT, RW).unwrap();
    let read = guest.open("f", 0, READ).unwrap();
    let dir = guest.open("d", DIRECTORY, 0).unwrap();
    assert_eq!(rights(&mut guest, rw), (all, all));
    assert_eq!(rights(&mut guest, read), (all & !WRITE, all));
    assert_eq!(rights(&mut guest, dir), (0x07b7_fe00, 0x0ff7_ffff));
    assert_eq!(rights(&mut guest, 3), (0x07b7_fe00, 0x0ff7_ffff));
    for fd in 0..3 {
        let (base, inheriting) = rights(&mut guest, fd);
        assert_eq!((base & (SEEK | TELL), inheriting), (0, 0), "{fd}");
        assert_eq!(base & RW, if fd == 0 { READ } else { WRITE }, "{fd}");
    }
}

#[test]
fn a_right_that_was_given_up_is_refused_and_does_not_come_back() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREAT, RW).unwrap();
    let (base, inheriting) = rights(&mut guest, fd);
    guest.errno("fd_fdstat_set_rights", &[fd, base & !RW & !SEEK, inheriting]).unwrap();
    assert_eq!(rights(&mut guest, fd), (base & !RW & !SEEK, inheriting));
    assert_eq!(guest.read(fd, 1), Err(Errno::Notcapable));
    assert_eq!(guest.write(fd, "x"), Err(Errno::Notcapable));
    assert_eq!(guest.errno("fd_seek", &[fd, 0, 0, OUT]), Err(Errno::Notcapable));
    assert_eq!(guest.errno("fd_seek", &[fd, 0, 1, OUT]), Ok(()));
    assert_eq!(guest.tell(fd), 0);
    let again = guest.errno("fd_fdstat_set_rights", &[fd, base, inheriting]);
    assert_eq!(again, Err(Errno::Notcapable));
    assert_eq!(guest.errno("fd_fdstat_set_rights", &[99, 0, 0]), Err(Errno::Badf));
}

#[test]
fn what_is_opened_through_a_directory_has_not_what_it_gave_up() {
    let mut guest = Guest::new();
    guest.file("f", "abc");
    let (base, inheriting) = rights(&mut guest, 3);
    let create = 1 << 10;
    guest.errno("fd_fdstat_set_rights", &[3, base & !create, inheriting & !WRITE]).unwrap();
    assert_eq!(guest.open("f", 0, RW), Err(Errno::Notcapable));
    assert_eq!(guest.open("new", CREAT, READ), Err(Errno::Notcapable));
    let dir = guest.open(".", DIRECTORY, 0).unwrap();
    let file = guest.open_at(dir, 0, "f", [0, READ, 0]).unwrap();
    assert_eq!(rights(&mut guest, file).0 & WRITE, 0);
    assert_eq!(guest.open_at(dir, 0, "f", [0, WRITE, 0]), Err(Errno::Notcapable));
    assert_eq!(guest.open_at(dir, 0, "f", [TRUNC, READ, 0]).map(|_| ()), Ok(()));
}

#[test]
fn flags_are_kept_and_unknown_ones_refused() {
    let mut guest = Guest::new();
    let fd = guest.open_at(3, 0, "f", [CREAT, RW, APPEND | NONBLOCK]).unwrap();
    guest.put(BUF, &[b'?'; 32]);
    guest.errno("fd_fdstat_get", &[fd, BUF]).unwrap();
    assert_eq!(guest.text(BUF, 8), r"\x04\x00\x05\x00\x00\x00\x00\x00");
    assert_eq!(guest.text(BUF + 24, 2), "??");
    for flags in [0, 1, 2, 4, 8, 16, 31] {
        guest.errno("fd_fdstat_set_flags", &[fd, flags]).unwrap();
        guest.errno("fd_fdstat_get", &[fd, BUF]).unwrap();
        assert_eq!(u64::from(guest.get(BUF + 2, 1)[0]), flags);
    }
    for flags in [32, 0x1_0000] {
        assert_eq!(guest.errno("fd_fdstat_set_flags", &[fd, flags]), Err(Errno::Inval));
    }
    assert_eq!(guest.errno("fd_fdstat_set_flags", &[99, 32]), Err(Errno::Badf));
}

#[test]
fn a_stream_looks_like_what_is_attached() {
    let kinds = [(StreamKind::Pipe, 0), (StreamKind::Terminal, 2), (StreamKind::File, 4)];
    for (kind, file_type) in kinds {
        let mut guest = Guest::with(|setup| {
            setup.stdin = Input::new(kind);
            setup.stdout = Output::new(kind, 16);
            setup.stderr = Output::new(kind, 16);
        });
        for fd in 0..3 {
            guest.errno("fd_fdstat_get", &[fd, BUF]).unwrap();
            assert_eq!(guest.get(BUF, 1)[0], file_type, "{kind:?} {fd}");
            guest.errno("fd_filestat_get", &[fd, BUF]).unwrap();
            assert_eq!((guest.u64(BUF), guest.u64(BUF + 8)), (0, fd), "{kind:?}");
            assert_eq!(guest.get(BUF + 16, 1)[0], file_type, "{kind:?} {fd}");
        }
    }
}

#[test]
fn a_pending_read_changes_nothing() {
    let mut guest = Guest::new();
    let [iovs, len] = guest.iovec(4);
    let before = guest.memory.clone();
    let wait = waits(guest.call("fd_read", &[0, iovs, len, OUT]));
    assert!(wait.input && !wait.output && !wait.socket && wait.nanoseconds.is_none());
    assert!(guest.memory == before);
    // Nothing is wanted, so there is nothing to wait for.
    guest.errno("fd_read", &[0, iovs, 0, OUT]).unwrap();
    assert_eq!(guest.u32(OUT), 0);
    guest.ctx.stdin().feed(Bytes::from_static(b"abcdef\n"));
    assert_eq!(guest.read(0, 4), Ok(String::from("abcd")));
    assert_eq!(guest.read(0, 4), Ok(String::from(r"ef\n")));
    guest.ctx.stdin().close();
    assert_eq!(guest.read(0, 4), Ok(String::new()));
}

#[test]
fn a_full_stream_waits_and_then_takes_as_much_as_an_empty_one() {
    let mut guest = Guest::with(|setup| setup.stdout = Output::new(StreamKind::Pipe, 5));
    assert_eq!(guest.write(1, "abc"), Ok(3));
    let [iovs, len] = guest.iovec(3);
    let wait = waits(guest.call("fd_write", &[1, iovs, len, OUT]));
    assert!(wait.output && !wait.input);
    assert_eq!(guest.ctx.stdout().drain(), "abc");
    assert_eq!(guest.write(1, "defghi"), Ok(5));
    assert_eq!(guest.ctx.stdout().drain(), "defgh");
    guest.ctx.stdout().close();
    assert_eq!(guest.write(1, "g"), Err(Errno::Pipe));
}

#[test]
fn a_descriptor_that_does_not_wait_says_again() {
    let mut guest = Guest::with(|setup| setup.stdout = Output::new(StreamKind::Pipe, 0));
    for fd in [0, 1] {
        guest.errno("fd_fdstat_set_flags", &[fd, NONBLOCK]).unwrap();
    }
    assert_eq!(guest.read(0, 4), Err(Errno::Again));
    assert_eq!(guest.write(1, "x"), Err(Errno::Again));
}

#[test]
fn a_fork_is_independent_and_the_files_come_back_closed() {
    let mut guest = Guest::new();
    let fd = guest.open("f", CREAT, RW).unwrap();
    guest.unlink("f").unwrap();
    let mut fork = Guest::new();
    fork.ctx = guest.ctx.fork().unwrap();
    assert_eq!(guest.write(fd, "parent"), Ok(6));
    assert_eq!((fork.size(fd), guest.size(fd)), (0, 6));
    let into_fs = |ctx: Context| {
        let mut fs = ctx.into_fs();
        let root = fs.root();
        fs.fs(root.mount).as_tree().expect("a tree").inodes_used()
    };
    assert_eq!((into_fs(guest.ctx), into_fs(fork.ctx)), (1, 1));
}
