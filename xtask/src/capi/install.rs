//! The libraries under the names that programs look for, with the files for CMake and pkg-config.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::capi::must_fit;
use crate::chore::{Outcome, cargo, must_succeed, root};

/// The shared library without its symbols.
const SHARED_BYTES_MAX: u64 = 4_000_000;

/// Builds and installs.
pub(super) fn run(prefix: &Path) -> Outcome {
    let mut command = cargo();
    command.args([
        "rustc",
        "--locked",
        "--profile",
        "library",
        "--package",
        "stepwell-capi",
        "--lib",
    ]);
    command.args(["--crate-type", "cdylib,staticlib", "--target-dir"]).arg(super::target());
    must_succeed(&mut command)?;
    let built = super::target().join("library");
    let is_apple = cfg!(target_vendor = "apple");
    let source = root().join("bindings/c");
    let abi = abi_version(&read(&source.join("include/stepwell.h"))?)?;
    let (link, shared) = match is_apple {
        true => ("libstepwell.dylib", format!("libstepwell.{abi}.dylib")),
        false => ("libstepwell.so", format!("libstepwell.so.{abi}")),
    };
    // What bindings/c/build.rs has linked it by.
    let soname = if is_apple { format!("@rpath/{shared}") } else { shared.clone() };
    let lib = prefix.join("lib");
    let extension = if is_apple { "dylib" } else { "so" };
    put(&built.join(format!("libstepwell_c.{extension}")), &lib.join(&shared))?;
    put(&built.join("libstepwell_c.a"), &lib.join("libstepwell.a"))?;
    strip(&lib.join(&shared), is_apple)?;
    relink(&shared, &lib.join(link))?;
    for header in ["stepwell.h", "module.modulemap"] {
        put(&source.join("include").join(header), &prefix.join("include").join(header))?;
    }
    let cmake = lib.join("cmake/Stepwell");
    let libraries = read(&source.join(system_libraries()?))?;
    let libraries: Vec<&str> = libraries.split_whitespace().collect();
    for (template, place) in [
        ("StepwellConfig.cmake.in", cmake.join("StepwellConfig.cmake")),
        ("StepwellConfigVersion.cmake.in", cmake.join("StepwellConfigVersion.cmake")),
        ("stepwell.pc.in", lib.join("pkgconfig/stepwell.pc")),
    ] {
        let text = read(&source.join("cmake").join(template))?;
        write(&place, &fill(&text, (&shared, &soname), &libraries))?;
    }
    let bytes = fs::metadata(lib.join(&shared)).map_err(|error| error.to_string())?.len();
    must_fit(&format!("{shared} without symbols"), bytes, SHARED_BYTES_MAX)
}

/// The number of the interface, which the shared library is called by.
fn abi_version(header: &str) -> Outcome<String> {
    let line = header.lines().find_map(|line| line.strip_prefix("#define STEPWELL_ABI_VERSION "));
    line.map(str::to_owned).ok_or_else(|| "the header has no STEPWELL_ABI_VERSION".into())
}

/// The list of what the static library needs of the system that this is.
fn system_libraries() -> Outcome<&'static str> {
    match () {
        () if cfg!(target_vendor = "apple") => Ok("cmake/system-libraries.apple.txt"),
        () if cfg!(target_os = "linux") => Ok("cmake/system-libraries.linux.txt"),
        () => {
            Err("there is no list of the libraries that a static link needs on this system".into())
        }
    }
}

/// A template with this build's values: the shared library's file and the name that programs load it by, and what the static
/// one needs of the system.
fn fill(text: &str, (shared, soname): (&str, &str), libraries: &[&str]) -> String {
    let flags: Vec<String> = libraries.iter().map(|library| format!("-l{library}")).collect();
    text.replace("@SHARED@", shared)
        .replace("@SONAME@", soname)
        .replace("@SYSTEM_LIBRARIES@", &flags.join(" "))
        .replace("@SYSTEM_LIBRARIES_CMAKE@", &libraries.join(";"))
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@MAJOR@", env!("CARGO_PKG_VERSION_MAJOR"))
        .replace("@MINOR@", env!("CARGO_PKG_VERSION_MINOR"))
}

fn strip(library: &Path, is_apple: bool) -> Outcome {
    let flag = if is_apple { "-x" } else { "--strip-unneeded" };
    must_succeed(Command::new("strip").arg(flag).arg(library))?;
    match is_apple {
        // To strip it breaks the signature without which Apple's processors load nothing.
        true => {
            must_succeed(Command::new("codesign").args(["--force", "--sign", "-"]).arg(library))
        }
        false => Ok(()),
    }
}

/// The name that a program is linked by leads to the one that it is started with.
fn relink(target: &str, link: &Path) -> Outcome {
    let failed = |error: std::io::Error| format!("{}: {error}", link.display());
    if link.symlink_metadata().is_ok() {
        fs::remove_file(link).map_err(failed)?;
    }
    #[cfg(unix)]
    return std::os::unix::fs::symlink(target, link).map_err(failed);
    #[cfg(not(unix))]
    return fs::copy(link.with_file_name(target), link).map(|_| ()).map_err(failed);
}

fn put(from: &Path, to: &Path) -> Outcome {
    make_folder(to)?;
    fs::copy(from, to).map(|_| ()).map_err(|error| format!("{}: {error}", from.display()))
}

fn write(to: &Path, text: &str) -> Outcome {
    make_folder(to)?;
    fs::write(to, text).map_err(|error| format!("{}: {error}", to.display()))
}

fn make_folder(file: &Path) -> Outcome {
    let folder = file.parent().expect("a file is in a folder");
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))
}

fn read(file: &Path) -> Outcome<String> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
}
