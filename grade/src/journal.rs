//! The journal of a run: a line for each case that is over, so that a run that was killed goes on where it stood.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::report::CaseReport;

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// The hash of all that decides the result.
    key: String,
    /// The result.
    case: CaseReport,
}

/// A file that cases are appended to, by one process at a time.
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    found: BTreeMap<String, CaseReport>,
}

impl Journal {
    /// Opens a journal, or makes one. A line that a kill has torn is taken away.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let cannot = |doing: &str, error: &dyn std::fmt::Display| {
            Error::Infrastructure(format!("cannot {doing} the journal {}: {error}", path.display()))
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| cannot("open", &error))?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => cannot("use", &"another process is writing it"),
            TryLockError::Error(error) => cannot("lock", &error),
        })?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(|error| cannot("read", &error))?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let mut found = BTreeMap::new();
        for (number, line) in (1..).zip(text[..whole].split_inclusive(|byte| *byte == b'\n')) {
            let line: Line = serde_json::from_slice(line).map_err(|error| {
                cannot("use", &format_args!("line {number} is none of a journal: {error}"))
            })?;
            found.insert(line.key, line.case);
        }
        file.set_len(whole as u64).map_err(|error| cannot("write", &error))?;
        file.seek(SeekFrom::End(0)).map_err(|error| cannot("write", &error))?;
        Ok(Self { path: path.into(), file: Mutex::new(file), found })
    }

    /// What an earlier run has found.
    pub(crate) fn find(&self, key: &str) -> Option<&CaseReport> {
        self.found.get(key)
    }

    /// Appends a result, in one write.
    pub(crate) fn append(&self, key: &str, case: &CaseReport) -> Result<(), Error> {
        let line = Line { key: key.into(), case: case.clone() };
        let mut json = serde_json::to_vec(&line).expect("plain data is JSON");
        json.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&json).map_err(|error| {
            let path = self.path.display();
            Error::Infrastructure(format!("cannot write the journal {path}: {error}"))
        })
    }
}
