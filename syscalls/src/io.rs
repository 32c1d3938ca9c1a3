//! Reading, writing and the offset: the `fd_*` functions that move bytes.

use vfs::{Access, Errno, FileSystem, Input, Node, Output};

use crate::abi::{FdFlags, Rights, Whence};
use crate::fd_table::{Descriptor, Object};
use crate::memory::Iovecs;
use crate::{Context, GuestMemory, OutputStream, Stop, Wait};

/// Reads into the guest's buffers from `fd`'s offset, and moves it.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or not for reading.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Inval`]: the lengths add up to 2^32 or more.
/// - [`Errno::Again`]: nothing to read yet, and `fd` does not wait.
///
/// Like `readv(2)`: a short count is not an error; zero is the end of the file.
pub(crate) fn fd_read(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nread: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need_mut(fd, Rights::FD_READ)?;
    let source = source(descriptor)?;
    let mut iovecs = Iovecs::default();
    memory.iovecs(&mut iovecs, "iovs", iovs, iovs_len)?;
    let nread = memory.place("nread", nread, 4)?;
    let flags = descriptor.flags;
    let n = match source {
        Source::Stdin => {
            let n = receive_lines(&mut ctx.stdin, memory, &iovecs, flags);
            Wait::input().instead(flags, n)?
        }
        Source::Socket(id) => {
            let input = &mut ctx.connections.get_mut(id)?.input;
            Wait::socket().instead(flags, receive(input, memory, &iovecs))?
        }
        Source::File(node) => {
            let fs = ctx.fs.fs(node.mount);
            let n = read_at(fs, node, descriptor.offset, memory, &iovecs)?;
            descriptor.offset += u64::from(n);
            n
        }
    };
    memory.put_u32(nread, n);
    Ok(())
}

/// Reads into the guest's buffers from `offset`, and leaves `fd`'s own alone.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or not for reading.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Spipe`]: `fd` is a stream.
/// - [`Errno::Inval`]: `offset` has bit 63 set, or the lengths add up to 2^32 or more.
pub(crate) fn fd_pread(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nread: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need(fd, Rights::FD_READ)?;
    let Source::File(node) = source(descriptor)? else {
        return Err(Errno::Spipe.into());
    };
    let offset = signed(offset)?;
    let mut iovecs = Iovecs::default();
    memory.iovecs(&mut iovecs, "iovs", iovs, iovs_len)?;
    let nread = memory.place("nread", nread, 4)?;
    let n = read_at(ctx.fs.fs(node.mount), node, offset, memory, &iovecs)?;
    memory.put_u32(nread, n);
    Ok(())
}

/// Writes the guest's buffers at `fd`'s offset, or at the end if it appends, and moves the offset behind.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or not for writing.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Inval`]: the lengths add up to 2^32 or more.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Pipe`]: nobody reads the stream any more.
/// - [`Errno::Again`]: the stream has no room, and `fd` does not wait.
/// - [`Errno::Fbig`], [`Errno::Nospc`]: not one byte fits.
///
/// Like `writev(2)`: a short count is not an error.
pub(crate) fn fd_write(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    nwritten: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need_mut(fd, Rights::FD_WRITE)?;
    let sink = sink(descriptor)?;
    let mut iovecs = Iovecs::default();
    memory.iovecs(&mut iovecs, "iovs", iovs, iovs_len)?;
    let nwritten = memory.place("nwritten", nwritten, 4)?;
    let flags = descriptor.flags;
    let n = match sink {
        Sink::Standard(stream) => {
            let output = ctx.output(stream);
            let before = output.queued();
            let sent = send(output, memory, &iovecs);
            let queued = output.queued() - before;
            ctx.order.note(stream, queued);
            Wait::output().instead(flags, sent)?
        }
        Sink::Socket(id) => {
            let output = &mut ctx.connections.get_mut(id)?.output;
            Wait::socket().instead(flags, send(output, memory, &iovecs))?
        }
        Sink::File(node) => {
            let now = ctx.clock.timestamp();
            let fs = ctx.fs.fs_mut(node.mount)?;
            let mut offset = descriptor.offset;
            if flags.contains(FdFlags::APPEND) && !iovecs.is_empty() {
                offset = fs.stat(node.ino)?.size;
            }
            let n = write_at(fs, node, offset, memory, &iovecs, now)?;
            descriptor.offset = offset + u64::from(n);
            n
        }
    };
    memory.put_u32(nwritten, n);
    Ok(())
}

/// Writes the guest's buffers at `offset`, and leaves `fd`'s own alone. One that appends does so all the same, as on
/// Linux; see docs/RATIONALE.md, "Appending".
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or not for writing.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Spipe`]: `fd` is a stream.
/// - [`Errno::Inval`]: `offset` has bit 63 set, or the lengths add up to 2^32 or more.
/// - [`Errno::Rofs`]: the mount is read-only.
/// - [`Errno::Fbig`], [`Errno::Nospc`]: not one byte fits.
pub(crate) fn fd_pwrite(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    iovs: u32,
    iovs_len: u32,
    offset: u64,
    nwritten: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need(fd, Rights::FD_WRITE)?;
    let Sink::File(node) = sink(descriptor)? else {
        return Err(Errno::Spipe.into());
    };
    let mut offset = signed(offset)?;
    let mut iovecs = Iovecs::default();
    memory.iovecs(&mut iovecs, "iovs", iovs, iovs_len)?;
    let nwritten = memory.place("nwritten", nwritten, 4)?;
    let now = ctx.clock.timestamp();
    let fs = ctx.fs.fs_mut(node.mount)?;
    if descriptor.flags.contains(FdFlags::APPEND) {
        offset = fs.stat(node.ino)?.size;
    }
    let n = write_at(fs, node, offset, memory, &iovecs, now)?;
    memory.put_u32(nwritten, n);
    Ok(())
}

/// Moves `fd`'s offset.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or a directory.
/// - [`Errno::Spipe`]: `fd` is a stream.
/// - [`Errno::Inval`]: `whence` has no such number, or the new offset is negative or beyond 2^63 - 1.
/// - [`Errno::Notcapable`]: the guest gave the right up.
pub(crate) fn fd_seek(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    whence: u32,
    newoffset: u32,
) -> Result<(), Stop> {
    seek(ctx, memory, fd, offset, Whence::parse(whence), newoffset)
}

/// [`fd_seek`] in either numbering of `whence`.
pub(crate) fn seek(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    whence: Result<Whence, Errno>,
    newoffset: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.get_mut(fd)?;
    let node = seekable(descriptor)?;
    let whence = whence?;
    let offset = offset.cast_signed();
    // To ask where the offset is takes a lesser right than to move it.
    let asks = whence == Whence::Cur && offset == 0;
    descriptor.need(if asks { Rights::FD_TELL } else { Rights::FD_SEEK })?;
    let newoffset = memory.place("newoffset", newoffset, 8)?;
    let from = match whence {
        Whence::Set => 0,
        Whence::Cur => descriptor.offset,
        Whence::End => ctx.fs.fs(node.mount).stat(node.ino)?.size,
    };
    let moved = from.checked_add_signed(offset).ok_or(Errno::Inval)?;
    descriptor.offset = signed(moved)?;
    memory.put_u64(newoffset, moved);
    Ok(())
}

/// Tells `fd`'s offset.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open, or a directory.
/// - [`Errno::Spipe`]: `fd` is a stream.
/// - [`Errno::Notcapable`]: the guest gave the right up.
pub(crate) fn fd_tell(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.get(fd)?;
    seekable(descriptor)?;
    descriptor.need(Rights::FD_TELL)?;
    let place = memory.place("offset", offset, 8)?;
    memory.put_u64(place, descriptor.offset);
    Ok(())
}

/// Where a read takes its bytes from.
enum Source {
    Stdin,
    Socket(crate::ConnectionId),
    File(Node),
}

/// Where reading from `descriptor` leads.
fn source(descriptor: &Descriptor) -> Result<Source, Errno> {
    match descriptor.object {
        Object::Stdin => Ok(Source::Stdin),
        Object::Socket(id) => Ok(Source::Socket(id)),
        Object::File { node, access: Access { read: true, .. }, .. } => Ok(Source::File(node)),
        _ => Err(Errno::Badf),
    }
}

/// Where a write puts its bytes.
enum Sink {
    Standard(OutputStream),
    Socket(crate::ConnectionId),
    File(Node),
}

/// Where writing to `descriptor` leads.
fn sink(descriptor: &Descriptor) -> Result<Sink, Errno> {
    match descriptor.object {
        Object::Stdout => Ok(Sink::Standard(OutputStream::Stdout)),
        Object::Stderr => Ok(Sink::Standard(OutputStream::Stderr)),
        Object::Socket(id) => Ok(Sink::Socket(id)),
        Object::File { node, access: Access { write: true, .. }, .. } => Ok(Sink::File(node)),
        _ => Err(Errno::Badf),
    }
}

/// The file whose offset `descriptor` has.
fn seekable(descriptor: &Descriptor) -> Result<Node, Errno> {
    match descriptor.object {
        Object::File { node, .. } => Ok(node),
        Object::Dir { .. } => Err(Errno::Badf),
        _ => Err(Errno::Spipe),
    }
}

/// An offset or length of the ABI, which is signed underneath.
///
/// # Errors
/// [`Errno::Inval`]: bit 63 is set.
pub(crate) fn signed(offset: u64) -> Result<u64, Errno> {
    if offset.cast_signed() < 0 { Err(Errno::Inval) } else { Ok(offset) }
}

/// Moves standard input into the buffers, up to the end of a line where it is no file. How much does not depend on how
/// the host feeds it, unless the guest asked not to wait: see docs/RATIONALE.md, "Reads of streams do not depend on feeding".
fn receive_lines(
    input: &mut Input,
    memory: &mut GuestMemory<'_>,
    iovecs: &Iovecs,
    flags: FdFlags,
) -> Result<u32, Errno> {
    if flags.contains(FdFlags::NONBLOCK) {
        return receive(input, memory, iovecs);
    }
    let mut left = input.admit(bytes(iovecs))?;
    transfer(iovecs, |place, _| {
        let part = memory.bytes_mut(place);
        let end = part.len().min(left);
        let n = input.read(&mut part[..end])?;
        left -= n;
        Ok(n)
    })
}

/// How many bytes the buffers hold together.
fn bytes(iovecs: &Iovecs) -> usize {
    iovecs.as_slice().iter().fold(0, |sum, place| sum.saturating_add(place.len()))
}

/// Moves what is queued into the buffers. Only the first of them can fail; after that the count is short.
pub(crate) fn receive(
    input: &mut Input,
    memory: &mut GuestMemory<'_>,
    iovecs: &Iovecs,
) -> Result<u32, Errno> {
    transfer(iovecs, |place, _| input.read(memory.bytes_mut(place)))
}

/// Moves the buffers into the queue, as many bytes of them as the queue admits at once. How many does not depend on when
/// the host drains it: see docs/RATIONALE.md, "Writes to streams do not depend on draining".
pub(crate) fn send(
    output: &mut Output,
    memory: &GuestMemory<'_>,
    iovecs: &Iovecs,
) -> Result<u32, Errno> {
    let mut left = output.admit(bytes(iovecs))?;
    transfer(iovecs, |place, _| {
        let bytes = memory.bytes(place);
        let part = &bytes[..bytes.len().min(left)];
        left -= part.len();
        output.write(part)
    })
}

fn read_at(
    fs: &mut dyn FileSystem,
    node: Node,
    offset: u64,
    memory: &mut GuestMemory<'_>,
    iovecs: &Iovecs,
) -> Result<u32, Errno> {
    transfer(iovecs, |place, done| {
        fs.read_at(node.ino, offset + u64::from(done), memory.bytes_mut(place))
    })
}

fn write_at(
    fs: &mut dyn FileSystem,
    node: Node,
    offset: u64,
    memory: &GuestMemory<'_>,
    iovecs: &Iovecs,
    now: vfs::Timestamp,
) -> Result<u32, Errno> {
    transfer(iovecs, |place, done| {
        fs.write_at(node.ino, offset + u64::from(done), memory.bytes(place), now)
    })
}

/// Does `one` buffer after the other, until one is cut short: how many bytes in all. It is told how many came before.
fn transfer(
    iovecs: &Iovecs,
    mut one: impl FnMut(crate::memory::Place, u32) -> Result<usize, Errno>,
) -> Result<u32, Errno> {
    let mut done = 0;
    for place in iovecs.as_slice() {
        let n = match one(*place, done) {
            Ok(n) => n,
            // Bytes have moved, so the call has succeeded; the error comes back with the next call.
            Err(_) if done > 0 => break,
            Err(errno) => return Err(errno),
        };
        // The lengths add up to less than 2^32.
        done += u32::try_from(n).map_err(|_| Errno::Overflow)?;
        if n < place.len() {
            break;
        }
    }
    Ok(done)
}
