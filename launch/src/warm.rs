//! Programs that were started before. Of an interpreter, an image is made once and kept, and every program goes on from there:
//! either it runs a prelude that was written for that, or it stands where it opens the program. Any other program stands at its
//! first syscall.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use engine::vfs::{Quota, StreamKind};
use engine::{Engine, FreezePoint, Image, Limits, Module, Process, State, Template};
use runtimes::{Cache, Fill, Role, Selection, Warm};

use crate::{Error, ErrorKind, files, modules};

/// Steps between two questions whether to go on: a few milliseconds.
const SLICE: u64 = 20_000_000;

/// The most steps that a program is started with: one that computes before it has read anything would do so twice.
const STEPS_MAX: u64 = 20_000_000;
/// The most that its memory and its tables may have then: an image holds all of them.
const MEMORY_BYTES_MAX: usize = 64 << 20;
const TABLE_ELEMENTS_MAX: usize = 100_000;
/// The most functions that may be active then. Each is a function more of the thawed module.
const FRAMES_MAX: usize = 32;

/// What a started interpreter depends on besides its runtime.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The settings of the interpreter.
    pub engine: Engine,
    /// The seed of its entropy. Only the image of seed 0 is kept: there are as many seeds as anybody likes, and each would
    /// take tens of MiB.
    pub seed: u64,
    /// What standard input, output and error are attached to.
    pub stdio: [StreamKind; 3],
}

/// Who waits for an interpreter to be started.
pub trait Waiting {
    /// Says one line to the user.
    fn say(&mut self, message: &str);

    /// Whether to go on.
    fn goes_on(&mut self) -> bool;
}

/// The started interpreter as it is kept: [`Template::load`] reads it. From the cache, if it is there.
///
/// # Errors
/// [`ErrorKind::NotFound`], [`ErrorKind::Refused`], [`ErrorKind::Interrupted`]; [`ErrorKind::Own`]: it did not start.
pub fn image(
    start: Start,
    cache: &Cache,
    selection: Selection<'_>,
    warm: &Warm,
    waiting: &mut dyn Waiting,
) -> Result<(Template, Bytes), Error> {
    let key = key(start, selection, warm);
    // What a program may use is looked at when it is thawed, so what cannot be loaded is damaged.
    if let Some(kept) = cache.derived_unchecked(&key)
        && let Ok(template) = Template::load(&start.engine, &kept, None)
    {
        return Ok((template, kept));
    }
    let (runtime, seed) = (selection.runtime, start.seed);
    waiting.say(&match seed {
        0 => format!("starting {runtime} once, to keep it warm"),
        _ => format!("starting {runtime} for the seed {seed}; only that for 0 is kept warm"),
    });
    let checked = modules::catalogued(&start.engine, cache, selection.runtime, Role::Module)?;
    let image = make(start, cache, selection, warm, (&checked.module, &mut *waiting))?;
    let bytes = Bytes::from(image.save_prepared(&checked.module).map_err(Error::own)?);
    if start.seed == 0
        && let Err(error) = cache.store_derived(&key, &bytes)
    {
        waiting.say(&format!("the warm {} cannot be kept: {error}", selection.runtime));
    }
    let template = Template::load(&start.engine, &bytes, None).map_err(Error::own)?;
    Ok((template, bytes))
}

/// Names everything that a started interpreter depends on.
fn key(start: Start, Selection { runtime, language }: Selection<'_>, warm: &Warm) -> String {
    let Start { engine, seed, stdio } = start;
    let mut all = Vec::new();
    let mut add = |part: &str| {
        all.extend_from_slice(&part.len().to_le_bytes());
        all.extend_from_slice(part.as_bytes());
    };
    runtime.files.iter().for_each(|file| add(&file.sha256));
    add(&format!("{warm:?} {:?}", language.stages[0].env));
    add(warm.text().unwrap_or_default());
    let sha256 = runtimes::sha256(&all);
    let passes = Module::preparation();
    format!("warm-2-{passes}-{sha256}-{stdio:?}-{seed}-{engine:?}")
}

/// Starts an interpreter and freezes it where it would read what it is to run.
fn make(
    start: Start,
    cache: &Cache,
    selection: Selection<'_>,
    warm: &Warm,
    (module, waiting): (&Module, &mut dyn Waiting),
) -> Result<Image, Error> {
    let mut argv = warm.argv.clone();
    let text = warm.text().unwrap_or_default();
    let base = modules::base(cache, selection.runtime)?;
    let mut fs = files::with_base(base, Quota::default())?;
    match &warm.place {
        Some(place) => files::put(&mut fs, place, text.into())?,
        None => argv.push(text.into()),
    }
    let stage = &selection.language.stages[0];
    let [stdin, stdout, stderr] = start.stdio;
    let mut builder = Process::builder(module)
        .args(argv.iter().map(String::as_bytes))
        .fs(fs)
        .stdio(stdin, stdout, stderr)
        .seed(start.seed)
        .freezable(true);
    for (name, value) in stage.env.iter().chain(&warm.env) {
        builder = builder.env(name, value);
    }
    let mut process = builder.spawn().map_err(Error::own)?;
    // It gets nothing of what the user's program will read, and what it does has no time limit: it is done once.
    let runtime = selection.runtime;
    run_to_open(&mut process, Warm::JOB, waiting)?.map_err(|state| {
        Error::own(match state {
            State::Trapped(trap) => format!("{runtime} did not start warm: {trap}"),
            State::Exhausted(limit) => format!("{runtime} did not start warm: it reached {limit}"),
            State::Exited(code) => format!("{runtime} did not start warm: it ended with {code}"),
            _ => format!("{runtime} did not start warm"),
        })
    })
}

/// What an interpreter that is not told to be warm is started with.
#[derive(Clone, Copy, Debug)]
pub struct Command<'a> {
    /// The guest path of the program, which is not there yet.
    pub program: &'a str,
    /// Its arguments.
    pub args: &'a [String],
    /// Its environment.
    pub env: &'a [(String, String)],
}

/// An interpreter that stands where it opens the program for the first time, as it is kept: from there on it does exactly
/// what it would have done from its start, to the step. `None` if it does not come there, or has looked for files before.
///
/// # Errors
/// As [`image`].
pub fn opening(
    start: Start,
    cache: &Cache,
    selection: Selection<'_>,
    command: Command<'_>,
    waiting: &mut dyn Waiting,
) -> Result<Option<(Template, Bytes)>, Error> {
    let Command { program, args, env } = command;
    let stage = &selection.language.stages[0];
    let argv = stage.argv(&Fill { program, args, ..Fill::default() });
    let own = stage.env.iter().map(|(name, value)| (name.clone(), value.clone()));
    let env: Vec<(String, String)> = own.chain(env.iter().cloned()).collect();
    let files: Vec<&str> =
        selection.runtime.files.iter().map(|file| file.sha256.as_str()).collect();
    let what = runtimes::sha256(format!("{files:?} {argv:?} {env:?}").as_bytes());
    let (passes, Start { engine, seed, stdio }) = (Module::preparation(), start);
    let key = format!("opening-1-{passes}-{what}-{stdio:?}-{seed}-{engine:?}");
    if let Some(kept) = cache.derived_unchecked(&key)
        && let Ok(template) = Template::load(&engine, &kept, None)
    {
        return Ok(Some((template, kept)));
    }
    let checked = modules::catalogued(&engine, cache, selection.runtime, Role::Module)?;
    let base = modules::base(cache, selection.runtime)?;
    let [stdin, stdout, stderr] = stdio;
    let has_looked = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&has_looked);
    let mut builder = Process::builder(&checked.module)
        .args(argv.into_iter().map(String::into_bytes))
        .fs(files::with_base(base, Quota::default())?)
        .stdio(stdin, stdout, stderr)
        .seed(seed)
        .freezable(true)
        .trace(move |call| {
            if call.name().starts_with("path_") {
                flag.store(true, Ordering::Relaxed);
            }
        });
    for (name, value) in &env {
        builder = builder.env(name, value);
    }
    let mut process = builder.spawn().map_err(Error::own)?;
    let Ok(image) = run_to_open(&mut process, program, waiting)? else { return Ok(None) };
    if has_looked.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let bytes = Bytes::from(image.save_prepared(&checked.module).map_err(Error::own)?);
    // What cannot be kept is only made again.
    let _ = cache.store_derived(&key, &bytes);
    let template = Template::load(&engine, &bytes, None).map_err(Error::own)?;
    Ok(Some((template, bytes)))
}

/// A program that is not interpreted, and what all of its runs have in common.
#[derive(Clone, Copy)]
pub struct Program<'a> {
    /// Its module.
    pub module: &'a Module,
    /// Its arguments, with its name.
    pub argv: &'a [String],
    /// Its environment.
    pub env: &'a [(String, String)],
    /// What it may use.
    pub limits: Limits,
}

/// A program that stands at its first syscall: it has seen nothing of its files and its input yet, so from there on it does
/// exactly what it would have done from its start, to the step, but for a stack that comes near the limit of its bytes (see
/// [`ProcessBuilder::freezable`](engine::ProcessBuilder::freezable)). `None` if it cannot be frozen there, or takes much to come so
/// far; that depends on nothing but the program and its limits.
///
/// # Errors
/// [`ErrorKind::Interrupted`].
pub fn first_call(
    start: Start,
    program: Program<'_>,
    waiting: &mut dyn Waiting,
) -> Result<Option<Template>, Error> {
    let [stdin, stdout, stderr] = start.stdio;
    let limits = Limits {
        steps_max: program.limits.steps_max.min(STEPS_MAX),
        memory_bytes_max: program.limits.memory_bytes_max.min(MEMORY_BYTES_MAX),
        table_elements_max: program.limits.table_elements_max.min(TABLE_ELEMENTS_MAX),
        ..program.limits
    };
    let mut builder = Process::builder(program.module)
        .args(program.argv.iter().map(String::as_bytes))
        .stdio(stdin, stdout, stderr)
        .seed(start.seed)
        .limits(limits)
        .freezable(true);
    for (name, value) in program.env {
        builder = builder.env(name, value);
    }
    // Whatever is wrong with it, its runs will say.
    let Ok(mut process) = builder.spawn() else { return Ok(None) };
    let image = match run_to(&mut process, FreezePoint::NextCall, waiting) {
        Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
        Ok(Ok(image)) => image,
        _ => return Ok(None),
    };
    // What it was refused here, its own limits may allow.
    let is_the_same = process.growth_refused().is_none();
    if !is_the_same || image.frames() > FRAMES_MAX || image.memories() > 1 {
        return Ok(None);
    }
    let template = image.prepare(program.module).ok();
    Ok(template.filter(|template| template.thaw_with(program.limits).is_ok()))
}

/// Runs an interpreter to where it opens a path, and freezes it there; or how it ended before.
fn run_to_open(
    process: &mut Process,
    path: &str,
    waiting: &mut dyn Waiting,
) -> Result<Result<Image, State>, Error> {
    run_to(process, FreezePoint::Open(path.into()), waiting)
}

/// Runs a program to a point, and freezes it there; or how it ended before.
fn run_to(
    process: &mut Process,
    point: FreezePoint,
    waiting: &mut dyn Waiting,
) -> Result<Result<Image, State>, Error> {
    process.freeze_at(point).map_err(Error::own)?;
    loop {
        match process.run(SLICE) {
            State::FreezePoint => return process.freeze().map(Ok).map_err(Error::own),
            State::Yielded if waiting.goes_on() => {}
            State::Yielded => return Err(Error::new(ErrorKind::Interrupted, "interrupted")),
            state => return Ok(Err(state)),
        }
    }
}
