//! Kattis and ICPC problem packages, read as they are: the legacy format and the current one.
//!
//! What a package says in seconds is taken in steps, by a constant that `stepwell.toml` beside `problem.yaml` may replace.

mod data;
mod flags;
mod jury;
mod metadata;
mod tuning;
mod yaml;

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::check::{Checker, TokenRules};
use crate::problem::{GuestFile, Limits, Mode, Problem, Program, Protocol};
use crate::submission::Submission;

use self::metadata::Metadata;
use self::tuning::Tuning;

/// The name of the file.
pub(crate) const FILE: &str = "problem.yaml";

/// Steps that a second of a package's time limit is taken for, unless `stepwell.toml` says otherwise.
pub(crate) const STEPS_PER_SECOND: u64 = 2_000_000_000;

/// The JSON Schema of `stepwell.toml`.
pub(crate) fn tuning_schema() -> schemars::Schema {
    schemars::schema_for!(Tuning)
}

/// Reads the package of a folder.
pub(crate) fn read(folder: &Path) -> Result<Problem, Error> {
    let mut warnings = Vec::new();
    let metadata = metadata::read(folder, &mut warnings)?;
    let tuning = tuning::read(folder)?;
    let validator = validator(folder, &metadata, &mut warnings)?;
    let data = data::read(folder, &metadata, validator.as_ref(), &mut warnings)?;
    let mode = match (&validator, metadata.is_interactive) {
        (Some(program), true) => Mode::Interactive(program.clone()),
        (None, true) => {
            let file = folder.join(FILE);
            let why = "an interactive problem needs an output validator";
            return Err(Error::Problem(format!("{}: {why}", file.display())));
        }
        _ => Mode::Stdio,
    };
    let checker = match validator {
        Some(program) if !metadata.is_interactive => Checker::Program(program),
        _ => Checker::Tokens(TokenRules::default()),
    };
    let name = metadata.name.clone().unwrap_or_else(|| folder_name(folder));
    Ok(Problem {
        name,
        folder: folder.into(),
        mode,
        limits: limits(folder, &metadata, &tuning, &mut warnings)?,
        runtime: None,
        args: Vec::new(),
        env: Vec::new(),
        seed: tuning.seed,
        files: Vec::new(),
        includes: includes(folder)?,
        checker,
        groups: data.groups,
        cases: data.cases,
        jury: jury::read(folder, &mut warnings)?,
        warnings,
    })
}

fn folder_name(folder: &Path) -> String {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
    folder.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The output validator, if the package brings one.
fn validator(
    folder: &Path,
    metadata: &Metadata,
    warnings: &mut Vec<String>,
) -> Result<Option<Program>, Error> {
    let path = match programs(folder)?.as_slice() {
        [] => {
            return match &metadata.custom_validation {
                Some(said) => {
                    Err(said.wrong("validation is custom, but there is no output validator"))
                }
                None => Ok(None),
            };
        }
        [path] => path.clone(),
        [_, _, ..] => {
            let path = folder.display();
            let why = "there are several output validators, of which only one can be run";
            return Err(Error::Problem(format!("{path}: {why}")));
        }
    };
    if metadata.is_legacy && metadata.custom_validation.is_none() {
        warnings.push(format!(
            "{} is not used: {FILE} does not say `validation: custom`",
            path.display()
        ));
        return Ok(None);
    }
    for script in ["build", "run"] {
        if path.join(script).is_file() {
            let why = "an output validator with a shell script cannot be run in the sandbox";
            return Err(Error::Problem(format!("{}: {why}", path.join(script).display())));
        }
    }
    let read = Submission::read_as("output validator", &path, "output validator");
    let read = read.map_err(|error| Error::Problem(error.to_string()))?;
    read.check().map_err(|why| Error::Problem(format!("{}: {why}", path.display())))?;
    Ok(Some(Program {
        files: read.files,
        runtime: None,
        protocol: if metadata.is_legacy { Protocol::Legacy } else { Protocol::Icpc },
        args: metadata.flags().to_vec(),
    }))
}

/// The programs in `output_validators`, or the one in `output_validator`.
fn programs(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let single = folder.join("output_validator");
    let several = folder.join("output_validators");
    if several.is_dir() {
        return entries(&several);
    }
    if !single.is_dir() {
        return Ok(Vec::new());
    }
    // A folder with one file, or the program itself.
    Ok(match entries(&single)?.as_slice() {
        [] => Vec::new(),
        [one] => vec![one.clone()],
        _ => vec![single],
    })
}

/// What `include/` has for each language, first what it has for all: a language's own files go over that.
fn includes(folder: &Path) -> Result<Vec<(String, Vec<GuestFile>)>, Error> {
    let root = folder.join("include");
    if !root.is_dir() {
        return Ok(Vec::new());
    }
    let mut includes = Vec::new();
    for path in entries(&root)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        includes.push((name, data::files(&path)?));
    }
    includes.sort_by_key(|(name, _)| name != "default");
    Ok(includes)
}

/// What lies in a folder, by name, without what is hidden.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let cannot = |error: std::io::Error| Error::file(folder, "read", &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let entry = entry.map_err(cannot)?;
        if !entry.file_name().to_string_lossy().starts_with('.') {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// What a submission may use: by the package, else as Kattis has it; steps by its time limit.
fn limits(
    folder: &Path,
    metadata: &Metadata,
    tuning: &Tuning,
    warnings: &mut Vec<String>,
) -> Result<Limits, Error> {
    let per_second = tuning.steps_per_second.unwrap_or(STEPS_PER_SECOND);
    let steps = |seconds: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a limit that is rounded is a limit; more than there can be is as much as there can be"
        )]
        let steps = (seconds * per_second as f64) as u64;
        steps
    };
    let mebibytes = |number: Option<f64>, default: u64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a positive number"
        )]
        let bytes = number.map_or(default << 20, |number| (number * 1_048_576.0) as u64);
        bytes
    };
    let seconds = match metadata.time_limit {
        Some(seconds) => Some(seconds),
        None => tuning::time_limit(folder)?,
    };
    if seconds.is_none() && tuning.limits.steps.is_none() {
        warnings.push(format!(
            "{} has no time limit: each case may take {} steps; `stepwell grade calibrate` proposes a limit",
            folder.display(),
            Limits::default().steps_max
        ));
    }
    let default = Limits::default();
    let of_package = Limits {
        steps_max: seconds.map_or(default.steps_max, steps),
        // A linear memory has less than 4 GiB.
        memory_bytes_max: mebibytes(metadata.memory, 2048).min(default.compile_memory_bytes_max),
        output_bytes_max: mebibytes(metadata.output, 8),
        judge_steps_max: metadata.validation_time.map_or(default.judge_steps_max, steps),
        judge_memory_bytes_max: mebibytes(metadata.validation_memory, 2048),
        ..default
    };
    Ok(tuning.limits.over(of_package))
}
