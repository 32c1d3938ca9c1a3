//! What the other builds need: a compiler with the standard library of the target, a linker, and something to run on.

use std::env;
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::chore::Outcome;

/// A compiler, and whether it has to build the standard library first.
pub(crate) struct Compiler {
    pub(crate) rustc: PathBuf,
    pub(crate) builds_std: bool,
}

/// Where a compiler of the system is looked for, beside the one that builds the project.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";
const SYSTEM_COMPILER_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
/// What links and runs programs of aarch64, and the packages of Debian that have it.
const AARCH64_PROGRAMS: [&str; 2] = ["aarch64-linux-gnu-gcc", "qemu-aarch64"];
const AARCH64_PACKAGES: [&str; 3] = ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross", "qemu-user"];
/// Where those packages put the libraries that a program of aarch64 is run with.
pub(crate) const AARCH64_LIBRARIES: &str = "/usr/aarch64-linux-gnu";

/// The first compiler that can build for `target`, after trying to install one.
pub(crate) fn compiler(target: &str) -> Outcome<Compiler> {
    if let Some(compiler) = find_compiler(target) {
        return Ok(compiler);
    }
    // Neither of the two must succeed: what counts is whether there is a compiler then.
    attempt("rustup", &["target", "add", target]);
    if find_compiler(target).is_none() {
        install(&SYSTEM_COMPILER_PACKAGES);
    }
    find_compiler(target).ok_or_else(|| {
        format!(
            "there is no standard library for {target} of Rust {} or later. Install one of these:\n  \
             rustup target add {target}\n  rustup component add rust-src\n  \
             apt-get install {}      (Debian)",
            env!("CARGO_PKG_RUST_VERSION"),
            SYSTEM_COMPILER_PACKAGES.join(" ")
        )
    })
}

/// Makes sure that programs of aarch64 can be linked and run.
pub(crate) fn aarch64() -> Outcome {
    let is_missing =
        || AARCH64_PROGRAMS.iter().find(|program| !is_program(program)).map(ToString::to_string);
    let libraries = Path::new(AARCH64_LIBRARIES).join("lib/libc.so.6");
    let missing =
        || is_missing().or_else(|| (!libraries.is_file()).then(|| libraries.display().to_string()));
    if missing().is_none() {
        return Ok(());
    }
    install(&AARCH64_PACKAGES);
    match missing() {
        None => Ok(()),
        Some(name) => Err(format!(
            "{name} is missing, without which aarch64 cannot be tried: apt-get install {} (Debian), or leave it out \
             with --only",
            AARCH64_PACKAGES.join(" ")
        )),
    }
}

/// The linker for WebAssembly of a compiler that has none: the other compiler's, or one of the system.
pub(crate) fn wasm_linker() -> PathBuf {
    let own = sysroot(&rustc()).map(|sysroot| sysroot.join("lib/rustlib"));
    let own = own.and_then(|folder| {
        let mut hosts: Vec<_> = folder.read_dir().ok()?.flatten().map(|host| host.path()).collect();
        hosts.sort();
        let name = format!("bin/rust-lld{}", env::consts::EXE_SUFFIX);
        hosts.into_iter().map(|host| host.join(&name)).find(|path| path.is_file())
    });
    own.unwrap_or_else(|| PathBuf::from("wasm-ld"))
}

fn find_compiler(target: &str) -> Option<Compiler> {
    let compilers = [rustc(), PathBuf::from(SYSTEM_RUSTC)];
    let compilers: Vec<_> = compilers.into_iter().filter(|rustc| is_new_enough(rustc)).collect();
    let has = |rustc: &PathBuf, path: &str| {
        sysroot(rustc).is_some_and(|sysroot| sysroot.join("lib/rustlib").join(path).is_dir())
    };
    let library = format!("{target}/lib");
    let ready = compilers.iter().find(|rustc| has(rustc, &library));
    let ready = ready.map(|rustc| Compiler { rustc: rustc.clone(), builds_std: false });
    ready.or_else(|| {
        let source = compilers.iter().find(|rustc| has(rustc, "src/rust/library/std"));
        source.map(|rustc| Compiler { rustc: rustc.clone(), builds_std: true })
    })
}

/// Whether a compiler is one that the packages can be built with.
fn is_new_enough(rustc: &Path) -> bool {
    let output = Command::new(rustc).arg("--version").stderr(Stdio::null()).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = text.ok().and_then(|text| minor(text.split_whitespace().nth(1)?));
    version >= minor(env!("CARGO_PKG_RUST_VERSION"))
}

/// The second number of a version, the first being 1.
fn minor(version: &str) -> Option<u32> {
    version.strip_prefix("1.")?.split('.').next()?.parse().ok()
}

/// The compiler that builds the project.
fn rustc() -> PathBuf {
    env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc")).into()
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim_end()))
}

/// Tries to install packages of Debian, which only works for root on such a system.
pub(crate) fn install(packages: &[&str]) {
    // Two chores may be at work, and apt-get would not wait for the other's. Without the lock it is tried all the same.
    let lock = env::temp_dir().join("stepwell-xtask-apt.lock");
    let lock = OpenOptions::new().create(true).append(true).open(lock);
    let _held = lock.and_then(|file| file.lock().map(|()| file));
    // An old list knows old packages only.
    attempt("apt-get", &["update"]);
    let mut args = vec!["install", "--yes", "--no-install-recommends"];
    args.extend(packages);
    attempt("apt-get", &args);
}

/// Makes sure that a program is there, which is in a package of Debian.
pub(crate) fn need(program: &str, package: &str) -> Outcome {
    if !is_program(program) {
        install(&[package]);
    }
    match is_program(program) {
        true => Ok(()),
        false => Err(format!("{program} is missing: apt-get install {package} (Debian)")),
    }
}

fn attempt(program: &str, args: &[&str]) {
    let line = format!("{program} {}", args.join(" "));
    match Command::new(program).args(args).stdin(Stdio::null()).status() {
        Ok(status) => eprintln!("{line}: {status}"),
        Err(error) => eprintln!("{line}: {error}"),
    }
}

/// Whether a program of this name can be started.
pub(crate) fn is_program(name: &str) -> bool {
    let paths = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&paths).any(|folder| folder.join(name).is_file())
}
