//! What the tests of the program share: running it, a folder to work in, small guests as text.

#![allow(dead_code, reason = "each test file is a program of its own and uses its part of this")]

pub(crate) mod guests;

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

use tempfile::TempDir;

/// A folder that the program runs in, gone at the end of the test.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and its folders.
    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("its folder");
        fs::write(&path, bytes).expect("a file is written");
        path
    }

    /// Writes a module that is given as text.
    pub(crate) fn module(&self, name: &str, text: &str) -> PathBuf {
        self.write(name, wat::parse_str(text).expect("the guest is well-formed"))
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path().join(name)).expect("a file is read")
    }

    /// The program in this folder, with the caller's cache of runtimes.
    pub(crate) fn stepwell<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepwell"));
        command.current_dir(self.path()).args(args).env("RUST_BACKTRACE", "0");
        command
    }

    /// Runs the program with an empty standard input.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Ran {
        Ran::of(self.stepwell(args).stdin(Stdio::null()).output())
    }

    /// Runs the program with `input` coming through a pipe.
    pub(crate) fn run_with<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Ran {
        feed(self.stepwell(args), input)
    }
}

/// Runs a program with `input` coming through a pipe.
pub(crate) fn feed(mut command: Command, input: &[u8]) -> Ran {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    thread::scope(|scope| {
        scope.spawn(move || {
            // A guest need not read all of it.
            let _ = pipe.write_all(input);
        });
        Ran::of(child.wait_with_output())
    })
}

/// How the program ended, and what it wrote.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl Ran {
    pub(crate) fn of(output: std::io::Result<Output>) -> Self {
        let output = output.expect("the program starts");
        Self { status: output.status.code(), stdout: output.stdout, stderr: output.stderr }
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    /// Asserts that the run succeeded without a word on standard error, and gives its output.
    #[track_caller]
    pub(crate) fn succeeds(&self) -> String {
        assert_eq!((self.status, self.stderr().as_str()), (Some(0), ""), "{}", self.stdout());
        self.stdout()
    }

    /// Asserts that the program ended by itself, with one line that says why.
    #[track_caller]
    pub(crate) fn fails(&self, status: i32, reason: &str) {
        let stderr = self.stderr();
        assert_eq!(self.status, Some(status), "{stderr}");
        assert!(stderr.starts_with("stepwell: "), "{stderr}");
        assert!(stderr.ends_with('\n') && stderr.lines().count() == 1, "one line: {stderr}");
        assert!(stderr.contains(reason), "{reason:?} is not in: {stderr}");
        assert_eq!(self.stdout(), "");
    }
}

/// The files of a tar archive with their contents, in its order. Directories end with a slash.
pub(crate) fn archived(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().expect("an archive");
    entries
        .map(|entry| {
            let mut entry = entry.expect("an entry");
            let path = String::from_utf8(entry.path_bytes().into_owned()).expect("a UTF-8 name");
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).expect("its content");
            (path, content)
        })
        .collect()
}

/// The names in a tar archive, in its order, without the root.
pub(crate) fn names(bytes: &[u8]) -> Vec<String> {
    let names = archived(bytes).into_iter().map(|(name, _)| name);
    names.filter(|name| name != "./").collect()
}
