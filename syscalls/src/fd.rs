//! What descriptors are and may do: the `fd_*` functions that move no bytes.

use vfs::{Access, Errno, FileType, Ino, Node, SetTimes, Stat, Timestamp};

use crate::abi::{
    ADVICE_LAST, FDSTAT_BYTES, FILESTAT_BYTES, FdFlags, FstFlags, PRESTAT_BYTES, Rights, fdstat,
    filestat, prestat_dir,
};
use crate::fd_table::{Descriptor, Object};
use crate::io::signed;
use crate::{Context, GuestMemory, Stop};

/// Says how a file will be used, which changes nothing here.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or a directory.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Spipe`]: `fd` is a stream.
/// - [`Errno::Inval`]: there is no such `advice`, or `offset` or `len` has bit 63 set.
pub(crate) fn fd_advise(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
    advice: u32,
) -> Result<(), Stop> {
    file(ctx.fds.need(fd, Rights::FD_ADVISE)?, Errno::Spipe)?;
    signed(offset)?;
    signed(len)?;
    if advice > ADVICE_LAST {
        return Err(Errno::Inval.into());
    }
    Ok(())
}

/// Grows a file so that `len` bytes from `offset` on are inside. It never shrinks one.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, a directory, or not for writing.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Spipe`]: `fd` is a stream.
/// - [`Errno::Inval`]: `len` is 0, or `offset` or `len` has bit 63 set.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Fbig`]: past the largest file.
pub(crate) fn fd_allocate(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    len: u64,
) -> Result<(), Stop> {
    let (node, access) = file(ctx.fds.need(fd, Rights::FD_ALLOCATE)?, Errno::Spipe)?;
    if !access.write {
        return Err(Errno::Badf.into());
    }
    if signed(len)? == 0 {
        return Err(Errno::Inval.into());
    }
    // Two numbers below 2^63 do not overflow.
    let end = signed(signed(offset)? + len).map_err(|_| Errno::Fbig)?;
    let now = ctx.clock.timestamp();
    let fs = ctx.fs.fs_mut(node.mount)?;
    if fs.stat(node.ino)?.size < end {
        fs.set_len(node.ino, end, now)?;
    }
    Ok(())
}

/// Closes a descriptor, preopened and standard ones too. Its number is free again.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
pub(crate) fn fd_close(ctx: &mut Context, _: &mut GuestMemory<'_>, fd: u32) -> Result<(), Stop> {
    let descriptor = ctx.fds.take(fd)?;
    ctx.release(&descriptor);
    Ok(())
}

/// Brings a file's data to the disk, where there is one.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Inval`]: `fd` is a stream.
/// - [`Errno::Io`]: the disk failed.
pub(crate) fn fd_datasync(ctx: &mut Context, _: &mut GuestMemory<'_>, fd: u32) -> Result<(), Stop> {
    sync(ctx, fd, Rights::FD_DATASYNC)
}

/// Brings a file's data and attributes to the disk, where there is one.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Inval`]: `fd` is a stream.
/// - [`Errno::Io`]: the disk failed.
pub(crate) fn fd_sync(ctx: &mut Context, _: &mut GuestMemory<'_>, fd: u32) -> Result<(), Stop> {
    sync(ctx, fd, Rights::FD_SYNC)
}

fn sync(ctx: &mut Context, fd: u32, right: Rights) -> Result<(), Stop> {
    let node = ctx.fds.need(fd, right)?.node().ok_or(Errno::Inval)?;
    Ok(ctx.fs.fs(node.mount).sync(node.ino)?)
}

/// Tells what a descriptor is, its flags and its rights.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
pub(crate) fn fd_fdstat_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    stat: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.get(fd)?;
    let place = memory.place("stat", stat, FDSTAT_BYTES as u64)?;
    let (base, inheriting) = descriptor.rights();
    let file_type = file_type(ctx, descriptor);
    memory.put(place, &fdstat(file_type, descriptor.flags, base, inheriting));
    Ok(())
}

/// Changes a descriptor's flags, at once. A directory has none.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or a directory.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Inval`]: `flags` has an unknown bit.
pub(crate) fn fd_fdstat_set_flags(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need_mut(fd, Rights::FD_FDSTAT_SET_FLAGS)?;
    if descriptor.dir().is_ok() {
        return Err(Errno::Badf.into());
    }
    descriptor.flags = FdFlags::parse(flags)?;
    Ok(())
}

/// Gives rights up, for the descriptor and for what is opened through it.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: it has not all of these rights.
pub(crate) fn fd_fdstat_set_rights(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    fs_rights_base: u64,
    fs_rights_inheriting: u64,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.get_mut(fd)?;
    descriptor.keep_rights(Rights(fs_rights_base), Rights(fs_rights_inheriting))?;
    Ok(())
}

/// Tells the attributes of what a descriptor stands for.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: the guest gave the right up.
pub(crate) fn fd_filestat_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
) -> Result<(), Stop> {
    stat_to(ctx, memory, fd, buf, filestat)
}

/// [`fd_filestat_get`] in either layout of the attributes.
pub(crate) fn stat_to<const N: usize>(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
    layout: fn(u64, &Stat) -> [u8; N],
) -> Result<(), Stop> {
    const { assert!(N <= FILESTAT_BYTES, "no layout is larger than preview1's") };
    let descriptor = ctx.fds.need(fd, Rights::FD_FILESTAT_GET)?;
    let place = memory.place("buf", buf, N as u64)?;
    let bytes = match descriptor.node() {
        Some(node) => layout(device(node), &ctx.fs.fs(node.mount).stat(node.ino)?),
        None => layout(0, &stream_stat(fd, file_type(ctx, descriptor))),
    };
    memory.put(place, &bytes);
    Ok(())
}

/// The device number of a mount's files; 0 is that of streams.
pub(crate) fn device(node: Node) -> u64 {
    u64::from(node.mount.0) + 1
}

/// The attributes of a stream: nothing but what it is, and a number of its own, so that no two look like one file.
fn stream_stat(fd: u32, file_type: FileType) -> Stat {
    Stat {
        ino: Ino(fd.into()),
        file_type,
        nlink: 1,
        size: 0,
        accessed: Timestamp(0),
        modified: Timestamp(0),
        changed: Timestamp(0),
    }
}

/// Cuts or grows a file. Its offset stays.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or a directory.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Inval`]: `fd` is a stream or not for writing, or `size` has bit 63 set.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Fbig`]: past the largest file.
pub(crate) fn fd_filestat_set_size(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    size: u64,
) -> Result<(), Stop> {
    let (node, access) = file(ctx.fds.need(fd, Rights::FD_FILESTAT_SET_SIZE)?, Errno::Inval)?;
    let size = signed(size)?;
    if !access.write {
        return Err(Errno::Inval.into());
    }
    let now = ctx.clock.timestamp();
    Ok(ctx.fs.fs_mut(node.mount)?.set_len(node.ino, size, now)?)
}

/// Changes the times that the flags name.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or a stream.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Inval`]: `fst_flags` has an unknown bit, or sets one time in two ways.
/// - [`Errno::Rofs`]: the mount is read-only.
pub(crate) fn fd_filestat_set_times(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result<(), Stop> {
    let node = ctx.fds.need(fd, Rights::FD_FILESTAT_SET_TIMES)?.node().ok_or(Errno::Badf)?;
    let now = ctx.clock.timestamp();
    let times = set_times(atim, mtim, fst_flags, now)?;
    Ok(ctx.fs.fs_mut(node.mount)?.set_times(node.ino, times, now)?)
}

/// Which times the guest wants to change and to what.
///
/// # Errors
/// [`Errno::Inval`]: an unknown flag, or one time set in two ways.
pub(crate) fn set_times(
    atim: u64,
    mtim: u64,
    fst_flags: u32,
    now: Timestamp,
) -> Result<SetTimes, Errno> {
    let flags = FstFlags::parse(fst_flags)?;
    let one = |given, is_given, is_now| match (flags.contains(is_given), flags.contains(is_now)) {
        (true, true) => Err(Errno::Inval),
        (true, false) => Ok(Some(Timestamp(given))),
        (false, true) => Ok(Some(now)),
        (false, false) => Ok(None),
    };
    Ok(SetTimes {
        accessed: one(atim, FstFlags::ATIM, FstFlags::ATIM_NOW)?,
        modified: one(mtim, FstFlags::MTIM, FstFlags::MTIM_NOW)?,
    })
}

/// Tells that a descriptor was open from the start, and how long its name is.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or was opened by the guest.
pub(crate) fn fd_prestat_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
) -> Result<(), Stop> {
    let name = preopen(ctx.fds.get(fd)?)?;
    let place = memory.place("buf", buf, PRESTAT_BYTES as u64)?;
    let name_len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
    memory.put(place, &prestat_dir(name_len));
    Ok(())
}

/// Tells the name of a directory that was open from the start, without a NUL.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or was opened by the guest.
/// - [`Errno::Nametoolong`]: the name is longer than `path_len`.
pub(crate) fn fd_prestat_dir_name(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Stop> {
    let name = preopen(ctx.fds.get(fd)?)?;
    if name.len() as u64 > u64::from(path_len) {
        return Err(Errno::Nametoolong.into());
    }
    let place = memory.place("path", path, name.len() as u64)?;
    memory.put(place, name.as_bytes());
    Ok(())
}

/// Moves a descriptor onto the number of another that is open, which closes.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` or `to` is not open.
pub(crate) fn fd_renumber(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    to: u32,
) -> Result<(), Stop> {
    if let Some(replaced) = ctx.fds.renumber(fd, to)? {
        ctx.release(&replaced);
    }
    Ok(())
}

/// The file that a descriptor stands for, and what it was opened for.
///
/// # Errors
/// [`Errno::Badf`] for a directory, `stream` for a stream.
fn file(descriptor: &Descriptor, stream: Errno) -> Result<(Node, Access), Errno> {
    match descriptor.object {
        Object::File { node, access, .. } => Ok((node, access)),
        Object::Dir { .. } => Err(Errno::Badf),
        _ => Err(stream),
    }
}

/// The name of a directory that was open from the start.
fn preopen(descriptor: &Descriptor) -> Result<&str, Errno> {
    match &descriptor.object {
        Object::Dir { preopen: Some(name), .. } => Ok(name),
        _ => Err(Errno::Badf),
    }
}

/// What a descriptor stands for, as the guest is told it.
fn file_type(ctx: &Context, descriptor: &Descriptor) -> FileType {
    match &descriptor.object {
        Object::Stdin => ctx.stdin.kind().file_type(),
        Object::Stdout => ctx.stdout.kind().file_type(),
        Object::Stderr => ctx.stderr.kind().file_type(),
        Object::File { file_type, .. } => *file_type,
        Object::Dir { .. } => FileType::Directory,
        Object::Listener(_) | Object::Socket(_) => FileType::SocketStream,
    }
}
