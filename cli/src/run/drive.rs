//! Drives a process to its end: slices of steps, with the caller's streams in between.

use std::io::{self, ErrorKind, Write};
use std::time::Duration;

use bytes::Bytes;
use engine::vfs::host::HostClock;
use engine::vfs::{Clock, ClockId};
use engine::{Process, State};

use crate::console::{Console, Woken};
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

/// Where a stream of the guest goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// To the caller's standard output.
    Stdout,
    /// To the caller's standard error.
    Stderr,
}

/// Runs `process` until it ends: how, and how many nanoseconds that took. What it writes to standard output goes where
/// `stdout` says.
pub(crate) fn drive(
    process: &mut Process,
    console: &mut Console,
    stdout: Route,
) -> Result<(Ended, u64), Failure> {
    let mut clock = HostClock::new();
    let start = clock.now(ClockId::Monotonic);
    let ended = run_to_end(process, console, stdout)?;
    Ok((ended, clock.now(ClockId::Monotonic) - start))
}

fn run_to_end(
    process: &mut Process,
    console: &mut Console,
    stdout: Route,
) -> Result<Ended, Failure> {
    loop {
        if console.is_interrupted() {
            flush(process, stdout)?;
            return Ok(Ended::Interrupted);
        }
        let state = process.run(SLICE);
        if !flush(process, stdout)? {
            return Ok(Ended::BrokenPipe);
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

/// Passes on what the guest has written: false if nobody reads it any more.
fn flush(process: &mut Process, stdout: Route) -> Result<bool, Failure> {
    let out = process.drain_stdout();
    let err = process.drain_stderr();
    let out = match stdout {
        Route::Stdout => write(io::stdout().lock(), &out, "output"),
        Route::Stderr => write(io::stderr().lock(), &out, "error"),
    };
    Ok(out? && write(io::stderr().lock(), &err, "error")?)
}

fn write(mut stream: impl Write, bytes: &Bytes, name: &str) -> Result<bool, Failure> {
    if bytes.is_empty() {
        return Ok(true);
    }
    match stream.write_all(bytes).and_then(|()| stream.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(Failure::own(format_args!("cannot write standard {name}: {error}"))),
    }
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
