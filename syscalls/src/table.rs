//! The imports: the only list of them. The linker, the trace, docs/preview1.md and the fuzzer are derived from it.

use crate::syscall::{Form, Param, Syscall, ValType, argument, param, same, syscalls};
use crate::{args, clock, fd, io, open, path, poll, proc, random, readdir, sock, unstable};

/// The 46 imports of `wasi_snapshot_preview1`.
pub static PREVIEW1: &[Syscall] = &PREVIEW1_ROWS;

/// The 45 imports of `wasi_unstable`: the same but for `sock_accept`, with older layouts in four of them.
pub static UNSTABLE: &[Syscall] = &UNSTABLE_ROWS;

/// The modules that are served, each with its table.
pub static MODULES: &[(&str, &[Syscall])] =
    &[("wasi_snapshot_preview1", &PREVIEW1_ROWS), ("wasi_unstable", &UNSTABLE_ROWS)];

/// The import `name` of `module`, if there is one.
#[must_use]
pub fn find(module: &str, name: &str) -> Option<&'static Syscall> {
    let (_, table) = MODULES.iter().find(|(served, _)| *served == module)?;
    table.iter().find(|syscall| syscall.name == name)
}

const PREVIEW1_ROWS: [Syscall; 46] = syscalls! {
    /// Writes the arguments, and an array of pointers to them.
    args_get = args(argv: ptr, argv_buf: ptr) "", "bytes";
    /// Tells how many arguments there are and how many bytes they take.
    args_sizes_get = args(argc: ptr, argv_buf_size: ptr) "", "bytes";
    /// Writes the environment, and an array of pointers to its variables.
    environ_get = args(environ: ptr, environ_buf: ptr) "", "bytes";
    /// Tells how many environment variables there are and how many bytes they take.
    environ_sizes_get = args(environc: ptr, environ_buf_size: ptr) "", "bytes";
    /// Tells the resolution of a clock.
    clock_res_get = clock(id: u32, resolution: ptr) "INVAL", "";
    /// Tells the time.
    clock_time_get = clock(id: u32, precision: u64, time: ptr) "INVAL", "";
    /// Says how a file will be used, which changes nothing here.
    fd_advise = fd(fd: u32, offset: u64, len: u64, advice: u32) "BADF NOTCAPABLE SPIPE INVAL", "";
    /// Grows a file. It never shrinks one.
    fd_allocate = fd(fd: u32, offset: u64, len: u64)
        "BADF NOTCAPABLE SPIPE INVAL FBIG ROFS", "";
    /// Closes a descriptor.
    fd_close = fd(fd: u32) "BADF", "";
    /// Brings a file's data to the disk, where there is one.
    fd_datasync = fd(fd: u32) "BADF NOTCAPABLE INVAL IO", "";
    /// Tells what a descriptor is, its flags and its rights.
    fd_fdstat_get = fd(fd: u32, stat: ptr) "BADF", "";
    /// Changes a descriptor's flags.
    fd_fdstat_set_flags = fd(fd: u32, flags: flags) "BADF NOTCAPABLE INVAL", "";
    /// Gives rights up.
    fd_fdstat_set_rights = fd(fd: u32, fs_rights_base: rights, fs_rights_inheriting: rights)
        "BADF NOTCAPABLE", "";
    /// Tells the attributes of what a descriptor stands for.
    fd_filestat_get = fd(fd: u32, buf: ptr) "BADF NOTCAPABLE", "";
    /// Cuts or grows a file.
    fd_filestat_set_size = fd(fd: u32, size: u64) "BADF NOTCAPABLE INVAL ROFS FBIG", "";
    /// Changes times.
    fd_filestat_set_times = fd(fd: u32, atim: u64, mtim: u64, fst_flags: flags)
        "BADF NOTCAPABLE INVAL ROFS", "";
    /// Reads at an offset that is given, and leaves the descriptor's own alone.
    fd_pread = io(fd: u32, iovs: ptr, iovs_len: u32, offset: u64, nread: ptr)
        "BADF NOTCAPABLE SPIPE INVAL", "buffers, bytes";
    /// Tells that a directory was open from the start, and how long its name is.
    fd_prestat_get = fd(fd: u32, buf: ptr) "BADF", "";
    /// Tells the name of a directory that was open from the start.
    fd_prestat_dir_name = fd(fd: u32, path: ptr, path_len: u32) "BADF NAMETOOLONG", "bytes";
    /// Writes at an offset that is given, and leaves the descriptor's own alone.
    fd_pwrite = io(fd: u32, iovs: ptr, iovs_len: u32, offset: u64, nwritten: ptr)
        "BADF NOTCAPABLE SPIPE INVAL ROFS FBIG NOSPC", "buffers, bytes";
    /// Reads at the descriptor's offset, and moves it.
    fd_read = io(fd: u32, iovs: ptr, iovs_len: u32, nread: ptr)
        "BADF NOTCAPABLE INVAL AGAIN CONNRESET", "buffers, bytes";
    /// Lists a directory.
    fd_readdir = readdir(fd: u32, buf: ptr, buf_len: u32, cookie: u64, bufused: ptr)
        "BADF NOTCAPABLE IO", "bytes";
    /// Moves a descriptor onto the number of another, which closes.
    fd_renumber = fd(fd: u32, to: u32) "BADF", "";
    /// Moves the offset.
    fd_seek = io(fd: u32, offset: s64, whence: u32, newoffset: ptr)
        "BADF SPIPE INVAL NOTCAPABLE", "";
    /// Brings a file's data and attributes to the disk, where there is one.
    fd_sync = fd(fd: u32) "BADF NOTCAPABLE INVAL IO", "";
    /// Tells the offset.
    fd_tell = io(fd: u32, offset: ptr) "BADF SPIPE NOTCAPABLE", "";
    /// Writes at the descriptor's offset, or at the end, and moves the offset.
    fd_write = io(fd: u32, iovs: ptr, iovs_len: u32, nwritten: ptr)
        "BADF NOTCAPABLE INVAL ROFS PIPE AGAIN CONNRESET FBIG NOSPC", "buffers, bytes";
    /// Makes a directory.
    path_create_directory = path(fd: u32, path: ptr, path_len: u32)
        "BADF NOTCAPABLE NOTDIR path EXIST ROFS NOSPC", "path";
    /// Tells the attributes of what a path leads to.
    path_filestat_get = path(fd: u32, flags: flags, path: ptr, path_len: u32, buf: ptr)
        "BADF NOTCAPABLE NOTDIR INVAL path", "path";
    /// Changes the times of what a path leads to.
    path_filestat_set_times = path(
        fd: u32, flags: flags, path: ptr, path_len: u32, atim: u64, mtim: u64, fst_flags: flags
    ) "BADF NOTCAPABLE NOTDIR INVAL path ROFS", "path";
    /// Gives a file one more name.
    path_link = path(
        old_fd: u32, old_flags: flags, old_path: ptr, old_path_len: u32,
        new_fd: u32, new_path: ptr, new_path_len: u32
    ) "BADF NOTCAPABLE NOTDIR INVAL path EXIST NOENT PERM ROFS XDEV", "path";
    /// Opens what a path leads to, or makes a file.
    path_open = open(
        fd: u32, dirflags: flags, path: ptr, path_len: u32, oflags: flags,
        fs_rights_base: rights, fs_rights_inheriting: rights, fdflags: flags, opened_fd: ptr
    ) "BADF NOTCAPABLE NOTDIR INVAL NOTCAPABLE path MFILE EXIST LOOP ISDIR NOTDIR NOENT ROFS NOSPC", "path";
    /// Reads the target of a symbolic link.
    path_readlink = path(
        fd: u32, path: ptr, path_len: u32, buf: ptr, buf_len: u32, bufused: ptr
    ) "BADF NOTCAPABLE NOTDIR path INVAL", "path, bytes";
    /// Removes an empty directory.
    path_remove_directory = path(fd: u32, path: ptr, path_len: u32)
        "BADF NOTCAPABLE NOTDIR path INVAL BUSY NOTDIR ROFS NOTEMPTY", "path";
    /// Moves a name, replacing what has the new one.
    path_rename = path(
        fd: u32, old_path: ptr, old_path_len: u32, new_fd: u32, new_path: ptr, new_path_len: u32
    ) "BADF NOTCAPABLE NOTDIR path BUSY NOTDIR ROFS XDEV INVAL ISDIR NOTEMPTY", "path";
    /// Makes a symbolic link.
    path_symlink = path(
        old_path: ptr, old_path_len: u32, fd: u32, new_path: ptr, new_path_len: u32
    ) "BADF NOTCAPABLE NOTDIR path EXIST NOENT ROFS NOSPC", "path";
    /// Removes a name that is not a directory's.
    path_unlink_file = path(fd: u32, path: ptr, path_len: u32)
        "BADF NOTCAPABLE NOTDIR path ISDIR ROFS", "path";
    /// Waits for time and for streams.
    poll_oneoff = poll(r#in: ptr, out: ptr, nsubscriptions: u32, nevents: ptr)
        "INVAL", "subscriptions";
    /// Ends the process.
    proc_exit = proc(rval: u32) "", "";
    /// Would send a signal; there are none.
    proc_raise = proc(sig: u32) "NOSYS", "";
    /// Lets others run, of which there are none.
    sched_yield = proc() "", "";
    /// Fills a buffer with random bytes.
    random_get = random(buf: ptr, buf_len: u32) "", "bytes";
    /// Accepts the next connection that the embedder offered.
    sock_accept = sock(fd: u32, flags: flags, result_fd: ptr)
        "BADF NOTCAPABLE NOTSOCK INVAL MFILE AGAIN", "";
    /// Receives from a connection.
    sock_recv = sock(
        fd: u32, ri_data: ptr, ri_data_len: u32, ri_flags: flags, ro_datalen: ptr, ro_flags: ptr
    ) "BADF NOTCAPABLE NOTSOCK NOTCONN INVAL CONNRESET AGAIN", "buffers, bytes";
    /// Sends to a connection.
    sock_send = sock(
        fd: u32, si_data: ptr, si_data_len: u32, si_flags: flags, so_datalen: ptr
    ) "BADF NOTCAPABLE NOTSOCK NOTCONN INVAL CONNRESET PIPE AGAIN", "buffers, bytes";
    /// Shuts one or both directions of a connection down.
    sock_shutdown = sock(fd: u32, how: flags)
        "BADF NOTCAPABLE NOTSOCK NOTCONN INVAL CONNRESET", "";
};

/// What `wasi_unstable` does in its own way.
const UNSTABLE_OWN: [Syscall; 4] = syscalls! {
    /// Tells the attributes of what a descriptor stands for, in 56 bytes.
    fd_filestat_get = unstable(fd: u32, buf: ptr) "BADF NOTCAPABLE", "";
    /// Moves the offset; `whence` is 0 for the current one, 1 for the end, 2 for the start.
    fd_seek = unstable(fd: u32, offset: s64, whence: u32, newoffset: ptr)
        "BADF SPIPE INVAL NOTCAPABLE", "";
    /// Tells the attributes of what a path leads to, in 56 bytes.
    path_filestat_get = unstable(fd: u32, flags: flags, path: ptr, path_len: u32, buf: ptr)
        "BADF NOTCAPABLE NOTDIR INVAL path", "path";
    /// Waits for time and for streams; a subscription has 56 bytes.
    poll_oneoff = unstable(r#in: ptr, out: ptr, nsubscriptions: u32, nevents: ptr)
        "INVAL", "subscriptions";
};

const UNSTABLE_ROWS: [Syscall; 45] = {
    let mut rows = [PREVIEW1_ROWS[0]; 45];
    let (mut from, mut to) = (0, 0);
    while from < PREVIEW1_ROWS.len() {
        let mut row = PREVIEW1_ROWS[from];
        let mut own = 0;
        while own < UNSTABLE_OWN.len() {
            if same(UNSTABLE_OWN[own].name, row.name) {
                row = UNSTABLE_OWN[own];
            }
            own += 1;
        }
        if !same(row.name, "sock_accept") {
            rows[to] = row;
            to += 1;
        }
        from += 1;
    }
    rows
};
