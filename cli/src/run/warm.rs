//! `--warm`: a program is run by an interpreter that was started before, from an image that is made once.

use bytes::Bytes;
use engine::vfs::StreamKind;
use engine::{FreezePoint, Image, Limits, Module, Process, State, Template};
use runtimes::{Cache, Role, Runtime, Selection, Warm};

use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::{self, Console, Stream};
use crate::error::{Failure, REFUSED};
use crate::run::drive::{Ended, drive};
use crate::run::files::{self, Files};
use crate::run::{arguments, execute, modules, source_files};

/// The process that runs a source file, as it stands before that, and its files.
pub(super) fn start(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    (name, text): (&str, &Bytes),
    console: &mut Console,
) -> Result<(Process, Files), Failure> {
    refuse_options(options)?;
    let Some(warm) = &selection.language.warm else {
        return Err(Failure::own(format_args!(
            "{} cannot be started warm: leave --warm out",
            selection.language.name
        )));
    };
    let args = arguments(options)?;
    let job = Warm::job(&format!("/{name}"), &args, &options.env);
    let job = job.ok_or_else(|| Failure::own("an argument or a variable holds a NUL"))?;
    let kinds = execute::stream_kinds(options, console);
    let template = template(options, cache, selection, warm, kinds, console)?;
    let limits = execute::limits(options);
    let steps_max = limits.steps_max.saturating_add(template.image().steps());
    let mut process = template
        .thaw_with(Limits { steps_max, ..limits })
        .map_err(|error| Failure::new(REFUSED, error))?;
    let mut files = Files::around(files::take(process.fs()), options)?;
    files.put(name, text.clone())?;
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
    let limits = execute::limits(options);
    let key = key(options, selection.runtime, warm, kinds);
    let kept = cache.derived_unchecked(&key);
    if let Some(Ok(template)) = kept.map(|kept| Template::load(&engine, &kept, Some(limits))) {
        return Ok(template);
    }
    console::say(&format!("starting {} once, to keep it warm", selection.runtime));
    let checked = modules::catalogued(&engine, cache, selection.runtime, Role::Module)?;
    let image = make(options, cache, selection, warm, kinds, (&checked.module, console))?;
    let bytes = image.save_prepared(&checked.module).map_err(Failure::own)?;
    if let Err(error) = cache.store_derived(&key, &bytes) {
        console::say(&format!("the warm {} cannot be kept: {error}", selection.runtime));
    }
    Template::load(&engine, &Bytes::from(bytes), Some(limits)).map_err(Failure::own)
}

/// Names everything that a started interpreter depends on.
fn key(options: &RunOptions, runtime: &Runtime, warm: &Warm, kinds: [StreamKind; 3]) -> String {
    let engine = options.limits.engine();
    let files = runtime.files.iter().map(|file| file.sha256.as_str());
    let text = warm.text().unwrap_or_default();
    let all: Vec<&str> = files.chain(warm.argv.iter().map(String::as_str)).chain([text]).collect();
    let sha256 = runtimes::sha256(all.join("\0").as_bytes());
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
    match drive(&mut process, console, Stream::Output)?.ended {
        Ended::State(State::FreezePoint) => {}
        ended => {
            return Err(Failure::own(format_args!(
                "{} did not start warm: {ended:?}",
                selection.runtime
            )));
        }
    }
    process.freeze().map_err(Failure::own)
}
