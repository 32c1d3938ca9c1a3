//! What a process finds around it: clock, random numbers, standard streams, sockets.

use engine::vfs::StreamKind;

use crate::builder::stepwell_process_builder;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::host;
use crate::status::{Failure, STEPWELL_INVALID_ARGUMENT, stepwell_status};
use crate::unused::Unused;

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_stream {
    /// Standard input.
    STEPWELL_STREAM_STDIN = 0,
    /// Standard output.
    STEPWELL_STREAM_STDOUT = 1,
    /// Standard error.
    STEPWELL_STREAM_STDERR = 2,
}

use stepwell_stream::*;

/// What a guest is told that a standard stream is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_stream_kind {
    /// A pipe. The default.
    STEPWELL_STREAM_KIND_PIPE = 0,
    /// A terminal.
    STEPWELL_STREAM_KIND_TERMINAL = 1,
    /// A file.
    STEPWELL_STREAM_KIND_FILE = 2,
}

use stepwell_stream_kind::*;

/// Sets the seed of the random numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_seed(
    builder: *mut stepwell_process_builder,
    seed: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        Unused::of(door, builder)?.seed = seed;
        Ok(())
    })
}

/// Sets where the calendar starts: nanoseconds since 1970-01-01T00:00:00Z.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_epoch(
    builder: *mut stepwell_process_builder,
    nanoseconds: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        Unused::of(door, builder)?.epoch = Some(nanoseconds);
        Ok(())
    })
}

/// Gives the guest the host's clock. The run cannot be repeated then, so there is no backtrace, and no image.
///
/// `STEPWELL_UNSUPPORTED`: this build has no host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_host_clock(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut builder = Unused::of(door, builder)?;
        host::clock()?;
        builder.host_clock = true;
        Ok(())
    })
}

/// Gives the guest the host's entropy. The run cannot be repeated then, so there is no backtrace, and no image.
///
/// `STEPWELL_UNSUPPORTED`: this build has no host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_host_entropy(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut builder = Unused::of(door, builder)?;
        host::entropy()?;
        builder.host_entropy = true;
        Ok(())
    })
}

/// Says what the guest is told that a stream is attached to: `stream` is a `stepwell_stream`, `kind` a
/// `stepwell_stream_kind`.
///
/// `STEPWELL_INVALID_ARGUMENT`: there is no such stream or kind.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_stdio(
    builder: *mut stepwell_process_builder,
    stream: u32,
    kind: u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let streams = [STEPWELL_STREAM_STDIN, STEPWELL_STREAM_STDOUT, STEPWELL_STREAM_STDERR];
        let kinds = [
            (STEPWELL_STREAM_KIND_PIPE, StreamKind::Pipe),
            (STEPWELL_STREAM_KIND_TERMINAL, StreamKind::Terminal),
            (STEPWELL_STREAM_KIND_FILE, StreamKind::File),
        ];
        let none = |what| Failure::about(STEPWELL_INVALID_ARGUMENT, what, "is none that there is");
        let at = streams.iter().position(|known| *known as u32 == stream);
        let at = at.ok_or_else(|| none("the stream"))?;
        let kind = kinds.iter().find(|(known, _)| *known as u32 == kind);
        let (_, kind) = kind.ok_or_else(|| none("the kind of a stream"))?;
        Unused::of(door, builder)?.stdio[at] = *kind;
        Ok(())
    })
}

/// Gives the guest one more socket to accept connections from, which `stepwell_process_offer` offers. It is open from the start,
/// on the lowest free descriptor: `stepwell_process_listener` has its number. There is none beyond `STEPWELL_LIMIT_DESCRIPTORS`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_builder_listener(
    builder: *mut stepwell_process_builder,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut builder = Unused::of(door, builder)?;
        builder.listeners = builder.listeners.saturating_add(1);
        Ok(())
    })
}
