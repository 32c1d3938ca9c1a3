//! The scripts of file operations, and the files that each of them starts with.

use std::path::{Path, PathBuf};

use crate::Entry;

/// A script of guests/fsops.
pub struct Script {
    /// Its file's name without the extension.
    pub name: String,
    /// Its lines, each an operation.
    pub text: String,
    /// What it printed over a directory of Linux.
    pub golden: String,
}

/// All scripts, by name.
///
/// # Panics
/// If they cannot be read.
#[must_use]
pub fn scripts() -> Vec<Script> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("guests/fsops");
    let entries = std::fs::read_dir(folder).expect("the scripts are there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a script").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    paths.sort();
    let read = |path: PathBuf| Script {
        name: path.file_stem().expect("its name").to_string_lossy().into_owned(),
        text: std::fs::read_to_string(&path).expect("a script"),
        golden: std::fs::read_to_string(path.with_extension("golden")).expect("its output"),
    };
    paths.into_iter().map(read).collect()
}

/// What every script starts with.
pub const SCRIPT_BASE: [Entry<'static>; 10] = [
    Entry::Directory("a"),
    Entry::Directory("a/b"),
    Entry::Directory("b"),
    Entry::Directory("emp"),
    Entry::File("a/f", b"0123456789"),
    Entry::File("b/g", &[b'G'; 5000]),
    Entry::File("big", BIG.as_flattened()),
    Entry::File("a/b/x", b"x"),
    Entry::Symlink("l", "a/f"),
    Entry::Symlink("ld", "b"),
];

/// More than four chunks of a tree's file.
const BIG: &[[u8; 4]] = &[*b"big!"; 17_500];
