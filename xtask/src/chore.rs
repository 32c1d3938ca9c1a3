//! What the chores have in common: where the project is, and how to call cargo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How a chore ends: well, or with a reason for people.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// The top of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the project")
}

/// The cargo that runs this chore.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.current_dir(root());
    command
}

/// Runs a command to its end, with the caller's streams.
pub(crate) fn must_succeed(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| format!("cannot start {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}")) }
}

/// Builds `stepwell`: where the program is.
pub(crate) fn build_program() -> Outcome<PathBuf> {
    must_succeed(cargo().args(["build", "--package", "stepwell-cli"]))?;
    built_program()
}

/// Where the `stepwell` is that was built last.
pub(crate) fn built_program() -> Outcome<PathBuf> {
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    };
    let program = target.join("debug").join(format!("stepwell{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("cargo has built no {}", program.display()))
    }
}
