//! `stepwell run`: from a program to its exit status.

mod compile;
mod drive;
mod execute;
pub(crate) mod files;
pub(crate) mod freeze;
mod json;
mod plan;
mod report;
mod thaw;
pub(crate) mod verify;
mod warm;

use std::path::PathBuf;

use launch::{Checked, modules};
use runtimes::{Bar, Cache, Fill, Kind, Role, Runtime, Selection, Stdin};

use crate::args::RunOptions;
use crate::console::Console;
use crate::error::Failure;
use crate::run::compile::Outcome;
use crate::run::files::Files;
use crate::run::plan::Program;

/// A program ready to start.
struct Prepared {
    checked: Checked,
    argv: Vec<String>,
    env: Vec<(String, String)>,
    files: Files,
    origin: Origin,
}

/// Where a program's module comes from.
enum Origin {
    /// From the catalogue: this runtime.
    Runtime(String),
    /// From the user or a compiler: its bytes.
    Own(bytes::Bytes),
}

/// Runs what the options say, and gives the exit status.
pub(crate) fn run(options: &RunOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let status = try_run(options, home);
    match &status {
        Err(failure) if options.json => json::print(&json::failure(failure))?,
        _ => {}
    }
    status
}

fn try_run(options: &RunOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let mut console = Console::new()?;
    if options.json {
        console.capture();
    }
    if let Some(bytes) = freeze::read_image(options.program())? {
        watch_time(options, &console);
        return thaw::run(options, bytes, Cache::open(home).ok().as_ref(), &mut console);
    }
    if options.warm {
        let (process, mut files) = warm::start(options, home, &mut console)?;
        return execute::conclude(options, process, &mut files, &mut console);
    }
    match prepare(options, home, &mut console)? {
        Outcome::Program(prepared) => execute::execute(options, *prepared, &mut console),
        Outcome::Failed(status, mut files) => {
            files.start();
            files.save(options)?;
            if options.json {
                json::print(&json::not_compiled(status, &mut console))?;
            }
            Ok(status)
        }
    }
}

/// Makes what the options say ready to start; compiles it, if that is what it takes.
fn prepare(
    options: &RunOptions,
    home: Option<PathBuf>,
    console: &mut Console,
) -> Result<Outcome, Failure> {
    let program = plan::plan(options, console)?;
    if let Some(path) = &options.stdin {
        console.read_from(path)?;
    }
    let cache = Cache::open(home);
    match program {
        Program::Module { name, wasm } => {
            watch_time(options, console);
            let prepared = module(options, &name, wasm, cache.ok().as_ref())?;
            Ok(Outcome::Program(Box::new(prepared)))
        }
        Program::Source { name, text, selection } => {
            let cache = cache.map_err(Failure::own)?;
            source(options, &cache, selection, (&name, &text), console)
        }
    }
}

/// Starts the guard in real time, if there is to be one.
fn watch_time(options: &RunOptions, console: &Console) {
    if let Some(duration) = options.limits.timeout {
        console.interrupt_after(duration);
    }
}

/// A source file, whose runtime is installed first if need be.
fn source(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    (name, text): (&str, &bytes::Bytes),
    console: &mut Console,
) -> Result<Outcome, Failure> {
    ensure_installed(cache, selection.runtime)?;
    watch_time(options, console);
    // A shell that reads commands after the program would otherwise wait for the user to type some.
    if selection.language.stdin == Stdin::Closed && console.is_terminal() {
        console.read_nothing();
    }
    let mut files = source_files(options, cache, selection.runtime)?;
    files.put(name, text.clone())?;
    match selection.language.kind() {
        Kind::Interpret => {
            let prepared = interpreter(options, cache, selection, name, files)?;
            Ok(Outcome::Program(Box::new(prepared)))
        }
        Kind::Compile => compile::compile(options, cache, selection, (name, text), files, console),
    }
}

/// A module of the user's: its arguments are its own.
fn module(
    options: &RunOptions,
    name: &str,
    wasm: bytes::Bytes,
    cache: Option<&Cache>,
) -> Result<Prepared, Failure> {
    let origin = Origin::Own(wasm.clone());
    let checked = modules::checked(&options.limits.engine(), name, wasm, cache)?;
    let files = files::prepare(options, None)?;
    let mut argv = vec![name.to_string()];
    if options.invoke.is_none() {
        argv.extend(arguments(options)?);
    }
    Ok(Prepared { checked, argv, env: Vec::new(), files, origin })
}

/// An interpreter that is given the source file.
fn interpreter(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    name: &str,
    files: Files,
) -> Result<Prepared, Failure> {
    let engine = options.limits.engine();
    let checked = modules::catalogued(&engine, cache, selection.runtime, Role::Module)?;
    let stage = &selection.language.stages[0];
    let program = format!("/{name}");
    let args = arguments(options)?;
    let fill = Fill { program: &program, args: &args, ..Fill::default() };
    let env = stage.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let Runtime { name, version, .. } = selection.runtime;
    let origin = Origin::Runtime(format!("{name}@{version}"));
    Ok(Prepared { checked, argv: stage.argv(&fill), env, files, origin })
}

fn source_files(options: &RunOptions, cache: &Cache, runtime: &Runtime) -> Result<Files, Failure> {
    files::prepare(options, modules::base(cache, runtime)?)
}

/// Installs a runtime that is not there yet.
pub(crate) fn ensure_installed(cache: &Cache, runtime: &Runtime) -> Result<(), Failure> {
    let search_path = std::env::var_os("PATH").unwrap_or_default();
    Ok(launch::ensure_installed(cache, runtime, search_path, &mut Bar::new())?)
}

/// The user's arguments, which a guest sees as text.
fn arguments(options: &RunOptions) -> Result<Vec<String>, Failure> {
    let text = |arg: &std::ffi::OsString| {
        arg.clone().into_string().map_err(|arg| {
            Failure::own(format_args!("the argument {} is not UTF-8", arg.display()))
        })
    };
    options.args().iter().map(text).collect()
}
