//! How test runners of WASI call an engine: `stepwell run [--env K=V]… [--dir ROOT::/] GUEST.wasm [ARGS…]`.

use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;

use stepwell_tests::compile_wasm;
use tempfile::TempDir;

static GUEST: LazyLock<Vec<u8>> =
    LazyLock::new(|| compile_wasm("contract.c", include_str!("../../tests/guests/contract.c")));

/// A folder with the guest and a directory for it.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("guest.wasm"), &*GUEST).expect("the guest is written");
        std::fs::create_dir(folder.path().join("root")).expect("a directory");
        std::fs::write(folder.path().join("root/f"), "host's").expect("a file");
        Self(folder)
    }

    /// Runs the program with a standard input that is open and stays silent.
    fn run(&self, args: &[&str]) -> (Option<i32>, String, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_stepwell"));
        program.current_dir(self.0.path()).arg("run").args(args).env("NOT", "for the guest");
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = program.spawn().expect("the program starts");
        let input = child.stdin.take();
        let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
        drop(input);
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (status.code(), text(stdout), text(stderr))
    }

    fn file(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.0.path().join(path)).ok()
    }
}

fn ok(text: &str) -> (Option<i32>, String, String) {
    (Some(0), text.to_owned(), String::new())
}

#[test]
fn arguments_environment_and_preopens_are_exactly_what_is_given() {
    let folder = Folder::new();
    let shown = folder.run(&[
        "--env",
        "A=b",
        "--env",
        "C=",
        "--dir",
        "root::/",
        "guest.wasm",
        "x",
        "",
        "--y",
    ]);
    assert_eq!(shown, ok("arg guest.wasm\narg x\narg \narg --y\nenv A=b\nenv C=\ndir 3 /\n"));
    assert_eq!(folder.run(&["guest.wasm"]), ok("arg guest.wasm\n"));
}

#[test]
fn the_exit_status_is_the_guests() {
    let folder = Folder::new();
    for (code, status) in [("0", 0), ("1", 1), ("33", 33), ("125", 125), ("255", 255), ("256", 0)] {
        let ended = folder.run(&["guest.wasm", "exit", code]);
        assert_eq!(ended, (Some(status), String::new(), String::new()), "{code}");
    }
}

#[test]
fn a_silent_standard_input_lets_a_timeout_pass() {
    let folder = Folder::new();
    assert_eq!(folder.run(&["guest.wasm", "poll"]), ok("poll: 0, 1 event of 2\n"));
}

#[test]
fn every_mode_of_a_directory_keeps_its_promise() {
    let folder = Folder::new();
    let read = |dir: &str| folder.run(&["--dir", dir, "guest.wasm", "read", "/f"]);
    let write = |dir: &str, path: &str| {
        folder.run(&["--dir", dir, "guest.wasm", "write", path, "guest's"]).0
    };
    for dir in ["root::/", "root::/:cow", "root::/:ro", "root::/:rw"] {
        assert_eq!(read(dir), ok("host's\n"), "{dir}");
    }
    for (dir, status) in [("root::/", 0), ("root::/:cow", 0), ("root::/:ro", 1)] {
        for path in ["/f", "/new"] {
            assert_eq!(write(dir, path), Some(status), "{dir} {path}");
        }
        assert_eq!(folder.file("root/f").as_deref(), Some("host's"), "{dir}");
        assert_eq!(folder.file("root/new"), None, "{dir}");
    }
    assert_eq!(write("root::/:rw", "/new"), Some(0));
    assert_eq!(folder.file("root/new").as_deref(), Some("guest's"));
    assert_eq!(read("root::/other").0, Some(1), "only the directory that is given is there");
}
