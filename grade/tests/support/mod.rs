//! What the tests have in common: problems in temporary folders, guests as text, an observer that counts.

#![allow(dead_code, reason = "each test program uses a part")]

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use grade::report::SubmissionId;
use grade::{CaseReport, Observer, Options, Origin, Problem, Report, Submission, Verdict};

/// Counts what it hears, and stops after so many cases if it is to.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    pub(crate) run: AtomicUsize,
    pub(crate) cache: AtomicUsize,
    pub(crate) journal: AtomicUsize,
    pub(crate) stop_after: Option<usize>,
}

impl Counter {
    pub(crate) fn counts(&self) -> [usize; 3] {
        [&self.run, &self.cache, &self.journal].map(|count| count.load(Ordering::SeqCst))
    }
}

impl Observer for Counter {
    fn say(&self, _: &str) {}

    fn planned(&self, _: usize) {}

    fn finished(&self, _: &SubmissionId, _: &CaseReport, origin: Origin) {
        let count = match origin {
            Origin::Run => &self.run,
            Origin::Cache => &self.cache,
            Origin::Journal => &self.journal,
        };
        count.fetch_add(1, Ordering::SeqCst);
    }

    fn is_interrupted(&self) -> bool {
        self.stop_after.is_some_and(|most| self.run.load(Ordering::SeqCst) >= most)
    }
}

/// A folder with a problem and submissions.
pub(crate) struct Folder(tempfile::TempDir);

impl Folder {
    /// A folder with these files.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder"));
        for (path, text) in files {
            folder.write(path, text.as_bytes());
        }
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, bytes).expect("a file");
    }

    /// Writes a module.
    pub(crate) fn write_wat(&self, path: &str, wat: &str) {
        self.write(path, &wat::parse_str(wat).expect("a module"));
    }

    pub(crate) fn problem(&self) -> Problem {
        Problem::read(self.path()).expect("a problem")
    }

    pub(crate) fn submission(&self, path: &str) -> Submission {
        Submission::read(&self.path().join(path), path).expect("a submission")
    }

    /// Grades these with the runtimes of the machine, without the cache of results.
    pub(crate) fn grade(&self, submissions: &[&str]) -> Report {
        let submissions: Vec<_> = submissions.iter().map(|path| self.submission(path)).collect();
        let options = options(2);
        grade::grade(&self.problem(), &submissions, &options, &Counter::default())
            .expect("a report")
    }
}

/// The verdict of each submission.
fn graded(folder: &Folder, names: &[&str]) -> Vec<(String, Verdict)> {
    let report = folder.grade(names);
    report.submissions.into_iter().map(|one| (one.submission.name, one.verdict)).collect()
}

/// Grades these files, of which each must get its verdict.
pub(crate) fn expect(folder: &Folder, rows: &[(&str, &str, Verdict)]) {
    for (name, text, _) in rows {
        folder.write(name, text.as_bytes());
    }
    let names: Vec<&str> = rows.iter().map(|(name, ..)| *name).collect();
    let expected: Vec<_> =
        rows.iter().map(|(name, _, verdict)| (name.to_string(), *verdict)).collect();
    assert_eq!(graded(folder, &names), expected);
}

/// Without cache and journal.
pub(crate) fn options(jobs: usize) -> Options {
    Options {
        jobs: NonZeroUsize::new(jobs).expect("workers"),
        home: std::env::var_os("STEPWELL_HOME").map(PathBuf::from),
        search_path: std::env::var_os("PATH").unwrap_or_default(),
        guard: None,
        cache: false,
        journal: None,
    }
}

/// A module that runs `body`, with functions to read and write.
pub(crate) fn guest(body: &str) -> String {
    format!(
        r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "\10\00\00\00\40\00\00\00") ;; one buffer: 64 bytes at address 16
    (func $read (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func $write (param $bytes i32)
        (i32.store (i32.const 4) (local.get $bytes))
        (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))))
    {body})"#
    )
}
