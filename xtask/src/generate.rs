//! Files that are generated from the code and checked in.

use std::fs;

use crate::chore::{Outcome, cargo, root};

/// The generated files, each with the example that prints it.
const GENERATED: &[(&str, &str, &str)] =
    &[("docs/preview1.md", "stepwell-syscalls", "preview1_table")];

/// Writes the generated files, or only compares them.
pub(crate) fn run(check: bool) -> Outcome {
    for (path, package, example) in GENERATED {
        let output = cargo()
            .args(["run", "--quiet", "--package", package, "--example", example])
            .output()
            .map_err(|error| format!("cannot start cargo: {error}"))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let file = root().join(path);
        if fs::read(&file).ok().as_ref() == Some(&output.stdout) {
            continue;
        }
        if check {
            return Err(format!("{path} is not up to date; run: cargo xtask generate"));
        }
        fs::write(&file, &output.stdout)
            .map_err(|error| format!("cannot write {path}: {error}"))?;
    }
    Ok(())
}
