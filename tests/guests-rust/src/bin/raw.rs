//! Functions of preview1 that `std` does not reach, or not with these arguments, by their own imports.

use stepwell_guests::show;

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn fd_advise(fd: u32, offset: u64, len: u64, advice: u32) -> u32;
    fn fd_allocate(fd: u32, offset: u64, len: u64) -> u32;
    fn fd_close(fd: u32) -> u32;
    fn fd_datasync(fd: u32) -> u32;
    fn fd_fdstat_get(fd: u32, stat: *mut [u64; 3]) -> u32;
    fn fd_fdstat_set_flags(fd: u32, flags: u32) -> u32;
    fn fd_fdstat_set_rights(fd: u32, base: u64, inheriting: u64) -> u32;
    fn fd_filestat_get(fd: u32, stat: *mut [u64; 8]) -> u32;
    fn fd_filestat_set_times(fd: u32, atim: u64, mtim: u64, flags: u32) -> u32;
    fn fd_pread(fd: u32, iovs: *const Iov, count: u32, offset: u64, n: *mut u32) -> u32;
    fn fd_prestat_get(fd: u32, stat: *mut [u32; 2]) -> u32;
    fn fd_prestat_dir_name(fd: u32, name: *mut u8, len: u32) -> u32;
    fn fd_pwrite(fd: u32, iovs: *const Iov, count: u32, offset: u64, n: *mut u32) -> u32;
    fn fd_readdir(fd: u32, buf: *mut u8, len: u32, cookie: u64, used: *mut u32) -> u32;
    fn fd_renumber(fd: u32, to: u32) -> u32;
    fn fd_tell(fd: u32, offset: *mut u64) -> u32;
    fn path_filestat_get(
        fd: u32,
        flags: u32,
        path: *const u8,
        len: u32,
        stat: *mut [u64; 8],
    ) -> u32;
    fn path_filestat_set_times(
        fd: u32,
        flags: u32,
        path: *const u8,
        len: u32,
        atim: u64,
        mtim: u64,
        what: u32,
    ) -> u32;
    fn path_open(
        fd: u32,
        dirflags: u32,
        path: *const u8,
        len: u32,
        oflags: u32,
        base: u64,
        inheriting: u64,
        fdflags: u32,
        opened: *mut u32,
    ) -> u32;
    fn poll_oneoff(of: *const Subscription, out: *mut Event, count: u32, n: *mut u32) -> u32;
    fn proc_raise(signal: u32) -> u32;
    fn sched_yield() -> u32;
    fn sock_accept(fd: u32, flags: u32, opened: *mut u32) -> u32;
    fn sock_recv(
        fd: u32,
        iovs: *const Iov,
        count: u32,
        flags: u32,
        n: *mut u32,
        out: *mut u16,
    ) -> u32;
    fn sock_send(fd: u32, iovs: *const Iov, count: u32, flags: u32, n: *mut u32) -> u32;
    fn sock_shutdown(fd: u32, how: u32) -> u32;
}

/// A buffer to read into or to write.
#[repr(C)]
struct Iov(*mut u8, u32);

/// What to wait for: its number, what it is, then a clock's fields, or a descriptor in `clock`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Subscription {
    userdata: u64,
    tag: u64,
    clock: u64,
    timeout: u64,
    precision: u64,
    flags: u64,
}

/// What has happened.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
struct Event {
    userdata: u64,
    error: u16,
    tag: u8,
    bytes: u64,
    flags: u16,
}

const ROOT: u32 = 3;
const READ_WRITE: u64 = 0x1fff_ffff;
/// FD_READ and FD_READDIR.
const READ_DIR: u64 = 0x4002;

fn main() {
    // SAFETY: every pointer leads to a value that is alive and as large as the function wants it.
    unsafe {
        descriptors();
        listings();
        times();
        waiting();
        sockets();
        show("sched_yield", sched_yield());
        show("proc_raise", proc_raise(2));
    }
}

/// Opens a file, making it if need be: the errno and the descriptor.
unsafe fn open(path: &str, oflags: u32, rights: u64) -> (u32, u32) {
    let mut fd = 0;
    let (start, len) = (path.as_ptr(), path.len() as u32);
    let errno = unsafe { path_open(ROOT, 0, start, len, oflags, rights, rights, 0, &mut fd) };
    (errno, fd)
}

unsafe fn descriptors() {
    unsafe {
        let (mut stat, mut filestat, mut offset, mut n) = ([0; 3], [0; 8], 0, 0);
        let (mut prestat, mut name) = ([0; 2], [b'?'; 2]);
        show("prestat", (fd_prestat_get(ROOT, &mut prestat), prestat));
        show("prestat of no more", fd_prestat_get(4, &mut prestat));
        show("prestat_dir_name", (fd_prestat_dir_name(ROOT, name.as_mut_ptr(), 1), name));
        show("open", open("raw", 1, READ_WRITE));
        let mut bytes = *b"abcdef";
        let iovs = [Iov(bytes.as_mut_ptr(), 3), Iov(bytes.as_mut_ptr().add(3), 3)];
        show("pwrite", (fd_pwrite(4, iovs.as_ptr(), 2, 10, &mut n), n));
        show("pread", (fd_pread(4, iovs.as_ptr(), 2, 12, &mut n), n, bytes));
        show("pread behind the end", (fd_pread(4, iovs.as_ptr(), 2, 99, &mut n), n));
        show("tell", (fd_tell(4, &mut offset), offset));
        show("advise", [0, 5, 6].map(|advice| fd_advise(4, 0, 10, advice)));
        show("advise on a stream and a directory", [1, ROOT].map(|fd| fd_advise(fd, 0, 1, 0)));
        show("allocate", [(0, 5), (10, 90), (0, 0)].map(|(at, len)| fd_allocate(4, at, len)));
        show("filestat", (fd_filestat_get(4, &mut filestat), filestat[2] & 0xff, filestat[4]));
        show("datasync", [4, ROOT, 1].map(|fd| fd_datasync(fd)));
        show("set_flags", [1, 0, 32].map(|flags| fd_fdstat_set_flags(4, flags)));
        show("set_rights", fd_fdstat_set_rights(4, 2, 0));
        show("fdstat", (fd_fdstat_get(4, &mut stat), stat[0] & 0xffff_00ff, stat[1], stat[2]));
        show("pwrite after that", fd_pwrite(4, iovs.as_ptr(), 1, 0, &mut n));
        show("open another", open("other", 1, READ_WRITE));
        show("renumber", fd_renumber(5, 4));
        show("the old number", fd_close(5));
        show("renumber onto nothing", fd_renumber(4, 9));
        show("renumber nothing", fd_renumber(9, 4));
        show("renumber onto itself", fd_renumber(4, 4));
        show("write by the new number", fd_pwrite(4, iovs.as_ptr(), 1, 0, &mut n));
        show("close", [fd_close(4), fd_close(4)]);
    }
}

unsafe fn listings() {
    unsafe {
        show("open the root again", open(".", 2, READ_DIR));
        let mut buf = [b'?'; 64];
        for len in [0, 1, 23, 24, 25, 26, 49, 50, 64] {
            let mut used = 99;
            buf.fill(b'?');
            let errno = fd_readdir(4, buf.as_mut_ptr(), len, 0, &mut used);
            let untouched = buf[len as usize..].iter().all(|byte| *byte == b'?');
            show(&format!("readdir into {len}"), (errno, used, untouched));
        }
        // One entry at a time, each from the cookie of the one before.
        let (mut cookie, mut names) = (0, Vec::new());
        loop {
            let mut used = 0;
            let errno = fd_readdir(4, buf.as_mut_ptr(), 40, cookie, &mut used);
            if errno != 0 || used < 24 {
                show("readdir at its end", (errno, used));
                break;
            }
            cookie = u64::from_le_bytes(buf[..8].try_into().expect("eight bytes"));
            let len = u32::from_le_bytes(buf[16..20].try_into().expect("four bytes")) as usize;
            names.push(String::from_utf8_lossy(&buf[24..24 + len]).into_owned());
        }
        names.sort();
        show("readdir one by one", names);
        let mut used = 0;
        show(
            "readdir from a cookie of nobody",
            (fd_readdir(4, buf.as_mut_ptr(), 64, !0, &mut used), used),
        );
        show("readdir of a stream", fd_readdir(1, buf.as_mut_ptr(), 64, 0, &mut used));
        show("close the directory", fd_close(4));
    }
}

unsafe fn times() {
    unsafe {
        let mut stat = [0; 8];
        let mut set = |path: &str, atim, mtim, what| {
            let (start, len) = (path.as_ptr(), path.len() as u32);
            let errno = path_filestat_set_times(ROOT, 0, start, len, atim, mtim, what);
            let got = path_filestat_get(ROOT, 0, start, len, &mut stat);
            (errno, got, stat[5], stat[6])
        };
        show("set both times", set("raw", 1_000, 2_000, 1 | 4));
        show("set one time", set("raw", 7, 3_000_000_000, 4));
        show("set no time", set("raw", 7, 7, 0));
        show("a time and now", set("raw", 7, 7, 4 | 8));
        show("an unknown flag", set("raw", 7, 7, 16));
        show("the times of nothing", set("nx", 7, 7, 1).0);
        let now = set("raw", 7, 7, 8);
        show("set it to now", (now.0, now.2, now.3 > 1_577_836_800_000_000_000));
        show("set the times of the root", fd_filestat_set_times(ROOT, 5_000, 6_000, 1 | 4));
        show("the root's", (fd_filestat_get(ROOT, &mut stat), stat[5] == 5_000, stat[6] == 6_000));
    }
}

unsafe fn waiting() {
    unsafe {
        show("open what is waited for", open("raw", 0, READ_WRITE));
        let timer =
            |userdata, timeout| Subscription { userdata, clock: 1, timeout, ..Default::default() };
        let on =
            |userdata, tag, fd| Subscription { userdata, tag, clock: fd, ..Default::default() };
        let cases: [(&str, &[Subscription]); 8] = [
            ("poll nothing", &[]),
            ("poll a timer", &[timer(1, 1_000_000)]),
            ("poll two timers", &[timer(1, 1 << 50), timer(2, 5)]),
            ("poll a file", &[on(3, 1, 4), on(4, 2, 4)]),
            ("poll standard output", &[on(5, 2, 1), timer(6, 1 << 50)]),
            ("poll what is not open", &[on(7, 1, 99)]),
            ("poll a directory", &[on(8, 1, u64::from(ROOT))]),
            ("poll what nobody knows", &[on(9, 3, 0)]),
        ];
        for (name, subscriptions) in cases {
            let (mut events, mut n) = ([Event::default(); 4], 0);
            let count = subscriptions.len() as u32;
            let errno = poll_oneoff(subscriptions.as_ptr(), events.as_mut_ptr(), count, &mut n);
            let events: Vec<_> = events[..n as usize]
                .iter()
                .map(|event| (event.userdata, event.error, event.tag, event.bytes, event.flags))
                .collect();
            show(name, (errno, events));
        }
        show("close what was waited for", fd_close(4));
    }
}

unsafe fn sockets() {
    unsafe {
        let (mut fd, mut n, mut flags, mut bytes) = (0, 0, 0, [0; 4]);
        let iov = Iov(bytes.as_mut_ptr(), 4);
        for (name, on) in [("a stream", 1), ("a directory", ROOT), ("nothing", 99)] {
            let answers = [
                sock_accept(on, 0, &mut fd),
                sock_recv(on, &iov, 1, 0, &mut n, &mut flags),
                sock_send(on, &iov, 1, 0, &mut n),
                sock_shutdown(on, 1),
            ];
            show(&format!("accept, recv, send and shutdown on {name}"), answers);
        }
    }
}
