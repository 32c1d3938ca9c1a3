//! The `sock_*` functions, over connections that the embedder offers.

use vfs::Errno;

use crate::abi::{FdFlags, ROFLAGS_NONE, RiFlags, Rights, SdFlags};
use crate::fd_table::{Descriptor, Object};
use crate::io::{receive, send};
use crate::memory::Iovecs;
use crate::{ConnectionId, Context, GuestMemory, Stop, Wait};

/// Accepts the next connection that was offered to `fd`, on a new descriptor with `flags`.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Notsock`]: `fd` is not a socket.
/// - [`Errno::Inval`]: `fd` does not listen, or `flags` has an unknown bit.
/// - [`Errno::Mfile`]: no descriptor is left.
/// - [`Errno::Again`]: none is offered, and `fd` does not wait.
pub(crate) fn sock_accept(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    result_fd: u32,
) -> Result<(), Stop> {
    match ctx.fds.need(fd, Rights::SOCK_ACCEPT)?.object {
        Object::Listener(_) => {}
        Object::Socket(_) => return Err(Errno::Inval.into()),
        _ => return Err(Errno::Notsock.into()),
    }
    let flags = FdFlags::parse(flags)?;
    let place = memory.place("result_fd", result_fd, 4)?;
    let vacancy = ctx.fds.vacancy()?;
    let listener = ctx.fds.get_mut(fd)?;
    let Object::Listener(queue) = &mut listener.object else {
        return Err(Errno::Notsock.into());
    };
    let next = queue.pop_front().ok_or(Errno::Again);
    let id = Wait::socket().instead(listener.flags, next)?;
    let mut accepted = Descriptor::new(Object::Socket(id));
    accepted.dropped_base = listener.dropped_inheriting;
    accepted.flags = flags;
    let number = ctx.fds.put(vacancy, accepted);
    memory.put_u32(place, number);
    Ok(())
}

/// Receives into the guest's buffers.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Notsock`], [`Errno::Notconn`]: `fd` is not a socket, or one that listens.
/// - [`Errno::Inval`]: `ri_flags` has an unknown bit, or the lengths add up to 2^32 or more.
/// - [`Errno::Connreset`]: the embedder has taken the connection back.
/// - [`Errno::Again`]: nothing to receive yet, and `fd` does not wait.
#[expect(clippy::too_many_arguments, reason = "the parameters of the spec")]
pub(crate) fn sock_recv(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    ri_data: u32,
    ri_data_len: u32,
    ri_flags: u32,
    ro_datalen: u32,
    ro_flags: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need(fd, Rights::FD_READ)?;
    let id = connection(descriptor)?;
    let ri_flags = RiFlags::parse(ri_flags)?;
    let mut iovecs = Iovecs::default();
    memory.iovecs(&mut iovecs, "ri_data", ri_data, ri_data_len)?;
    let datalen_place = memory.place("ro_datalen", ro_datalen, 4)?;
    let flags_place = memory.place("ro_flags", ro_flags, 2)?;
    let input = &mut ctx.connections.get_mut(id)?.input;
    let wanted: usize = iovecs.as_slice().iter().map(|place| place.len()).sum();
    let received =
        if ri_flags.contains(RiFlags::WAITALL) && input.queued() < wanted && !input.is_closed() {
            Err(Errno::Again)
        } else if ri_flags.contains(RiFlags::PEEK) {
            receive(&mut input.clone(), memory, &iovecs)
        } else {
            receive(input, memory, &iovecs)
        };
    let n = Wait::socket().instead(descriptor.flags, received)?;
    memory.put_u32(datalen_place, n);
    memory.put(flags_place, &ROFLAGS_NONE.to_le_bytes());
    Ok(())
}

/// Sends the guest's buffers.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Notsock`], [`Errno::Notconn`]: `fd` is not a socket, or one that listens.
/// - [`Errno::Inval`]: `si_flags` is not 0, or the lengths add up to 2^32 or more.
/// - [`Errno::Connreset`]: the embedder has taken the connection back.
/// - [`Errno::Pipe`]: the connection is shut down for sending.
/// - [`Errno::Again`]: there is no room, and `fd` does not wait.
pub(crate) fn sock_send(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    si_data: u32,
    si_data_len: u32,
    si_flags: u32,
    so_datalen: u32,
) -> Result<(), Stop> {
    let descriptor = ctx.fds.need(fd, Rights::FD_WRITE)?;
    let id = connection(descriptor)?;
    if si_flags != 0 {
        return Err(Errno::Inval.into());
    }
    let mut iovecs = Iovecs::default();
    memory.iovecs(&mut iovecs, "si_data", si_data, si_data_len)?;
    let place = memory.place("so_datalen", so_datalen, 4)?;
    let output = &mut ctx.connections.get_mut(id)?.output;
    let n = Wait::socket().instead(descriptor.flags, send(output, memory, &iovecs))?;
    memory.put_u32(place, n);
    Ok(())
}

/// Shuts one or both directions of a connection down.
///
/// # Errors
/// - [`Errno::Badf`]: `fd` is not open.
/// - [`Errno::Notcapable`]: the guest gave the right up.
/// - [`Errno::Notsock`], [`Errno::Notconn`]: `fd` is not a socket, or one that listens.
/// - [`Errno::Inval`]: `how` is 0 or has an unknown bit.
/// - [`Errno::Connreset`]: the embedder has taken the connection back.
pub(crate) fn sock_shutdown(
    ctx: &mut Context,
    _: &mut GuestMemory<'_>,
    fd: u32,
    how: u32,
) -> Result<(), Stop> {
    let id = connection(ctx.fds.need(fd, Rights::SOCK_SHUTDOWN)?)?;
    let how = SdFlags::parse(how)?;
    if how == SdFlags::NONE {
        return Err(Errno::Inval.into());
    }
    let socket = ctx.connections.get_mut(id)?;
    if how.contains(SdFlags::RD) {
        socket.input.close();
    }
    if how.contains(SdFlags::WR) {
        socket.output.close();
    }
    Ok(())
}

/// The connection that a descriptor stands for.
fn connection(descriptor: &Descriptor) -> Result<ConnectionId, Errno> {
    match descriptor.object {
        Object::Socket(id) => Ok(id),
        Object::Listener(_) => Err(Errno::Notconn),
        _ => Err(Errno::Notsock),
    }
}
