//! CPython through the shared library: from ten lines of Python, and where no page may become executable.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use runtimes::{Cache, Catalog, Client, Quiet, Role, Source};

use crate::harness::{compile, folder, stage, succeed};

const HELLO: &str =
    "import sys\nprint('Hello from Python', sys.version_info[0], sum(range(100000)))\n";
const PRINTED: &str = "Hello from Python 3 4999950000\n";

/// The module of CPython as a file, and a program for it.
fn python() -> (PathBuf, PathBuf) {
    let cache = Cache::open(None).unwrap();
    let selection = Catalog::builtin().resolve("python@3.12").unwrap();
    let client = Client::new(std::env::var_os("PATH").unwrap_or_default());
    cache.install(&[selection.runtime], &Source::Registry(client), &mut Quiet).unwrap();
    let wasm = cache.load_module(selection.runtime, Role::Module).unwrap();
    let place = stage().join("python");
    fs::create_dir_all(&place).unwrap();
    let (module, program) = (place.join("python.wasm"), place.join("hello.py"));
    fs::write(&module, wasm).unwrap();
    fs::write(&program, HELLO).unwrap();
    (module, program)
}

#[test]
fn cpython_runs_from_python_and_where_nothing_becomes_executable() {
    let (module, program) = python();
    let client = folder().join("examples/hello.py");
    assert!(fs::read_to_string(&client).unwrap().lines().count() <= 40, "forty lines are enough");
    let mut command = Command::new("python3");
    command.arg(client).arg(stage().join("lib/libstepwell.so")).arg(&module).arg(&program);
    let output = succeed(&mut command);
    assert_eq!(String::from_utf8_lossy(&output.stdout), PRINTED);

    if cfg!(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))) {
        let no_jit = compile(&folder().join("tests/no_jit.c"), "cc", &["-std=gnu11"]);
        let output = succeed(Command::new(no_jit).arg(&module).arg(&program));
        assert_eq!(String::from_utf8_lossy(&output.stdout), PRINTED);
    }
}
