//! All tests, after installing the guests that they need.

use std::process::Command;

use crate::chore::{Outcome, built_program, cargo, must_succeed};
use crate::{course, readme, toolchain};

/// Installs every runtime of the catalogue, then runs the tests of all packages, grades the example course, and runs the README.
pub(crate) fn run() -> Outcome {
    // The program is among what the tests are built with. By itself it would be built with fewer features of what it
    // depends on, and so would all of that.
    must_succeed(cargo().args(["test", "--workspace", "--no-run"]))?;
    let program = built_program()?;
    // The tests of the C ABI run their programs below it.
    if cfg!(target_os = "linux") {
        toolchain::need("valgrind", "valgrind")?;
    }
    // Shards are tested with it.
    if !toolchain::is_program("parallel") {
        toolchain::install(&["parallel"]);
    }
    // Once and before the tests, which would otherwise wait for each other to install.
    must_succeed(Command::new(&program).args(["runtimes", "install", "--all"]))?;
    must_succeed(cargo().args(["test", "--workspace"]))?;
    course::run(&program)?;
    readme::run(&program)
}
