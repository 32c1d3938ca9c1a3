//! Files that are generated from the code and checked in.

use std::fs;

use crate::capi::header;
use crate::catalog;
use crate::chore::{Outcome, cargo, root};

/// The generated files that an example prints: file, package, example, and its argument.
const PRINTED: &[(&str, &str, &str, &str)] = &[
    ("docs/preview1.md", "stepwell-syscalls", "preview1_table", ""),
    ("docs/schema/problem.json", "stepwell-grade", "schema", "problem"),
    ("docs/schema/report.json", "stepwell-grade", "schema", "report"),
    ("docs/schema/results.json", "stepwell-grade", "schema", "results"),
    ("docs/schema/calibration.json", "stepwell-grade", "schema", "calibration"),
    ("docs/schema/stepwell.json", "stepwell-grade", "schema", "stepwell"),
];

/// Writes the generated files, or only compares them.
pub(crate) fn run(check: bool) -> Outcome {
    for (path, package, example, argument) in PRINTED {
        keep(path, &printed(package, example, argument)?, check)?;
    }
    keep(header::PATH, header::generate()?.as_bytes(), check)?;
    keep(catalog::PATH, catalog::generate()?.as_bytes(), check)
}

fn printed(package: &str, example: &str, argument: &str) -> Outcome<Vec<u8>> {
    let output = cargo()
        .args(["run", "--quiet", "--package", package, "--example", example, "--"])
        .args(Some(argument).filter(|argument| !argument.is_empty()))
        .output()
        .map_err(|error| format!("cannot start cargo: {error}"))?;
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
