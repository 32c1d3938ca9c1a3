//! Files that are generated from the code and checked in.

use std::fs;
use std::process::Command;

use crate::capi::header;
use crate::catalog;
use crate::chore::{Outcome, built, cargo, must_succeed, root};

/// The generated files that an example prints: file, example, and its argument.
const PRINTED: &[(&str, &str, &str)] = &[
    ("docs/preview1.md", "preview1_table", ""),
    ("docs/schema/problem.json", "schema", "problem"),
    ("docs/schema/report.json", "schema", "report"),
    ("docs/schema/results.json", "schema", "results"),
    ("docs/schema/calibration.json", "schema", "calibration"),
    ("docs/schema/stepwell.json", "schema", "stepwell"),
];

/// Writes the generated files, or only compares them.
pub(crate) fn run(check: bool) -> Outcome {
    // By itself each package would be built with fewer features of what it depends on than its tests are, and so would all of
    // that.
    must_succeed(cargo().args(["build", "--quiet", "--workspace", "--examples"]))?;
    for (path, example, argument) in PRINTED {
        keep(path, &printed(example, argument)?, check)?;
    }
    keep(header::PATH, header::generate()?.as_bytes(), check)?;
    keep(catalog::PATH, catalog::generate()?.as_bytes(), check)
}

fn printed(example: &str, argument: &str) -> Outcome<Vec<u8>> {
    let program = built(&format!("examples/{example}"))?;
    let output = Command::new(&program)
        .args(Some(argument).filter(|argument| !argument.is_empty()))
        .output()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Writes a file that has changed, or says that it has.
fn keep(path: &str, text: &[u8], check: bool) -> Outcome {
    let file = root().join(path);
    if fs::read(&file).is_ok_and(|kept| kept == text) {
        return Ok(());
    }
    if check {
        return Err(format!("{path} is not up to date; run: cargo xtask generate"));
    }
    fs::write(&file, text).map_err(|error| format!("cannot write {path}: {error}"))
}
