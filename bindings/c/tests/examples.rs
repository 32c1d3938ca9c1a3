//! The examples, each built as its first line says and run.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::harness::{C11, compile, folder, guest, is_installed, stage, succeed};

/// What a program prints that is given the program of a guest, and its status.
fn prints(program: &Path, of: &str, input: &str) -> (String, Option<i32>) {
    let mut child = Command::new(program)
        .arg(guest(of))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// What the guest `chatty` writes: more than a queue holds.
fn chatter() -> String {
    format!("{}\n", ".".repeat(1023)).repeat(100)
}

/// Guests with no input, what they print and how they end.
fn guests_alone() -> [(&'static str, String, i32); 3] {
    [
        ("hello", "hello\n".into(), 0),
        ("echo", String::new(), 0),
        ("chatty", chatter() + "done\n", 7),
    ]
}

#[test]
fn the_examples_print_what_they_promise() {
    let chatter = chatter();
    let limited = "limit 0 after 1000000 steps with 65536 bytes of memory\n";
    let added = |case: &str| format!("{case} case ended with 0:\n  added out\n");
    let cases: [(&str, &str, &str, String, i32); 7] = [
        ("interactive.c", "echo", "one\ntwo\n", "> one\none\n> two\ntwo\n> (end)\n".into(), 0),
        // It waits for the end of a sleep, then for input, and is not asked again.
        ("interactive.c", "chatty", "x\n", chatter.clone() + "> x\ndone\n", 7),
        ("limits.c", "spin", "", limited.into(), 0),
        ("limits.c", "hello", "", "hello\nstate 3 after 173 steps\n".into(), 0),
        ("limits.c", "flood", "", "limit 3".into(), 0),
        ("snapshot_tree.c", "file", "", added("first") + &added("second"), 0),
        (
            "snapshot_tree.c",
            "trap",
            "",
            "first case ended with 1:\nsecond case ended with 1:\n".into(),
            0,
        ),
    ];
    for (example, guest, input, expected, status) in cases {
        let program = compile(&folder().join("examples").join(example), "cc", C11);
        let (printed, code) = prints(&program, guest, input);
        // What was written before the limit is passed on.
        let printed = match guest {
            "flood" => &printed[printed.find("limit").unwrap()..][..7],
            _ => &printed,
        };
        assert_eq!(printed, expected, "{example} {guest}");
        assert_eq!(code, Some(status), "{example} {guest}");
    }
}

#[test]
fn the_whole_programs_run_guests_that_write_more_than_is_kept() {
    for (example, compiler, flags) in [("embed.c", "cc", C11), ("embed.cc", "c++", &["-std=c++17"])]
    {
        let program = compile(&folder().join("examples").join(example), compiler, flags);
        run_alone(&program);
    }
}

fn run_alone(program: &Path) {
    for (guest, expected, status) in guests_alone() {
        let found = prints(program, guest, "");
        assert_eq!(found, (expected, Some(status)), "{} {guest}", program.display());
    }
}

#[test]
fn the_static_library_links_with_what_the_package_says() {
    let stage = stage();
    let program = stage.join("embed_static");
    let mut command = Command::new("cc");
    command.args(C11).arg(folder().join("examples/embed.c")).arg("-o").arg(&program);
    command.arg("-I").arg(folder().join("include")).arg(stage.join("lib/libstepwell.a"));
    let private =
        std::fs::read_to_string(folder().join("cmake/system-libraries.linux.txt")).unwrap();
    command.args(private.split_whitespace().map(|library| format!("-l{library}")));
    succeed(&mut command);
    let output = succeed(Command::new(program).arg(guest("hello")));
    assert_eq!(output.stdout, b"hello\n");
}

#[test]
fn the_swift_example_runs_where_swift_is() {
    if !is_installed("swiftc") {
        eprintln!("the Swift example is not tried: there is no swiftc");
        return;
    }
    let program = stage().join("embed_swift");
    let mut command = Command::new("swiftc");
    command.arg(folder().join("examples/embed.swift")).arg("-o").arg(&program);
    command.arg("-I").arg(folder().join("include"));
    command.arg("-L").arg(stage().join("lib")).arg("-lstepwell");
    command.args(["-Xlinker", "-rpath", "-Xlinker"]).arg(stage().join("lib"));
    succeed(&mut command);
    run_alone(&program);
}

#[test]
fn the_readme_does_what_it_says() {
    let readme = std::fs::read_to_string(folder().join("../../README.md")).unwrap();
    let (_, block) = readme.split_once("```c\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    let text = format!(
        "#include \"check.h\"\n\nint main(void)\n{{\n\
             stepwell_error *error = NULL;\nstepwell_state state = STEPWELL_STATE_YIELDED;\n\
             stepwell_module *module = MODULE(hello);\nstepwell_tree *tree = NULL;\n\
             stepwell_process_builder *builder = NULL;\nstepwell_process *process = NULL;\n\
             CHECK(stepwell_tree_new(&tree, &error) == STEPWELL_OK);\n{block}\
             CHECK(error == NULL && state == STEPWELL_STATE_EXITED);\n\
             BYTES(stdout_of(process), \"hello\\n\");\nreturn 0;\n}}\n"
    );
    let source = stage().join("readme.c");
    std::fs::write(&source, text).unwrap();
    succeed(&mut Command::new(compile(&source, "cc", C11)));
}
