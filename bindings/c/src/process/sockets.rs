//! Connections, in memory, that the host offers to a guest that listens. There is no network.

use ::bytes::Bytes;
use engine::vfs::Errno;
use engine::{Connection, ConnectionId};

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::process::{Running, stepwell_process};
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, at, stepwell_status};

/// How many listeners the process has: those of `stepwell_process_builder_listener`, as far as its descriptors reached.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_listener_count(
    process: *const stepwell_process,
    out: *mut usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.exclusive(process)?.process.listeners().len())
    })
}

/// The guest's descriptor of a listener: 4 for the first and 5 for the second, if `/` is 3.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such listener.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_listener(
    process: *const stepwell_process,
    index: usize,
    out: *mut u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let running = door.exclusive(process)?;
        out.write(*running.process.listeners().get(index).ok_or_else(no_listener)?)
    })
}

/// Offers a connection to the guest's listener on `descriptor`, after those that it has not accepted yet, and gives the number
/// by which the other calls know it. It can be fed at once. It is there until it is reset, also after the guest has closed it.
///
/// `STEPWELL_ERRNO`: BADF (the guest has closed the listener, or the process has ended), NOTSOCK (the guest has put something
/// else there), OVERFLOW (2^32 were offered).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_offer(
    process: *mut stepwell_process,
    descriptor: u32,
    out: *mut u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let offered = door.exclusive(process)?.process.offer(descriptor);
        let id = offered.map_err(|errno: Errno| at("the listener")(errno))?;
        out.write(id.number())
    })
}

/// How many connections were offered and not reset. A thawed process has those of the frozen one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_count(
    process: *const stepwell_process,
    out: *mut usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.exclusive(process)?.process.connections().count())
    })
}

/// The number of one of them, in the order of offering.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such connection.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection(
    process: *const stepwell_process,
    index: usize,
    out: *mut u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let running = door.exclusive(process)?;
        let id = running.process.connections().nth(index).ok_or_else(no_connection)?;
        out.write(id.number())
    })
}

/// Appends bytes to what the guest receives. `data` is copied, once. What nobody will receive is dropped.
///
/// `STEPWELL_INVALID_ARGUMENT`: the connection was not offered, or was reset.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_feed(
    process: *mut stepwell_process,
    connection: u32,
    data: *const u8,
    len: usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let data = door.slice(data, len)?;
        act(door, process, connection, |mut to| to.feed(Bytes::copy_from_slice(data)))
    })
}

/// How many bytes the guest has not received yet, to feed no more than it takes.
///
/// `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_queued(
    process: *mut stepwell_process,
    connection: u32,
    out: *mut usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(act(door, process, connection, |mut of| of.queued())?)
    })
}

/// Ends what the guest receives, after what was fed.
///
/// `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_close_input(
    process: *mut stepwell_process,
    connection: u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| act(door, process, connection, |mut connection| connection.close_input()))
}

/// Takes what the guest has sent since the last call, without copying it.
///
/// `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_drain(
    process: *mut stepwell_process,
    connection: u32,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(act(door, process, connection, |mut of| of.drain())?)
    })
}

/// Says that nobody reads what the guest sends any more: sending fails with EPIPE.
///
/// `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_close_output(
    process: *mut stepwell_process,
    connection: u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| act(door, process, connection, |mut connection| connection.close_output()))
}

/// Whether the guest sends no more than what can be drained already: it has closed the connection or its sending side, or
/// has ended; or the host has closed it.
///
/// `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_is_closed(
    process: *mut stepwell_process,
    connection: u32,
    out: *mut bool,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(act(door, process, connection, |mut of| of.is_closed())?)
    })
}

/// Takes the connection away with all that was not received and not drained, and forgets its number. A guest that has it open
/// gets ECONNRESET.
///
/// `STEPWELL_INVALID_ARGUMENT`: as for `stepwell_process_connection_feed`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_connection_reset(
    process: *mut stepwell_process,
    connection: u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| act(door, process, connection, |connection| connection.reset()))
}

/// Does something to a connection of a process, or asks it something.
fn act<T>(
    door: &Door,
    process: *mut stepwell_process,
    connection: u32,
    what: impl FnOnce(Connection<'_>) -> T,
) -> Outcome<T> {
    let mut running = door.exclusive(process)?;
    Ok(what(connection_of(&mut running, connection)?))
}

fn connection_of(running: &mut Running, number: u32) -> Outcome<Connection<'_>> {
    let is_it = |id: &ConnectionId| id.number() == number;
    let id = running.process.connections().find(is_it).ok_or_else(no_connection)?;
    Ok(running.process.connection(id))
}

fn no_connection() -> Failure {
    Failure::about(STEPWELL_INVALID_ARGUMENT, "the connection", "was not offered, or was reset")
}

fn no_listener() -> Failure {
    Failure::about(STEPWELL_INVALID_ARGUMENT, "the listener", "is none that the process has")
}
