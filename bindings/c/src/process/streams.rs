//! Standard streams, what a process waits for, and its trace.

use ::bytes::Bytes;
use engine::{Process, State, Wait};

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::process::{Trace, stepwell_process};
use crate::status::stepwell_status;
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, STEPWELL_WRONG_STATE};

/// Any one of these is enough for a blocked process to go on: bits of `stepwell_process_blocked_on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_wait {
    /// Standard input is fed or closed.
    STEPWELL_WAIT_INPUT = 1,
    /// Standard output or standard error is drained or closed.
    STEPWELL_WAIT_OUTPUT = 2,
    /// Time passes: `stepwell_process_blocked_nanoseconds`, then `stepwell_process_elapse`.
    STEPWELL_WAIT_TIME = 4,
    /// A connection is offered, or one is fed, drained or closed: see `stepwell_process_offer`.
    STEPWELL_WAIT_SOCKET = 8,
}

use stepwell_wait::*;

/// Appends bytes to standard input. `data` is copied, once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_feed_stdin(
    process: *mut stepwell_process,
    data: *const u8,
    len: usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let data = door.slice(data, len)?;
        door.exclusive(process)?.process.feed_stdin(Bytes::copy_from_slice(data));
        Ok(())
    })
}

/// Ends standard input after what was fed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_close_stdin(
    process: *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| act(door, process, Process::close_stdin))
}

/// Takes what the guest has written to standard output since the last call, without copying it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_drain_stdout(
    process: *mut stepwell_process,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(process)?.process.drain_stdout())
    })
}

/// Takes what the guest has written to standard error since the last call, without copying it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_drain_stderr(
    process: *mut stepwell_process,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.give(door.exclusive(process)?.process.drain_stderr())
    })
}

/// Says that nobody reads standard output any more: the guest's writes fail with EPIPE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_close_stdout(
    process: *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| act(door, process, Process::close_stdout))
}

/// Says that nobody reads standard error any more: the guest's writes fail with EPIPE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_close_stderr(
    process: *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| act(door, process, Process::close_stderr))
}

/// What a blocked process waits for: bits of `stepwell_wait`. 0 if it is not blocked.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_blocked_on(
    process: *const stepwell_process,
    out: *mut u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let running = door.exclusive(process)?;
        let State::Blocked(Wait { input, output, nanoseconds, socket, .. }) = &running.state else {
            return out.write(0);
        };
        let bits = [
            (*input, STEPWELL_WAIT_INPUT),
            (*output, STEPWELL_WAIT_OUTPUT),
            (nanoseconds.is_some(), STEPWELL_WAIT_TIME),
            (*socket, STEPWELL_WAIT_SOCKET),
        ];
        out.write(bits.iter().filter(|(is_set, _)| *is_set).map(|(_, bit)| *bit as u32).sum())
    })
}

/// How long a process waits that waits for time.
///
/// `STEPWELL_WRONG_STATE`: it does not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_blocked_nanoseconds(
    process: *const stepwell_process,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        match &door.exclusive(process)?.state {
            State::Blocked(Wait { nanoseconds: Some(nanoseconds), .. }) => out.write(*nanoseconds),
            _ => Err(Failure::about(STEPWELL_WRONG_STATE, "the process", "does not wait for time")),
        }
    })
}

/// Lets the time pass that a blocked process waits for, as if nothing else had come. Nothing happens to any other.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_elapse(
    process: *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| act(door, process, Process::elapse))
}

/// Has a process keep a line for each further call of WASI: what `stepwell_process_builder_trace` does from the start.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_trace(
    process: *mut stepwell_process,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut running = door.exclusive(process)?;
        if running.trace.is_none() {
            let trace = Trace::default();
            running.process.trace(trace.tracer());
            running.trace = Some(trace);
        }
        Ok(())
    })
}

/// Takes the lines about calls of WASI that have finished since the last call: the steps before it, the call and its result.
/// They are kept until they are drained.
///
/// `STEPWELL_INVALID_ARGUMENT`: no trace was asked for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_drain_trace(
    process: *mut stepwell_process,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        match &door.exclusive(process)?.trace {
            Some(trace) => out.give(trace.drain().into()),
            None => Err(Failure::about(STEPWELL_INVALID_ARGUMENT, "the process", "keeps no trace")),
        }
    })
}

fn act(door: &Door, process: *mut stepwell_process, what: impl FnOnce(&mut Process)) -> Outcome {
    what(&mut door.exclusive(process)?.process);
    Ok(())
}
