//! The result of a run as one JSON object, for `--json`. docs/RECEIPTS.md describes its fields.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use engine::{Limit, Process, Receipt, State};
use serde_json::{Value, json};

use crate::console::{self, Captured, Console};
use crate::error::{Failure, OWN};
use crate::run::drive::{Driven, Ended};
use crate::run::report;

/// The object for a run, and the exit status that it has.
pub(super) struct Report {
    pub(super) object: Value,
    pub(super) status: u8,
}

impl Report {
    /// Takes in what has gone wrong after the run, which decides the exit status.
    pub(super) fn add_failure(&mut self, failure: &Failure) {
        self.status = failure.status();
        self.object["status"] = self.status.into();
        self.object["message"] = failure.message().into();
    }
}

/// The object for a program that has run.
pub(super) fn ended(
    driven: &Driven,
    process: &Process,
    receipt: Option<&Receipt>,
    console: &mut Console,
) -> Report {
    let status = report::exit_status(&driven.ended);
    let mut object = outcome(&driven.ended, status);
    if let Ended::State(State::Trapped(trap)) = &driven.ended {
        let mut shown = json!({ "kind": trap.kind.name(), "message": trap.to_string() });
        match report::frames(process, driven, console) {
            Ok(frames) => {
                let frames = frames
                    .iter()
                    .map(|frame| json!({ "function": frame.function, "name": frame.name }));
                shown["backtrace"] = frames.collect();
            }
            Err(reason) => shown["no_backtrace"] = reason.into(),
        }
        object["trap"] = shown;
    }
    let results = process.results();
    let results = results.iter().filter(|_| driven.ended == Ended::State(State::Exited(0)));
    object["results"] = results.map(|value| Value::from(value.to_string())).collect();
    object["steps"] = process.steps().into();
    object["syscalls"] = process.syscalls().into();
    object["memory_peak_bytes"] = process.memory_bytes().into();
    object["growth_refused"] = process.growth_refused().map(Limit::name).into();
    if let Some(receipt) = receipt {
        object["receipt"] = receipt.digest_hex().into();
    }
    add_outputs(&mut object, &console.captured());
    Report { object, status }
}

/// The object for a program that was not compiled: what the compiler has written is its standard error.
pub(super) fn not_compiled(status: u8, console: &mut Console) -> Value {
    let outcome = match status {
        OWN => "failed",
        _ if console.is_timed_out() => "timeout",
        _ if console.is_interrupted() => "interrupted",
        _ => "compile_error",
    };
    let mut object = named(outcome, status);
    add_outputs(&mut object, &console.captured());
    object
}

/// The object for what has gone wrong before a run.
pub(super) fn failure(failure: &Failure) -> Value {
    let mut object = named("failed", failure.status());
    object["message"] = failure.message().into();
    object
}

/// Prints an object, in one line.
pub(super) fn print(object: &Value) -> Result<(), Failure> {
    console::print(format!("{object}\n").as_bytes()).map(|_| ())
}

fn named(outcome: &str, status: u8) -> Value {
    json!({ "stepwell": env!("CARGO_PKG_VERSION"), "outcome": outcome, "status": status })
}

fn outcome(ended: &Ended, status: u8) -> Value {
    let mut object = match ended {
        Ended::State(State::Exited(_)) => named("exited", status),
        Ended::State(State::Trapped(_)) => named("trapped", status),
        Ended::State(State::Exhausted(_)) => named("limit", status),
        Ended::TimedOut => named("timeout", status),
        Ended::Interrupted => named("interrupted", status),
        Ended::BrokenPipe
        | Ended::State(State::Yielded | State::Blocked(_) | State::FreezePoint) => {
            named("closed_output", status)
        }
    };
    match ended {
        Ended::State(State::Exited(code)) => object["exit_code"] = (*code).into(),
        Ended::State(State::Exhausted(limit)) => object["limit"] = limit.name().into(),
        _ => {}
    }
    object
}

/// Adds what was written: as text, or in base64 where it is none.
fn add_outputs(object: &mut Value, captured: &Captured) {
    for (name, bytes) in [("stdout", &captured.stdout), ("stderr", &captured.stderr)] {
        match std::str::from_utf8(bytes) {
            Ok(text) => object[name] = text.into(),
            Err(_) => object[format!("{name}_base64")] = BASE64_STANDARD.encode(bytes).into(),
        }
    }
}
