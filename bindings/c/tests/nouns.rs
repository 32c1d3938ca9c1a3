//! The C ABI from C: programs, one for each noun, against the shared library.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::harness::header::{functions, statuses};
use crate::harness::{C11, STRICT, compile, folder, is_installed, stage, succeed};

/// The programs, and whether they are given a folder with the file `kept`.
const PROGRAMS: &[(&str, bool)] = &[
    ("version", false),
    ("module", false),
    ("tree", true),
    ("archive", false),
    ("builder", true),
    ("process", false),
    ("sockets", false),
    ("threads", false),
    ("image", false),
    ("keeping", true),
    ("reopen", true),
    ("export", false),
    ("pool", false),
    ("receipt", true),
];

fn source(name: &str) -> PathBuf {
    folder().join(format!("tests/{name}.c"))
}

/// Runs a program, below another if one is given.
fn run(program: &Path, takes_folder: bool, below: &[&str]) {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("kept"), "on the host").unwrap();
    let mut command = match below {
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
        [] => Command::new(program),
    };
    if takes_folder {
        command.arg(place.path());
    }
    succeed(&mut command);
}

/// All programs, the one made from the header included.
fn programs() -> Vec<(PathBuf, bool)> {
    let own = PROGRAMS.iter().map(|(name, folder)| (compile(&source(name), "cc", C11), *folder));
    let made = compile(&stage().join("refusals.c"), "cc", C11);
    own.chain([(made, false)]).collect()
}

#[test]
fn every_function_does_what_the_header_says() {
    for (program, takes_folder) in programs() {
        run(&program, takes_folder, &[]);
        if valgrind() {
            let valgrind = [
                "valgrind",
                "--quiet",
                "--error-exitcode=99",
                "--leak-check=full",
                "--errors-for-leak-kinds=definite,indirect,possible",
                // Optimised code may look at an undefined value first and then at whether it matters, which it does where
                // modules are parsed. What is left are accesses outside of what is allocated, double frees and leaks.
                "--undef-value-errors=no",
                // The interpreter's handlers change the stack pointer by more than valgrind expects.
                "--max-stackframe=16777216",
            ];
            run(&program, takes_folder, &valgrind);
        }
    }
}

/// Whether programs are run below valgrind. On Linux they are, unless somebody says otherwise.
fn valgrind() -> bool {
    let is_there = is_installed("valgrind");
    let is_wanted = cfg!(target_os = "linux") && std::env::var_os("STEPWELL_NO_VALGRIND").is_none();
    assert!(
        is_there || !is_wanted,
        "valgrind is missing: apt-get install valgrind (Debian), or set STEPWELL_NO_VALGRIND to leave it out"
    );
    is_there
}

#[test]
fn every_function_is_called_by_a_test() {
    let sources: String =
        PROGRAMS.iter().map(|(name, _)| fs::read_to_string(source(name)).unwrap()).collect();
    let sources = sources + &fs::read_to_string(folder().join("tests/check.h")).unwrap();
    for function in functions() {
        assert!(
            sources.contains(&format!("{}(", function.name)),
            "{} is not tested",
            function.name
        );
    }
}

#[test]
fn every_status_is_expected_by_a_test() {
    let mut sources: String =
        PROGRAMS.iter().map(|(name, _)| fs::read_to_string(source(name)).unwrap()).collect();
    // What only a build without a host answers, and what only a bug would: those that make programs of the header expect the
    // rest.
    for file in ["tests/check.h", "tests/wasm.mjs", "tests/harness/refusals.rs", "src/door.rs"] {
        sources += &fs::read_to_string(folder().join(file)).unwrap();
    }
    let statuses = statuses();
    assert!(statuses.len() >= 30, "the header is read");
    for status in statuses {
        assert!(sources.contains(&status), "no test expects {status}");
    }
}

#[test]
fn the_symbols_are_those_of_the_golden_list_and_of_the_header() {
    let golden = fs::read_to_string(folder().join("abi/symbols.txt")).unwrap();
    let golden: BTreeSet<&str> = golden.lines().collect();
    let functions = functions();
    let declared: BTreeSet<&str> =
        functions.iter().map(|function| function.name.as_str()).collect();
    assert_eq!(declared, golden, "the header");
    let mut nm = Command::new("nm");
    nm.args(["--dynamic", "--defined-only", "--format=just-symbols"]);
    let output = succeed(nm.arg(stage().join("lib/libstepwell.so")));
    let text = String::from_utf8(output.stdout).unwrap();
    let exported: BTreeSet<&str> = text.lines().collect();
    assert_eq!(exported, golden, "the shared library");
}

#[test]
fn the_shared_library_is_found_by_the_number_of_its_interface() {
    let output = succeed(Command::new("readelf").arg("-d").arg(stage().join("lib/libstepwell.so")));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = format!("[libstepwell.so.{}]", stepwell_c::STEPWELL_ABI_VERSION);
    assert!(text.lines().any(|line| line.contains("SONAME") && line.contains(&name)), "{text}");
}

#[test]
fn the_header_compiles_alone_in_every_dialect() {
    let place = tempfile::tempdir().unwrap();
    let once = "#include \"stepwell.h\"\n";
    let main =
        "int main(void) { return stepwell_abi_version() == STEPWELL_ABI_VERSION ? other() : 1; }\n";
    let first = format!("{once}{once}int other(void);\n{main}");
    let second =
        format!("{once}int other(void);\nint other(void) {{ return stepwell_version() == 0; }}\n");
    let dialects = [
        ("cc", "c", "c99"),
        ("cc", "c", "c11"),
        ("cc", "c", "c17"),
        ("c++", "cc", "c++11"),
        ("c++", "cc", "c++17"),
        ("c++", "cc", "c++20"),
    ];
    for (compiler, extension, dialect) in dialects {
        let files = [("first", &first), ("second", &second)].map(|(name, text)| {
            let file = place.path().join(format!("{name}.{extension}"));
            fs::write(&file, text).unwrap();
            file
        });
        let mut command = Command::new(compiler);
        command.args(STRICT).arg(format!("-std={dialect}")).args(&files);
        command.arg("-I").arg(folder().join("include"));
        command.arg("-L").arg(stage().join("lib")).arg("-lstepwell");
        let program = place.path().join(dialect);
        command.arg(format!("-Wl,-rpath,{}", stage().join("lib").display()));
        succeed(command.arg("-o").arg(&program));
        succeed(&mut Command::new(program));
    }
}
