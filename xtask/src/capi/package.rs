//! What an installation is good for: the example, built in each way that the documentation names.

use std::fs;
use std::path::{Path, PathBuf};
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
    cmake(&prefix, &source, folder.path())?;
    cmake_misses(&prefix, folder.path())
}

fn pkg_config(prefix: &Path, source: &Path, folder: &Path) -> Outcome {
    for program in ["pkg-config", "cc"] {
        toolchain::need(program, program)?;
    }
    let program = folder.join("embed");
    let line = "cc -std=c11 \"$0\" -o \"$1\" $(pkg-config --cflags --libs stepwell)";
    let mut build = Command::new("sh");
    build.args(["-euc", line]).arg(source).arg(&program);
    must_succeed(build.env("PKG_CONFIG_PATH", prefix.join("lib/pkgconfig")))?;
    must_print(Command::new(&program).env("LD_LIBRARY_PATH", prefix.join("lib")), "pkg-config")
}

fn cmake(prefix: &Path, source: &Path, folder: &Path) -> Outcome {
    toolchain::need("cmake", "cmake")?;
    toolchain::need("make", "make")?;
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

/// What CMake says where libraries are missing: no package without any, and none where the one that is wanted is missing.
fn cmake_misses(prefix: &Path, folder: &Path) -> Outcome {
    let lib = prefix.join("lib");
    let shared = fs::read_dir(&lib).map_err(|error| format!("{}: {error}", lib.display()))?;
    let shared = shared.filter_map(Result::ok).map(|entry| entry.path());
    let is_shared = |path: &PathBuf| {
        path.to_string_lossy().contains("libstepwell.") && !path.ends_with("libstepwell.a")
    };
    for path in shared.filter(is_shared) {
        fs::remove_file(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for (components, is_found) in
        [("", true), ("COMPONENTS static", true), ("COMPONENTS shared", false)]
    {
        cmake_finds(prefix, folder, components, is_found)?;
    }
    let archive = lib.join("libstepwell.a");
    fs::remove_file(&archive).map_err(|error| format!("{}: {error}", archive.display()))?;
    cmake_finds(prefix, folder, "", false)
}

/// Whether CMake finds the package with these components must be what is expected.
fn cmake_finds(prefix: &Path, folder: &Path, components: &str, expected: bool) -> Outcome {
    let project = tempfile::tempdir_in(folder).map_err(|error| format!("no folder: {error}"))?;
    let text = format!(
        "cmake_minimum_required(VERSION 3.16)\nproject(find C)\n\
         find_package(Stepwell 0.1 {components} REQUIRED)\n"
    );
    fs::write(project.path().join("CMakeLists.txt"), text)
        .map_err(|error| format!("{}: {error}", project.path().display()))?;
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(project.path()).arg("-B").arg(project.path().join("build"));
    let output = configure.arg(format!("-DCMAKE_PREFIX_PATH={}", prefix.display())).output();
    let output = output.map_err(|error| format!("cannot start cmake: {error}"))?;
    if output.status.success() == expected {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!("CMake: whether it finds Stepwell ({components}) should be {expected}: {text}"))
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
