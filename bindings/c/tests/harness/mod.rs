//! What the tests of the C ABI have in common: the library under the name that it is installed by, the guests as arrays,
//! and the compilers.

pub(crate) mod header;
pub(crate) mod refusals;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The flags that every C file here compiles under.
pub(crate) const STRICT: &[&str] = &["-Wall", "-Wextra", "-Wpedantic", "-Werror"];

/// C11 with what POSIX adds to its library.
pub(crate) const C11: &[&str] = &["-std=c11", "-D_POSIX_C_SOURCE=200809L"];

/// The crate's folder.
pub(crate) fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder with `include` and `lib`, as an installation has them, made once.
pub(crate) fn stage() -> &'static Path {
    static STAGE: OnceLock<PathBuf> = OnceLock::new();
    STAGE.get_or_init(|| {
        let stage = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("stage");
        let (include, lib) = (stage.join("include"), stage.join("lib"));
        fs::create_dir_all(&include).unwrap();
        fs::create_dir_all(&lib).unwrap();
        fs::write(include.join("guests.h"), guests()).unwrap();
        let functions = header::functions();
        fs::write(include.join("busy.h"), refusals::busy(&functions)).unwrap();
        fs::write(stage.join("refusals.c"), refusals::program(&functions)).unwrap();
        for (built, installed) in [
            ("libstepwell_c.so", "libstepwell.so.1"),
            ("libstepwell_c.so", "libstepwell.so"),
            ("libstepwell_c.a", "libstepwell.a"),
        ] {
            let place = lib.join(installed);
            // A program may have the old one open: it keeps it.
            let _ = fs::remove_file(&place);
            fs::copy(built_library(built), &place).unwrap();
        }
        stage
    })
}

/// A library that cargo has built beside this test.
fn built_library(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let deps = test.parent().unwrap();
    // What cargo has linked into the folder above may be older than what this test was built with.
    let newest = [deps.join(name), deps.parent().unwrap().join(name)]
        .into_iter()
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .max();
    newest.unwrap_or_else(|| panic!("cargo has built no {name}")).1
}

/// Every guest of `tests/guests` as an array.
fn guests() -> String {
    let mut text = String::from("#include <stdint.h>\n");
    let mut files: Vec<_> = fs::read_dir(folder().join("tests/guests"))
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    for file in files {
        let wasm = wat::parse_file(&file).unwrap_or_else(|error| panic!("{error}"));
        let name = file.file_stem().unwrap().to_str().unwrap();
        let bytes: Vec<String> = wasm.iter().map(u8::to_string).collect();
        let unused = "__attribute__((unused))";
        writeln!(text, "static const uint8_t guest_{name}[] {unused} = {{{}}};", bytes.join(","))
            .unwrap();
    }
    text
}

/// The guest of a file in `tests/guests` as bytes in a file.
pub(crate) fn guest(name: &str) -> PathBuf {
    let wasm = wat::parse_file(folder().join(format!("tests/guests/{name}.wat"))).unwrap();
    let file = stage().join(format!("{name}.wasm"));
    if fs::read(&file).ok().as_ref() != Some(&wasm) {
        fs::write(&file, wasm).unwrap();
    }
    file
}

/// Compiles a program of one file against the shared library.
pub(crate) fn compile(source: &Path, compiler: &str, flags: &[&str]) -> PathBuf {
    let stage = stage();
    let program = stage.join(source.file_name().unwrap()).with_extension("bin");
    let mut command = Command::new(compiler);
    command.args(STRICT).args(flags).arg("-g").arg(source).arg("-o").arg(&program);
    command.arg("-I").arg(stage.join("include")).arg("-I").arg(folder().join("include"));
    command.arg("-I").arg(folder().join("tests"));
    command.arg("-L").arg(stage.join("lib")).args(["-lstepwell", "-lpthread"]);
    command.arg(format!("-Wl,-rpath,{}", stage.join("lib").display()));
    succeed(&mut command);
    program
}

/// Runs a command, which must succeed.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}\n{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

/// Whether a program of this name is there.
pub(crate) fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}
