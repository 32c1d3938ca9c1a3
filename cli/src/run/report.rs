//! How a run ended, in words and as an exit status.

use std::io::{self, Write};

use engine::{Error, Frame, Limit, Process, State};

use crate::args::RunOptions;
use crate::console::{self, Console};
use crate::error::{BROKEN_PIPE, Failure, INTERRUPTED, LIMIT, OWN, REFUSED, TRAP};
use crate::run::drive::{Driven, Ended};

/// A longer run is not repeated for its backtrace: the user would wait as long again.
const REPEATED_NANOSECONDS_MAX: u64 = 10_000_000_000;
/// Frames that a backtrace shows at its inner and at its outer end.
const FRAMES_SHOWN: usize = 24;

/// The exit status, after saying on standard error what the status alone does not.
/// That is also for a compiler, which runs under the same guard in real time.
pub(crate) fn status(
    driven: &Driven,
    process: &Process,
    options: &RunOptions,
    console: &Console,
) -> u8 {
    match &driven.ended {
        Ended::State(State::Trapped(trap)) => {
            console::say(&format!("trap: {trap}"));
            backtrace(process, driven, console);
        }
        Ended::State(State::Exhausted(Limit::HostMemory)) => {
            console::say("the host has no more memory for the guest");
        }
        Ended::State(State::Exhausted(limit)) => {
            let before =
                if options.warm { ", those of the interpreter's start among them" } else { "" };
            console::say(&format!("stopped by {limit} after {} steps{before}", process.steps()));
        }
        Ended::TimedOut => {
            let seconds = options.limits.timeout.unwrap_or_default().as_secs_f64();
            console::say(&format!(
                "stopped by --timeout after {seconds} s, {} steps; another run may come further or less far",
                process.steps()
            ));
        }
        Ended::State(_) | Ended::Interrupted | Ended::BrokenPipe => {}
    }
    exit_status(&driven.ended)
}

/// The exit status alone.
pub(crate) fn exit_status(ended: &Ended) -> u8 {
    match ended {
        #[expect(clippy::cast_possible_truncation, reason = "a shell sees the low 8 bits")]
        Ended::State(State::Exited(code)) => *code as u8,
        Ended::State(State::Trapped(_)) => TRAP,
        Ended::State(State::Exhausted(Limit::HostMemory)) => OWN,
        Ended::State(State::Exhausted(_)) | Ended::TimedOut => LIMIT,
        Ended::State(State::Yielded | State::Blocked(_) | State::FreezePoint) => OWN,
        Ended::Interrupted => INTERRUPTED,
        Ended::BrokenPipe => BROKEN_PIPE,
    }
}

/// Says what the run has used.
pub(crate) fn stats(process: &Process) {
    console::say(&format!(
        "{} steps, {} bytes of memory, {} calls",
        process.steps(),
        process.memory_bytes(),
        process.syscalls()
    ));
}

fn backtrace(process: &Process, driven: &Driven, console: &Console) {
    let mut out = io::stderr().lock();
    // Nobody to tell if standard error is closed.
    let _ = match frames(process, driven, console) {
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

/// The backtrace of a run that has trapped, or why there is none.
pub(crate) fn frames(
    process: &Process,
    driven: &Driven,
    console: &Console,
) -> Result<Vec<Frame>, String> {
    if driven.nanoseconds > REPEATED_NANOSECONDS_MAX {
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
        Error::Arguments { .. } | Error::TooManyArguments { .. } | Error::Files { .. } => OWN,
        _ => REFUSED,
    };
    let name = argv.first().map_or("", String::as_str);
    Failure::new(status, format_args!("{name}: {error}"))
}
