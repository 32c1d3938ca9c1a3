//! Drives a process to its end: slices of steps, with the caller's streams in between.

use std::time::Duration;

use engine::vfs::host::HostClock;
use engine::vfs::{Clock, ClockId};
use engine::{OutputStream, Process, State};

use crate::console::{Console, Stream, Woken, Written};
use crate::error::Failure;

/// Steps between two looks at Ctrl-C: a few milliseconds.
pub(super) const SLICE: u64 = 20_000_000;

/// How a run came to its end.
#[derive(Debug, PartialEq)]
pub(crate) enum Ended {
    /// By itself, by a trap or by a limit; never yielded or blocked.
    State(State),
    /// By Ctrl-C.
    Interrupted,
    /// By the guard in real time.
    TimedOut,
    /// Because nobody reads its output.
    BrokenPipe,
}

/// A run that has come to its end.
#[derive(Debug)]
pub(crate) struct Driven {
    pub(crate) ended: Ended,
    /// How long it took in real time.
    pub(crate) nanoseconds: u64,
}

/// Runs `process` until it ends. What it writes to standard output goes where `stdout` says.
pub(crate) fn drive(
    process: &mut Process,
    console: &mut Console,
    stdout: Stream,
) -> Result<Driven, Failure> {
    let mut clock = HostClock::new();
    let start = clock.now(ClockId::Monotonic);
    let ended = match run_to_end(process, console, stdout)? {
        Ended::Interrupted if console.is_timed_out() => Ended::TimedOut,
        ended => ended,
    };
    Ok(Driven { ended, nanoseconds: clock.now(ClockId::Monotonic) - start })
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
    while let Some((stream, bytes)) = process.drain_next() {
        let stream = match stream {
            OutputStream::Stdout => stdout,
            OutputStream::Stderr => Stream::Error,
        };
        match console.write(stream, bytes)? {
            Written::All => {}
            Written::BrokenPipe => return Ok(Some(Ended::BrokenPipe)),
            Written::Interrupted => return Ok(Some(Ended::Interrupted)),
        }
    }
    Ok(None)
}
