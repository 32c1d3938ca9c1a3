//! One run of a module.

pub(crate) mod ending;
pub(crate) mod files;
pub(crate) mod freezing;
pub(crate) mod sockets;
pub(crate) mod streams;

use std::io::Write;
use std::mem::take;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use engine::{Error, Image, Process, State, TracedCall};

use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::status::{Failure, Outcome, STEPWELL_INVALID_ARGUMENT, stepwell_status};

/// One run of a module. Owned by the caller. It does nothing except in `stepwell_process_run`. One thread at a time: a call
/// while another thread is inside is `STEPWELL_BUSY`. Between calls it may be moved to another thread.
pub struct stepwell_process {
    _private: (),
}

impl Noun for stepwell_process {
    type Value = Running;
    const TAG: u32 = u32::from_le_bytes(*b"proc");
    const NAME: &'static str = "stepwell_process";
}

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_state {
    /// The steps given to `stepwell_process_run` are used up, or it has not run yet. Run it again.
    STEPWELL_STATE_YIELDED = 0,
    /// It waits for something that only the host can do: see `stepwell_process_blocked_on`. Do it, and run it again.
    STEPWELL_STATE_BLOCKED = 1,
    /// It stands where it was to stop to be frozen: see `stepwell_process_freeze_at`. Freeze it or run it again.
    STEPWELL_STATE_FREEZE_POINT = 2,
    /// It has ended by itself: see `stepwell_process_exit_code`.
    STEPWELL_STATE_EXITED = 3,
    /// It has failed: see `stepwell_process_trap_kind`.
    STEPWELL_STATE_TRAPPED = 4,
    /// It has reached a limit: see `stepwell_process_exhausted_limit`. What it has produced so far is there.
    STEPWELL_STATE_EXHAUSTED = 5,
    /// Another thread has interrupted it. Run it again to go on.
    STEPWELL_STATE_INTERRUPTED = 6,
    /// It is over because it was frozen, on code that it does not survive on: see `stepwell_process_freeze`. What it has
    /// written is there.
    STEPWELL_STATE_FROZEN = 7,
}

use stepwell_state::*;

/// A process, and what the caller may ask about it.
pub(crate) struct Running {
    pub(crate) process: Process,
    /// What it was doing when `run` last returned. Nothing that has an answer, once it was frozen for good.
    pub(crate) state: State,
    is_frozen: bool,
    pub(crate) interrupted: bool,
    pub(crate) interrupt: Arc<AtomicBool>,
    pub(crate) trace: Option<Trace>,
}

impl Running {
    pub(crate) fn of(process: Process) -> Self {
        Self {
            process,
            state: State::Yielded,
            is_frozen: false,
            interrupted: false,
            interrupt: Arc::default(),
            trace: None,
        }
    }

    /// Runs for at most `steps`, in pieces between which it looks whether another thread wants it to stop.
    fn run(&mut self, steps: u64) -> stepwell_state {
        let mut left = steps;
        self.interrupted = false;
        // There is nothing left to interrupt.
        let has_ended =
            matches!(self.state, State::Exited(_) | State::Trapped(_) | State::Exhausted(_));
        if has_ended || self.is_frozen {
            return self.code();
        }
        loop {
            // To look is cheaper than to exchange, and there is hardly ever one.
            if self.interrupt.load(Ordering::Relaxed) {
                self.interrupt.store(false, Ordering::Relaxed);
                self.interrupted = true;
                break;
            }
            let piece = left.min(PIECE_STEPS);
            left -= piece;
            self.state = self.process.run(piece);
            if self.state != State::Yielded || left == 0 {
                break;
            }
        }
        self.code()
    }

    /// Writes the process down, in one way or another. It may be over afterwards, also if that fails.
    pub(crate) fn freeze(
        &mut self,
        way: impl FnOnce(&mut Process) -> Result<Image, Error>,
    ) -> Result<Image, Error> {
        let was_over = self.process.is_over();
        let image = way(&mut self.process);
        if !was_over && self.process.is_over() {
            (self.is_frozen, self.interrupted, self.state) = (true, false, State::Yielded);
        }
        image
    }

    fn code(&self) -> stepwell_state {
        match &self.state {
            _ if self.is_frozen => STEPWELL_STATE_FROZEN,
            _ if self.interrupted => STEPWELL_STATE_INTERRUPTED,
            State::Yielded => STEPWELL_STATE_YIELDED,
            State::Blocked(_) => STEPWELL_STATE_BLOCKED,
            State::FreezePoint => STEPWELL_STATE_FREEZE_POINT,
            State::Exited(_) => STEPWELL_STATE_EXITED,
            State::Trapped(_) => STEPWELL_STATE_TRAPPED,
            State::Exhausted(_) => STEPWELL_STATE_EXHAUSTED,
        }
    }
}

/// Steps that take a few milliseconds.
const PIECE_STEPS: u64 = 1 << 20;

/// Lines about calls that nobody has drained yet, which the engine writes to.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<u8>>>);

impl Trace {
    pub(crate) fn tracer(&self) -> impl FnMut(&TracedCall<'_>) + Send + 'static {
        let Self(lines) = self.clone();
        move |call| {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            // Memory takes everything.
            let _ = writeln!(lines, "{call}");
        }
    }

    pub(crate) fn drain(&self) -> Vec<u8> {
        take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs for at most `steps` more steps, fewer if the process blocks, ends or is interrupted, and says what it is doing then.
/// Steps that the next operators do not fit into are added to the next call's. Once it has ended, the same state is returned
/// again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_run(
    process: *mut stepwell_process,
    steps: u64,
    out: *mut stepwell_state,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.exclusive(process)?.run(steps))
    })
}

/// What `stepwell_process_run` returned last; `STEPWELL_STATE_YIELDED` if it was not called yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_state(
    process: *const stepwell_process,
    out: *mut stepwell_state,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        out.write(door.exclusive(process)?.code())
    })
}

/// Steps taken so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_steps(
    process: *const stepwell_process,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| number(door, process, out, Process::steps))
}

/// Those of the steps that calls of WASI and growths of memory have cost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_host_steps(
    process: *const stepwell_process,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| number(door, process, out, Process::host_steps))
}

/// Calls of WASI that have finished so far.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_syscalls(
    process: *const stepwell_process,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| number(door, process, out, Process::syscalls))
}

/// The most bytes that all linear memories had together. Memory never shrinks, so this is what they have now.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_memory_peak_bytes(
    process: *const stepwell_process,
    out: *mut u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| number(door, process, out, Process::memory_bytes))
}

/// Copies `len` bytes of the memory that the module exports as `memory`, from `address`, to `buffer`.
///
/// `STEPWELL_INVALID_ARGUMENT`: the memory does not have them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_read_memory(
    process: *const stepwell_process,
    address: u64,
    buffer: *mut u8,
    len: usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let buffer = door.buffer(buffer, len)?;
        let running = door.exclusive(process)?;
        let memory = running.process.memory().unwrap_or_default();
        let start = usize::try_from(address).ok().filter(|start| *start <= memory.len());
        let bytes = start.and_then(|start| memory[start..].get(..len));
        let bytes = bytes.ok_or_else(|| {
            let text = "does not have these bytes";
            Failure::about(STEPWELL_INVALID_ARGUMENT, "the memory", text)
        })?;
        buffer.copy_from_slice(bytes);
        Ok(())
    })
}

/// Ends a process and frees it. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_process_free(process: *mut stepwell_process) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(process) };
}

fn number(
    door: &Door,
    process: *const stepwell_process,
    out: *mut u64,
    of: impl FnOnce(&Process) -> u64,
) -> Outcome {
    let out = door.output(out)?;
    out.write(of(&door.exclusive(process)?.process))
}
