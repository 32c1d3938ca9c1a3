//! `stepwell run IMAGE`: a frozen program goes on.

use bytes::Bytes;
use engine::{Error, Image, Inputs, Limits, Module, Process};
use runtimes::Cache;

use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::Console;
use crate::error::{Failure, REFUSED};
use crate::run::files::{self, Files, check_outputs, set_quota};
use crate::run::{Origin, execute, freeze};

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
    let (process, mut files) = start(options, bytes, cache, None)?;
    execute::conclude(options, process, &mut files, console)
}

/// The process of an image, as it stood; with the limits that a receipt has recorded, if there is one.
pub(super) fn start(
    options: &RunOptions,
    bytes: Bytes,
    cache: Option<&Cache>,
    recorded: Option<&Inputs>,
) -> Result<(Process, Files), Failure> {
    let limits = recorded.map_or_else(|| execute::limits(options), |inputs| inputs.limits);
    let Standing { mut process, files, .. } = stand(options, &bytes, cache, limits, false)?;
    let has_directories = !options.dir.is_empty();
    if has_directories && options.receipt.is_some() {
        let reason = "--receipt: nobody can repeat what goes on with directories of the host";
        return Err(Failure::own(reason));
    }
    if options.receipt.is_some() || recorded.is_some() {
        let sha256 = execute::hash(&runtimes::sha256(&bytes));
        process.keep_receipt(sha256).map_err(Failure::own)?;
    }
    Ok((process, files))
}

/// A process that stands where an image was frozen.
pub(super) struct Standing {
    pub(super) process: Process,
    pub(super) files: Files,
    /// The module that it is of, and where that comes from.
    pub(super) module: Module,
    pub(super) origin: Origin,
}

/// Thaws an image, with the files, limits and reports of the options; as one that can be frozen again, or not.
pub(super) fn stand(
    options: &RunOptions,
    bytes: &Bytes,
    cache: Option<&Cache>,
    limits: Limits,
    freezable: bool,
) -> Result<Standing, Failure> {
    let path = options.program();
    let refused = |error: Error| Failure::new(REFUSED, format_args!("{}: {error}", path.display()));
    let (module, origin) = freeze::module_of(path, bytes, &options.limits.engine(), cache)?;
    let image = Image::load(bytes.clone(), &module, &[], Some(limits)).map_err(refused)?;
    let template = match options.profile {
        _ if freezable => image.prepare_freezable(&module),
        Some(_) => image.prepare_profiled(&module),
        None => image.prepare(&module),
    };
    let mounts = files::mounts(options)?;
    let thawed = template.and_then(|template| template.thaw_attached(limits, mounts));
    let mut process = thawed.map_err(|error| match error {
        Error::Directories { reason } => {
            let hint = "--dir gives the directories of an image";
            Failure::own(format_args!("{}: {reason}; {hint}", path.display()))
        }
        error => refused(error),
    })?;
    set_quota(process.fs(), options.limits.quota());
    let mut files = Files::standing(process.fs());
    if let Some(archive) = &options.fs {
        files.add(process.fs(), archive)?;
    }
    if options.trace {
        process.trace(execute::print_call);
    }
    Ok(Standing { process, files, module, origin })
}

/// Refuses what an image has already.
pub(super) fn refuse_options(options: &RunOptions) -> Result<(), Failure> {
    let refused = [
        (!options.args().is_empty(), "arguments"),
        (!options.env.is_empty(), "an environment (--env)"),
        (options.argv0.is_some(), "a name (--argv0)"),
        (options.invoke.is_some(), "an entry (--invoke)"),
        (options.runtime.is_some(), "a runtime (--runtime)"),
        (options.warm, "a started interpreter (--warm)"),
        (options.limits.args_bytes.is_some(), "a limit of arguments (--args-bytes)"),
        (options.seed != 0, "a seed (--seed)"),
        (options.clock == ClockChoice::Host, "a clock (--clock)"),
        (options.entropy == EntropyChoice::Host, "entropy (--entropy)"),
    ];
    if let Some((_, what)) = refused.iter().find(|(is_given, _)| *is_given) {
        return Err(Failure::own(format_args!(
            "an image has {what} already: give it to `stepwell freeze`"
        )));
    }
    Ok(())
}
