//! A problem, whatever format it was written in.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::Checker;
use crate::report::ProblemId;
use crate::{Error, Verdict, Visibility};

/// A problem: what submissions are given, what they must give back, and what that is worth.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its name.
    pub name: String,
    /// The folder that it lies in.
    pub folder: PathBuf,
    /// How a submission is asked and answers.
    pub mode: Mode,
    /// What a submission may use in each case.
    pub limits: Limits,
    /// The runtime of every submission, if the problem says so: a name as `stepwell run --runtime` takes it.
    pub runtime: Option<String>,
    /// The arguments of every run, behind the program's name.
    pub args: Vec<String>,
    /// The environment of every run.
    pub env: Vec<(String, String)>,
    /// The seed of the random numbers.
    pub seed: u64,
    /// Files that every submission finds in its tree.
    pub files: Vec<GuestFile>,
    /// Files that are put to the submissions in a language, by Kattis's name of it, or `default` for all.
    pub includes: Vec<(String, Vec<GuestFile>)>,
    /// What decides whether an output is right.
    pub checker: Checker,
    /// The groups, the whole (`""`) first, each behind the one that it is in.
    pub groups: Vec<Group>,
    /// The cases, in order.
    pub cases: Vec<Case>,
    /// The jury's own submissions.
    pub jury: Vec<Jury>,
    /// What was not understood and is not taken into account: for the user.
    pub warnings: Vec<String>,
}

/// How a submission is asked and answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It reads standard input and writes standard output.
    Stdio,
    /// It finds files in its tree, and leaves files there.
    Files,
    /// It has a function of this name, which is called.
    Function(String),
    /// It talks with a program of the jury's.
    Interactive(Program),
}

/// The most that a submission may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Limits {
    /// Steps of each case.
    pub steps_max: u64,
    /// Bytes of linear memory.
    pub memory_bytes_max: u64,
    /// Bytes on standard output and standard error together.
    pub output_bytes_max: u64,
    /// Bytes in files.
    pub file_bytes_max: u64,
    /// Files and directories.
    pub inodes_max: u64,
    /// Steps of compiler and linker together.
    pub compile_steps_max: u64,
    /// Bytes of linear memory of each of them.
    pub compile_memory_bytes_max: u64,
    /// Steps of a checker or an interactor in each case.
    pub judge_steps_max: u64,
    /// Bytes of its linear memory.
    pub judge_memory_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps_max: 2_000_000_000,
            memory_bytes_max: 512 << 20,
            output_bytes_max: 8 << 20,
            file_bytes_max: 64 << 20,
            inodes_max: 10_000,
            compile_steps_max: 200_000_000_000,
            compile_memory_bytes_max: 4_294_901_760,
            judge_steps_max: 20_000_000_000,
            judge_memory_bytes_max: 2 << 30,
        }
    }
}

/// A program of the jury's: an interactor or a checker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Program {
    /// Its files, the one that is run first. Those beside it are in its tree.
    pub files: Vec<GuestFile>,
    /// Its runtime, if it is said: else by its `#!` line or extension.
    pub runtime: Option<String>,
    /// How it is called and what its exit status means.
    pub protocol: Protocol,
    /// Arguments behind those of the protocol.
    pub args: Vec<String>,
}

impl Program {
    /// Whether another is the same program, whatever its arguments.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        (&self.files, &self.runtime) == (&other.files, &other.runtime)
    }
}

/// How a checker or an interactor is called, and what its exit status means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// `NAME input answer feedback_dir ARGS < output`; 42 accepts, 43 rejects.
    #[default]
    Icpc,
    /// As `Icpc`, in packages of the legacy format, where a score may be below 0.
    Legacy,
    /// `NAME input output answer ARGS`; 0 accepts, 1 rejects, 2 is a presentation error, 3 a failure of the checker, 7 points.
    Testlib,
}

/// A file in the tree of a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GuestFile {
    /// Its path, without a slash at the start.
    pub path: String,
    /// What it holds.
    pub content: Content,
}

/// Some bytes of the problem. A file is read when it is needed, and known by its hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Content {
    #[serde(skip)]
    source: Source,
    /// The SHA-256, in hexadecimal.
    sha256: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Inline(Bytes),
    File(PathBuf),
}

impl Content {
    /// Bytes that are there.
    #[must_use]
    pub fn inline(bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        Self { sha256: runtimes::sha256(&bytes), source: Source::Inline(bytes) }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// [`Error::Problem`]: it cannot be read.
    pub fn file(path: &Path) -> Result<Self, Error> {
        // A pipe might give nothing for ever, and a device never end.
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            return Err(Error::file(path, "read", &"it is no file"));
        }
        let bytes = fs::read(path).map_err(|error| Error::file(path, "read", &error))?;
        Ok(Self { sha256: runtimes::sha256(&bytes), source: Source::File(path.into()) })
    }

    /// The bytes.
    ///
    /// # Errors
    /// A message: the file cannot be read any more, or has changed.
    pub fn load(&self) -> Result<Bytes, String> {
        let path = match &self.source {
            Source::Inline(bytes) => return Ok(bytes.clone()),
            Source::File(path) => path,
        };
        let cannot = |why: &dyn std::fmt::Display| format!("cannot read {}: {why}", path.display());
        let bytes = fs::read(path).map_err(|error| cannot(&error))?;
        if runtimes::sha256(&bytes) != self.sha256 {
            return Err(cannot(&"it has changed since the problem was read"));
        }
        Ok(bytes.into())
    }

    /// The SHA-256, in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

/// A group of cases, and how what they got becomes what the group gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Group {
    /// Its path: names with slashes between, `""` for the whole.
    pub id: String,
    /// Whether cases behind the first failure are skipped.
    pub stops_at_failure: bool,
    /// Whose verdict is the group's.
    pub verdict: VerdictRule,
    /// How the scores of what is in it become its own.
    pub score: ScoreRule,
    /// Whether one accepted part is enough.
    pub accepts_any: bool,
    /// The most that it gives, if that is known.
    pub score_max: Option<f64>,
    /// The children that do not count.
    pub ignored: Vec<String>,
}

impl Group {
    /// A group that adds scores, and fails with its first failure.
    #[must_use]
    pub fn sum(id: &str) -> Self {
        Self {
            id: id.into(),
            stops_at_failure: false,
            verdict: VerdictRule::FirstError,
            score: ScoreRule::Sum,
            accepts_any: false,
            score_max: None,
            ignored: Vec::new(),
        }
    }

    /// The group that this one is in; `None` for the whole.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        match self.id.as_str() {
            "" => None,
            id => Some(id.rsplit_once('/').map_or("", |(parent, _)| parent)),
        }
    }
}

/// Whose verdict is a group's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VerdictRule {
    /// The first that is not accepted.
    FirstError,
    /// The worst.
    WorstError,
    /// It is accepted, whatever happens.
    AlwaysAccept,
}

/// How the scores of what is in a group become its own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreRule {
    /// Their sum.
    Sum,
    /// Their mean.
    Average,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// This if everything is accepted, else 0.
    AllOrNothing(f64),
    /// The mean part of what each gives at most, times this.
    Share(f64),
    /// The least part of what each gives at most, times this.
    LeastShare(f64),
}

/// One case.
#[derive(Clone, Debug, Serialize)]
pub struct Case {
    /// Its path: names with slashes between.
    pub id: String,
    /// The group that it is in.
    pub group: String,
    /// Who may see its data.
    pub visibility: Visibility,
    /// Standard input; for an interactor its secret, for a function the arguments as a JSON array.
    pub input: Content,
    /// The answer that the checker is given.
    pub answer: Content,
    /// Arguments of the program, behind those of the problem.
    pub args: Vec<String>,
    /// Files that the submission finds in its tree.
    pub files: Vec<GuestFile>,
    /// Files that it must leave, with what they must hold.
    pub expected_files: Vec<GuestFile>,
    /// What decides, if it is another checker than the problem's.
    pub checker: Option<Checker>,
    /// What it is worth.
    pub scores: CaseScores,
}

/// What a case is worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CaseScores {
    /// If it is accepted.
    pub accept: f64,
    /// If it is not.
    pub reject: f64,
}

/// A submission of the jury's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jury {
    /// Its path inside the package, with slashes.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// The verdicts of which it must get one; none if everything is fine.
    pub expected: Vec<Verdict>,
}

impl Problem {
    /// Which problem this is, to the byte.
    #[must_use]
    pub fn id(&self) -> ProblemId {
        #[derive(Serialize)]
        struct Decisive<'a> {
            mode: &'a Mode,
            limits: &'a Limits,
            runtime: &'a Option<String>,
            args: &'a [String],
            env: &'a [(String, String)],
            seed: u64,
            files: &'a [GuestFile],
            checker: &'a Checker,
            groups: &'a [Group],
            cases: &'a [Case],
        }
        let Self { mode, limits, runtime, args, env, files, checker, groups, cases, .. } = self;
        let seed = self.seed;
        let decisive =
            Decisive { mode, limits, runtime, args, env, seed, files, checker, groups, cases };
        let json = serde_json::to_vec(&decisive).expect("plain data is JSON");
        ProblemId { name: self.name.clone(), sha256: Some(runtimes::sha256(&json)) }
    }

    /// The checker of a case.
    #[must_use]
    pub fn checker_of<'a>(&'a self, case: &'a Case) -> &'a Checker {
        case.checker.as_ref().unwrap_or(&self.checker)
    }

    /// The jury's programs that judge: the interactor, and checkers that are programs.
    pub(crate) fn judges(&self) -> Vec<&Program> {
        let interactor = match &self.mode {
            Mode::Interactive(program) => Some(program),
            _ => None,
        };
        let checkers = self.cases.iter().map(|case| self.checker_of(case));
        let programs = checkers.filter_map(Checker::program);
        let mut all: Vec<&Program> = Vec::new();
        for program in interactor.into_iter().chain(programs) {
            if !all.iter().any(|known| known.is_same(program)) {
                all.push(program);
            }
        }
        all
    }
}
