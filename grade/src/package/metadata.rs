//! `problem.yaml`.

use std::path::Path;

use super::FILE;
use super::yaml::{Located, Table};
use crate::Error;

/// What a package says about itself, as far as it matters for grading.
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    /// Whether it is of the format of before there were versions.
    pub(super) is_legacy: bool,
    pub(super) is_scoring: bool,
    pub(super) is_interactive: bool,
    /// Where it says that a program of its own checks.
    pub(super) custom_validation: Option<Located<Vec<String>>>,
    pub(super) validator_flags: Option<Located<Vec<String>>>,
    /// In seconds.
    pub(super) time_limit: Option<f64>,
    /// In MiB.
    pub(super) memory: Option<f64>,
    /// In MiB.
    pub(super) output: Option<f64>,
    /// In seconds.
    pub(super) validation_time: Option<f64>,
    /// In MiB.
    pub(super) validation_memory: Option<f64>,
}

impl Metadata {
    /// The arguments of the output validator in all cases.
    pub(super) fn flags(&self) -> &[String] {
        self.validator_flags.as_ref().map_or(&[], |flags| flags.value.as_slice())
    }
}

/// The versions of the format that are known, and whether they are those of before there were versions.
const VERSIONS: [(&str, bool); 5] = [
    ("legacy", true),
    ("legacy-icpc", true),
    ("2023-07-draft", false),
    ("2023-07", false),
    ("2025-09", false),
];

/// Keys that say nothing about grading.
const ABOUT: &[&str] = &[
    "uuid",
    "version",
    "credits",
    "author",
    "source",
    "source_url",
    "license",
    "rights_owner",
    "embargo_until",
    "keywords",
    "languages",
    "allow_file_writing",
];

/// Reads `problem.yaml`.
pub(super) fn read(folder: &Path, warnings: &mut Vec<String>) -> Result<Metadata, Error> {
    let mut table = Table::read(&folder.join(FILE))?;
    table.ignore(ABOUT);
    let version = table.text("problem_format_version")?;
    let is_legacy = version.as_ref().map_or(Ok(true), is_legacy)?;
    let name = match table.is_table("name") {
        true => table.table("name")?.and_then(|mut names| names.first_text()),
        false => table.text("name")?.map(|name| name.value),
    };
    let kinds = table.words("type")?;
    let has = |wanted: &str| {
        kinds.as_ref().is_some_and(|kinds| kinds.value.iter().any(|kind| kind == wanted))
    };
    if let Some(kinds) = &kinds {
        check_kinds(kinds)?;
    }
    if let Some(line) = table.line_of_other("grading") {
        let path = folder.join(FILE);
        warnings.push(format!("{}:{line}: grading is a mapping, and ignored", path.display()));
    }
    table.ignore(&["grading"]);
    let validation = table.words("validation")?;
    let says = |word: &str| {
        validation.as_ref().is_some_and(|validation| validation.value.iter().any(|one| one == word))
    };
    let custom = says("custom");
    let is_interactive = has("interactive") || says("interactive");
    let flags = table.words("validator_flags")?;
    if table.table("constants")?.is_some() {
        warnings.push(format!(
            "{}: constants are not replaced in programs",
            folder.join(FILE).display()
        ));
    }
    let mut metadata = Metadata {
        name,
        is_legacy,
        is_scoring: has("scoring"),
        is_interactive,
        custom_validation: validation.filter(|_| custom),
        validator_flags: flags,
        time_limit: None,
        memory: None,
        output: None,
        validation_time: None,
        validation_memory: None,
    };
    if let Some(limits) = table.table("limits")? {
        read_limits(limits, &mut metadata, warnings)?;
    }
    table.finish(warnings);
    Ok(metadata)
}

/// Whether a version is that of before there were versions.
fn is_legacy(version: &Located<String>) -> Result<bool, Error> {
    let known = VERSIONS.into_iter().find(|(name, _)| *name == version.value);
    known.map(|(_, is_legacy)| is_legacy).ok_or_else(|| {
        let (names, version_given) = (VERSIONS.map(|(name, _)| name).join(", "), &version.value);
        version.wrong(format_args!("the version {version_given} is not known: {names} are"))
    })
}

fn check_kinds(kinds: &Located<Vec<String>>) -> Result<(), Error> {
    for kind in &kinds.value {
        match kind.as_str() {
            "pass-fail" | "scoring" | "interactive" => {}
            "multi-pass" | "submit-answer" => {
                return Err(kinds.wrong(format_args!("problems of the type {kind} are not graded")));
            }
            _ => return Err(kinds.wrong(format_args!("there is no type {kind}"))),
        }
    }
    Ok(())
}

fn read_limits(
    mut limits: Table,
    metadata: &mut Metadata,
    warnings: &mut Vec<String>,
) -> Result<(), Error> {
    // What follows from time that is measured, and from a system that has none to spare.
    limits.ignore(&[
        "time_multiplier",
        "time_safety_margin",
        "time_multipliers",
        "time_resolution",
        "code",
        "compilation_time",
        "compilation_memory",
        "validation_output",
        "validation_passes",
    ]);
    let mut positive = |key: &str| match limits.number(key)? {
        Some(number) if number.value <= 0.0 || number.value.is_infinite() => {
            Err(number.wrong(format_args!("{key} is a number above 0")))
        }
        number => Ok(number.map(|number| number.value)),
    };
    metadata.time_limit = positive("time_limit")?;
    metadata.memory = positive("memory")?;
    metadata.output = positive("output")?;
    metadata.validation_time = positive("validation_time")?;
    metadata.validation_memory = positive("validation_memory")?;
    limits.finish(warnings);
    Ok(())
}
