//! `programs.toml`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// All programs, in the order of the table of results.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Table {
    pub(crate) program: Vec<Program>,
}

/// A program and what it starts with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    /// What its row is called: no spaces.
    pub(crate) name: String,
    /// Its file in the folder `guests`. The extension says what it is: text of a module, C, or a language of the catalogue.
    pub(crate) file: String,
    /// The runtime, if not the default one for the extension.
    pub(crate) runtime: Option<String>,
    /// Whether it is the compiler at work on the file that is run, and not what comes of it.
    #[serde(default)]
    pub(crate) is_compiler: bool,
    /// The user's arguments.
    #[serde(default)]
    pub(crate) args: Vec<String>,
    /// The file in the folder `guests` that standard input is. Without one it is empty.
    pub(crate) stdin: Option<String>,
    pub(crate) steps_max: Option<u64>,
    pub(crate) memory_bytes_max: Option<u64>,
    pub(crate) output_bytes_max: Option<u64>,
    /// Frozen here when so many of its syscalls have finished; what runs it goes on from the image.
    pub(crate) frozen_after: Option<u64>,
    /// Whether it is run even where running is slow.
    #[serde(default)]
    pub(crate) quick: bool,
}

impl Table {
    pub(crate) fn read() -> Result<Self, String> {
        let path = folder().join("programs.toml");
        let text = fs::read_to_string(&path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let table: Self = toml::from_str(&text).map_err(|error| error.to_string())?;
        let mut names = BTreeSet::new();
        for Program { name, .. } in &table.program {
            if name.contains(char::is_whitespace) || !names.insert(name) {
                return Err(format!("{name:?} has spaces or names two programs"));
            }
        }
        Ok(table)
    }
}

impl Program {
    /// The program's text.
    pub(crate) fn source(&self) -> Result<Vec<u8>, String> {
        read(&self.file)
    }

    /// What is in standard input.
    pub(crate) fn input(&self) -> Result<Vec<u8>, String> {
        self.stdin.as_deref().map_or(Ok(Vec::new()), read)
    }

    pub(crate) fn extension(&self) -> &str {
        Path::new(&self.file).extension().and_then(|extension| extension.to_str()).unwrap_or("")
    }
}

fn read(name: &str) -> Result<Vec<u8>, String> {
    let path = folder().join("guests").join(name);
    fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The folder of this package.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
