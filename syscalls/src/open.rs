//! `path_open`.

use vfs::{Access, Errno, FileType, Follow, Found, GuestPath, Node};

use crate::abi::{FdFlags, OFlags, Rights};
use crate::fd_table::{Descriptor, Object};
use crate::path::follow;
use crate::{Context, GuestMemory, Stop};

/// Opens what a path leads to, or makes a file, on the lowest free descriptor.
///
/// `FD_READ` and `FD_WRITE` among the rights choose what the file is opened for. `CREAT` and `TRUNC` open it for
/// writing too, which the descriptor's rights do not tell; a file that is there already and cannot be written may have
/// `CREAT` all the same. See docs/RATIONALE.md, "Rights".
///
/// # Errors
/// - [`Errno::Badf`], [`Errno::Notcapable`], [`Errno::Notdir`]: `fd` is no directory that may open.
/// - [`Errno::Inval`]: a flag has an unknown bit, or `CREAT` comes with `DIRECTORY`.
/// - [`Errno::Notcapable`]: the guest gave up a right that making, cutting or the rights asked for need.
/// - Those of the path.
/// - [`Errno::Mfile`]: no descriptor is left.
/// - [`Errno::Exist`]: `CREAT` and `EXCL` on an existing name.
/// - [`Errno::Loop`]: a symbolic link that is not followed, with `DIRECTORY` too.
/// - [`Errno::Isdir`]: a directory with `FD_WRITE`, `CREAT` or `TRUNC`; `CREAT` of a name with a slash behind it.
/// - [`Errno::Notdir`]: `DIRECTORY` on something else.
/// - [`Errno::Noent`]: there is nothing, and no `CREAT`.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Nospc`]: no inode is left.
///
/// Like `openat(2)`.
#[expect(clippy::too_many_arguments, reason = "the parameters of the spec")]
pub(crate) fn path_open(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    dirflags: u32,
    path: u32,
    path_len: u32,
    oflags: u32,
    fs_rights_base: u64,
    fs_rights_inheriting: u64,
    fdflags: u32,
    opened_fd: u32,
) -> Result<(), Stop> {
    let dir = ctx.fds.need(fd, Rights::PATH_OPEN)?;
    let (root, dropped) = (dir.dir()?, dir.dropped_inheriting);
    let base = Rights(fs_rights_base);
    let how = How {
        follow: follow(dirflags)?,
        oflags: OFlags::parse(oflags)?,
        access: Access {
            read: base.contains(Rights::FD_READ),
            write: base.contains(Rights::FD_WRITE),
        },
    };
    let fdflags = FdFlags::parse(fdflags)?;
    if how.is(OFlags::CREAT.union(OFlags::DIRECTORY)) {
        return Err(Errno::Inval.into());
    }
    dir.need(how.rights())?;
    if dropped.intersects(base.union(Rights(fs_rights_inheriting))) {
        return Err(Errno::Notcapable.into());
    }
    let path = memory.bytes(memory.place("path", path, path_len.into())?);
    let opened_fd = memory.place("opened_fd", opened_fd, 4)?;
    let path = GuestPath::parse(path)?;
    let vacancy = ctx.fds.vacancy()?;
    let object = open(ctx, root, path, how)?;
    let mut descriptor = Descriptor::new(object);
    descriptor.dropped_base = dropped;
    descriptor.dropped_inheriting = dropped;
    descriptor.flags = fdflags;
    if !how.access.write {
        descriptor.unasked = Rights::FD_WRITE;
    }
    let number = ctx.fds.put(vacancy, descriptor);
    memory.put_u32(opened_fd, number);
    Ok(())
}

/// How to open.
#[derive(Clone, Copy)]
struct How {
    follow: Follow,
    oflags: OFlags,
    access: Access,
}

impl How {
    fn is(&self, flag: OFlags) -> bool {
        self.oflags.contains(flag)
    }

    /// The rights that it needs on the directory, besides opening.
    fn rights(&self) -> Rights {
        let needs = |flag, right| if self.is(flag) { right } else { Rights::NONE };
        needs(OFlags::CREAT, Rights::PATH_CREATE_FILE)
            .union(needs(OFlags::TRUNC, Rights::PATH_FILESTAT_SET_SIZE))
    }
}

/// Finds or makes what the path leads to, and holds it.
#[inline]
fn open(ctx: &mut Context, root: Node, path: GuestPath<'_>, how: How) -> Result<Object, Errno> {
    let must_create = how.is(OFlags::CREAT) && how.is(OFlags::EXCL);
    // What must not exist is the name itself, wherever a link there leads.
    let follow = if must_create { Follow::No } else { how.follow };
    let found = ctx.fs.walk(root, path, follow)?;
    match found.node.zip(found.file_type) {
        Some(_) if must_create => Err(Errno::Exist),
        Some((node, file_type)) => open_existing(ctx, node, file_type, found.wants_directory, how),
        None => create(ctx, &found, how),
    }
}

#[inline]
fn open_existing(
    ctx: &mut Context,
    node: Node,
    file_type: FileType,
    wants_directory: bool,
    how: How,
) -> Result<Object, Errno> {
    let directory = how.is(OFlags::DIRECTORY) || wants_directory;
    match file_type {
        FileType::Directory => open_dir(ctx, node, how),
        FileType::SymbolicLink => Err(Errno::Loop),
        _ if directory => Err(Errno::Notdir),
        _ => open_file(ctx, node, file_type, how),
    }
}

fn open_dir(ctx: &mut Context, node: Node, how: How) -> Result<Object, Errno> {
    if how.access.write || how.is(OFlags::CREAT) || how.is(OFlags::TRUNC) {
        return Err(Errno::Isdir);
    }
    ctx.fs.fs(node.mount).open(node.ino, Access { read: true, write: false })?;
    Ok(Object::Dir { node, preopen: None })
}

#[inline]
fn open_file(
    ctx: &mut Context,
    node: Node,
    file_type: FileType,
    how: How,
) -> Result<Object, Errno> {
    let cuts = how.is(OFlags::TRUNC);
    let mut access = Access { read: how.access.read, write: how.access.write || cuts };
    let also_writes = !access.write && how.is(OFlags::CREAT);
    if also_writes && hold(ctx, node, Access { write: true, ..access }).is_ok() {
        access.write = true;
    } else {
        hold(ctx, node, access)?;
    }
    if cuts {
        let now = ctx.clock.timestamp();
        let fs = ctx.fs.fs_mut(node.mount)?;
        if let Err(errno) = fs.set_len(node.ino, 0, now) {
            fs.close(node.ino);
            return Err(errno);
        }
    }
    Ok(Object::File { node, access, file_type })
}

/// Opens an inode of a mount that allows it.
fn hold(ctx: &mut Context, node: Node, access: Access) -> Result<(), Errno> {
    let fs = if access.write { ctx.fs.fs_mut(node.mount)? } else { ctx.fs.fs(node.mount) };
    fs.open(node.ino, access)
}

fn create(ctx: &mut Context, found: &Found<'_>, how: How) -> Result<Object, Errno> {
    if !how.is(OFlags::CREAT) {
        return Err(Errno::Noent);
    }
    if found.wants_directory {
        return Err(Errno::Isdir);
    }
    let name = found.name.as_deref().ok_or(Errno::Noent)?;
    let now = ctx.clock.timestamp();
    let fs = ctx.fs.fs_mut(found.dir.mount)?;
    let ino = fs.create_file(found.dir.ino, name, now)?;
    let access = Access { write: true, ..how.access };
    if let Err(errno) = fs.open(ino, access) {
        // The file was made for this descriptor alone; if it cannot be removed either, the first error says more.
        let _ = fs.unlink(found.dir.ino, name, now);
        return Err(errno);
    }
    let node = Node { mount: found.dir.mount, ino };
    Ok(Object::File { node, access, file_type: FileType::RegularFile })
}
