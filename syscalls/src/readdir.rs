//! `fd_readdir`.

use core::ops::ControlFlow;

use vfs::{Cookie, Errno, FileType};

use crate::abi::{DIRENT_BYTES, Rights, dirent};
use crate::fd_table::Object;
use crate::{Context, GuestMemory, Stop};

/// Lists a directory from `cookie` on: `.` and `..` first, then its entries, each with the cookie to go on after it.
///
/// The buffer is filled completely and the last entry cut, its header too; less than the buffer means the end. An entry
/// keeps its cookie for as long as it exists, so a guest may delete what it has listed and go on.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or not a directory.
/// - [`Errno::Notcapable`]: the guest gave the right up.
///
/// ```text
/// next: u64   ino: u64   name_len: u32   type: u8  0 0 0   name
/// ```
pub(crate) fn fd_readdir(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
    buf_len: u32,
    cookie: u64,
    bufused: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need(fd, Rights::FD_READDIR)?;
    let Object::Dir { node, .. } = descriptor.object else {
        return Err(Errno::Badf.into());
    };
    let buf = memory.place("buf", buf, buf_len.into())?;
    let bufused = memory.place("bufused", bufused, 4)?;
    let fs = ctx.fs.fs(node.mount);
    let mut listing = Listing { out: memory.bytes_mut(buf), used: 0 };
    // A directory that has been removed lists nothing, not even itself.
    if fs.stat(node.ino)?.nlink > 0 {
        // A file system does not know its directories' parents, so `..` shows the directory's own number.
        for (own, name) in [(1, "."), (2, "..")] {
            if cookie < own {
                listing.add(own, node.ino.0, FileType::Directory, name);
            }
        }
        if !listing.is_full() {
            fs.read_dir(node.ino, Cookie(cookie.max(2)), &mut |entry| {
                listing.add(entry.cookie.0, entry.ino.0, entry.file_type, entry.name);
                if listing.is_full() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
        }
    }
    // It is at most `buf_len`.
    let used = u32::try_from(listing.used).map_err(|_| Errno::Overflow)?;
    memory.put_u32(bufused, used);
    Ok(())
}

/// The guest's buffer as it fills.
struct Listing<'a> {
    out: &'a mut [u8],
    used: usize,
}

impl Listing<'_> {
    fn is_full(&self) -> bool {
        self.used == self.out.len()
    }

    /// Adds as much of an entry as there is room for.
    fn add(&mut self, next: u64, ino: u64, file_type: FileType, name: &str) {
        // A name has at most 255 bytes.
        let name_len = u32::try_from(name.len()).unwrap_or(u32::MAX);
        let header: [u8; DIRENT_BYTES] = dirent(next, ino, name_len, file_type);
        for part in [&header, name.as_bytes()] {
            let n = part.len().min(self.out.len() - self.used);
            self.out[self.used..self.used + n].copy_from_slice(&part[..n]);
            self.used += n;
        }
    }
}
