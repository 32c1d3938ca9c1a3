//! The C ABI: its header, its libraries, and what is made of them.

mod bare;
mod foreign;
pub(crate) mod header;
mod install;
mod package;
mod wasm;

use std::path::PathBuf;

use clap::Subcommand;

use crate::chore::{Outcome, root};

/// What of the C ABI is wanted.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Build the static and the shared library, and put them with the header and the files for CMake and pkg-config below a
    /// folder
    Install {
        /// The folder, /usr/local for example
        prefix: PathBuf,
    },
    /// Install into a folder that is gone afterwards, and build and run an example by pkg-config and CMake
    Package,
    /// Check that the ABI compiles for phones and the engine without an operating system
    Foreign,
    /// Build stepwell.wasm, check what it exports and imports, and say how large it is
    Wasm,
    /// Build the smallest embedding for a Cortex-M4, run it in qemu, and say what it takes
    Bare,
}

/// Does it.
pub(crate) fn run(task: &Task) -> Outcome {
    match task {
        Task::Install { prefix } => install::run(prefix),
        Task::Package => package::run(),
        Task::Foreign => foreign::run(),
        Task::Wasm => wasm::run(),
        Task::Bare => bare::run(),
    }
}

/// Where these builds lie.
fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root().join("target"), |folder| root().join(folder));
    target.join("capi")
}

/// A size and its maximum, as a line for people.
///
/// # Errors
/// It is larger.
fn must_fit(what: &str, bytes: u64, bytes_max: u64) -> Outcome {
    println!("{what}: {bytes} bytes of at most {bytes_max}");
    if bytes > bytes_max { Err(format!("{what} is too large")) } else { Ok(()) }
}
