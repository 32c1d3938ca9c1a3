//! Stepwell's own format of problems: a folder with a `problem.toml`. docs/GRADING.md describes every key.

mod build;
mod cases;
mod checker;
mod place;
mod refuse;
mod size;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::problem::Limits;

pub(crate) use self::build::read;
pub(crate) use self::place::{At, Document, text_of};
use self::size::Size;

/// The name of the file.
pub(crate) const FILE: &str = "problem.toml";

/// A problem.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "problem.toml")]
pub(crate) struct Manifest {
    /// Its name [default: the folder's].
    pub(crate) name: Option<String>,
    /// How a submission is asked and answers.
    #[serde(default)]
    pub(crate) mode: ModeName,
    /// In the mode `function`: the name of the function that is called: letters, digits and `_`.
    pub(crate) function: Option<String>,
    /// The runtime of every submission, as `stepwell run --runtime` takes it [default: by its `#!` line or extension].
    pub(crate) runtime: Option<String>,
    /// Arguments of every run.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// The environment of every run: nothing else is in it.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// The seed of the random numbers.
    #[serde(default)]
    pub(crate) seed: u64,
    /// What a submission may use.
    #[serde(default)]
    pub(crate) limits: LimitTable,
    /// What decides whether an output is right; not in the mode `interactive`, where the interactor does.
    pub(crate) checker: Option<CheckerTable>,
    /// In the mode `interactive`: the program that a submission talks with.
    pub(crate) interactor: Option<ProgramTable>,
    /// Files that every submission finds in its tree.
    #[serde(default, rename = "file")]
    pub(crate) files: Vec<FileTable>,
    /// The cases that belong to no group.
    #[serde(default, rename = "case")]
    pub(crate) cases: Vec<CaseTable>,
    /// Patterns of input files, each of which is a case: `tests/*.in`, or `tests/**/*.in` with those in the folders below. Its
    /// answer has the same name with `.ans` or `.out`.
    #[serde(default)]
    pub(crate) inputs: Vec<String>,
    /// Groups of cases.
    #[serde(default, rename = "group")]
    pub(crate) groups: Vec<GroupTable>,
    /// The jury's own submissions: for each verdict the paths of those that must get it.
    #[serde(default)]
    pub(crate) submissions: BTreeMap<String, Vec<String>>,
}

/// How a submission is asked and answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ModeName {
    /// It reads standard input and writes standard output.
    #[default]
    Stdio,
    /// It finds files in its tree, and leaves files there.
    Files,
    /// One of its functions is called.
    Function,
    /// It talks with an interactor.
    Interactive,
}

/// What a submission may use in each case. Bytes are a number, or text with K, M or G for powers of 1024.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct LimitTable {
    /// Steps [default: 2 000 000 000].
    pub(crate) steps: Option<u64>,
    /// Bytes of memory [default: 512M].
    pub(crate) memory: Option<Size>,
    /// Bytes on standard output and standard error together [default: 8M].
    pub(crate) output: Option<Size>,
    /// Bytes in files [default: 64M].
    pub(crate) files: Option<Size>,
    /// Files and directories [default: 10 000].
    pub(crate) inodes: Option<u64>,
    /// Steps of compiler and linker together [default: 200 000 000 000].
    pub(crate) compile_steps: Option<u64>,
    /// Bytes of memory of each of them [default: 4G].
    pub(crate) compile_memory: Option<Size>,
    /// Steps of a checker or interactor [default: 20 000 000 000].
    pub(crate) judge_steps: Option<u64>,
    /// Bytes of its memory [default: 2G].
    pub(crate) judge_memory: Option<Size>,
}

impl LimitTable {
    /// These limits, and `others` where none are given.
    pub(crate) fn over(&self, others: Limits) -> Limits {
        let bytes = |size: Option<Size>, other: u64| size.map_or(other, |size| size.0);
        Limits {
            steps_max: self.steps.unwrap_or(others.steps_max),
            memory_bytes_max: bytes(self.memory, others.memory_bytes_max),
            output_bytes_max: bytes(self.output, others.output_bytes_max),
            file_bytes_max: bytes(self.files, others.file_bytes_max),
            inodes_max: self.inodes.unwrap_or(others.inodes_max),
            compile_steps_max: self.compile_steps.unwrap_or(others.compile_steps_max),
            compile_memory_bytes_max: bytes(self.compile_memory, others.compile_memory_bytes_max),
            judge_steps_max: self.judge_steps.unwrap_or(others.judge_steps_max),
            judge_memory_bytes_max: bytes(self.judge_memory, others.judge_memory_bytes_max),
        }
    }
}

/// What decides whether an output is right.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct CheckerTable {
    /// Which.
    #[serde(default, rename = "type")]
    pub(crate) kind: CheckerName,
    /// Of `tokens` and `unordered`: whether capitals and small letters differ.
    pub(crate) case_sensitive: Option<bool>,
    /// Of `tokens`: whether white space has to be the same.
    pub(crate) space_change_sensitive: Option<bool>,
    /// Of `tokens`, `floats` and `json`: how far a number may be from the expected one.
    pub(crate) absolute: Option<f64>,
    /// Of `tokens`, `floats` and `json`: how far it may be, as a part of the expected one.
    pub(crate) relative: Option<f64>,
    /// Of `regex`: the pattern that the whole output must match [default: the answer].
    pub(crate) pattern: Option<String>,
    /// Of `json`: whether the order of arrays counts [default: true].
    pub(crate) ordered: Option<bool>,
    /// Of `program`: what is run.
    pub(crate) program: Option<ProgramTable>,
}

/// Which checker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum CheckerName {
    /// Byte for byte.
    Exact,
    /// Line by line, without white space at the ends.
    Lines,
    /// Word by word.
    #[default]
    Tokens,
    /// Word by word, numbers with a tolerance: 1e-6, absolute and relative, unless others are given.
    Floats,
    /// The lines in any order.
    Sorted,
    /// The words in any order.
    Unordered,
    /// By a regular expression.
    Regex,
    /// As JSON.
    Json,
    /// By a program.
    Program,
}

/// A program of the jury's.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct ProgramTable {
    /// A file, or a folder with a main file.
    pub(crate) path: String,
    /// Its runtime [default: by its `#!` line or extension].
    pub(crate) runtime: Option<String>,
    /// How it is called and what its exit status means.
    #[serde(default)]
    pub(crate) protocol: ProtocolName,
    /// Arguments behind those of the protocol.
    #[serde(default)]
    pub(crate) args: Vec<String>,
}

/// How a checker or an interactor is called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ProtocolName {
    /// `input answer feedback_dir`, the output on standard input; 42 accepts, 43 rejects.
    #[default]
    Icpc,
    /// `input output answer`; 0 accepts, 1 rejects, 2 is a presentation error, 3 a failure, 7 points.
    Testlib,
}

/// A file in the tree of a submission.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct FileTable {
    /// Its path there.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: Option<String>,
    /// The file of the problem that it is.
    pub(crate) from: Option<String>,
}

/// One case.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct CaseTable {
    /// Its name [default: its number].
    pub(crate) name: Option<String>,
    /// Standard input.
    pub(crate) input: Option<String>,
    /// The file that is standard input.
    pub(crate) input_file: Option<String>,
    /// The answer.
    pub(crate) answer: Option<String>,
    /// The file that is the answer.
    pub(crate) answer_file: Option<String>,
    /// Arguments of the program, behind those of the problem.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// In the mode `function`: the arguments of the call. `input` can have them too, as a JSON array.
    pub(crate) call: Option<Vec<serde_json::Value>>,
    /// In the mode `function`: what it must return. `answer` can have it too, as JSON.
    pub(crate) returns: Option<serde_json::Value>,
    /// Files that the submission finds in its tree.
    #[serde(default, rename = "file")]
    pub(crate) files: Vec<FileTable>,
    /// Files that it must leave.
    #[serde(default, rename = "expect")]
    pub(crate) expected: Vec<FileTable>,
    /// What it is worth [default: 1, or its share of the group's points].
    pub(crate) points: Option<f64>,
    /// Whether everybody may see its data [default: the group's, or false].
    pub(crate) public: Option<bool>,
    /// What decides here, instead of the problem's checker; not in the mode `interactive`.
    pub(crate) checker: Option<CheckerTable>,
}

/// A group of cases.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct GroupTable {
    /// Its name.
    pub(crate) name: String,
    /// What it is worth [default: the sum of its cases].
    pub(crate) points: Option<f64>,
    /// How its cases become its score.
    #[serde(default)]
    pub(crate) score: ScoreName,
    /// Whether cases behind the first failure are skipped.
    #[serde(default)]
    pub(crate) stop: bool,
    /// Whether everybody may see the data of its cases.
    #[serde(default)]
    pub(crate) public: bool,
    /// Its cases.
    #[serde(default, rename = "case")]
    pub(crate) cases: Vec<CaseTable>,
    /// Patterns of input files.
    #[serde(default)]
    pub(crate) inputs: Vec<String>,
}

/// How the cases of a group become its score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ScoreName {
    /// The sum; with `points`, the mean part of each case times these.
    #[default]
    Sum,
    /// Everything if every case is accepted, else nothing.
    All,
    /// The least part of a case, times `points`.
    Min,
}

/// The JSON Schema of the format.
pub(crate) fn schema() -> schemars::Schema {
    schemars::schema_for!(Manifest)
}
