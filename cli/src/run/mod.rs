//! `stepwell run`: from a program to its exit status.

mod artefacts;
mod compile;
mod drive;
mod files;
mod modules;
mod plan;
mod report;

use std::path::PathBuf;

use engine::vfs::host::HostClock;
use engine::vfs::{Namespace, StreamKind};
use engine::{Limits, Module, Process, ProcessBuilder};
use runtimes::{Bar, Cache, Fill, InstallError, Kind, Role, Runtime, Selection, Source, Stdin};

use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::{self, Console, Stream};
use crate::error::{Failure, NOT_FOUND};
use crate::run::compile::Outcome;
use crate::run::drive::drive;
use crate::run::files::Files;
use crate::run::plan::Program;

/// A program ready to start.
struct Prepared {
    module: Module,
    argv: Vec<String>,
    env: Vec<(String, String)>,
    files: Files,
}

/// Runs what the options say, and gives the exit status.
pub(crate) fn run(options: &RunOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let mut console = Console::new()?;
    let program = plan::plan(options, &mut console)?;
    if let Some(path) = &options.stdin {
        console.read_from(path)?;
    }
    let cache = Cache::open(home);
    let prepared = match program {
        Program::Module { name, wasm } => module(options, &name, wasm, cache.ok().as_ref())?,
        Program::Source { name, text, selection } => {
            let cache = cache.map_err(Failure::own)?;
            match source(options, &cache, selection, (&name, &text), &mut console)? {
                Outcome::Program(prepared) => *prepared,
                Outcome::Failed(status, mut files) => {
                    files.start();
                    files.save(options)?;
                    return Ok(status);
                }
            }
        }
    };
    execute(options, prepared, &mut console)
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
    let mut files = source_files(options, cache, selection.runtime)?;
    files.put(name, text.clone())?;
    // A shell that reads commands after the program would otherwise wait for the user to type some.
    if selection.language.stdin == Stdin::Closed && console.is_terminal() {
        console.read_nothing();
    }
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
    let module = modules::checked(name, wasm, cache)?;
    let files = files::prepare(options, None)?;
    let mut argv = vec![name.to_string()];
    if options.invoke.is_none() {
        argv.extend(arguments(options)?);
    }
    Ok(Prepared { module, argv, env: Vec::new(), files })
}

/// An interpreter that is given the source file.
fn interpreter(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    name: &str,
    files: Files,
) -> Result<Prepared, Failure> {
    let module = modules::catalogued(cache, selection.runtime, Role::Module)?;
    let stage = &selection.language.stages[0];
    let program = format!("/{name}");
    let args = arguments(options)?;
    let fill = Fill { program: &program, args: &args, ..Fill::default() };
    let env = stage.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Ok(Prepared { module, argv: stage.argv(&fill), env, files })
}

fn source_files(options: &RunOptions, cache: &Cache, runtime: &Runtime) -> Result<Files, Failure> {
    let base = runtime.file(Role::Base).map(|_| modules::load(cache, runtime, Role::Base));
    files::prepare(options, base.transpose()?)
}

/// Installs a runtime that is not there yet.
fn ensure_installed(cache: &Cache, runtime: &Runtime) -> Result<(), Failure> {
    if cache.is_installed(runtime) {
        return Ok(());
    }
    let clients = runtimes::Client::new(std::env::var_os("PATH").unwrap_or_default());
    cache
        .install(&[runtime], &Source::Registry(clients), &mut Bar::new())
        .map_err(|error: InstallError| Failure::new(NOT_FOUND, error))
}

/// Runs a prepared program to its end, keeps its files and reports how it ended.
fn execute(
    options: &RunOptions,
    mut prepared: Prepared,
    console: &mut Console,
) -> Result<u8, Failure> {
    prepared.files.start();
    if let (Some(name), Some(first)) = (&options.argv0, prepared.argv.first_mut()) {
        first.clone_from(name);
    }
    let kinds = (console.stdin_kind(), console::stdout_kind(), console::stderr_kind());
    let namespace = prepared.files.take_namespace();
    let mut builder = builder(options, &prepared.module, &prepared.argv, namespace, kinds)
        .limits(limits(options));
    for (name, value) in prepared.env.iter().chain(&options.env) {
        builder = builder.env(name, value);
    }
    if let Some(name) = &options.invoke {
        builder = builder.invoke(name, arguments(options)?);
    }
    let mut process =
        builder.spawn().map_err(|error| report::not_spawned(&prepared.argv, error))?;
    let ended = drive(&mut process, console, Stream::Output);
    // Before anything else can go wrong: a backtrace takes as long as the run did.
    std::mem::swap(process.fs(), prepared.files.namespace());
    let saved = prepared.files.save(options);
    let (ended, time) = ended?;
    if options.invoke.is_some() {
        report::results(&process, &ended);
    }
    let status = report::status(&ended, &process, time, console);
    saved.map(|()| status)
}

/// What every stage has in common.
fn builder<'a>(
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

fn limits(options: &RunOptions) -> Limits {
    let mut limits = Limits::default();
    if let Some(steps) = options.steps {
        limits.steps_max = steps;
    }
    if let Some(bytes) = options.memory {
        limits.memory_bytes_max = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
    if let Some(bytes) = options.output_bytes {
        limits.output_bytes_max = bytes;
    }
    limits
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
