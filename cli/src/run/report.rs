//! How a run ended, in words and as an exit status.

use std::io::{self, Write};

use engine::{Error, Frame, Limit, Process, State};

use crate::console::{self, Console};
use crate::error::{Failure, LIMIT, OWN, REFUSED, TRAP};
use crate::run::drive::Ended;

/// A longer run is not repeated for its backtrace: the user would wait as long again.
const REPEATED_NANOSECONDS_MAX: u64 = 10_000_000_000;
/// Frames that a backtrace shows at its inner and at its outer end.
const FRAMES_SHOWN: usize = 24;

/// The exit status, after saying on standard error what the status alone does not.
///
/// `nanoseconds` is how long the run took.
pub(crate) fn status(ended: &Ended, process: &Process, nanoseconds: u64, console: &Console) -> u8 {
    if let Some(status) = ended.quiet_status() {
        return status;
    }
    let Ended::State(state) = ended else { return OWN };
    match state {
        State::Trapped(trap) => {
            console::say(&format!("trap: {trap}"));
            backtrace(process, nanoseconds, console);
            TRAP
        }
        State::Exhausted(Limit::HostMemory) => {
            console::say("the host has no more memory for the guest");
            OWN
        }
        State::Exhausted(limit) => {
            console::say(&format!("stopped by {limit} after {} steps", process.steps()));
            LIMIT
        }
        State::Yielded | State::Blocked(_) | State::Exited(_) => OWN,
    }
}

fn backtrace(process: &Process, nanoseconds: u64, console: &Console) {
    let mut out = io::stderr().lock();
    // Nobody to tell if standard error is closed.
    let _ = match frames(process, nanoseconds, console) {
        Err(reason) => writeln!(out, "stepwell: no backtrace: {reason}"),
        Ok(frames) => {
            let hidden = frames.len().saturating_sub(2 * FRAMES_SHOWN);
            let tail = frames.len() - FRAMES_SHOWN.min(frames.len());
            frames.iter().enumerate().try_for_each(|(at, frame)| match at {
                FRAMES_SHOWN if hidden > 0 => writeln!(out, "    … {hidden} more frames"),
                at if hidden > 0 && at > FRAMES_SHOWN && at < tail => Ok(()),
                _ => writeln!(out, "    at {frame}"),
            })
        }
    };
}

fn frames(process: &Process, nanoseconds: u64, console: &Console) -> Result<Vec<Frame>, String> {
    if nanoseconds > REPEATED_NANOSECONDS_MAX {
        return Err("the run was too long to be repeated for one".into());
    }
    process.backtrace(|| !console.is_interrupted()).map_err(|reason| reason.to_string())
}

/// Prints what an invoked function has returned, a line each.
pub(crate) fn results(process: &Process, ended: &Ended) {
    if *ended != Ended::State(State::Exited(0)) {
        return;
    }
    let mut out = io::stdout().lock();
    for value in process.results() {
        // A closed standard output is no reason to fail after the run.
        let _ = writeln!(out, "{value}");
    }
}

/// Why a process could not be made from a module that was accepted.
pub(crate) fn not_spawned(argv: &[String], error: Error) -> Failure {
    let status = match error {
        Error::Arguments { .. } => OWN,
        _ => REFUSED,
    };
    let name = argv.first().map_or("", String::as_str);
    Failure::new(status, format_args!("{name}: {error}"))
}
