//! Opening one name of a directory, and reading and writing at an offset.

use std::fs::{File, FileTimes};
use std::io;

use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt, OpenOptionsMaybeDirExt};
use cap_std::fs::{Dir, OpenOptions};

use super::attributes::system_time;
use super::errno::errno;
use crate::{Access, Errno, SetTimes};

/// How `name` in `dir` is opened: never through a link, and never waiting for the other end of a pipe.
fn options(access: Access) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(access.read).write(access.write).follow(FollowSymlinks::No);
    #[cfg(unix)]
    {
        use cap_std::fs::OpenOptionsExt;
        options.custom_flags(NONBLOCK);
    }
    options
}

#[cfg(unix)]
const NONBLOCK: i32 = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();

/// Opens an existing regular file.
///
/// # Errors
/// [`Errno::Nxio`] if it is something else, and what the host says.
pub(super) fn open(
    dir: &Dir,
    name: &str,
    access: Access,
) -> Result<(File, cap_std::fs::Metadata), Errno> {
    let file = dir.open_with(name, &options(access)).map_err(errno)?;
    let metadata = file.metadata().map_err(errno)?;
    if metadata.is_dir() {
        return Err(Errno::Isdir);
    }
    if !metadata.is_file() {
        return Err(Errno::Nxio);
    }
    Ok((file.into_std(), metadata))
}

/// Makes a file that was not there.
pub(super) fn create(dir: &Dir, name: &str) -> Result<cap_std::fs::Metadata, Errno> {
    let mut options = options(Access { read: false, write: true });
    let file = dir.open_with(name, options.create_new(true)).map_err(errno)?;
    file.metadata().map_err(errno)
}

/// A directory's handle as a file, for what a [`Dir`] cannot do.
pub(super) fn of_dir(dir: &Dir) -> Result<File, Errno> {
    let mut options = OpenOptions::new();
    let file = dir.open_with(".", options.read(true).maybe_dir(true)).map_err(errno)?;
    Ok(file.into_std())
}

/// Fills `out` from `offset` as far as the file goes.
pub(super) fn read_at(file: &File, offset: u64, out: &mut [u8]) -> Result<usize, Errno> {
    let mut filled = 0;
    while filled < out.len() {
        let Some(at) = offset.checked_add(filled as u64).filter(|at| *at <= OFFSET_MAX) else {
            break;
        };
        match read_once(file, &mut out[filled..], at) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(errno(error)),
        }
    }
    Ok(filled)
}

/// Writes `bytes` at `offset`, fewer if the host's room ends in the middle.
pub(super) fn write_at(file: &File, offset: u64, bytes: &[u8]) -> Result<usize, Errno> {
    let room = usize::try_from(OFFSET_MAX.saturating_sub(offset)).unwrap_or(usize::MAX);
    let bytes = &bytes[..bytes.len().min(room)];
    if room == 0 {
        return Err(Errno::Fbig);
    }
    let mut written = 0;
    while written < bytes.len() {
        match write_once(file, &bytes[written..], offset + written as u64) {
            Ok(0) => break,
            Ok(n) => written += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) if written > 0 => break,
            Err(error) => return Err(errno(error)),
        }
    }
    Ok(written)
}

/// Changes the times that are given.
pub(super) fn set_times(file: &File, times: SetTimes) -> io::Result<()> {
    let mut host = FileTimes::new();
    if let Some(time) = times.accessed {
        host = host.set_accessed(system_time(time));
    }
    if let Some(time) = times.modified {
        host = host.set_modified(system_time(time));
    }
    file.set_times(host)
}

/// Offsets are signed below.
pub(super) const OFFSET_MAX: u64 = i64::MAX as u64;

#[cfg(unix)]
fn read_once(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, offset)
}

#[cfg(unix)]
fn write_once(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::write_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_once(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, offset)
}

#[cfg(windows)]
fn write_once(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_write(file, bytes, offset)
}
