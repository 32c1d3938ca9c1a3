//! The `fd_*` functions on files: reading, writing, offsets, sizes, times.

mod common;

use common::{APPEND, BUF, CREAT, Guest, IOVS, OUT, READ, RW, WRITE};
use syscalls::Stop;
use vfs::Errno;

/// A guest with a file `f` of six bytes, open to read and write.
fn guest() -> (Guest, u64) {
    let mut guest = Guest::new();
    guest.file("f", "abcdef");
    let fd = guest.open("f", 0, RW).unwrap();
    guest.memory.fill(b'?');
    (guest, fd)
}

/// Puts an array of iovecs at `IOVS`.
fn iovecs(guest: &mut Guest, iovecs: &[(u32, u32)]) {
    for (i, (buf, len)) in iovecs.iter().enumerate() {
        let at = IOVS + 8 * i as u64;
        guest.put(at, &buf.to_le_bytes());
        guest.put(at + 4, &len.to_le_bytes());
    }
}

#[test]
fn buffers_are_filled_in_order_and_only_as_far_as_the_file_goes() {
    let (mut guest, fd) = guest();
    iovecs(&mut guest, &[(0x200, 2), (0x210, 0), (0x220, 3), (0x230, 8)]);
    guest.errno("fd_read", &[fd, IOVS, 4, OUT]).unwrap();
    assert_eq!(guest.u32(OUT), 6);
    assert_eq!(guest.text(0x200, 3), "ab?");
    assert_eq!(guest.text(0x210, 1), "?");
    assert_eq!(guest.text(0x220, 4), "cde?");
    assert_eq!(guest.text(0x230, 2), "f?");
    assert_eq!(guest.read(fd, 4), Ok(String::new()));
    assert_eq!(guest.tell(fd), 6);
}

#[test]
fn overlapping_buffers_apply_one_after_the_other() {
    let (mut guest, fd) = guest();
    iovecs(&mut guest, &[(0x200, 4), (0x202, 2)]);
    guest.errno("fd_read", &[fd, IOVS, 2, OUT]).unwrap();
    assert_eq!((guest.u32(OUT), guest.text(0x200, 5)), (6, String::from("abef?")));
}

#[test]
fn a_read_over_its_own_array_still_does_what_was_checked() {
    let (mut guest, fd) = guest();
    // The first buffer is the second iovec's entry; its content would be a wild pointer.
    iovecs(&mut guest, &[(0x108, 4), (0x200, 2)]);
    guest.errno("fd_read", &[fd, IOVS, 2, OUT]).unwrap();
    assert_eq!((guest.text(0x108, 4), guest.text(0x200, 3)), ("abcd".into(), "ef?".into()));
}

#[test]
fn there_is_no_limit_on_the_number_of_buffers() {
    let (mut guest, fd) = guest();
    guest.put(0x4000, b"x");
    let all = vec![(0x4000, 1); 2000];
    iovecs(&mut guest, &all);
    guest.errno("fd_write", &[fd, IOVS, 2000, OUT]).unwrap();
    assert_eq!((guest.u32(OUT), guest.size(fd)), (2000, 2000));
    guest.errno("fd_write", &[fd, IOVS, 0, OUT]).unwrap();
    assert_eq!(guest.u32(OUT), 0);
    // With no buffers, the array lies nowhere.
    guest.errno("fd_read", &[fd, 0xffff_fff0, 0, OUT]).unwrap();
}

#[test]
fn what_is_wrong_with_buffers_shows_before_any_effect() {
    let (mut guest, fd) = guest();
    for name in ["fd_read", "fd_write"] {
        iovecs(&mut guest, &[(0x200, 4), (0, u32::MAX), (0, 1)]);
        assert_eq!(guest.errno(name, &[fd, IOVS, 3, OUT]), Err(Errno::Inval), "{name}");
        iovecs(&mut guest, &[(0x200, 4), (0xffff_fff0, 4)]);
        let cases = [
            (IOVS, 2, OUT, "iovs", 0xffff_fff0),
            (
                IOVS,
                1,
                0xffff_0000,
                if name == "fd_read" { "nread" } else { "nwritten" },
                0xffff_0000,
            ),
            (0xfff9, 1, OUT, "iovs", 0xfff9),
            (IOVS, 0x2000_0001, OUT, "iovs", 0x100),
        ];
        for (iovs, len, out, argument, address) in cases {
            let Err(Stop::Fault(fault)) = guest.call(name, &[fd, iovs, len, out]) else {
                panic!("{name} {iovs:#x} {len} {out:#x}")
            };
            assert_eq!((fault.function, fault.argument, fault.address), (name, argument, address));
        }
        // A bad descriptor is told before pointers are looked at.
        assert_eq!(guest.errno(name, &[99, 0xffff_fff0, 9, 0xffff_fff0]), Err(Errno::Badf));
    }
    assert_eq!(
        (guest.tell(fd), guest.size(fd), guest.text(0x200, 4)),
        (0, 6, "\\x01\\x00\\x00\\x00".into())
    );
}

#[test]
fn a_fault_says_where() {
    let (mut guest, fd) = guest();
    let fault = |guest: &mut Guest, out| match guest.call("fd_read", &[fd, IOVS, 0, out]) {
        Err(Stop::Fault(fault)) => fault.to_string(),
        other => panic!("{other:?}"),
    };
    let outside = "fd_read: nread points at 0xfffffff0, outside memory (65536 bytes)";
    assert_eq!(fault(&mut guest, 0xffff_fff0), outside);
    let across = "fd_read: nread points at 0x0000fffe, where 4 bytes do not fit into the memory (65536 bytes)";
    assert_eq!(fault(&mut guest, 0xfffe), across);
}

#[test]
fn positioned_access_leaves_the_offset_alone() {
    let (mut guest, fd) = guest();
    let [iovs, len] = guest.iovec(2);
    guest.errno("fd_pread", &[fd, iovs, len, 3, OUT]).unwrap();
    assert_eq!((guest.u32(OUT), guest.text(BUF, 3)), (2, String::from("de?")));
    guest.errno("fd_pwrite", &[fd, iovs, len, 8, OUT]).unwrap();
    assert_eq!((guest.tell(fd), guest.size(fd)), (0, 10));
    assert_eq!(guest.cat("f"), Ok(String::from(r"abcdef\x00\x00de")));
    for name in ["fd_pread", "fd_pwrite"] {
        assert_eq!(guest.errno(name, &[fd, iovs, len, 1 << 63, OUT]), Err(Errno::Inval), "{name}");
    }
    guest.errno("fd_pread", &[fd, iovs, len, i64::MAX as u64, OUT]).unwrap();
    assert_eq!(guest.u32(OUT), 0);
    assert_eq!(guest.errno("fd_pwrite", &[fd, iovs, len, i64::MAX as u64, OUT]), Err(Errno::Fbig));
}

#[test]
fn appending_moves_the_offset_and_positioned_writes_append_too() {
    let (mut guest, _) = guest();
    let fd = guest.open_at(3, 1, "f", [0, RW, APPEND]).unwrap();
    assert_eq!(guest.write(fd, "XY"), Ok(2));
    assert_eq!(guest.tell(fd), 8);
    guest.put(BUF, b"Z");
    let [iovs, len] = guest.iovec(1);
    guest.errno("fd_pwrite", &[fd, iovs, len, 0, OUT]).unwrap();
    assert_eq!((guest.tell(fd), guest.cat("f")), (8, Ok(String::from("abcdefXYZ"))));
    guest.errno("fd_fdstat_set_flags", &[fd, 0]).unwrap();
    guest.errno("fd_seek", &[fd, 0, 0, OUT]).unwrap();
    assert_eq!((guest.write(fd, "Q"), guest.tell(fd)), (Ok(1), 1));
    guest.errno("fd_fdstat_set_flags", &[fd, APPEND]).unwrap();
    assert_eq!((guest.write(fd, "!"), guest.cat("f")), (Ok(1), Ok(String::from("QbcdefXYZ!"))));
}

#[test]
fn seeking_stays_between_zero_and_the_largest_offset() {
    let (mut guest, fd) = guest();
    let max = i64::MAX as u64;
    let minus = |n: i64| (-n).cast_unsigned();
    let cases = [
        (minus(1), 0, Err(Errno::Inval)),
        (minus(7), 2, Err(Errno::Inval)),
        (minus(6), 2, Ok(0)),
        (100, 0, Ok(100)),
        (minus(1), 1, Ok(99)),
        (max, 1, Err(Errno::Inval)),
        (minus(i64::MAX), 1, Err(Errno::Inval)),
        (max, 0, Ok(max)),
        (1, 1, Err(Errno::Inval)),
        (0, 1, Ok(max)),
        (0, 3, Err(Errno::Inval)),
        (0, 0xff, Err(Errno::Inval)),
        (0, 2, Ok(6)),
    ];
    for (offset, whence, expected) in cases {
        let before = guest.tell(fd);
        let moved = guest.errno("fd_seek", &[fd, offset, whence, OUT]).map(|()| guest.u64(OUT));
        assert_eq!(moved, expected, "{} from {whence}", offset.cast_signed());
        assert_eq!(guest.tell(fd), expected.unwrap_or(before));
    }
    let cases = [(0, Errno::Spipe), (1, Errno::Spipe), (3, Errno::Badf), (99, Errno::Badf)];
    for (fd, errno) in cases {
        assert_eq!(guest.errno("fd_seek", &[fd, 0, 1, OUT]), Err(errno), "{fd}");
        assert_eq!(guest.errno("fd_tell", &[fd, OUT]), Err(errno), "{fd}");
    }
}

#[test]
fn a_hole_reads_as_zero_and_costs_nothing() {
    let (mut guest, fd) = guest();
    guest.errno("fd_seek", &[fd, 1 << 40, 0, OUT]).unwrap();
    assert_eq!(guest.write(fd, "x"), Ok(1));
    assert_eq!(guest.size(fd), (1 << 40) + 1);
    guest.errno("fd_seek", &[fd, (1 << 40) - 2, 0, OUT]).unwrap();
    assert_eq!(guest.read(fd, 8), Ok(String::from(r"\x00\x00x")));
}

#[test]
fn sizes_change_as_told_and_the_offset_stays() {
    let (mut guest, fd) = guest();
    let read_only = guest.open("f", 0, READ).unwrap();
    guest.errno("fd_seek", &[fd, 3, 0, OUT]).unwrap();
    let cases = [
        ("fd_filestat_set_size", vec![fd, 10], Ok(()), 10),
        ("fd_filestat_set_size", vec![fd, 2], Ok(()), 2),
        ("fd_filestat_set_size", vec![fd, 1 << 63], Err(Errno::Inval), 2),
        ("fd_filestat_set_size", vec![read_only, 1], Err(Errno::Inval), 2),
        ("fd_filestat_set_size", vec![3, 1], Err(Errno::Badf), 2),
        ("fd_filestat_set_size", vec![1, 1], Err(Errno::Inval), 2),
        ("fd_allocate", vec![fd, 0, 8], Ok(()), 8),
        ("fd_allocate", vec![fd, 2, 2], Ok(()), 8),
        ("fd_allocate", vec![fd, 6, 4], Ok(()), 10),
        ("fd_allocate", vec![fd, 20, 0], Err(Errno::Inval), 10),
        ("fd_allocate", vec![fd, 1 << 63, 1], Err(Errno::Inval), 10),
        ("fd_allocate", vec![fd, 1, 1 << 63], Err(Errno::Inval), 10),
        ("fd_allocate", vec![fd, i64::MAX as u64, 1], Err(Errno::Fbig), 10),
        ("fd_allocate", vec![read_only, 0, 20], Err(Errno::Badf), 10),
        ("fd_allocate", vec![3, 0, 20], Err(Errno::Badf), 10),
        ("fd_allocate", vec![0, 0, 20], Err(Errno::Spipe), 10),
    ];
    for (name, args, expected, size) in cases {
        assert_eq!(guest.errno(name, &args), expected, "{name}{args:?}");
        assert_eq!((guest.size(fd), guest.tell(fd)), (size, 3), "{name}{args:?}");
    }
    assert_eq!(guest.cat("f"), Ok(format!("ab{}", r"\x00".repeat(8))));
}

#[test]
fn advice_changes_nothing() {
    let (mut guest, fd) = guest();
    for advice in 0..8 {
        let expected = if advice < 6 { Ok(()) } else { Err(Errno::Inval) };
        assert_eq!(guest.errno("fd_advise", &[fd, 0, 0, advice]), expected, "{advice}");
    }
    assert_eq!(guest.errno("fd_advise", &[fd, 1 << 63, 0, 0]), Err(Errno::Inval));
    assert_eq!(guest.errno("fd_advise", &[3, 0, 0, 0]), Err(Errno::Badf));
    assert_eq!(guest.errno("fd_advise", &[0, 0, 0, 0]), Err(Errno::Spipe));
}

#[test]
fn syncing_works_on_files_and_directories() {
    let (mut guest, fd) = guest();
    for name in ["fd_sync", "fd_datasync"] {
        let cases = [(fd, Ok(())), (3, Ok(())), (1, Err(Errno::Inval)), (99, Err(Errno::Badf))];
        for (fd, expected) in cases {
            assert_eq!(guest.errno(name, &[fd]), expected, "{name} {fd}");
        }
    }
}

#[test]
fn a_descriptor_does_only_what_it_was_opened_for() {
    let (mut guest, _) = guest();
    let read = guest.open("f", 0, READ).unwrap();
    let write = guest.open("f", 0, WRITE).unwrap();
    let none = guest.open("f", 0, 0).unwrap();
    for fd in [write, none, 1, 2, 3] {
        assert_eq!(guest.read(fd, 4), Err(Errno::Badf), "{fd}");
    }
    for fd in [read, none, 0, 3] {
        assert_eq!(guest.write(fd, "x"), Err(Errno::Badf), "{fd}");
    }
    let [iovs, len] = guest.iovec(1);
    for (fd, name) in [(0, "fd_pread"), (1, "fd_pwrite")] {
        assert_eq!(guest.errno(name, &[fd, iovs, len, 0, OUT]), Err(Errno::Spipe), "{name}");
    }
}

#[test]
fn only_the_times_that_the_flags_name_change() {
    let (mut guest, fd) = guest();
    let times = |guest: &mut Guest| {
        guest.errno("fd_filestat_get", &[fd, BUF]).unwrap();
        (guest.u64(BUF + 40), guest.u64(BUF + 48))
    };
    let (atim, mtim) = times(&mut guest);
    let cases = [
        (0, Ok(()), (atim, mtim)),
        (1, Ok(()), (7, mtim)),
        (4, Ok(()), (7, 9)),
        (3, Err(Errno::Inval), (7, 9)),
        (12, Err(Errno::Inval), (7, 9)),
        (16, Err(Errno::Inval), (7, 9)),
        (0x1_0001, Err(Errno::Inval), (7, 9)),
    ];
    for (flags, expected, both) in cases {
        assert_eq!(guest.errno("fd_filestat_set_times", &[fd, 7, 9, flags]), expected, "{flags}");
        assert_eq!(times(&mut guest), both, "{flags}");
    }
    guest.ctx.computed(1000);
    guest.errno("fd_filestat_set_times", &[fd, 0, 0, 10]).unwrap();
    let (atim_now, mtim_now) = times(&mut guest);
    assert!(atim_now > atim && atim_now == mtim_now);
    assert_eq!(guest.errno("fd_filestat_set_times", &[0, 0, 0, 1]), Err(Errno::Badf));
}

#[test]
fn writing_updates_the_time_of_the_file_and_making_that_of_the_directory() {
    let (mut guest, fd) = guest();
    let mtim = |guest: &mut Guest, fd| {
        guest.errno("fd_filestat_get", &[fd, BUF]).unwrap();
        guest.u64(BUF + 48)
    };
    let before = (mtim(&mut guest, fd), mtim(&mut guest, 3));
    guest.ctx.computed(1000);
    guest.write(fd, "x").unwrap();
    let written = mtim(&mut guest, fd);
    guest.ctx.computed(2000);
    guest.open("g", CREAT, WRITE).unwrap();
    assert!(written > before.0 && mtim(&mut guest, 3) > written);
    guest.read(fd, 1).unwrap();
    assert_eq!(mtim(&mut guest, fd), written);
}

#[test]
fn an_unlinked_file_lives_while_it_is_open() {
    let (mut guest, fd) = guest();
    guest.unlink("f").unwrap();
    guest.errno("fd_filestat_get", &[fd, BUF]).unwrap();
    assert_eq!((guest.u64(BUF + 24), guest.u64(BUF + 32)), (0, 6));
    guest.file("f", "new");
    assert_eq!(guest.read(fd, 9), Ok(String::from("abcdef")));
    assert_eq!(guest.cat("f"), Ok(String::from("new")));
}

#[test]
fn attributes_fill_exactly_64_bytes() {
    let (mut guest, fd) = guest();
    guest.put(BUF, &[b'?'; 80]);
    guest.errno("fd_filestat_get", &[fd, BUF]).unwrap();
    let ino = guest.u64(BUF + 8);
    assert_eq!(
        (guest.u64(BUF), ino > 0, guest.text(BUF + 16, 8)),
        (1, true, r"\x04\x00\x00\x00\x00\x00\x00\x00".into())
    );
    assert_eq!(
        (guest.u64(BUF + 24), guest.u64(BUF + 32), guest.text(BUF + 64, 4)),
        (1, 6, "????".into())
    );
}
