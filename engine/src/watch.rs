//! Looks at syscalls that have finished: for a trace, and for what a receipt must admit. Costs nothing where nobody looks.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use core::fmt;

use syscalls::{Context, Stop, Syscall, TraceCall, TraceResult};

use crate::Process;

/// A syscall that has finished: `1234 fd_write(fd=1, iovs=0x10f0, iovs_len=1, nwritten=0x10ec) -> ok`.
#[derive(Clone, Copy, Debug)]
pub struct TracedCall<'a> {
    /// Steps that the process had paid for when it made the call.
    pub steps: u64,
    call: TraceCall<'a>,
    result: &'a Result<(), Stop>,
}

impl TracedCall<'_> {
    /// The call's name, as the specification spells it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.call.syscall.name
    }
}

impl fmt::Display for TracedCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.steps, self.call, TraceResult(self.result))
    }
}

/// Is given each syscall that has finished.
pub(crate) type Tracer = Box<dyn FnMut(&TracedCall<'_>) + Send>;

/// Who looks at the syscalls of a process.
#[derive(Default)]
pub(crate) struct Watch {
    pub(crate) tracer: Option<Tracer>,
    /// Why the run may not be the same again, as far as calls show it.
    pub(crate) reasons: BTreeSet<&'static str>,
}

/// A syscall that has finished, and where.
pub(crate) struct Finished<'a> {
    pub(crate) syscall: &'static Syscall,
    pub(crate) args: &'a [u64],
    pub(crate) memory: &'a [u8],
    pub(crate) steps: u64,
    pub(crate) result: &'a Result<(), Stop>,
}

impl Process {
    /// Shows each further syscall to `tracer`, as [`ProcessBuilder::trace`](crate::ProcessBuilder::trace) does from the start.
    pub fn trace(&mut self, tracer: impl FnMut(&TracedCall<'_>) + Send + 'static) {
        let watch = self.store.data_mut().watch.get_or_insert_default();
        watch.tracer = Some(Box::new(tracer));
    }
}

impl Watch {
    pub(crate) fn look(&mut self, call: &Finished<'_>, context: &mut Context) {
        let &Finished { syscall, args, result, steps, .. } = call;
        if let Some(tracer) = &mut self.tracer {
            tracer(&TracedCall { steps, call: TraceCall { syscall, args }, result });
        }
        if result.is_err() {
            return;
        }
        match syscall.name {
            "poll_oneoff" if polls_a_stream(call, context) => {
                self.reasons.insert("poll");
            }
            "fd_fdstat_set_flags" if args[1] & NONBLOCK != 0 => {
                self.reasons.insert("nonblocking");
            }
            _ => {}
        }
    }
}

/// The flag of a descriptor that the guest does not want to wait for.
const NONBLOCK: u64 = 4;

/// Whether a `poll_oneoff` was about more than time, so that its events may depend on when the host feeds and drains.
/// Standard input that has ended will not change any more, but nobody knows here which descriptor it is.
fn polls_a_stream(call: &Finished<'_>, context: &mut Context) -> bool {
    let older = syscalls::find("wasi_unstable", call.syscall.name);
    let is_older = older.is_some_and(|older| core::ptr::eq(older, call.syscall));
    let size = if is_older { 56 } else { 48 };
    let input_ended = context.stdin().is_closed();
    let start = usize::try_from(call.args[0]).unwrap_or(usize::MAX);
    let count = usize::try_from(call.args[2]).unwrap_or(usize::MAX);
    let list = call.memory.get(start..).unwrap_or_default();
    // What the events have been written over cannot be read any more.
    let (list_end, events_end) = (count.saturating_mul(size), count.saturating_mul(EVENT_BYTES));
    let events = usize::try_from(call.args[1]).unwrap_or(usize::MAX);
    if start < events.saturating_add(events_end) && events < start.saturating_add(list_end) {
        return true;
    }
    list.chunks_exact(size).take(count).any(|subscription| match subscription[TAG] {
        0 => false,
        FD_READ => !input_ended,
        _ => true,
    })
}

const EVENT_BYTES: usize = 32;
/// Where a subscription says what it is about: time (0), or reading, or writing.
const TAG: usize = 8;
const FD_READ: u8 = 1;
