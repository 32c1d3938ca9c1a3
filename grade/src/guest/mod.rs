//! Programs ready to start, each case in a fork of the same tree: submissions, checkers, interactors.

mod compile;
pub(crate) mod function;
mod start;
mod workshop;

use std::path::Path;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use engine::vfs::{EPOCH, Quota, StreamKind, Tree};
use engine::{Limits, Process};
use launch::warm::{Command, Program};
use launch::{Checked, ErrorKind};
use runtimes::{Kind, Selection, Warm};

use crate::problem::GuestFile;
use crate::report::Compilation;

pub(crate) use self::compile::CompileLimits;
use self::start::own_argv;
use self::workshop::Started;
pub(crate) use self::workshop::Workshop;

/// What stands for the files of a program, to see whether a run has room for any.
const STAND_IN: &str = ".stepwell-stand-in";

/// A program that can be started any number of times.
pub(crate) struct Guest {
    code: Code,
    /// The name of the file that is run.
    name: String,
    /// What lies in its tree beside what a case adds.
    files: Vec<(String, Bytes)>,
    compilation: Option<Compilation>,
}

enum Code {
    /// A module that is started from its beginning.
    Plain(Box<Plain>),
    /// An interpreter that has been started, and how it is told what to run.
    Warm(Arc<Started>, &'static Warm),
    /// An interpreter that has been started, and opens its program next.
    Opening(Arc<Started>),
    /// A module that stands at its first syscall, until it is let go.
    FirstCall(Mutex<Option<Arc<Started>>>),
}

/// A module; where it is a runtime's, or made by one, with what that gives it.
struct Plain {
    checked: Checked,
    selection: Option<Selection<'static>>,
    base: Tree,
}

/// Why there is no program.
pub(crate) enum Unready {
    /// It is the program's fault.
    Refused(Compilation),
    /// It is the problem's: its limits leave no room for any program.
    Config(String),
    /// It is neither's.
    Fault(String),
}

impl Code {
    fn plain(checked: Checked, selection: Option<Selection<'static>>, base: Tree) -> Self {
        Self::Plain(Box::new(Plain { checked, selection, base }))
    }
}

impl From<launch::Error> for Unready {
    /// A tree that takes the files of the runtime and then refuses one has too many of the program's, or one that is in the way.
    fn from(error: launch::Error) -> Self {
        match error.kind() {
            ErrorKind::Unfit => Self::refused(error),
            _ => Self::Fault(error.to_string()),
        }
    }
}

/// Why a program was not started.
pub(crate) enum NotBegun {
    /// Its own files do not fit into a tree that would take those of the run, or its own module has nothing to start.
    Unfit(String),
    /// What was started for it before has more memory than the run may have: so many bytes.
    Memory(u64),
    /// The limits of its files leave no room for any program.
    Config(String),
    /// It is not to blame.
    Fault(String),
}

impl NotBegun {
    /// Why, in words.
    pub(crate) fn why(self) -> String {
        match self {
            Self::Unfit(why) | Self::Config(why) | Self::Fault(why) => why,
            Self::Memory(least) => needs(least),
        }
    }
}

/// What to say of a limit of memory below what a program has at its start.
pub(crate) fn needs(least: u64) -> String {
    format!("the limit of memory is too low: the interpreter alone has {least} bytes")
}

/// What all runs of a program have in common.
pub(crate) struct Setting<'a> {
    /// The seed of their random numbers.
    pub(crate) seed: u64,
    /// What their standard input is.
    pub(crate) stdin: StreamKind,
    /// Their arguments, if these are the same.
    pub(crate) args: Option<&'a [String]>,
    /// Their environment.
    pub(crate) env: &'a [(String, String)],
    /// What its compiler may use.
    pub(crate) limits: CompileLimits,
    /// What a compiler makes of it is kept under this key, if anything is.
    pub(crate) kept: &'a str,
    /// What they may use.
    pub(crate) run_limits: Limits,
}

/// What one run is given.
pub(crate) struct Job<'a> {
    /// Its arguments, without its name.
    pub(crate) args: &'a [String],
    /// Its environment.
    pub(crate) env: &'a [(String, String)],
    /// The seed of its random numbers.
    pub(crate) seed: u64,
    /// More files for its tree.
    pub(crate) files: Vec<(String, Bytes)>,
    /// Folders for its tree.
    pub(crate) folders: &'a [&'a str],
    /// What it may use.
    pub(crate) limits: Limits,
    /// What its files may use.
    pub(crate) quota: Quota,
    /// What its standard input is.
    pub(crate) stdin: StreamKind,
    /// Whether it is to write a receipt.
    pub(crate) receipt: bool,
}

/// A process that has not taken a step of its own.
pub(crate) struct Begun {
    pub(crate) process: Process,
    /// Steps that were taken before, by the start of its interpreter.
    pub(crate) steps_before: u64,
}

/// What runs a program: `python@3.12.0`, or `wasm`.
pub(crate) fn runtime_of(
    main: &str,
    text: &[u8],
    wanted: Option<&str>,
) -> Result<String, launch::Error> {
    Ok(match selection(main, text, wanted)? {
        Some(selection) => selection.runtime.reference(),
        None => "wasm".into(),
    })
}

/// The runtime and language of a program; `None` for a module.
fn selection(
    main: &str,
    text: &[u8],
    wanted: Option<&str>,
) -> Result<Option<Selection<'static>>, launch::Error> {
    let path = Path::new(main);
    if wanted.is_none_or(|name| name == "wasm") && launch::is_module(path, text) {
        return Ok(None);
    }
    launch::select(wanted, path, text).map(Some)
}

impl Guest {
    /// Makes a program ready.
    pub(crate) fn prepare(
        workshop: &Workshop<'_>,
        program: &[GuestFile],
        runtime: Option<&str>,
        setting: &Setting<'_>,
    ) -> Result<Self, Unready> {
        let mut files = Vec::new();
        for file in program {
            let bytes = file.content.load().map_err(Unready::Fault)?;
            files.push((file.path.clone(), bytes));
        }
        let (name, text) = files
            .first()
            .cloned()
            .ok_or_else(|| Unready::Fault("a program without files".into()))?;
        let Some(selection) = selection(&name, &text, runtime)? else {
            let checked = workshop.module(&name, text).map_err(Unready::refused)?;
            files.remove(0);
            let code = Self::own(workshop, checked, None, &name, setting)?;
            return Ok(Self { code, name, files, compilation: None });
        };
        workshop.install(selection.runtime)?;
        if selection.language.kind() == Kind::Compile {
            let (compilation, wasm) =
                workshop.compile(selection, &files, setting.limits, setting.kept)?;
            let Some(wasm) = wasm else { return Err(Unready::Refused(compilation)) };
            let checked = workshop.module(&name, wasm).map_err(Unready::refused)?;
            let code = Self::own(workshop, checked, Some(selection), &name, setting)?;
            return Ok(Self { code, name, files: Vec::new(), compilation: Some(compilation) });
        }
        let code = match &selection.language.warm {
            Some(warm) => {
                let (seed, stdin) = (setting.seed, setting.stdin);
                Code::Warm(workshop.warm(selection, warm, seed, stdin)?, warm)
            }
            None => Self::without_prelude(workshop, selection, &name, setting)?,
        };
        Ok(Self { code, name, files, compilation: None })
    }

    /// A program of its author's own: started as far as its first syscall, where all runs have the same arguments and that
    /// can be done.
    fn own(
        workshop: &Workshop<'_>,
        checked: Checked,
        selection: Option<Selection<'static>>,
        name: &str,
        setting: &Setting<'_>,
    ) -> Result<Code, Unready> {
        if let Some(args) = setting.args {
            let argv = own_argv(selection, name, args);
            let (env, limits) = (setting.env, setting.run_limits);
            let program = Program { module: &checked.module, argv: &argv, env, limits };
            let (sha256, seed) = (hash(&checked.sha256), setting.seed);
            if let Some(started) = workshop.first_call(program, sha256, seed, setting.stdin)? {
                return Ok(Code::FirstCall(Mutex::new(Some(Arc::new(started)))));
            }
        }
        Ok(Code::plain(checked, selection, empty()))
    }

    /// An interpreter without a prelude for programs: started as far as it opens this one, where all runs have the same
    /// arguments and that can be done.
    fn without_prelude(
        workshop: &Workshop<'_>,
        selection: Selection<'static>,
        name: &str,
        setting: &Setting<'_>,
    ) -> Result<Code, Unready> {
        if let Some(args) = setting.args {
            let program = format!("/{name}");
            let command = Command { program: &program, args, env: setting.env };
            let (seed, stdin) = (setting.seed, setting.stdin);
            if let Some(started) = workshop.opening(selection, command, seed, stdin)? {
                return Ok(Code::Opening(started));
            }
        }
        let (checked, base) = workshop.interpreter(selection.runtime)?;
        Ok(Code::plain(checked, Some(selection), base))
    }

    /// How it was compiled, if it was.
    pub(crate) fn compilation(&self) -> Option<&Compilation> {
        self.compilation.as_ref()
    }

    /// Whether what runs is the author's own code, and not an interpreter of it.
    pub(crate) fn is_own_code(&self) -> bool {
        match &self.code {
            Code::Plain(plain) => {
                plain.selection.is_none_or(|selection| selection.language.kind() == Kind::Compile)
            }
            Code::Warm(..) | Code::Opening(_) => false,
            Code::FirstCall(_) => true,
        }
    }

    /// Refuses files of which one would replace the program before it is read. What is compiled is in no tree, so that nothing is
    /// in its way.
    pub(crate) fn has_its_place<'a>(
        &self,
        main: &str,
        files: impl IntoIterator<Item = &'a GuestFile>,
    ) -> Result<(), String> {
        match files.into_iter().any(|file| file.path == main) && !self.is_own_code() {
            true => Err(format!("{main} is in the way of the problem's file of that name")),
            false => Ok(()),
        }
    }

    /// Starts it, in a tree of its own.
    pub(crate) fn begin(&self, job: &Job<'_>) -> Result<Begun, NotBegun> {
        let max = job.limits.memory_bytes_max as u64;
        if let Some(least) = self.least_memory_bytes().filter(|least| *least > max) {
            return Err(NotBegun::Memory(least));
        }
        let error = match self.begin_with(&self.files, job) {
            Ok(begun) => return Ok(begun),
            Err(error) => error,
        };
        let why = format!("{}: {error}", self.name);
        Err(match error.kind() {
            ErrorKind::Refused if self.is_own_code() => NotBegun::Unfit(why),
            ErrorKind::Unfit => match self.without_room(job) {
                None => NotBegun::Unfit(why),
                Some(why) => NotBegun::Config(why),
            },
            _ => NotBegun::Fault(why),
        })
    }

    /// What there is no room for, if there is none for any program beside the files of the runtime and of the run.
    fn without_room(&self, job: &Job<'_>) -> Option<String> {
        let stand_in = [(STAND_IN.to_owned(), Bytes::new())];
        let error = self.begin_with(&stand_in, job).err()?;
        let Quota { bytes_max, inodes_max, .. } = job.quota;
        (error.kind() == ErrorKind::Unfit).then(|| {
            format!(
                "limits.files = {bytes_max} and limits.inodes = {inodes_max} leave no room for a program beside the files of the \
                 runtime and of the problem: {error}"
            )
        })
    }
}

impl Unready {
    /// Why, for the judge.
    pub(crate) fn why(&self) -> String {
        match self {
            Self::Refused(compilation) => compilation.diagnostics.clone(),
            Self::Config(why) | Self::Fault(why) => why.clone(),
        }
    }

    /// A program that cannot run: its author's fault.
    pub(crate) fn refused(error: impl ToString) -> Self {
        Self::Refused(Compilation {
            succeeded: false,
            steps: 0,
            memory_bytes: 0,
            diagnostics: error.to_string(),
            limit: None,
        })
    }
}

fn own_fault(error: impl std::fmt::Display) -> launch::Error {
    launch::Error::new(ErrorKind::Own, error)
}

fn empty() -> Tree {
    Tree::new(Quota::default(), EPOCH)
}

/// The bytes of a hash in hexadecimal.
fn hash(hex: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    for (at, byte) in hash.iter_mut().enumerate() {
        let digits = hex.get(2 * at..2 * at + 2);
        *byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or_default();
    }
    hash
}
