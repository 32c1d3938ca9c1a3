//! A small program's calls as text.

mod common;

use common::{CREAT, Guest, RW};
use syscalls::{TraceCall, TraceResult, find};

/// Makes a call and tells it.
fn trace(guest: &mut Guest, name: &str, args: &[u64]) -> String {
    let syscall = find(guest.module, name).unwrap();
    let call = TraceCall { syscall, args };
    let result = guest.call(name, args);
    format!("{call} {}\n", TraceResult(&result))
}

#[test]
fn calls_and_results_read_as_the_table_says() {
    let mut guest = Guest::new();
    let [path, len] = guest.path("f");
    let [iovs, iovs_len] = guest.iovec(4);
    let calls: &[(&str, &[u64])] = &[
        ("path_open", &[3, 1, path, len, CREAT, RW, 0, 0, 0x80]),
        ("fd_write", &[4, iovs, iovs_len, 0x80]),
        ("fd_seek", &[4, (-2_i64).cast_unsigned(), 1, 0x80]),
        ("fd_read", &[9, iovs, iovs_len, 0x80]),
        ("fd_read", &[4, iovs, iovs_len, 0xffff_fff0]),
        ("fd_read", &[0, iovs, iovs_len, 0x80]),
        ("sched_yield", &[]),
        ("proc_exit", &[3]),
    ];
    let text: String = calls.iter().map(|(name, args)| trace(&mut guest, name, args)).collect();
    let golden = "\
path_open(fd=3, dirflags=0x1, path=0x8000, path_len=1, oflags=0x1, fs_rights_base=0x42, fs_rights_inheriting=0x0, fdflags=0x0, opened_fd=0x80) -> ok
fd_write(fd=4, iovs=0x100, iovs_len=1, nwritten=0x80) -> ok
fd_seek(fd=4, offset=-2, whence=1, newoffset=0x80) -> ok
fd_read(fd=9, iovs=0x100, iovs_len=1, nread=0x80) -> EBADF
fd_read(fd=4, iovs=0x100, iovs_len=1, nread=0xfffffff0) -> trap: fd_read: nread points at 0xfffffff0, outside memory (65536 bytes)
fd_read(fd=0, iovs=0x100, iovs_len=1, nread=0x80) -> pending (input)
sched_yield() -> ok
proc_exit(rval=3) -> exit 3
";
    assert_eq!(text, golden);
}
