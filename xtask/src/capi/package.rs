//! What an installation is good for: the example, built in each way that the documentation names.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::capi::install;
use crate::chore::{Outcome, must_succeed, root};
use crate::toolchain;

/// A guest, and what it prints.
const GUEST: (&str, &str) = ("bindings/c/tests/guests/hello.wat", "hello\n");

/// A project as the documentation shows it, with both targets.
const PROJECT: &str = "cmake_minimum_required(VERSION 3.16)
project(embed C)
find_package(Stepwell 0.1 REQUIRED)
foreach(kind stepwell static)
  add_executable(embed_${kind} embed.c)
  target_link_libraries(embed_${kind} PRIVATE Stepwell::${kind})
endforeach()
";

/// Installs into a folder that is gone afterwards, and tries it.
pub(super) fn run() -> Outcome {
    let folder = tempfile::tempdir().map_err(|error| format!("no temporary folder: {error}"))?;
    let prefix = folder.path().join("prefix");
    install::run(&prefix)?;
    let source = root().join("bindings/c/examples/embed.c");
    pkg_config(&prefix, &source, folder.path())?;
    cmake(&prefix, &source, folder.path())
}

fn pkg_config(prefix: &Path, source: &Path, folder: &Path) -> Outcome {
    for program in ["pkg-config", "cc"] {
        need(program, program)?;
    }
    let program = folder.join("embed");
    let line = "cc -std=c11 \"$0\" -o \"$1\" $(pkg-config --cflags --libs stepwell)";
    let mut build = Command::new("sh");
    build.args(["-euc", line]).arg(source).arg(&program);
    must_succeed(build.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")))?;
    must_print(Command::new(&program).env("LD_LIBRARY_PATH", prefix.join("lib")), "pkg-config")
}

fn cmake(prefix: &Path, source: &Path, folder: &Path) -> Outcome {
    need("cmake", "cmake")?;
    need("make", "make")?;
    let project = folder.join("project");
    let build = project.join("build");
    let failed = |error: std::io::Error| format!("{}: {error}", project.display());
    fs::create_dir_all(&project).map_err(failed)?;
    fs::write(project.join("CMakeLists.txt"), PROJECT).map_err(failed)?;
    fs::copy(source, project.join("embed.c")).map_err(failed)?;
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(&project).arg("-B").arg(&build);
    must_succeed(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())))?;
    must_succeed(Command::new("cmake").arg("--build").arg(&build))?;
    for kind in ["stepwell", "static"] {
        must_print(&mut Command::new(build.join(format!("embed_{kind}"))), "CMake")?;
    }
    Ok(())
}

fn need(program: &str, package: &str) -> Outcome {
    if !toolchain::is_program(program) {
        toolchain::install(&[package]);
    }
    match toolchain::is_program(program) {
        true => Ok(()),
        false => Err(format!("{program} is missing: apt-get install {package} (Debian)")),
    }
}

fn must_print(program: &mut Command, way: &str) -> Outcome {
    let (guest, expected) = GUEST;
    let text = root().join(guest);
    let wasm = wat::parse_file(&text).map_err(|error| error.to_string())?;
    let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    fs::write(file.path(), wasm).map_err(|error| format!("no temporary file: {error}"))?;
    let output = program.arg(file.path()).output();
    let output = output.map_err(|error| format!("cannot start {program:?}: {error}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() && printed == expected {
        println!("{way}: the example prints {printed:?}");
        return Ok(());
    }
    Err(format!("{way}: the example prints {printed:?}, {}", output.status))
}
