//! `stepwell freeze`, `stepwell inspect` and `stepwell export`: images of programs.

use std::fmt::Write as _;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use engine::vfs::StreamKind;
use engine::{Engine, Error, Image, Limits, Module, Process, State};
use runtimes::{Cache, Catalog, Role};

use crate::args::freeze::{ExportOptions, FreezeOptions, InspectOptions};
use crate::args::{ClockChoice, DirectoryMode, EntropyChoice, RunOptions};
use crate::console::{self, Console, Stream};
use crate::error::{BROKEN_PIPE, Failure, INTERRUPTED, LIMIT, NOT_FOUND, OWN, REFUSED};
use crate::run::compile::Outcome;
use crate::run::drive::{Ended, drive};
use crate::run::files::{check_output, check_paths, write_whole};
use crate::run::thaw::{self, Standing};
use crate::run::{
    Origin, Prepared, ensure_installed, execute, modules, prepare, report, watch_time,
};

/// Runs a program up to a point and writes its image: the exit status.
pub(crate) fn freeze(options: &FreezeOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    refuse_directories(options)?;
    let mut console = Console::new()?;
    if let Some(bytes) = read_image(options.run.program())? {
        // It may take the place of the one that it comes from.
        check_output(&options.output)?;
        watch_time(&options.run, &console);
        return again(options, &bytes, Cache::open(home).ok().as_ref(), &mut console);
    }
    refuse_options(&options.run)?;
    check_paths(&[&options.output], &[options.run.program()])?;
    let mut prepared = match prepare(&options.run, home, &mut console)? {
        Outcome::Program(prepared) => *prepared,
        Outcome::Failed(status, _) => return Ok(status),
    };
    // What goes on is told the same, and has no terminal.
    console.attach_stdin(StreamKind::Pipe);
    let kinds = [StreamKind::Pipe; 3];
    let process = execute::start_with(&options.run, &mut prepared, None, kinds, true)?;
    let Prepared { checked, origin, .. } = prepared;
    run_to(options, process, (&checked.module, &origin), &mut console)
}

/// Goes on from an image up to a point and writes another one: the exit status.
fn again(
    options: &FreezeOptions,
    bytes: &Bytes,
    cache: Option<&Cache>,
    console: &mut Console,
) -> Result<u8, Failure> {
    let run = &options.run;
    thaw::refuse_options(run)?;
    if let Some(input) = &run.stdin {
        console.read_from(input)?;
    }
    console.attach_stdin(StreamKind::Pipe);
    let Standing { process, module, origin, .. } =
        thaw::stand(run, bytes, cache, execute::limits(run), true)?;
    run_to(options, process, (&module, &origin), console)
}

/// Refuses directories of the host that cannot be left out of an image.
fn refuse_directories(options: &FreezeOptions) -> Result<(), Failure> {
    let mut directories = options.run.dir.iter();
    if !options.reopen_dirs {
        return match directories.next() {
            Some(directory) => Err(Failure::own(format_args!(
                "an image has no directory of the host's, as {} is: add --reopen-dirs, or bring its files with --fs",
                directory.guest
            ))),
            None => Ok(()),
        };
    }
    match directories.find(|directory| directory.mode == DirectoryMode::CopyOnWrite) {
        Some(directory) => Err(Failure::own(format_args!(
            "{} is mounted copy-on-write, and its changes would be lost: mount it :ro or :rw",
            directory.guest
        ))),
        None => Ok(()),
    }
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

/// Runs a process up to the point and writes its image: the exit status.
fn run_to(
    options: &FreezeOptions,
    mut process: Process,
    (module, origin): (&Module, &Origin),
    console: &mut Console,
) -> Result<u8, Failure> {
    let image = image_at(options, &mut process, console)?;
    if options.run.stats {
        report::stats(&process);
    }
    let bytes = match origin {
        Origin::Runtime(name) => image.with_origin(name).save(module, &[]),
        Origin::Own(wasm) => image.save_whole(module, wasm, &[]),
    };
    let bytes = bytes.map_err(Failure::own)?;
    write_whole(&options.output, |out| out.write_all(&bytes))?;
    Ok(0)
}

/// The image of the process at the point.
fn image_at(
    options: &FreezeOptions,
    process: &mut Process,
    console: &mut Console,
) -> Result<Image, Failure> {
    process.freeze_at(options.at.clone()).map_err(Failure::own)?;
    let too_early = |status, why: std::fmt::Arguments<'_>| {
        Err(Failure::new(status, format_args!("{why} before it came to the point")))
    };
    match drive(process, console, Stream::Output)?.ended {
        Ended::State(State::FreezePoint) if options.reopen_dirs => {
            process.freeze_detached().map_err(Failure::own)
        }
        Ended::State(State::FreezePoint) => process.freeze().map_err(Failure::own),
        Ended::State(State::Exited(code)) => Err(Failure::own(format_args!(
            "the program ended before it came to the point, with exit status {code}"
        ))),
        Ended::State(State::Trapped(trap)) => Err(Failure::own(format_args!(
            "the program trapped before it came to the point: {trap}"
        ))),
        Ended::State(State::Exhausted(limit)) => {
            too_early(OWN, format_args!("the program reached {limit}"))
        }
        Ended::State(State::Yielded | State::Blocked(_)) => {
            too_early(OWN, format_args!("the program was left"))
        }
        Ended::TimedOut => too_early(LIMIT, format_args!("the program was stopped by --timeout")),
        Ended::Interrupted => too_early(INTERRUPTED, format_args!("the program was stopped")),
        Ended::BrokenPipe => too_early(
            BROKEN_PIPE,
            format_args!("nobody read what the program wrote, so it was stopped"),
        ),
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
) -> Result<(Module, Origin), Failure> {
    let refused = |error: Error| refused(path, &error);
    if let Some(wasm) = Image::embedded(bytes).map_err(refused)? {
        let module = Module::new(engine, wasm.clone()).map_err(refused)?;
        return Ok((module, Origin::Own(wasm)));
    }
    let origin = Image::origin_of(bytes).map_err(refused)?;
    let unknown =
        || Failure::new(NOT_FOUND, format_args!("{}: no runtime {origin:?}", path.display()));
    let selection = Catalog::builtin().resolve(&origin).map_err(|_| unknown())?;
    let cache = cache.ok_or_else(unknown)?;
    ensure_installed(cache, selection.runtime)?;
    let checked = modules::catalogued(engine, cache, selection.runtime, Role::Module)?;
    Ok((checked.module, Origin::Runtime(origin)))
}

/// An image from a file.
struct Kept {
    bytes: Bytes,
    module: Module,
    origin: Origin,
    image: Image,
}

/// Reads an image.
fn load(path: &Path, home: Option<PathBuf>) -> Result<Kept, Failure> {
    // What is no image for whoever runs programs is here one that cannot be read.
    let there = std::fs::OpenOptions::new().read(true).open(path);
    there.map_err(|error| Failure::file(path, "read", error))?;
    let bytes = read_image(path)?.ok_or_else(|| not_an_image(path))?;
    let cache = Cache::open(home).ok();
    let (module, origin) = module_of(path, &bytes, &Engine::default(), cache.as_ref())?;
    let limits = Some(Limits::default());
    let image = Image::load(bytes.clone(), &module, &[], limits);
    let image = image.map_err(|error| refused(path, &error))?;
    Ok(Kept { bytes, module, origin, image })
}

fn refused(path: &Path, error: &Error) -> Failure {
    Failure::new(REFUSED, format_args!("{}: {error}", path.display()))
}

/// Writes an image as a module for other engines.
pub(crate) fn export(options: &ExportOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let path = &options.image;
    check_output(&options.output)?;
    let Kept { module, image, .. } = load(path, home)?;
    let wasm = match image.to_wasm(&module) {
        // It is whole, and still no module can be made of it.
        Err(error @ (Error::NotPortable { .. } | Error::NotFreezable { .. })) => {
            return Err(Failure::own(format_args!("{}: {error}", path.display())));
        }
        wasm => wasm.map_err(|error| refused(path, &error))?,
    };
    write_whole(&options.output, |out| out.write_all(&wasm))?;
    Ok(0)
}

/// Says what an image holds.
pub(crate) fn inspect(options: &InspectOptions, home: Option<PathBuf>) -> Result<u8, Failure> {
    let Kept { bytes, module, origin, image } = load(&options.image, home)?;
    let mut text = String::new();
    let sha256 = image.module_sha256();
    let origin = match origin {
        Origin::Runtime(name) => name,
        Origin::Own(_) => "its own module".to_owned(),
    };
    let hex = sha256.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    let rows = [
        ("module", format!("{origin}, sha256 {hex}")),
        ("steps", image.steps().to_string()),
        ("syscalls", image.syscalls().to_string()),
        ("next", image.syscall(&module).unwrap_or("nothing").to_owned()),
        ("memory", format!("{} bytes", image.memory_bytes())),
        ("image", format!("{} bytes", bytes.len())),
        ("dirs", image.absent().collect::<Vec<_>>().join(", ")),
        ("active", format!("{} functions, the outermost first", image.frames())),
    ];
    // Text in memory takes everything.
    for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
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
