//! `stepwell freeze` and `stepwell inspect`: images of programs.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use engine::vfs::StreamKind;
use engine::{Engine, Error, Image, Limits, Module, Process, State};
use runtimes::{Cache, Catalog, Role};

use crate::args::freeze::{FreezeOptions, InspectOptions};
use crate::args::{ClockChoice, EntropyChoice, RunOptions};
use crate::console::{self, Console, Stream};
use crate::error::{Failure, NOT_FOUND, REFUSED};
use crate::run::compile::Outcome;
use crate::run::drive::{Ended, drive};
use crate::run::files::{Files, check_output, set_quota, write_whole};
use crate::run::{Origin, ensure_installed, execute, modules, prepare, thaw, watch_time};

/// Runs a program up to a point and writes its image: the exit status.
pub(crate) fn freeze(options: &FreezeOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    refuse_options(&options.run)?;
    check_output(&options.output)?;
    let mut console = Console::new()?;
    if let Some(bytes) = read_image(options.run.program())? {
        watch_time(&options.run, &console);
        return again(options, bytes, Cache::open(home).ok().as_ref(), &mut console);
    }
    let mut prepared = match prepare(&options.run, home, &mut console)? {
        Outcome::Program(prepared) => *prepared,
        Outcome::Failed(status, _) => return Ok(status),
        Outcome::Standing(..) => return Err(Failure::own("freeze does not take --warm")),
    };
    // What goes on is told the same, and has no terminal.
    console.attach_stdin(StreamKind::Pipe);
    let kinds = [StreamKind::Pipe; 3];
    let process = execute::start_with(&options.run, &mut prepared, None, kinds, true)?;
    let image = run_to(options, process, &mut console)?;
    let module = &prepared.checked.module;
    let bytes = match &prepared.origin {
        Origin::Runtime(name) => image.with_origin(name).save(module, &[]),
        Origin::Own(wasm) => image.save_whole(module, wasm, &[]),
    };
    let bytes = bytes.map_err(Failure::own)?;
    write_whole(&options.output, |out| out.write_all(&bytes))?;
    Ok(0)
}

/// Goes on from an image up to a point and writes another one.
fn again(
    options: &FreezeOptions,
    bytes: Bytes,
    cache: Option<&Cache>,
    console: &mut Console,
) -> Result<u8, Failure> {
    thaw::refuse_options(&options.run)?;
    let path = options.run.program();
    let refused = |error: Error| Failure::new(REFUSED, format_args!("{}: {error}", path.display()));
    let engine = options.run.limits.engine();
    let (module, origin) = module_of(path, &bytes, &engine, cache)?;
    let limits = execute::limits(&options.run);
    let image = Image::load(bytes.clone(), &module, &[], Some(limits)).map_err(refused)?;
    let template = image.prepare_freezable(&module).map_err(refused)?;
    let mut process = template.thaw().map_err(refused)?;
    set_quota(process.fs(), options.run.limits.quota());
    if let Some(archive) = &options.run.fs {
        Files::standing(process.fs()).add(process.fs(), archive)?;
    }
    if let Some(input) = &options.run.stdin {
        console.read_from(input)?;
    }
    if options.run.trace {
        process.trace(execute::print_call);
    }
    console.attach_stdin(StreamKind::Pipe);
    let image = run_to(options, process, console)?;
    let written = match Image::embedded_bytes(&bytes).map_err(refused)? {
        Some(wasm) => image.save_whole(&module, &wasm, &[]),
        None => image.with_origin(&origin).save(&module, &[]),
    };
    let written = written.map_err(Failure::own)?;
    write_whole(&options.output, |out| out.write_all(&written))?;
    Ok(0)
}

/// Refuses what an image cannot have.
fn refuse_options(options: &RunOptions) -> Result<(), Failure> {
    let refused = [
        (options.clock == ClockChoice::Host, "--clock host: an image has a virtual clock"),
        (options.entropy == EntropyChoice::Host, "--entropy host: an image has seeded entropy"),
        (options.profile.is_some(), "--profile: profile the run that goes on"),
        (options.receipt.is_some(), "--receipt: the run that goes on gives one"),
        (options.warm, "--warm: the image starts where the program stands"),
        (options.json, "--json: it is for a run that ends"),
        (
            options.save_fs.is_some() || options.save_diff.is_some(),
            "--save-fs and --save-diff: the image has the files",
        ),
    ];
    match refused.iter().find(|(is_given, _)| *is_given) {
        Some((_, reason)) => Err(Failure::own(format_args!("freeze does not take {reason}"))),
        None => Ok(()),
    }
}

/// The image of the process at the point.
fn run_to(
    options: &FreezeOptions,
    mut process: Process,
    console: &mut Console,
) -> Result<Image, Failure> {
    process.freeze_at(options.at.clone()).map_err(Failure::own)?;
    match drive(&mut process, console, Stream::Output)?.ended {
        Ended::State(State::FreezePoint) => process.freeze().map_err(Failure::own),
        Ended::State(State::Exited(code)) => Err(Failure::own(format_args!(
            "the program ended before it came to the point, with exit status {code}"
        ))),
        Ended::State(State::Trapped(trap)) => Err(Failure::own(format_args!(
            "the program trapped before it came to the point: {trap}"
        ))),
        Ended::State(State::Exhausted(limit)) => Err(Failure::own(format_args!(
            "the program reached {limit} before it came to the point"
        ))),
        ended => Err(Failure::own(format_args!("stopped before the point: {ended:?}"))),
    }
}

/// The image in a file, if it is one: its bytes.
pub(super) fn read_image(path: &Path) -> Result<Option<Bytes>, Failure> {
    // What is read from a pipe is gone for whoever reads the program.
    if !std::fs::metadata(path).is_ok_and(|there| there.is_file()) {
        return Ok(None);
    }
    let mut start = [0; 32];
    let is_image = match std::fs::OpenOptions::new().read(true).open(path) {
        Ok(mut file) => match io::Read::read(&mut file, &mut start) {
            Ok(len) => Image::is_image(&start[..len]),
            Err(_) => false,
        },
        // Whoever reads it as a program says what is wrong.
        Err(_) => false,
    };
    if !is_image {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::file(path, "read", error))?;
    Ok(Some(bytes.into()))
}

/// The module that an image is of: from the image itself, or of an installed runtime.
pub(super) fn module_of(
    path: &Path,
    bytes: &Bytes,
    engine: &Engine,
    cache: Option<&Cache>,
) -> Result<(Module, String), Failure> {
    let refused = |error: Error| Failure::own(format_args!("{}: {error}", path.display()));
    if let Some(module) = Image::embedded(bytes, engine).map_err(refused)? {
        return Ok((module, "its own module".to_owned()));
    }
    let origin = Image::origin_of(bytes).map_err(refused)?;
    let unknown =
        || Failure::new(NOT_FOUND, format_args!("{}: no runtime {origin:?}", path.display()));
    let selection = Catalog::builtin().resolve(&origin).map_err(|_| unknown())?;
    let cache = cache.ok_or_else(unknown)?;
    ensure_installed(cache, selection.runtime)?;
    let checked = modules::catalogued(engine, cache, selection.runtime, Role::Module)?;
    Ok((checked.module, origin))
}

/// Says what an image holds.
pub(crate) fn inspect(options: &InspectOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let path = &options.image;
    let bytes = read_image(path)?.ok_or_else(|| not_an_image(path))?;
    let cache = Cache::open(home).ok();
    let engine = Engine::default();
    let (module, origin) = module_of(path, &bytes, &engine, cache.as_ref())?;
    let refused = |error: Error| Failure::new(REFUSED, format_args!("{}: {error}", path.display()));
    let image =
        Image::load(bytes.clone(), &module, &[], Some(Limits::default())).map_err(refused)?;
    let mut text = String::new();
    let sha256 = image.module_sha256();
    let hex = sha256.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let rows = [
        ("module", format!("{origin}, sha256 {hex}")),
        ("steps", image.steps().to_string()),
        ("syscalls", image.syscalls().to_string()),
        ("next", image.syscall(&module).unwrap_or("nothing").to_owned()),
        ("memory", format!("{} bytes", image.memory_bytes())),
        ("image", format!("{} bytes", bytes.len())),
        ("active", format!("{} functions, the outermost first", image.frames())),
    ];
    // Text in memory takes everything.
    for (name, value) in rows {
        let _ = writeln!(text, "{name:<9}{value}");
    }
    for frame in image.backtrace(&module) {
        let _ = writeln!(text, "  {frame}");
    }
    console::print(text.as_bytes())
}

fn not_an_image(path: &Path) -> Failure {
    Failure::own(format_args!(
        "{} is not an image that stepwell freeze has written",
        path.display()
    ))
}
