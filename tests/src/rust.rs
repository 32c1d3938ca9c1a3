//! Guests in Rust, built for wasm32-wasip1 with what there is on the machine.
//!
//! The standard library for the target comes from rustup, or from the sources of one of the compilers that are there.
//! The C library below it is that of our own C compiler in both cases, so that the guests' calls are the same.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use engine::vfs::{EPOCH, Quota, Tree};
use engine::{Engine, Module};
use runtimes::Role;

use crate::compile::clang;

const TARGET: &str = "wasm32-wasip1";
/// Where a compiler of the system is looked for, beside the one that builds the tests.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";
/// What a program is linked with, in the archive of our C compiler.
const LIBRARY: [&str; 2] = ["crt1-command.o", "libc.a"];

/// What is said if there is no way to build for the target.
const MISSING: &str =
    "the guests in Rust need a standard library for wasm32-wasip1. Install one of these:
  rustup target add wasm32-wasip1
  rustup component add rust-src
  apt-get install rustc-web rust-web-src      (Debian)";

/// A compiler, and whether it has to build the standard library first.
struct Compiler {
    rustc: PathBuf,
    builds_std: bool,
}

/// The guest `name` of guests-rust, built if it is not up to date.
///
/// # Panics
/// If it cannot be built; the message says what is missing.
#[must_use]
pub fn rust_guest(name: &str) -> Module {
    Module::new(&Engine::default(), rust_guest_wasm(name).into()).expect("the guest is valid")
}

/// As [`rust_guest`], the module as it was linked.
///
/// # Panics
/// As [`rust_guest`].
#[must_use]
pub fn rust_guest_wasm(name: &str) -> Vec<u8> {
    let folder = build_folder();
    // Tests that run side by side wait here for the first of them, and then for nothing.
    fs::create_dir_all(&folder).expect("the folder for the guests");
    let lock = fs::OpenOptions::new().create(true).append(true).open(folder.join("lock"));
    let lock = lock.expect("a file to lock");
    lock.lock().expect("the lock");
    build(&folder);
    drop(lock);
    let path = folder.join(TARGET).join("release").join(name).with_extension("wasm");
    fs::read(path).expect("cargo has built the guest")
}

/// Runs cargo, which does nothing if nothing has changed.
fn build(folder: &Path) {
    let compiler = compiler();
    let library = library(folder);
    let mut flags = vec![
        "-Clink-self-contained=no".to_owned(),
        format!("-Clink-arg={}", library.join(LIBRARY[0]).display()),
        format!("-Lnative={}", library.display()),
        "-Clink-arg=-lc".to_owned(),
    ];
    flags.push(format!("-Clinker={}", linker().display()));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("guests-rust"));
    cargo.args(["build", "--quiet", "--release", "--locked", "--target", TARGET, "--target-dir"]);
    cargo.arg(folder);
    if compiler.builds_std {
        cargo.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
    }
    // What the tests themselves are built with is for the host.
    for name in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(name);
    }
    cargo.env("RUSTC", compiler.rustc).env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
    assert!(cargo.status().expect("cargo starts").success(), "the guests in Rust are built");
}

/// The first compiler that can build for the target, after trying to install one.
fn compiler() -> Compiler {
    if let Some(compiler) = find_compiler() {
        return compiler;
    }
    // Neither of the two must succeed: what counts is whether there is a compiler then.
    attempt("rustup", &["target", "add", TARGET]);
    if let Some(compiler) = find_compiler() {
        return compiler;
    }
    attempt("apt-get", &["update"]);
    attempt(
        "apt-get",
        &["install", "--yes", "--no-install-recommends", "rustc-web", "rust-web-src"],
    );
    find_compiler().expect(MISSING)
}

fn attempt(program: &str, args: &[&str]) {
    match Command::new(program).args(args).status() {
        Ok(status) => eprintln!("{program} {}: {status}", args.join(" ")),
        Err(error) => eprintln!("{program} {}: {error}", args.join(" ")),
    }
}

fn find_compiler() -> Option<Compiler> {
    let compilers = [PathBuf::from(rustc()), PathBuf::from(SYSTEM_RUSTC)];
    let has = |rustc: &PathBuf, path: &str| {
        sysroot(rustc).is_some_and(|sysroot| sysroot.join("lib/rustlib").join(path).is_dir())
    };
    let library = format!("{TARGET}/lib");
    let ready = compilers.iter().find(|rustc| has(rustc, &library));
    let ready = ready.map(|rustc| Compiler { rustc: rustc.clone(), builds_std: false });
    ready.or_else(|| {
        let source = compilers.iter().find(|rustc| has(rustc, "src/rust/library/std"));
        source.map(|rustc| Compiler { rustc: rustc.clone(), builds_std: true })
    })
}

/// The compiler that builds the tests.
fn rustc() -> OsString {
    std::env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"))
}

fn sysroot(rustc: &Path) -> Option<PathBuf> {
    let output = Command::new(rustc).args(["--print", "sysroot"]).output().ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(path.trim_end()))
}

/// The linker that comes with the compiler of the tests, or one of the system.
fn linker() -> PathBuf {
    let own = sysroot(Path::new(&rustc())).map(|sysroot| sysroot.join("lib/rustlib"));
    let own = own.and_then(|folder| {
        let mut hosts: Vec<_> =
            fs::read_dir(folder).ok()?.flatten().map(|host| host.path()).collect();
        hosts.sort();
        let name = format!("bin/rust-lld{}", std::env::consts::EXE_SUFFIX);
        hosts.into_iter().map(|host| host.join(&name)).find(|path| path.is_file())
    });
    own.unwrap_or_else(|| PathBuf::from("wasm-ld"))
}

/// The folder with the C library, taken from our C compiler's files.
fn library(folder: &Path) -> PathBuf {
    let library = folder.join("libc");
    if LIBRARY.iter().all(|name| library.join(name).is_file()) {
        return library;
    }
    let (cache, selection) = clang();
    let base = cache.load(selection.runtime, Role::Base).expect("the compiler's files");
    let mut files = Tree::new(Quota::default(), EPOCH);
    files.import_tar(base, EPOCH).expect("the compiler's files are an archive");
    fs::create_dir_all(&library).expect("a folder for the C library");
    for name in LIBRARY {
        let bytes = files.read_file(&format!("lib/{TARGET}/{name}")).expect("it is in there");
        // Renamed into place, so that what is there is whole.
        let unfinished = library.join("unfinished");
        fs::write(&unfinished, bytes).expect("it is written");
        fs::rename(&unfinished, library.join(name)).expect("it is put in its place");
    }
    library
}

/// A folder beside what cargo has built the tests into.
fn build_folder() -> PathBuf {
    let test = std::env::current_exe().expect("this test lies somewhere");
    let folder = test.ancestors().nth(3).expect("the folder of all builds");
    folder.join("guests-rust")
}
