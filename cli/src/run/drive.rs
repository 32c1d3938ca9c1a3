//! Drives a process to its end: slices of steps, with the caller's streams in between.

use std::time::Duration;

use engine::vfs::host::HostClock;
use engine::vfs::{Clock, ClockId};
use engine::{Process, State};

use crate::console::{Console, Stream, Woken, Written};
use crate::error::{BROKEN_PIPE, Failure};

/// Steps between two looks at Ctrl-C: a few milliseconds.
const SLICE: u64 = 20_000_000;

/// How a run came to its end.
#[derive(Debug, PartialEq)]
pub(crate) enum Ended {
    /// By itself, by a trap or by a limit; never yielded or blocked.
    State(State),
    /// By Ctrl-C.
    Interrupted,
    /// Because nobody reads its output.
    BrokenPipe,
}

/// Runs `process` until it ends: how, and how many nanoseconds that took. What it writes to standard output goes where
/// `stdout` says.
pub(crate) fn drive(
    process: &mut Process,
    console: &mut Console,
    stdout: Stream,
) -> Result<(Ended, u64), Failure> {
    let mut clock = HostClock::new();
    let start = clock.now(ClockId::Monotonic);
    let ended = run_to_end(process, console, stdout)?;
    Ok((ended, clock.now(ClockId::Monotonic) - start))
}

fn run_to_end(
    process: &mut Process,
    console: &mut Console,
    stdout: Stream,
) -> Result<Ended, Failure> {
    loop {
        if console.is_interrupted() {
            return Ok(flush(process, console, stdout)?.unwrap_or(Ended::Interrupted));
        }
        let state = process.run(SLICE);
        if let Some(ended) = flush(process, console, stdout)? {
            return Ok(ended);
        }
        match state {
            State::Yielded => {}
            State::Blocked(wait) => {
                // What was full is drained by now.
                if wait.output {
                    continue;
                }
                let timeout = wait.nanoseconds.map(Duration::from_nanos);
                match console.wait(wait.input, timeout)? {
                    Woken::Input(bytes) => process.feed_stdin(bytes),
                    Woken::EndOfInput => process.close_stdin(),
                    Woken::Elapsed => process.elapse(),
                    Woken::Interrupted => {}
                }
            }
            state => return Ok(Ended::State(state)),
        }
    }
}

/// Passes on what the guest has written: how the run ends by that, if it does.
fn flush(
    process: &mut Process,
    console: &mut Console,
    stdout: Stream,
) -> Result<Option<Ended>, Failure> {
    for (stream, bytes) in
        [(stdout, process.drain_stdout()), (Stream::Error, process.drain_stderr())]
    {
        match console.write(stream, bytes)? {
            Written::All => {}
            Written::BrokenPipe => return Ok(Some(Ended::BrokenPipe)),
            Written::Interrupted => return Ok(Some(Ended::Interrupted)),
        }
    }
    Ok(None)
}

impl Ended {
    /// The exit status for everything that is not told to the user in words.
    pub(crate) fn quiet_status(&self) -> Option<u8> {
        match self {
            #[expect(clippy::cast_possible_truncation, reason = "a shell sees the low 8 bits")]
            Self::State(State::Exited(code)) => Some(*code as u8),
            Self::Interrupted => Some(crate::error::INTERRUPTED),
            Self::BrokenPipe => Some(BROKEN_PIPE),
            Self::State(_) => None,
        }
    }
}
