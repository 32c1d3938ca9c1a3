//! A guest without an interpreter: a context, and a memory painted with `?` so that every written byte shows.

#![allow(dead_code, reason = "each test file uses a part of it")]

use syscalls::{Context, Setup, Stop, find};
use vfs::{EPOCH, Errno, Mount, Namespace, Quota, Tree};

pub(crate) const READ: u64 = 1 << 1;
pub(crate) const WRITE: u64 = 1 << 6;
pub(crate) const RW: u64 = READ | WRITE;
pub(crate) const CREAT: u64 = 1;
pub(crate) const DIRECTORY: u64 = 2;
pub(crate) const EXCL: u64 = 4;
pub(crate) const TRUNC: u64 = 8;
pub(crate) const APPEND: u64 = 1;
pub(crate) const NONBLOCK: u64 = 4;
/// Where a path argument is put, and a second one.
const PATH: u64 = 0x8000;
const PATH2: u64 = 0xa000;
/// Where an iovec array and its buffer are put.
pub(crate) const IOVS: u64 = 0x100;
pub(crate) const BUF: u64 = 0x200;
/// Where a result is put.
pub(crate) const OUT: u64 = 0x80;

pub(crate) struct Guest {
    pub(crate) ctx: Context,
    pub(crate) memory: Vec<u8>,
    pub(crate) module: &'static str,
}

pub(crate) fn tree() -> Tree {
    Tree::new(Quota::default(), EPOCH)
}

pub(crate) fn namespace(tree: Tree) -> Namespace {
    Namespace::new(Mount { fs: Box::new(tree), read_only: false })
}

impl Guest {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup::new(namespace(tree()));
        change(&mut setup);
        Self::of(setup)
    }

    pub(crate) fn of(setup: Setup) -> Self {
        let memory = vec![b'?'; 0x10000];
        Self { ctx: Context::new(setup), memory, module: "wasi_snapshot_preview1" }
    }

    pub(crate) fn call(&mut self, name: &str, args: &[u64]) -> Result<(), Stop> {
        let syscall = find(self.module, name).expect("the name is in the table");
        (syscall.call)(&mut self.ctx, &mut syscalls::GuestMemory(&mut self.memory), args)
    }

    /// A call that neither waits nor traps.
    pub(crate) fn errno(&mut self, name: &str, args: &[u64]) -> Result<(), Errno> {
        match self.call(name, args) {
            Ok(()) => Ok(()),
            Err(Stop::Errno(errno)) => Err(errno),
            Err(stop) => panic!("{name}{args:?}: {stop:?}"),
        }
    }

    pub(crate) fn put(&mut self, at: u64, bytes: &[u8]) {
        let at = usize::try_from(at).unwrap();
        self.memory[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn get(&self, at: u64, len: usize) -> &[u8] {
        let at = usize::try_from(at).unwrap();
        &self.memory[at..at + len]
    }

    pub(crate) fn text(&self, at: u64, len: usize) -> String {
        self.get(at, len).escape_ascii().to_string()
    }

    pub(crate) fn u32(&self, at: u64) -> u32 {
        u32::from_le_bytes(self.get(at, 4).try_into().unwrap())
    }

    pub(crate) fn u64(&self, at: u64) -> u64 {
        u64::from_le_bytes(self.get(at, 8).try_into().unwrap())
    }

    pub(crate) fn path(&mut self, path: &str) -> [u64; 2] {
        self.put(PATH, path.as_bytes());
        [PATH, path.len() as u64]
    }

    pub(crate) fn path2(&mut self, path: &str) -> [u64; 2] {
        self.put(PATH2, path.as_bytes());
        [PATH2, path.len() as u64]
    }

    pub(crate) fn open_at(
        &mut self,
        dir: u64,
        follow: u64,
        path: &str,
        [oflags, rights, fdflags]: [u64; 3],
    ) -> Result<u64, Errno> {
        let [path, len] = self.path(path);
        let rights = [oflags, rights, 0, fdflags, OUT];
        self.errno("path_open", &[&[dir, follow, path, len], &rights[..]].concat())?;
        Ok(self.u32(OUT).into())
    }

    pub(crate) fn open(&mut self, path: &str, oflags: u64, rights: u64) -> Result<u64, Errno> {
        self.open_at(3, 1, path, [oflags, rights, 0])
    }

    /// Makes a file with content, and closes it.
    pub(crate) fn file(&mut self, path: &str, content: &str) {
        let fd = self.open(path, CREAT | TRUNC, RW).unwrap();
        assert_eq!(self.write(fd, content), Ok(content.len()), "{path}");
        self.errno("fd_close", &[fd]).unwrap();
    }

    /// The content of a file.
    pub(crate) fn cat(&mut self, path: &str) -> Result<String, Errno> {
        let fd = self.open(path, 0, READ)?;
        let content = self.read(fd, 4096);
        self.errno("fd_close", &[fd])?;
        content
    }

    pub(crate) fn iovec(&mut self, len: usize) -> [u64; 2] {
        self.put(IOVS, &u32::try_from(BUF).unwrap().to_le_bytes());
        self.put(IOVS + 4, &u32::try_from(len).unwrap().to_le_bytes());
        [IOVS, 1]
    }

    pub(crate) fn write(&mut self, fd: u64, text: &str) -> Result<usize, Errno> {
        self.put(BUF, text.as_bytes());
        let [iovs, len] = self.iovec(text.len());
        self.errno("fd_write", &[fd, iovs, len, OUT])?;
        Ok(usize::try_from(self.u32(OUT)).unwrap())
    }

    pub(crate) fn read(&mut self, fd: u64, len: usize) -> Result<String, Errno> {
        let [iovs, iovs_len] = self.iovec(len);
        self.errno("fd_read", &[fd, iovs, iovs_len, OUT])?;
        let n = usize::try_from(self.u32(OUT)).unwrap();
        Ok(self.text(BUF, n))
    }

    pub(crate) fn size(&mut self, fd: u64) -> u64 {
        self.errno("fd_filestat_get", &[fd, BUF]).unwrap();
        self.u64(BUF + 32)
    }

    pub(crate) fn tell(&mut self, fd: u64) -> u64 {
        self.errno("fd_tell", &[fd, OUT]).unwrap();
        self.u64(OUT)
    }

    /// Calls a function of one path in directory 3: `path_unlink_file`, `path_remove_directory`, `path_create_directory`.
    pub(crate) fn on(&mut self, name: &str, path: &str) -> Result<(), Errno> {
        let [path, len] = self.path(path);
        self.errno(name, &[3, path, len])
    }

    pub(crate) fn mkdir(&mut self, path: &str) -> Result<(), Errno> {
        self.on("path_create_directory", path)
    }

    pub(crate) fn unlink(&mut self, path: &str) -> Result<(), Errno> {
        self.on("path_unlink_file", path)
    }

    pub(crate) fn rmdir(&mut self, path: &str) -> Result<(), Errno> {
        self.on("path_remove_directory", path)
    }

    pub(crate) fn symlink(&mut self, target: &str, path: &str) -> Result<(), Errno> {
        let ([target, target_len], [path, len]) = (self.path2(target), self.path(path));
        self.errno("path_symlink", &[target, target_len, 3, path, len])
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let ([from, from_len], [to, to_len]) = (self.path(from), self.path2(to));
        self.errno("path_rename", &[3, from, from_len, 3, to, to_len])
    }

    pub(crate) fn link(&mut self, from: &str, to: &str) -> Result<(), Errno> {
        let ([from, from_len], [to, to_len]) = (self.path(from), self.path2(to));
        self.errno("path_link", &[3, 0, from, from_len, 3, to, to_len])
    }

    /// The file type, link count and size of what a path leads to.
    pub(crate) fn stat(&mut self, path: &str, follow: u64) -> Result<(u8, u64, u64), Errno> {
        let [path, len] = self.path(path);
        self.errno("path_filestat_get", &[3, follow, path, len, BUF])?;
        Ok((self.get(BUF + 16, 1)[0], self.u64(BUF + 24), self.u64(BUF + 32)))
    }
}
