//! Targets that cannot be run here: what can be checked without their linkers is.

use crate::chore::{Outcome, STD, cargo, cross, must_succeed};
use crate::toolchain;

/// Targets of the whole C ABI.
const PHONES: &[&str] = &["aarch64-apple-ios", "aarch64-apple-ios-sim", "aarch64-linux-android"];
/// A target without an operating system.
const BARE: &str = "thumbv7em-none-eabihf";

/// Checks all of them.
pub(super) fn run() -> Outcome {
    for target in PHONES {
        check(target, &["--package", "stepwell-capi", "--lib"], STD)?;
    }
    let engine =
        ["--package", "stepwell", "--no-default-features", "--features", "portable-dispatch"];
    check(BARE, &engine, "core,alloc")
}

fn check(target: &str, package: &[&str], libraries: &str) -> Outcome {
    let mut command = cargo();
    command.args(["check", "--quiet", "--locked", "--target-dir"]).arg(super::target());
    command.args(package);
    cross(&mut command, (target, libraries), toolchain::compiler(target)?, None);
    must_succeed(&mut command)
}
