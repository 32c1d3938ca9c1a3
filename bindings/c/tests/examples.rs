//! The examples, each built as its first line says and run.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::harness::{C11, compile, folder, guest, is_installed, stage, succeed};

/// What an example prints, given the program of a guest.
fn prints(example: &str, compiler: &str, flags: &[&str], of: &str, input: &str) -> String {
    let program = compile(&folder().join("examples").join(example), compiler, flags);
    let mut command = Command::new(program);
    let mut child = command
        .arg(guest(of))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{example}: {error}"));
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{example}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_examples_print_what_they_promise() {
    let cases = [
        ("embed.c", "hello", "", "hello\n"),
        ("interactive.c", "echo", "one\ntwo\n", "> one\none\n> two\ntwo\n> (end)\n"),
        ("limits.c", "spin", "", "limit 0 after 1000000 steps with 65536 bytes of memory\n"),
        ("limits.c", "hello", "", "state 3 after 173 steps\n"),
        ("snapshot_tree.c", "file", "", "first case:\n  added out\nsecond case:\n  added out\n"),
    ];
    for (example, guest, input, expected) in cases {
        assert_eq!(prints(example, "cc", C11, guest, input), expected, "{example} {guest}");
    }
    assert_eq!(prints("embed.cc", "c++", &["-std=c++17"], "hello", ""), "hello\n");
}

#[test]
fn the_static_library_links_with_what_the_package_says() {
    let stage = stage();
    let program = stage.join("embed_static");
    let mut command = Command::new("cc");
    command.args(C11).arg(folder().join("examples/embed.c")).arg("-o").arg(&program);
    command.arg("-I").arg(folder().join("include")).arg(stage.join("lib/libstepwell.a"));
    let private = std::fs::read_to_string(folder().join("cmake/system-libraries.txt")).unwrap();
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
    let output = succeed(Command::new(program).arg(guest("hello")));
    assert_eq!(output.stdout, b"hello\n");
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
