//! The example course: every submission of the jury's must get the verdict that its problem says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::chore::{Outcome, root};

/// The problems of the course.
const FOLDER: &str = "examples/grading";

/// Grades the course with `program` as `stepwell`, without what earlier runs have found.
pub(crate) fn run(program: &Path) -> Outcome {
    let folder = root().join(FOLDER);
    let entries = fs::read_dir(&folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(|error| format!("cannot read {FOLDER}: {error}"))?;
    let mut problems: Vec<PathBuf> = entries;
    problems.retain(|path| path.is_dir());
    problems.sort();
    if problems.is_empty() {
        return Err(format!("{FOLDER} has no problems"));
    }
    let mut wrong = Vec::new();
    for problem in &problems {
        println!("{}", problem.display());
        let status = Command::new(program)
            .args(["grade", "check", "--no-cache"])
            .arg(problem)
            .status()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        if !status.success() {
            wrong.push(format!("{}: {status}", problem.display()));
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}
