//! `fd_readdir`.

mod common;

use common::{BUF, CREAT, DIRECTORY, Guest, OUT, RW};
use vfs::Errno;

/// One listing with a buffer of `len`: how many bytes, and the whole entries as (next, type, name).
fn list(guest: &mut Guest, fd: u64, cookie: u64, len: usize) -> (usize, Vec<(u64, u8, String)>) {
    guest.errno("fd_readdir", &[fd, BUF, len as u64, cookie, OUT]).unwrap();
    let used = usize::try_from(guest.u32(OUT)).unwrap();
    let (mut entries, mut at) = (Vec::new(), 0);
    while used - at >= 24 {
        let entry = BUF + at as u64;
        let name_len = usize::try_from(guest.u32(entry + 16)).unwrap();
        if used - at - 24 < name_len {
            break;
        }
        let file_type = guest.get(entry + 20, 1)[0];
        entries.push((guest.u64(entry), file_type, guest.text(entry + 24, name_len)));
        at += 24 + name_len;
    }
    (used, entries)
}

fn guest(files: usize) -> (Guest, u64) {
    let mut guest = Guest::new();
    guest.mkdir("dir").unwrap();
    for i in 0..files {
        guest.open(&format!("dir/file{i:02}"), CREAT, RW).unwrap();
    }
    let fd = guest.open("dir", DIRECTORY, 0).unwrap();
    guest.memory.fill(b'?');
    (guest, fd)
}

#[test]
fn dot_and_dot_dot_come_first() {
    let (mut guest, fd) = guest(1);
    let (used, entries) = list(&mut guest, fd, 0, 256);
    assert_eq!(used, 25 + 26 + 30);
    let [dot, dot_dot, file] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(*dot, (1, 3, String::from(".")));
    assert_eq!(*dot_dot, (2, 3, String::from("..")));
    assert_eq!((file.1, &*file.2), (4, "file00"));
    assert!(file.0 > 2);
    assert_eq!(guest.text(BUF + 81, 2), "??");
    let ino = guest.u64(BUF + 8);
    let file_ino = guest.u64(BUF + 51 + 8);
    guest.errno("fd_filestat_get", &[fd, BUF]).unwrap();
    assert_eq!(guest.u64(BUF + 8), ino);
    guest.stat("dir/file00", 0).unwrap();
    assert_eq!(guest.u64(BUF + 8), file_ino);
}

#[test]
fn the_buffer_is_filled_completely_and_the_last_entry_cut() {
    let (mut guest, fd) = guest(1);
    for len in [0, 1, 8, 24, 25, 32, 51, 80, 81] {
        assert_eq!(list(&mut guest, fd, 0, len).0, len);
    }
    for len in [82, 256] {
        assert_eq!(list(&mut guest, fd, 0, len).0, 81);
    }
}

#[test]
fn a_cookie_goes_on_after_its_entry() {
    let (mut guest, fd) = guest(3);
    let (_, all) = list(&mut guest, fd, 0, 4096);
    for (i, (next, _, _)) in all.iter().enumerate() {
        assert_eq!(list(&mut guest, fd, *next, 4096).1, all[i + 1..]);
    }
    for unknown in [1 << 40, u64::MAX] {
        assert_eq!(list(&mut guest, fd, unknown, 4096), (0, vec![]));
    }
}

#[test]
fn deleting_while_listing_deletes_all_with_a_buffer_of_any_size() {
    for len in [60, 64, 100, 256, 4096] {
        let (mut guest, fd) = guest(20);
        let (mut cookie, mut deleted) = (0, 0);
        loop {
            let (used, entries) = list(&mut guest, fd, cookie, len);
            for (next, _, name) in entries {
                cookie = next;
                if !name.starts_with('.') {
                    guest.unlink(&format!("dir/{name}")).unwrap();
                    deleted += 1;
                }
            }
            if used < len {
                break;
            }
        }
        assert_eq!(deleted, 20, "{len}");
        guest.rmdir("dir").unwrap();
    }
}

#[test]
fn only_a_directory_can_be_listed() {
    let (mut guest, _) = guest(1);
    let file = guest.open("dir/file00", 0, RW).unwrap();
    for fd in [0, file, 99] {
        assert_eq!(guest.errno("fd_readdir", &[fd, BUF, 64, 0, OUT]), Err(Errno::Badf), "{fd}");
    }
}
