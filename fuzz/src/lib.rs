//! Fuzz targets over Stepwell's crates.
//!
//! Each target is a function of bytes that panics where a promise is broken. `fuzz_targets/` hands them to libFuzzer,
//! and `tests/corpus.rs` replays what is checked in, with the stable compiler and nothing else. README.md says how to
//! run them.

#![deny(unsafe_code)]

#[expect(unsafe_code, reason = "it is a caller of C's kind")]
mod abi_calls;
mod choices;
mod freeze;
mod memory;
mod module_load;
mod path_walk;
mod state_load;
mod syscalls;
mod tar_import;
mod tree_ops;

pub use self::abi_calls::abi_calls;
pub use self::freeze::freeze;
pub use self::module_load::module_load;
pub use self::path_walk::path_walk;
pub use self::state_load::state_load;
pub use self::syscalls::syscalls;
pub use self::tar_import::tar_import;
pub use self::tree_ops::tree_ops;

/// A target: it panics where a promise is broken.
pub type Target = fn(&[u8]);

/// Every target, by the name that its program and its corpus have.
pub static TARGETS: &[(&str, Target)] = &[
    ("abi_calls", abi_calls),
    ("freeze", freeze),
    ("module_load", module_load),
    ("path_walk", path_walk),
    ("state_load", state_load),
    ("syscalls", syscalls),
    ("tar_import", tar_import),
    ("tree_ops", tree_ops),
];

/// Runs a target on the files that the program was given.
///
/// # Errors
/// If a file cannot be read.
pub fn replay(target: Target) -> std::io::Result<()> {
    for path in std::env::args_os().skip(1) {
        let data = std::fs::read(&path)?;
        target(&data);
        println!("{}: nothing found", path.display());
    }
    Ok(())
}
