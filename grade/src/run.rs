//! Running a guest to its end, and what its end means.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use engine::vfs::host::HostClock;
use engine::vfs::{Clock, ClockId};
use engine::{Limit, Process, State, TrapKind};

use crate::report::LimitHit;
use crate::{Observer, Verdict, problem};

/// Steps between two looks at the guard and at whether to go on: a few milliseconds.
const SLICE: u64 = 10_000_000;

/// Which output some bytes come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    Output,
    Error,
}

/// Why a run came to no end of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The user wanted it.
    Interrupted,
    /// The guard in real time was reached.
    TimedOut(Duration),
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str("interrupted"),
            Self::TimedOut(after) => write!(
                f,
                "stopped by the guard in real time after {} s, which says something about the machine and nothing about the \
                 program",
                after.as_secs_f64()
            ),
        }
    }
}

/// Runs guests slice by slice, under one guard in real time.
pub(crate) struct Slices<'a> {
    observer: &'a dyn Observer,
    guard: Option<Duration>,
    clock: HostClock,
    start: u64,
}

impl<'a> Slices<'a> {
    pub(crate) fn new(observer: &'a dyn Observer, guard: Option<Duration>) -> Self {
        let mut clock = HostClock::new();
        let start = clock.now(ClockId::Monotonic);
        Self { observer, guard, clock, start }
    }

    /// Whether the run may go on.
    pub(crate) fn check(&mut self) -> Result<(), Stopped> {
        if self.observer.is_interrupted() {
            return Err(Stopped::Interrupted);
        }
        let Some(guard) = self.guard else { return Ok(()) };
        let passed = Duration::from_nanos(self.clock.now(ClockId::Monotonic) - self.start);
        if passed > guard { Err(Stopped::TimedOut(guard)) } else { Ok(()) }
    }

    /// Runs a guest whose input is complete to its end. `State::Blocked` is an end too: it waits for what cannot come.
    pub(crate) fn run(
        &mut self,
        process: &mut Process,
        mut output: impl FnMut(Stream, Bytes),
    ) -> Result<State, Stopped> {
        loop {
            let state = process.run(SLICE);
            for (stream, bytes) in
                [(Stream::Output, process.drain_stdout()), (Stream::Error, process.drain_stderr())]
            {
                if !bytes.is_empty() {
                    output(stream, bytes);
                }
            }
            match state {
                State::Yielded => {}
                State::Blocked(wait) if wait.output => {}
                State::Blocked(wait) if wait.nanoseconds.is_some() => process.elapse(),
                state => return Ok(state),
            }
            self.check()?;
        }
    }
}

/// What the end of a run means.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ending {
    /// The verdict, unless the program ended well: then what it wrote decides.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) exit_code: Option<u32>,
    pub(crate) trap: Option<String>,
    pub(crate) limit: Option<LimitHit>,
    /// Why the machine is at fault.
    pub(crate) fault: Option<String>,
}

/// A maximum by its name in reports.
pub(crate) fn limit_name(limit: Limit) -> &'static str {
    limit.name()
}

impl Ending {
    /// What the end of a submission means under the limits of its problem. Where the code is its own, a function that the
    /// interpreter does not take is a trap like others.
    pub(crate) fn of(
        state: &State,
        process: &Process,
        limits: &problem::Limits,
        is_own_code: bool,
    ) -> Self {
        let mut ending =
            Self { verdict: None, exit_code: None, trap: None, limit: None, fault: None };
        let refused = refused(process, limits);
        match state {
            State::Exited(code) => {
                ending.exit_code = Some(*code);
                if *code != 0 {
                    ending.fails(Verdict::RuntimeError, refused);
                }
            }
            State::Trapped(trap) => match &trap.kind {
                TrapKind::InvalidFunction(_) if is_own_code => {
                    ending.trap = Some(trap.kind.name().into());
                    ending.verdict = Some(Verdict::Trap);
                }
                TrapKind::HostPanic(_) | TrapKind::InvalidFunction(_) => {
                    ending.verdict = Some(Verdict::InfrastructureError);
                    ending.fault = Some(trap.to_string());
                }
                TrapKind::StackOverflow => {
                    ending.trap = Some(trap.kind.name().into());
                    ending.verdict = Some(Verdict::StackOverflow);
                }
                kind => {
                    ending.trap = Some(kind.name().into());
                    ending.fails(Verdict::Trap, refused);
                }
            },
            State::Exhausted(Limit::HostMemory) => {
                ending.verdict = Some(Verdict::InfrastructureError);
                ending.fault = Some("the host has no more memory".into());
            }
            State::Exhausted(limit) => {
                let (verdict, max) = match limit {
                    Limit::Steps => (Verdict::StepLimit, limits.steps_max),
                    Limit::Output => (Verdict::OutputLimit, limits.output_bytes_max),
                    _ => (Verdict::MemoryLimit, limits.memory_bytes_max),
                };
                ending.verdict = Some(verdict);
                ending.limit = Some(LimitHit { name: limit_name(*limit).into(), max });
            }
            _ => ending.verdict = Some(Verdict::Deadlock),
        }
        ending
    }

    /// It failed: for want of what it was refused, if it was refused anything.
    fn fails(&mut self, verdict: Verdict, refused: Option<(Verdict, LimitHit)>) {
        match refused {
            None => self.verdict = Some(verdict),
            Some((verdict, limit)) => (self.verdict, self.limit) = (Some(verdict), Some(limit)),
        }
    }
}

/// What a process was refused, and may have failed for.
fn refused(process: &Process, limits: &problem::Limits) -> Option<(Verdict, LimitHit)> {
    let hit = |name: &str, max| LimitHit { name: name.into(), max };
    if process.growth_refused().is_some() {
        return Some((Verdict::MemoryLimit, hit("memory", limits.memory_bytes_max)));
    }
    process.files_refused().then(|| (Verdict::FileLimit, hit("files", limits.file_bytes_max)))
}
