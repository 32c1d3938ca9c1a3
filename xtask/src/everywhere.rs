//! The same programs on several architectures: what they give must be the rows of tests/everywhere/golden.txt.
//!
//! The package stepwell-everywhere makes bundles of the programs natively, and runs them natively, as wasm32 under Node
//! and as aarch64 under qemu.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use clap::{Args, ValueEnum};

use crate::chore::{Outcome, STD, cargo, cross, must_succeed, root};
use crate::toolchain;

/// What of the chore is wanted.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Write the table from what the native build gives, before the other builds are compared with it
    #[arg(long)]
    bless: bool,
    /// Try only this build
    #[arg(long)]
    only: Option<Build>,
    /// On aarch64, which is emulated, run only the programs that are marked as quick
    #[arg(long)]
    quick: bool,
    /// Natively, freeze each program at so many of its syscalls, thaw it, and compare; with `all`, at every syscall, each image
    /// going on to the next
    #[arg(long, value_name = "POINTS|all", default_value = "2", value_parser = points)]
    freeze: String,
    /// Instead, run one program so many times in random pieces on a busy machine
    #[arg(long, value_name = "RUNS")]
    soak: Option<u64>,
    /// The program to soak
    #[arg(long, value_name = "NAME", default_value = "c-lines", requires = "soak")]
    program: String,
    /// The seed of the first run of the soak; each run has the next
    #[arg(long, default_value_t = 1, requires = "soak")]
    seed: u64,
}

/// A build of the engine, and what runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Build {
    /// On this machine, as the command line has it
    Native,
    /// For WebAssembly, in Node, with the portable loop of the interpreter
    Wasm32,
    /// For 64-bit ARM, in qemu
    Aarch64,
}

/// A number of points, or `all`.
fn points(text: &str) -> Result<String, String> {
    match text == "all" || text.parse::<u64>().is_ok() {
        true => Ok(text.into()),
        false => Err("a number, or all".into()),
    }
}

const PACKAGE: &str = "stepwell-everywhere";

/// Compares what the builds give with the table.
pub(crate) fn run(options: &Options) -> Outcome {
    let native = Native::build(options.soak.is_some())?;
    let bundles = folder().join("bundles");
    let made = timed("bundles", || {
        must_succeed(Command::new(native.program("everywhere-bundle")).arg(&bundles))
    });
    made?;
    if let Some(runs) = options.soak {
        let mut soak = Command::new(native.program("everywhere-soak"));
        soak.arg(&bundles).arg(&options.program);
        soak.args([runs.to_string(), options.seed.to_string()]);
        return timed("soak", || must_succeed(&mut soak));
    }
    if options.bless {
        bless(&native, &bundles)?;
    }
    let wanted = |build: Build| {
        let is_blessed = options.bless && build == Build::Native;
        !is_blessed && options.only.is_none_or(|only| only == build)
    };
    let mut runs = Vec::new();
    for build in [Build::Native, Build::Wasm32, Build::Aarch64].into_iter().filter(|b| wanted(*b)) {
        let runner = match build {
            Build::Native => Command::new(native.program("everywhere-run")),
            Build::Wasm32 => build_wasm32()?,
            Build::Aarch64 => build_aarch64()?,
        };
        let names = match build {
            Build::Aarch64 if options.quick => lines(&bundles.join("quick.txt"))?,
            _ => Vec::new(),
        };
        runs.push((build, runner, names));
    }
    let mut freeze = None;
    if options.only.is_none_or(|only| only == Build::Native) {
        let mut command = Command::new(native.program("everywhere-freeze"));
        command.arg(&bundles).arg(&options.freeze);
        freeze = Some(command);
    }
    match side_by_side(runs, freeze, &bundles)? {
        0 => Ok(()),
        count => Err(format!("{count} rows differ from {}", golden().display())),
    }
}

/// Does all at once, as each takes one processor: how many rows differ.
fn side_by_side(
    runs: Vec<(Build, Command, Vec<String>)>,
    freeze: Option<Command>,
    bundles: &Path,
) -> Outcome<usize> {
    thread::scope(|scope| {
        let freeze = freeze.map(|mut freeze| {
            scope.spawn(move || timed("freeze and thaw", || must_succeed(&mut freeze)))
        });
        let compare = |(build, runner, names): (Build, Command, Vec<String>)| {
            scope.spawn(move || compare(build, runner, bundles, &names))
        };
        let runs: Vec<_> = runs.into_iter().map(compare).collect();
        let mut differences = 0;
        for run in runs {
            differences += run.join().map_err(|_| "a comparison has failed")??;
        }
        if let Some(freeze) = freeze {
            freeze.join().map_err(|_| "freezing has failed")??;
        }
        Ok(differences)
    })
}

/// The programs of this machine's own build.
struct Native {
    folder: PathBuf,
}

impl Native {
    fn build(soaks: bool) -> Outcome<Self> {
        let folder = folder().join("native");
        let mut command = build("build", &folder);
        command.args(["--bin", "everywhere-bundle"]);
        let runs: &[_] =
            if soaks { &["everywhere-soak"] } else { &["everywhere-run", "everywhere-freeze"] };
        for run in runs {
            command.args(["--bin", run]);
        }
        timed("native build", || must_succeed(&mut command))?;
        Ok(Self { folder: folder.join("release") })
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}

/// Builds the engine for WebAssembly: how it is run.
fn build_wasm32() -> Outcome<Command> {
    const TARGET: &str = "wasm32-unknown-unknown";
    let folder = folder().join("wasm32");
    let mut command = build("rustc", &folder);
    command.args(["--no-default-features", "--features", "portable-dispatch"]);
    command.args(["--lib", "--crate-type", "cdylib"]);
    let compiler = toolchain::compiler(TARGET)?;
    let linker = compiler.builds_std.then(toolchain::wasm_linker);
    cross(&mut command, (TARGET, STD), compiler, linker.as_deref());
    timed("wasm32 build", || must_succeed(&mut command))?;
    let mut node = Command::new("node");
    node.arg(root().join("tests/everywhere/run.mjs"));
    node.arg(folder.join(TARGET).join("release/stepwell_everywhere.wasm"));
    Ok(node)
}

/// Builds the engine for aarch64: how it is run.
fn build_aarch64() -> Outcome<Command> {
    const TARGET: &str = "aarch64-unknown-linux-gnu";
    toolchain::aarch64()?;
    let folder = folder().join("aarch64");
    let mut command = build("build", &folder);
    command.args(["--no-default-features", "--features", "auto-dispatch"]);
    command.args(["--bin", "everywhere-run"]);
    let linker = Path::new("aarch64-linux-gnu-gcc");
    cross(&mut command, (TARGET, STD), toolchain::compiler(TARGET)?, Some(linker));
    timed("aarch64 build", || must_succeed(&mut command))?;
    let mut qemu = Command::new("qemu-aarch64");
    qemu.args(["-L", toolchain::AARCH64_LIBRARIES]);
    qemu.arg(folder.join(TARGET).join("release/everywhere-run"));
    Ok(qemu)
}

/// An optimised build that does not take as long as that of a release.
fn build(subcommand: &str, folder: &Path) -> Command {
    let mut command = cargo();
    command.args([subcommand, "--quiet", "--release", "--package", PACKAGE, "--target-dir"]);
    command.arg(folder);
    // Not "off": the interpreter's tail calls are formed only where what they call is inlined, and without them it
    // overflows the stack.
    command.env("CARGO_PROFILE_RELEASE_LTO", "false");
    command.env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    command
}

/// Writes the table.
fn bless(native: &Native, bundles: &Path) -> Outcome {
    let header = lines(&bundles.join("header.txt"))?;
    let mut text = String::from(
        "# What each program of programs.toml gives on every architecture. Written by `cargo xtask everywhere --bless`.\n",
    );
    text += &format!("# Hashes are SHA-256; a dash is nothing.\n#\n{}\n", header.concat());
    let runner = Command::new(native.program("everywhere-run"));
    timed("native run", || {
        rows(runner, bundles, &[], |row| {
            text += row;
            text.push('\n');
        })
    })?;
    let golden = golden();
    fs::write(&golden, text).map_err(|error| format!("cannot write {}: {error}", golden.display()))
}

/// Runs programs and compares each row: how many differ.
fn compare(build: Build, runner: Command, bundles: &Path, names: &[String]) -> Outcome<usize> {
    let table = lines(&golden())?;
    let mut expected: BTreeMap<&str, &String> = table
        .iter()
        .filter(|row| !row.starts_with('#'))
        .map(|row| (name_of(row), row))
        .filter(|(name, _)| names.is_empty() || names.iter().any(|wanted| wanted == name))
        .collect();
    let count = expected.len();
    let mut differences = 0;
    let what = format!("{build:?}").to_lowercase();
    timed(&format!("{what} run"), || {
        rows(runner, bundles, names, |row| {
            let golden = expected.remove(name_of(row));
            if golden.is_some_and(|golden| golden == row) {
                return;
            }
            differences += 1;
            let golden = golden.map_or("nothing", |golden| golden);
            println!("{what} differs\n  table  {golden}\n  here   {row}");
        })
    })?;
    for row in expected.values() {
        differences += 1;
        println!("{what} gives nothing for\n  table  {row}");
    }
    println!("{what}: {count} programs, {differences} differences");
    Ok(differences)
}

/// Runs programs, and hands on each row when it is there.
fn rows(
    mut runner: Command,
    bundles: &Path,
    names: &[String],
    mut row: impl FnMut(&str),
) -> Outcome {
    runner.arg(bundles).args(names).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = runner.spawn().map_err(|error| format!("cannot start {runner:?}: {error}"))?;
    if let Some(out) = child.stdout.take() {
        for line in BufReader::new(out).lines() {
            row(&line.map_err(|error| format!("cannot read from {runner:?}: {error}"))?);
        }
    }
    let status = child.wait().map_err(|error| format!("{runner:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{runner:?}: {status}")) }
}

/// The first column.
fn name_of(row: &str) -> &str {
    row.split_whitespace().next().unwrap_or("")
}

/// Does something, and says how long it took.
fn timed<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    #[expect(clippy::disallowed_methods, reason = "nothing but what people are told depends on it")]
    let start = Instant::now();
    let outcome = work();
    eprintln!("{what}: {:.1} s", start.elapsed().as_secs_f64());
    outcome
}

fn lines(path: &Path) -> Outcome<Vec<String>> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(text.lines().map(ToString::to_string).collect())
}

fn golden() -> PathBuf {
    root().join("tests/everywhere/golden.txt")
}

/// Where the builds and bundles are.
fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), |folder| root().join(folder));
    target.join("everywhere")
}
