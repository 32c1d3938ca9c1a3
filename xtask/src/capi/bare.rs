//! The smallest embedding: what it takes of a microcontroller.

use std::process::Command;

use crate::chore::{Outcome, cargo, cross, must_succeed, root};
use crate::toolchain;

const TARGET: &str = "thumbv7em-none-eabihf";
/// What the program prints, but for the sizes.
const EXPECTED: &str = "hello\nExited(0) after 87 steps\n";

/// Builds it, runs it and says what it takes.
pub(super) fn run() -> Outcome {
    let folder = root().join("tests/bare");
    let mut command = cargo();
    command.current_dir(&folder);
    command.args(["build", "--quiet", "--locked", "--release", "--target-dir"]);
    command.arg(super::target());
    cross(&mut command, (TARGET, "core,alloc"), toolchain::compiler(TARGET)?, None);
    let script = format!("-Clink-arg=-T{}", folder.join("memory.x").display());
    command.env("CARGO_ENCODED_RUSTFLAGS", script);
    must_succeed(&mut command)?;
    let program = super::target().join(TARGET).join("release/stepwell-bare");
    must_succeed(Command::new("size").arg(&program))?;
    if !toolchain::is_program("qemu-system-arm") {
        toolchain::install(&["qemu-system-arm"]);
    }
    let mut qemu = Command::new("qemu-system-arm");
    qemu.args(["-M", "mps2-an386", "-nographic", "-semihosting", "-monitor", "none"]);
    qemu.args(["-serial", "none", "-kernel"]).arg(&program);
    let output = qemu.output().map_err(|error| format!("cannot start {qemu:?}: {error}"))?;
    // Semihosting writes to standard error.
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    print!("{text}");
    if text.starts_with(EXPECTED) {
        Ok(())
    } else {
        Err("the smallest embedding does not print what it should".into())
    }
}
