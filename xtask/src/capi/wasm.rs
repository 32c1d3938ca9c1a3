//! `stepwell.wasm`: the same functions for hosts that run WebAssembly.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wasmparser::{ExternalKind, Parser, Payload};

use crate::capi::must_fit;
use crate::chore::{Outcome, STD, cargo, cross, must_succeed, root};
use crate::toolchain;

const TARGET: &str = "wasm32-unknown-unknown";
/// What it exports beside the functions of the symbol list: memory for a caller that has none there, and what the linker
/// adds.
const MORE: &[&str] = &["memory", "stepwell_alloc", "stepwell_allocated", "stepwell_free"];
const LINKERS: &[&str] = &["__data_end", "__heap_base"];
/// Compressed with gzip. docs/EMBEDDING.md says what takes so much.
const BYTES_MAX: u64 = 900_000;

/// Builds it, checks it and runs a guest through it.
pub(super) fn run() -> Outcome {
    let module = build()?;
    let wasm = fs::read(&module).map_err(|error| format!("{}: {error}", module.display()))?;
    check(&wasm)?;
    try_in_node(&module)?;
    println!("{}: {} bytes", module.display(), wasm.len());
    must_fit("stepwell.wasm compressed", gzipped(&module)?, BYTES_MAX)
}

fn build() -> Outcome<PathBuf> {
    let mut command = cargo();
    command.args(["rustc", "--quiet", "--locked", "--package", "stepwell-capi", "--lib"]);
    command.args(["--crate-type", "cdylib", "--profile", "small", "--no-default-features"]);
    command.args(["--features", "portable-dispatch", "--target-dir"]).arg(super::target());
    let compiler = toolchain::compiler(TARGET)?;
    let linker = compiler.builds_std.then(toolchain::wasm_linker);
    cross(&mut command, (TARGET, STD), compiler, linker.as_deref());
    must_succeed(&mut command)?;
    let folder = super::target().join(TARGET).join("small");
    let module = folder.join("stepwell.wasm");
    let built = folder.join("stepwell_c.wasm");
    fs::copy(&built, &module).map_err(|error| format!("{}: {error}", built.display()))?;
    Ok(module)
}

/// What it exports and imports must be what the symbol list says, and nothing.
fn check(wasm: &[u8]) -> Outcome {
    let golden = fs::read_to_string(root().join("bindings/c/abi/symbols.txt"))
        .map_err(|error| format!("cannot read the symbol list: {error}"))?;
    let expected: BTreeSet<&str> = golden.lines().chain(MORE.iter().copied()).collect();
    let malformed = |error: wasmparser::BinaryReaderError| format!("stepwell.wasm: {error}");
    let mut exported = BTreeSet::new();
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.map_err(malformed)? {
            Payload::ImportSection(imports) if imports.count() > 0 => {
                return Err(format!("stepwell.wasm has {} imports", imports.count()));
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export.map_err(malformed)?;
                    let is_linkers = LINKERS.contains(&export.name);
                    if !(export.kind == ExternalKind::Global && is_linkers) {
                        exported.insert(export.name);
                    }
                }
            }
            _ => {}
        }
    }
    let differences: Vec<_> = expected.symmetric_difference(&exported).collect();
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!("stepwell.wasm does not export what the symbol list says: {differences:?}"))
}

/// Runs a guest through it.
fn try_in_node(module: &Path) -> Outcome {
    let failed = |error: &dyn std::fmt::Display| format!("no guest for stepwell.wasm: {error}");
    let guest = wat::parse_file(root().join("bindings/c/tests/guests/hello.wat"));
    let file = module.with_file_name("hello.wasm");
    fs::write(&file, guest.map_err(|error| failed(&error))?).map_err(|error| failed(&error))?;
    let mut node = Command::new("node");
    node.arg(root().join("bindings/c/tests/wasm.mjs")).arg(module).arg(file);
    let output = node.output().map_err(|error| format!("cannot start node: {error}"))?;
    match output.status.success() && output.stdout == b"hello\n" {
        true => Ok(()),
        false => Err(format!("stepwell.wasm: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn gzipped(file: &Path) -> Outcome<u64> {
    let output = Command::new("gzip").args(["-9", "-c"]).arg(file).output();
    let output = output.map_err(|error| format!("cannot start gzip: {error}"))?;
    match output.status.success() {
        true => Ok(output.stdout.len() as u64),
        false => Err(format!("gzip: {}", output.status)),
    }
}
