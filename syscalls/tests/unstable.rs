//! What `wasi_unstable` lays out differently.

mod common;

use common::{BUF, CREAT, Guest, OUT, RW};
use vfs::Errno;

fn guest() -> (Guest, u64) {
    let mut guest = Guest::new();
    guest.module = "wasi_unstable";
    guest.file("f", "abcdef");
    guest.link("f", "g").unwrap();
    let fd = guest.open("f", CREAT, RW).unwrap();
    guest.memory.fill(b'?');
    (guest, fd)
}

#[test]
fn attributes_have_56_bytes() {
    let (mut guest, fd) = guest();
    let [path, len] = guest.path("f");
    let cases =
        [("fd_filestat_get", vec![fd, BUF]), ("path_filestat_get", vec![3, 0, path, len, BUF])];
    for (name, args) in cases {
        guest.put(BUF, &[b'?'; 64]);
        guest.errno(name, &args).unwrap();
        assert_eq!((guest.u64(BUF), guest.text(BUF + 16, 4)), (1, r"\x04\x00\x00\x00".into()));
        assert_eq!((guest.u32(BUF + 20), guest.u64(BUF + 24)), (2, 6), "{name}");
        let times = [guest.u64(BUF + 32), guest.u64(BUF + 40), guest.u64(BUF + 48)];
        assert!(times.iter().all(|time| *time == vfs::EPOCH.0), "{times:?}");
        assert_eq!(guest.text(BUF + 56, 8), "????????", "{name}");
    }
}

#[test]
fn whence_counts_from_here_the_end_and_the_start() {
    let (mut guest, fd) = guest();
    for (offset, whence, expected) in
        [(2, 2, Ok(2)), (1, 0, Ok(3)), (1, 1, Ok(7)), (0, 3, Err(Errno::Inval))]
    {
        let moved = guest.errno("fd_seek", &[fd, offset, whence, OUT]).map(|()| guest.u64(OUT));
        assert_eq!(moved, expected, "{offset} {whence}");
    }
}

#[test]
fn a_subscription_has_56_bytes() {
    let (mut guest, _) = guest();
    let mut subscriptions = [0; 112];
    subscriptions[0] = 7;
    subscriptions[24] = 1;
    subscriptions[32..40].copy_from_slice(&5_000_000_u64.to_le_bytes());
    subscriptions[56] = 8;
    subscriptions[64] = 2;
    subscriptions[72] = 9;
    guest.put(BUF, &subscriptions);
    guest.errno("poll_oneoff", &[BUF, 0x1000, 1, OUT]).unwrap();
    assert_eq!((guest.u32(OUT), guest.u64(0x1000), guest.get(0x100a, 1)[0]), (1, 7, 0));
    guest.errno("clock_time_get", &[1, 0, OUT]).unwrap();
    assert_eq!(guest.u64(OUT), 5_000_000);
    // The second one polls descriptor 9, which is not open.
    guest.errno("poll_oneoff", &[BUF, 0x1000, 2, OUT]).unwrap();
    assert_eq!(
        (guest.u32(OUT), guest.u64(0x1000), guest.text(0x1008, 3)),
        (1, 8, r"\x08\x00\x02".into())
    );
    assert_eq!(guest.text(0x1020, 2), "??");
}
