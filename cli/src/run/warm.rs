//! `--warm`: a program is run by an interpreter that was started before, from an image that is made once.

use std::path::PathBuf;

use engine::{Error, Limits, Process};
use launch::warm::{self, Start, Waiting};
use runtimes::{Cache, Warm};

use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::{self, Console};
use crate::error::{Failure, REFUSED};
use crate::run::files::Files;
use crate::run::plan::{self, Program};
use crate::run::{arguments, ensure_installed, execute, report, watch_time};

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
    let path = format!("/{name}");
    let args = arguments(options)?;
    check_arguments(
        options,
        &[&[selection.language.name.clone(), path.clone()], &args[..]].concat(),
    )?;
    let job = warm.job(&path, &args, &options.env);
    let job = job.ok_or_else(|| Failure::own("an argument or a variable holds a NUL"))?;
    let cache = Cache::open(home).map_err(Failure::own)?;
    ensure_installed(&cache, selection.runtime)?;
    let kinds = execute::stream_kinds(options, console);
    let start = Start { engine: options.limits.engine(), seed: options.seed, stdio: kinds };
    let (template, _) = warm::image(start, &cache, selection, warm, &mut User(console))?;
    watch_time(options, console);
    let limits = execute::limits(options);
    let (least, most) = (template.image().memory_bytes(), limits.memory_bytes_max as u64);
    if least > most {
        return Err(Failure::new(
            REFUSED,
            format_args!(
                "--memory: the started interpreter alone has {least} bytes, and {most} are allowed"
            ),
        ));
    }
    let steps_max = limits.steps_max.saturating_add(template.image().steps());
    let mut process = template
        .thaw_with(Limits { steps_max, ..limits })
        .map_err(|error| Failure::new(REFUSED, error))?;
    let mut files = Files::around(launch::files::take(process.fs()), options)?;
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

/// Refuses arguments and variables as a program would be refused that is started with them.
fn check_arguments(options: &RunOptions, argv: &[String]) -> Result<(), Failure> {
    let args = argv.iter().map(|arg| arg.len() + 1);
    let env = options.env.iter().map(|(name, value)| name.len() + value.len() + 2);
    let bytes = args.chain(env).sum::<usize>() as u64;
    let bytes_max = execute::limits(options).args_bytes_max;
    if bytes > bytes_max {
        return Err(report::not_spawned(argv, Error::TooManyArguments { bytes, bytes_max }));
    }
    Ok(())
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

/// The user who waits for an interpreter to be started.
struct User<'a>(&'a Console);

impl Waiting for User<'_> {
    fn say(&mut self, message: &str) {
        console::say(message);
    }

    fn goes_on(&mut self) -> bool {
        !self.0.is_interrupted()
    }
}
