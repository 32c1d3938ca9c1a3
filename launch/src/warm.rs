//! Interpreters that were started before: an image is made once and kept, and every program goes on from there.

use bytes::Bytes;
use engine::vfs::{Quota, StreamKind};
use engine::{Engine, FreezePoint, Image, Module, Process, State, Template};
use runtimes::{Cache, Role, Selection, Warm};

use crate::{Error, ErrorKind, files, modules};

/// Steps between two questions whether to go on: a few milliseconds.
const SLICE: u64 = 20_000_000;

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
    waiting.say(&format!("starting {} once, to keep it warm", selection.runtime));
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
    process.freeze_at(FreezePoint::Open(Warm::JOB.into())).map_err(Error::own)?;
    // It gets nothing of what the user's program will read, and what it does has no time limit: it is done once.
    loop {
        match process.run(SLICE) {
            State::FreezePoint => break,
            State::Yielded if waiting.goes_on() => {}
            State::Yielded => return Err(Error::new(ErrorKind::Interrupted, "interrupted")),
            state => {
                let runtime = selection.runtime;
                return Err(Error::own(format_args!("{runtime} did not start warm: {state:?}")));
            }
        }
    }
    process.freeze().map_err(Error::own)
}
