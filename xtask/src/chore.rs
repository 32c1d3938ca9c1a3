//! What the chores have in common: where the project is, and how to call cargo.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::toolchain::Compiler;

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
    built("stepwell")
}

/// Where a program is that was built last for the tests.
pub(crate) fn built(name: &str) -> Outcome<PathBuf> {
    let target = match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => root().join(folder),
        None => root().join("target"),
    };
    let program = target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() {
        Ok(program)
    } else {
        Err(format!("cargo has built no {}", program.display()))
    }
}

/// The libraries of a target that has all of them.
pub(crate) const STD: &str = "std,panic_abort";

/// Makes it a build for another target, which has these libraries.
pub(crate) fn cross(
    command: &mut Command,
    (target, libraries): (&str, &str),
    compiler: Compiler,
    linker: Option<&Path>,
) {
    let rustc = compiler.rustc.display();
    let has = if compiler.builds_std { "builds" } else { "has" };
    eprintln!("{target}: {rustc}, which {has} the standard library");
    command.args(["--target", target]);
    if compiler.builds_std {
        command.arg(format!("-Zbuild-std={libraries}")).env("RUSTC_BOOTSTRAP", "1");
    }
    // What this machine's own build is made with is not for the target.
    for name in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    command.env("RUSTC", &compiler.rustc);
    let linker = linker.map(|linker| format!("-Clinker={}", linker.display()));
    command.env("CARGO_ENCODED_RUSTFLAGS", linker.unwrap_or_default());
}
