//! The `path_*` functions but `path_open`.
//!
//! Every one of them first finds where the path leads, then decides, then lets the file system act. Checks come in the
//! order descriptor, flags, pointers, path.

use alloc::borrow::Cow;

use vfs::{Errno, FileType, Follow, Found, GuestPath, Node, Stat};

use crate::abi::{LookupFlags, Rights, filestat};
use crate::fd::{device, set_times};
use crate::{Context, GuestMemory, Stop};

/// Makes a directory.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may do this.
/// - Those of the path.
/// - [`Errno::Exist`]: the name is taken.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Nospc`]: no inode is left.
pub(crate) fn path_create_directory(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Stop> {
    let base = ctx.fds.need(fd, Rights::PATH_CREATE_DIRECTORY)?.dir()?;
    let bytes = memory.bytes(memory.place("path", path, path_len.into())?);
    let found = Last::parse(bytes)?.walk(ctx, base)?;
    let name = found.vacant()?;
    let now = ctx.clock.timestamp();
    ctx.fs.fs_mut(found.dir.mount)?.create_dir(found.dir.ino, name, now)?;
    Ok(())
}

/// Tells the attributes of what a path leads to.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may do this.
/// - [`Errno::Inval`]: `flags` has an unknown bit.
/// - Those of the path.
pub(crate) fn path_filestat_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    buf: u32,
) -> Result<(), Stop> {
    stat_to(ctx, memory, [fd, flags, path, path_len, buf], filestat)
}

/// [`path_filestat_get`] in either layout of the attributes.
pub(crate) fn stat_to<const N: usize>(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    [fd, flags, path, path_len, buf]: [u32; 5],
    layout: fn(u64, &Stat) -> [u8; N],
) -> Result<(), Stop> {
    let base = ctx.fds.need(fd, Rights::PATH_FILESTAT_GET)?.dir()?;
    let follow = follow(flags)?;
    let path = memory.bytes(memory.place("path", path, path_len.into())?);
    let place = memory.place("buf", buf, N as u64)?;
    let (node, stat) = existing(ctx, base, GuestPath::parse(path)?, follow)?;
    memory.put(place, &layout(device(node), &stat));
    Ok(())
}

/// Changes the times that the flags name, those of a link itself unless it is followed.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may do this.
/// - [`Errno::Inval`]: a flag has an unknown bit, or one time is set in two ways.
/// - Those of the path.
/// - [`Errno::Rofs`]: the mount is read-only.
#[expect(clippy::too_many_arguments, reason = "the parameters of the spec")]
pub(crate) fn path_filestat_set_times(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    atim: u64,
    mtim: u64,
    fst_flags: u32,
) -> Result<(), Stop> {
    let base = ctx.fds.need(fd, Rights::PATH_FILESTAT_SET_TIMES)?.dir()?;
    let follow = follow(flags)?;
    let now = ctx.clock.timestamp();
    let times = set_times(atim, mtim, fst_flags, now)?;
    let path = memory.bytes(memory.place("path", path, path_len.into())?);
    let (node, _) = existing(ctx, base, GuestPath::parse(path)?, follow)?;
    Ok(ctx.fs.fs_mut(node.mount)?.set_times(node.ino, times, now)?)
}

/// Gives a file one more name. A symbolic link is linked itself.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: a descriptor is no directory that may do this.
/// - [`Errno::Inval`]: `old_flags` is not 0.
/// - Those of the old path, then those of the new one.
/// - [`Errno::Noent`]: the old path leads to nothing.
/// - [`Errno::Exist`]: the new name is taken.
/// - [`Errno::Noent`]: the new path ends in a slash.
/// - [`Errno::Perm`]: the old path leads to a directory.
/// - [`Errno::Rofs`]: one of the mounts is read-only.
/// - [`Errno::Xdev`]: they are two mounts.
#[expect(clippy::too_many_arguments, reason = "the parameters of the spec")]
pub(crate) fn path_link(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    old_fd: u32,
    old_flags: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Stop> {
    let old_base = ctx.fds.need(old_fd, Rights::PATH_LINK_SOURCE)?.dir()?;
    let new_base = ctx.fds.need(new_fd, Rights::PATH_LINK_TARGET)?.dir()?;
    // Following is refused, as others do: what would be linked is not what the path names.
    if follow(old_flags)? == Follow::Yes {
        return Err(Errno::Inval.into());
    }
    let old_path = memory.bytes(memory.place("old_path", old_path, old_path_len.into())?);
    let new_path = memory.bytes(memory.place("new_path", new_path, new_path_len.into())?);
    let old_path = GuestPath::parse(old_path)?;
    let new_path = Last::parse(new_path)?;
    let old = ctx.fs.walk(old_base, old_path, Follow::No)?;
    let found = new_path.walk(ctx, new_base)?;
    let (node, stat) = settled(ctx, &old)?;
    let name = found.vacant()?;
    if found.slash {
        return Err(Errno::Noent.into());
    }
    if stat.file_type == FileType::Directory {
        return Err(Errno::Perm.into());
    }
    let now = ctx.clock.timestamp();
    ctx.one_mount(node, found.dir)?;
    Ok(ctx.fs.fs_mut(node.mount)?.link(node.ino, found.dir.ino, name, now)?)
}

/// Reads the target of a symbolic link, cut to the buffer.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may do this.
/// - Those of the path.
/// - [`Errno::Inval`]: it leads to something else than a link.
#[expect(clippy::too_many_arguments, reason = "the parameters of the spec")]
pub(crate) fn path_readlink(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
    buf: u32,
    buf_len: u32,
    bufused: u32,
) -> Result<(), Stop> {
    let base = ctx.fds.need(fd, Rights::PATH_READLINK)?.dir()?;
    let path = memory.bytes(memory.place("path", path, path_len.into())?);
    let buf = memory.place("buf", buf, buf_len.into())?;
    let bufused = memory.place("bufused", bufused, 4)?;
    let (node, _) = existing(ctx, base, GuestPath::parse(path)?, Follow::No)?;
    let target = ctx.fs.fs(node.mount).read_link(node.ino)?;
    let n = u32::try_from(target.len().min(buf.len())).map_err(|_| Errno::Overflow)?;
    memory.put(buf, target.as_bytes());
    memory.put_u32(bufused, n);
    Ok(())
}

/// Removes an empty directory.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may do this.
/// - Those of the path.
/// - [`Errno::Inval`]: the path ends in `.` or `..`.
/// - [`Errno::Busy`]: something is mounted there.
/// - [`Errno::Notdir`]: it leads to something else than a directory, such as a link to one.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Notempty`]: the directory has entries.
pub(crate) fn path_remove_directory(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Stop> {
    let base = ctx.fds.need(fd, Rights::PATH_REMOVE_DIRECTORY)?.dir()?;
    let bytes = memory.bytes(memory.place("path", path, path_len.into())?);
    let found = Last::parse(bytes)?.walk(ctx, base)?;
    let node = found.node.ok_or(Errno::Noent)?;
    if found.dots {
        return Err(Errno::Inval.into());
    }
    let name = found.movable(ctx, node)?;
    if ctx.stat(node)?.file_type != FileType::Directory {
        return Err(Errno::Notdir.into());
    }
    let now = ctx.clock.timestamp();
    Ok(ctx.fs.fs_mut(found.dir.mount)?.remove_dir(found.dir.ino, name, now)?)
}

/// Moves a name, replacing what has the new one, as `rename(2)` does. Open descriptors follow.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: a descriptor is no directory that may do this.
/// - Those of the old path, then those of the new one.
/// - [`Errno::Busy`]: a path ends in `.` or `..`, or something is mounted there.
/// - [`Errno::Notdir`]: a path ends in a slash and the old one does not lead to a directory.
/// - [`Errno::Rofs`]: one of the mounts is read-only.
/// - [`Errno::Xdev`]: they are two mounts.
/// - [`Errno::Inval`]: a directory would move into itself.
/// - [`Errno::Notdir`], [`Errno::Isdir`], [`Errno::Notempty`]: what is there cannot be replaced.
#[expect(clippy::too_many_arguments, reason = "the parameters of the spec")]
pub(crate) fn path_rename(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    old_path: u32,
    old_path_len: u32,
    new_fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Stop> {
    let old_base = ctx.fds.need(fd, Rights::PATH_RENAME_SOURCE)?.dir()?;
    let new_base = ctx.fds.need(new_fd, Rights::PATH_RENAME_TARGET)?.dir()?;
    let old_path = memory.bytes(memory.place("old_path", old_path, old_path_len.into())?);
    let new_path = memory.bytes(memory.place("new_path", new_path, new_path_len.into())?);
    let (old_path, new_path) = (Last::parse(old_path)?, Last::parse(new_path)?);
    let old = old_path.walk(ctx, old_base)?;
    let new = new_path.walk(ctx, new_base)?;
    let node = old.node.ok_or(Errno::Noent)?;
    let old_name = old.movable(ctx, node)?;
    let new_name = new.movable(ctx, new.node.unwrap_or(new.dir))?;
    if (old.slash || new.slash) && ctx.stat(node)?.file_type != FileType::Directory {
        return Err(Errno::Notdir.into());
    }
    let now = ctx.clock.timestamp();
    ctx.one_mount(old.dir, new.dir)?;
    let fs = ctx.fs.fs_mut(old.dir.mount)?;
    Ok(fs.rename(old.dir.ino, old_name, new.dir.ino, new_name, now)?)
}

/// Makes a symbolic link to `old_path`, which need not exist.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may do this.
/// - [`Errno::Ilseq`], [`Errno::Noent`], [`Errno::Inval`], [`Errno::Perm`], [`Errno::Nametoolong`]: the target is not
///   UTF-8, empty, holds NUL, is absolute, or is too long.
/// - Those of the new path.
/// - [`Errno::Exist`]: the new name is taken.
/// - [`Errno::Noent`]: the new path ends in a slash.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Nospc`]: no inode is left.
pub(crate) fn path_symlink(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    old_path: u32,
    old_path_len: u32,
    fd: u32,
    new_path: u32,
    new_path_len: u32,
) -> Result<(), Stop> {
    let base = ctx.fds.need(fd, Rights::PATH_SYMLINK)?.dir()?;
    let target = memory.bytes(memory.place("old_path", old_path, old_path_len.into())?);
    let new_path = memory.bytes(memory.place("new_path", new_path, new_path_len.into())?);
    // An absolute target could not be followed inside a preopened directory, so a guest cannot make one.
    let target = GuestPath::parse(target)?.as_str();
    let found = Last::parse(new_path)?.walk(ctx, base)?;
    let name = found.vacant()?;
    if found.slash {
        return Err(Errno::Noent.into());
    }
    let now = ctx.clock.timestamp();
    ctx.fs.fs_mut(found.dir.mount)?.create_symlink(found.dir.ino, name, target, now)?;
    Ok(())
}

/// Removes a name that is not a directory's.
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may do this.
/// - Those of the path.
/// - [`Errno::Isdir`]: it leads to a directory.
/// - [`Errno::Rofs`]: the mount is read-only.
pub(crate) fn path_unlink_file(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    path: u32,
    path_len: u32,
) -> Result<(), Stop> {
    let base = ctx.fds.need(fd, Rights::PATH_UNLINK_FILE)?.dir()?;
    let path = memory.bytes(memory.place("path", path, path_len.into())?);
    let found = ctx.fs.walk(base, GuestPath::parse(path)?, Follow::No)?;
    let node = found.node.ok_or(Errno::Noent)?;
    let Some(name) = found.name.as_deref() else {
        return Err(Errno::Isdir.into());
    };
    if ctx.stat(node)?.file_type == FileType::Directory {
        return Err(Errno::Isdir.into());
    }
    if found.wants_directory {
        return Err(Errno::Notdir.into());
    }
    let now = ctx.clock.timestamp();
    Ok(ctx.fs.fs_mut(found.dir.mount)?.unlink(found.dir.ino, name, now)?)
}

/// Whether `lookupflags` ask for the last link to be followed.
///
/// # Errors
/// [`Errno::Inval`]: an unknown bit.
pub(crate) fn follow(flags: u32) -> Result<Follow, Errno> {
    let follows = LookupFlags::parse(flags)?.contains(LookupFlags::SYMLINK_FOLLOW);
    Ok(if follows { Follow::Yes } else { Follow::No })
}

/// What a path leads to, which must exist.
fn existing(
    ctx: &mut Context,
    base: Node,
    path: GuestPath<'_>,
    follow: Follow,
) -> Result<(Node, Stat), Errno> {
    let found = ctx.fs.walk(base, path, follow)?;
    settled(ctx, &found)
}

/// What a walk has found, which must be something.
fn settled(ctx: &mut Context, found: &Found<'_>) -> Result<(Node, Stat), Errno> {
    let node = found.node.ok_or(Errno::Noent)?;
    let stat = ctx.stat(node)?;
    if found.wants_directory && stat.file_type != FileType::Directory {
        return Err(Errno::Notdir);
    }
    Ok((node, stat))
}

/// A path whose last name is to be made, moved or removed: links before it are followed, itself never, not even with a
/// slash behind it.
struct Last<'a> {
    path: GuestPath<'a>,
    slash: bool,
}

impl<'a> Last<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Errno> {
        let whole = GuestPath::parse(bytes)?;
        let path = whole.as_str().trim_end_matches('/');
        Ok(Self { path: GuestPath::parse(path.as_bytes())?, slash: path != whole.as_str() })
    }

    fn walk(&self, ctx: &mut Context, base: Node) -> Result<FoundLast<'a>, Errno> {
        let Found { dir, name, node, .. } = ctx.fs.walk(base, self.path, Follow::No)?;
        let dots = matches!(self.path.as_str().rsplit('/').next(), Some("." | ".."));
        Ok(FoundLast { dir, name, node, slash: self.slash, dots })
    }
}

/// Where a [`Last`] leads.
struct FoundLast<'a> {
    dir: Node,
    name: Option<Cow<'a, str>>,
    node: Option<Node>,
    /// The path ends in a slash.
    slash: bool,
    /// Its last component is `.` or `..`.
    dots: bool,
}

impl FoundLast<'_> {
    /// The name, for something new.
    ///
    /// # Errors
    /// [`Errno::Exist`]: it is taken.
    fn vacant(&self) -> Result<&str, Errno> {
        match (self.node, self.name.as_deref()) {
            (None, Some(name)) => Ok(name),
            _ => Err(Errno::Exist),
        }
    }

    /// The name of `node`, to be taken away from it.
    ///
    /// # Errors
    /// [`Errno::Busy`]: it has none that could be, or something is mounted there.
    fn movable(&self, ctx: &Context, node: Node) -> Result<&str, Errno> {
        match self.name.as_deref() {
            Some(name) if self.node.is_none() || !ctx.fs.is_mount_point(node) => Ok(name),
            _ => Err(Errno::Busy),
        }
    }
}

impl Context {
    /// The attributes of a node.
    pub(crate) fn stat(&mut self, node: Node) -> Result<Stat, Errno> {
        self.fs.fs(node.mount).stat(node.ino)
    }

    /// Proves that two nodes are of one mount that may be written.
    ///
    /// # Errors
    /// [`Errno::Rofs`]: one of their mounts is read-only; [`Errno::Xdev`]: they are two.
    fn one_mount(&mut self, a: Node, b: Node) -> Result<(), Errno> {
        self.fs.fs_mut(a.mount)?;
        self.fs.fs_mut(b.mount)?;
        if a.mount == b.mount { Ok(()) } else { Err(Errno::Xdev) }
    }
}
