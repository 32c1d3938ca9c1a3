//! Running a prepared program: what it is given, and what is kept of it.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;

use engine::vfs::host::HostClock;
use engine::vfs::{Namespace, StreamKind};
use engine::{Inputs, Limits, Module, Process, ProcessBuilder, Receipt, TracedCall};

use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::{self, Console, Stream};
use crate::error::Failure;
use crate::run::drive::{Driven, Ended, drive};
use crate::run::files::{Files, write_whole};
use crate::run::{Prepared, arguments, json, report};

/// Runs a prepared program to its end, keeps its files and reports how it ended.
pub(super) fn execute(
    options: &RunOptions,
    mut prepared: Prepared,
    console: &mut Console,
) -> Result<u8, Failure> {
    let process = start(options, &mut prepared, None, console)?;
    let mut files = prepared.files;
    let status = conclude(options, process, &mut files, console);
    // The program ends next, and the system takes all of this back at once.
    std::mem::forget((files, prepared.checked));
    status
}

/// Runs a process to its end, keeps its files and reports how it ended.
pub(super) fn conclude(
    options: &RunOptions,
    mut process: Process,
    files: &mut Files,
    console: &mut Console,
) -> Result<u8, Failure> {
    let driven = drive(&mut process, console, Stream::Output);
    // Before anything else can go wrong: a backtrace takes as long as the run did.
    let receipt = match &driven {
        Ok(driven) => receipt(&mut process, driven),
        Err(_) => Ok(None),
    };
    std::mem::swap(process.fs(), files.namespace());
    let saved = files.save(options).and_then(|()| match &options.profile {
        Some(path) => write_profile(path, &process),
        None => Ok(()),
    });
    let driven = driven?;
    let receipt = receipt?;
    let saved = saved.and_then(|()| match (&options.receipt, &receipt) {
        (Some(path), Some(receipt)) => write_receipt(path, receipt),
        _ => Ok(()),
    });
    let status = if options.json {
        let mut report = json::ended(&driven, &process, receipt.as_ref(), console);
        if let Err(failure) = &saved {
            report.add_failure(failure);
        }
        json::print(&report.object)?;
        report.status
    } else {
        if options.invoke.is_some() {
            report::results(&process, &driven.ended);
        }
        report::status(&driven, &process, options, console)
    };
    if options.stats {
        report::stats(&process);
    }
    // The program ends next, and the system takes all of this back at once.
    std::mem::forget(process);
    match saved {
        Ok(()) => Ok(status),
        // It is in the run's object, and there is only one.
        Err(failure) if options.json => Ok(failure.report()),
        Err(failure) => Err(failure),
    }
}

/// Makes the process; as a receipt has recorded it, if there is one.
pub(super) fn start(
    options: &RunOptions,
    prepared: &mut Prepared,
    recorded: Option<&Inputs>,
    console: &Console,
) -> Result<Process, Failure> {
    start_with(options, prepared, recorded, stream_kinds(options, console), false)
}

/// What the guest is told that its standard streams are.
pub(super) fn stream_kinds(options: &RunOptions, console: &Console) -> [StreamKind; 3] {
    match options.json {
        // What is captured goes to a pipe, whatever the caller has.
        true => [console.stdin_kind(), StreamKind::Pipe, StreamKind::Pipe],
        false => [console.stdin_kind(), console::stdout_kind(), console::stderr_kind()],
    }
}

/// The most that a process may use.
pub(super) fn limits(options: &RunOptions) -> Limits {
    options.limits.limits(if options.json { CAPTURED_BYTES_MAX } else { u64::MAX })
}

/// Makes the process, with its streams attached to these kinds.
pub(super) fn start_with(
    options: &RunOptions,
    prepared: &mut Prepared,
    recorded: Option<&Inputs>,
    kinds: [StreamKind; 3],
    freezable: bool,
) -> Result<Process, Failure> {
    prepared.files.start();
    if let (Some(name), Some(first)) = (&options.argv0, prepared.argv.first_mut()) {
        first.clone_from(name);
    }
    let namespace = prepared.files.take_namespace();
    let module = &prepared.checked.module;
    let mut builder = builder(options, module, &prepared.argv, namespace, kinds.into())
        .limits(limits(options))
        .freezable(freezable)
        .profile(options.profile.is_some());
    for (name, value) in prepared.env.iter().chain(&options.env) {
        builder = builder.env(name, value);
    }
    if let Some(name) = &options.invoke {
        builder = builder.invoke(name, arguments(options)?);
    }
    if !prepared.files.are_asked_for() {
        builder = builder.without_files();
    }
    if options.trace {
        builder = builder.trace(print_call);
    }
    if options.receipt.is_some() || recorded.is_some() {
        builder = builder.receipt(hash(&prepared.checked.sha256));
    }
    if let Some(inputs) = recorded {
        builder = builder.repeat(inputs);
    }
    builder.spawn().map_err(|error| report::not_spawned(&prepared.argv, error))
}

/// The most that is kept of each output for `--json`, unless the user wants another limit.
const CAPTURED_BYTES_MAX: u64 = 64 << 20;

/// The receipt of a run, if there is to be one, with what only the command line knows.
pub(super) fn receipt(process: &mut Process, driven: &Driven) -> Result<Option<Receipt>, Failure> {
    let cannot_read = |errno: &dyn Display| {
        Failure::own(format_args!("cannot read the files for the receipt: {errno}"))
    };
    let mut receipt = process.receipt().map_err(|errno| cannot_read(&errno))?;
    let reason = match driven.ended {
        Ended::State(_) => None,
        Ended::Interrupted => Some("interrupted"),
        Ended::TimedOut => Some("timeout"),
        Ended::BrokenPipe => Some("closed_output"),
    };
    if let (Some(receipt), Some(reason)) = (&mut receipt, reason) {
        receipt.not_deterministic(reason);
    }
    Ok(receipt)
}

fn write_receipt(path: &Path, receipt: &Receipt) -> Result<(), Failure> {
    write_whole(path, |out| writeln!(out, "{receipt}"))
}

fn write_profile(path: &Path, process: &Process) -> Result<(), Failure> {
    match process.profile() {
        Some(profile) => write_whole(path, |out| write!(out, "{profile}")),
        None => Ok(()),
    }
}

/// Prints a line of the trace.
pub(super) fn print_call(call: &TracedCall<'_>) {
    // Nobody to tell if standard error is closed.
    let _ = writeln!(io::stderr(), "stepwell: {call}");
}

/// The bytes of a hash in hexadecimal, which the catalogue and the hash function write.
pub(super) fn hash(hex: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        let digits = hex.get(2 * at..2 * at + 2);
        *byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or_default();
    }
    hash
}

/// What every stage has in common.
pub(super) fn builder<'a>(
    options: &RunOptions,
    module: &'a Module,
    argv: &[String],
    namespace: Namespace,
    (stdin, stdout, stderr): (StreamKind, StreamKind, StreamKind),
) -> ProcessBuilder<'a> {
    let mut builder = Process::builder(module)
        .args(argv.iter().map(String::as_bytes))
        .fs(namespace)
        .stdio(stdin, stdout, stderr)
        .seed(options.seed);
    if options.clock == ClockChoice::Host {
        builder = builder.clock(Box::new(HostClock::new()));
    }
    if options.entropy == EntropyChoice::Host {
        builder = builder.entropy(Box::new(HostEntropy));
    }
    builder
}

/// The operating system's entropy, for `--entropy host`.
struct HostEntropy;

impl engine::Entropy for HostEntropy {
    fn fill(&mut self, out: &mut [u8]) {
        // It fails only where the system has no entropy at all; zeros would be taken for entropy.
        getrandom::fill(out).expect("the operating system gives entropy");
    }

    fn fork(&self) -> Box<dyn engine::Entropy> {
        Box::new(Self)
    }
}
