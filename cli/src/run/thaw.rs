//! `stepwell run IMAGE`: a frozen program goes on.

use std::path::Path;

use bytes::Bytes;
use engine::{Error, Image, Process};
use runtimes::Cache;

use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::Console;
use crate::error::{Failure, REFUSED};
use crate::run::files::{Files, check_outputs};
use crate::run::{execute, freeze};

/// Runs an image to its end: the exit status.
pub(super) fn run(
    options: &RunOptions,
    bytes: Bytes,
    cache: Option<&Cache>,
    console: &mut Console,
) -> Result<u8, Failure> {
    refuse_options(options)?;
    check_outputs(options)?;
    if let Some(path) = &options.stdin {
        console.read_from(path)?;
    }
    let path = options.program();
    let mut process = thaw(options, path, bytes, cache)?;
    let mut files = Files::standing(process.fs());
    if let Some(archive) = &options.fs {
        files.add(process.fs(), archive)?;
    }
    execute::conclude(options, process, &mut files, console)
}

/// The process of an image, as it stood.
fn thaw(
    options: &RunOptions,
    path: &Path,
    bytes: Bytes,
    cache: Option<&Cache>,
) -> Result<Process, Failure> {
    let refused = |error: Error| Failure::new(REFUSED, format_args!("{}: {error}", path.display()));
    let (module, _) = freeze::module_of(path, &bytes, &options.limits.engine(), cache)?;
    let limits = execute::limits(options);
    let image = Image::load(bytes, &module, &[], Some(limits)).map_err(refused)?;
    image.prepare(&module).and_then(|template| template.thaw()).map_err(refused)
}

/// Refuses what an image has already.
fn refuse_options(options: &RunOptions) -> Result<(), Failure> {
    let refused = [
        (!options.args().is_empty(), "arguments"),
        (!options.env.is_empty(), "an environment (--env)"),
        (options.argv0.is_some(), "a name (--argv0)"),
        (options.invoke.is_some(), "an entry (--invoke)"),
        (options.runtime.is_some(), "a runtime (--runtime)"),
        (options.seed != 0, "a seed (--seed)"),
        (options.clock == ClockChoice::Host, "a clock (--clock)"),
        (options.entropy == EntropyChoice::Host, "entropy (--entropy)"),
        (!options.dir.is_empty(), "directories (--dir)"),
    ];
    if let Some((_, what)) = refused.iter().find(|(is_given, _)| *is_given) {
        return Err(Failure::own(format_args!(
            "an image has {what} already: give it to `stepwell freeze`"
        )));
    }
    let not_yet = [
        (options.profile.is_some(), "--profile"),
        (options.receipt.is_some(), "--receipt"),
        (options.trace, "--trace"),
    ];
    match not_yet.iter().find(|(is_given, _)| *is_given) {
        Some((_, what)) => Err(Failure::own(format_args!("{what} is not for the run of an image"))),
        None => Ok(()),
    }
}
