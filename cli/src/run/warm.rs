//! `--warm`: a program is run by an interpreter that was started before, from an image that is made once.

use std::path::PathBuf;

use bytes::Bytes;
use engine::vfs::StreamKind;
use engine::{FreezePoint, Image, Limits, Module, Process, State, Template};
use runtimes::{Cache, Role, Selection, Warm};

use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::{self, Console};
use crate::error::{Failure, INTERRUPTED, REFUSED};
use crate::run::drive::SLICE;
use crate::run::files::{self, Files};
use crate::run::plan::{self, Program};
use crate::run::{arguments, ensure_installed, execute, modules, source_files, watch_time};

/// The process that runs a source file, as it stands before that, and its files.
pub(super) fn start(
    options: &RunOptions,
    home: Option<PathBuf>,
    console: &mut Console,
) -> Result<(Process, Files), Failure> {
    refuse_options(options)?;
    let Program::Source { name, text, selection } = plan::plan(options, console)? else {
        return Err(Failure::own("--warm is for source files: a module is started as it is"));
    };
    if let Some(path) = &options.stdin {
        console.read_from(path)?;
    }
    let Some(warm) = &selection.language.warm else {
        return Err(Failure::own(format_args!(
            "{} cannot be started warm: leave --warm out",
            selection.language.name
        )));
    };
    if format!("/{name}") == Warm::JOB {
        return Err(Failure::own(format_args!("a warm program cannot be called {name}")));
    }
    let args = arguments(options)?;
    let job = Warm::job(&format!("/{name}"), &args, &options.env);
    let job = job.ok_or_else(|| Failure::own("an argument or a variable holds a NUL"))?;
    let cache = Cache::open(home).map_err(Failure::own)?;
    ensure_installed(&cache, selection.runtime)?;
    let kinds = execute::stream_kinds(options, console);
    let template = template(options, &cache, selection, warm, kinds, console)?;
    watch_time(options, console);
    let limits = execute::limits(options);
    let steps_max = limits.steps_max.saturating_add(template.image().steps());
    let mut process = template
        .thaw_with(Limits { steps_max, ..limits })
        .map_err(|error| Failure::new(REFUSED, error))?;
    let mut files = Files::around(files::take(process.fs()), options)?;
    files.put(&name, text)?;
    files.start();
    // It is none of the files that the program starts with.
    files.put(Warm::JOB, job.into())?;
    *process.fs() = files.take_namespace();
    if options.trace {
        process.trace(execute::print_call);
    }
    // The program ends when the process does, and the system takes all of this back at once.
    std::mem::forget(template);
    Ok((process, files))
}

/// Refuses what an interpreter that has been started does not see any more.
fn refuse_options(options: &RunOptions) -> Result<(), Failure> {
    let refused = [
        (options.receipt.is_some(), "--receipt"),
        (options.profile.is_some(), "--profile"),
        (options.argv0.is_some(), "--argv0"),
        (options.clock == ClockChoice::Host, "--clock host"),
        (options.entropy == EntropyChoice::Host, "--entropy host"),
    ];
    match refused.iter().find(|(is_given, _)| *is_given) {
        Some((_, what)) => Err(Failure::own(format_args!(
            "{what} is for the whole run of an interpreter: leave --warm out"
        ))),
        None => Ok(()),
    }
}

/// The started interpreter, from the cache if it is there.
fn template(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    warm: &Warm,
    kinds: [StreamKind; 3],
    console: &mut Console,
) -> Result<Template, Failure> {
    let engine = options.limits.engine();
    let key = key(options, selection, warm, kinds);
    let kept = cache.derived_unchecked(&key);
    // What a program may use is looked at when it is thawed, so what cannot be loaded is damaged.
    if let Some(Ok(template)) = kept.map(|kept| Template::load(&engine, &kept, None)) {
        return Ok(template);
    }
    console::say(&format!("starting {} once, to keep it warm", selection.runtime));
    let checked = modules::catalogued(&engine, cache, selection.runtime, Role::Module)?;
    let image = make(options, cache, selection, warm, kinds, (&checked.module, console))?;
    let bytes = image.save_prepared(&checked.module).map_err(Failure::own)?;
    // There are as many seeds as anybody likes, and each would take tens of MiB.
    if options.seed == 0
        && let Err(error) = cache.store_derived(&key, &bytes)
    {
        console::say(&format!("the warm {} cannot be kept: {error}", selection.runtime));
    }
    Template::load(&engine, &Bytes::from(bytes), None).map_err(Failure::own)
}

/// Names everything that a started interpreter depends on.
fn key(
    options: &RunOptions,
    Selection { runtime, language }: Selection<'_>,
    warm: &Warm,
    kinds: [StreamKind; 3],
) -> String {
    let engine = options.limits.engine();
    let mut all = Vec::new();
    let mut add = |part: &str| {
        all.extend_from_slice(&part.len().to_le_bytes());
        all.extend_from_slice(part.as_bytes());
    };
    runtime.files.iter().for_each(|file| add(&file.sha256));
    warm.argv.iter().for_each(|arg| add(arg));
    for (name, value) in &language.stages[0].env {
        add(name);
        add(value);
    }
    add(warm.text().unwrap_or_default());
    let sha256 = runtimes::sha256(&all);
    let passes = Module::preparation();
    format!("warm-1-{passes}-{sha256}-{kinds:?}-{}-{engine:?}", options.seed)
}

/// Starts an interpreter and freezes it where it would read what it is to run.
fn make(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    warm: &Warm,
    [stdin, stdout, stderr]: [StreamKind; 3],
    (module, console): (&Module, &mut Console),
) -> Result<Image, Failure> {
    let mut argv = warm.argv.clone();
    argv.push(warm.text().unwrap_or_default().into());
    let stage = &selection.language.stages[0];
    let mut own = source_files(&RunOptions::default(), cache, selection.runtime)?;
    let mut builder = Process::builder(module)
        .args(argv.iter().map(String::as_bytes))
        .fs(own.take_namespace())
        .stdio(stdin, stdout, stderr)
        .seed(options.seed)
        .freezable(true);
    for (name, value) in &stage.env {
        builder = builder.env(name, value);
    }
    let mut process = builder.spawn().map_err(Failure::own)?;
    process.freeze_at(FreezePoint::Open(Warm::JOB.into())).map_err(Failure::own)?;
    // It gets nothing of what the user's program will read, and what it does has no time limit: it is done once.
    loop {
        match process.run(SLICE) {
            State::FreezePoint => break,
            State::Yielded if console.is_interrupted() => {
                return Err(Failure::new(INTERRUPTED, "interrupted"));
            }
            State::Yielded => {}
            state => {
                let runtime = selection.runtime;
                return Err(Failure::own(format_args!("{runtime} did not start warm: {state:?}")));
            }
        }
    }
    process.freeze().map_err(Failure::own)
}
