//! From what the builder was told to a process.

use engine::Process;
use engine::vfs::Timestamp;

use crate::builder::Options;
use crate::host;
use crate::process::{Running, Trace};
use crate::status::Outcome;

/// Makes the process.
pub(super) fn spawn(options: Options) -> Outcome<Running> {
    let [stdin, stdout, stderr] = options.stdio;
    let mut builder = Process::builder(&options.module)
        .args(options.args)
        .stdio(stdin, stdout, stderr)
        .seed(options.seed)
        .limits(options.limits)
        .freezable(options.freezable)
        .profile(options.profile);
    for (name, value) in &options.env {
        builder = builder.env(name, value);
    }
    for _ in 0..options.listeners {
        builder = builder.listener();
    }
    builder = match options.has_files {
        true => builder.fs(options.mounts.namespace()?),
        false => builder.without_files(),
    };
    if let Some(epoch) = options.epoch {
        builder = builder.epoch(Timestamp(epoch));
    }
    if options.host_clock {
        builder = builder.clock(host::clock()?);
    }
    if options.host_entropy {
        builder = builder.entropy(host::entropy()?);
    }
    if let Some((name, args)) = options.invoke {
        builder = builder.invoke(&name, args);
    }
    if options.receipt {
        let sha256 = options.receipt_of.unwrap_or_else(|| options.module.sha256());
        builder = builder.receipt(sha256);
    }
    let trace = options.trace.then(Trace::default);
    if let Some(trace) = &trace {
        builder = builder.trace(trace.tracer());
    }
    if let Some(inputs) = &options.repeat {
        builder = builder.repeat(inputs);
    }
    let mut running = Running::of(builder.spawn()?);
    running.trace = trace;
    Ok(running)
}
