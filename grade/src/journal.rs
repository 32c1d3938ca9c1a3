//! The journal of a run: a line for each case that is over, so that a run that was killed goes on where it stood.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::sleep;
use std::time::Duration;

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

/// What each line begins with.
const LINE_START: &[u8] = br#"{"key":""#;

/// How often a journal that another process holds is tried again, and what lies between: ten seconds in all. A process that was
/// killed holds it until its memory is given back.
const RETRIES: u32 = 500;
const PAUSE: Duration = Duration::from_millis(20);

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
        lock(&file, RETRIES).map_err(|error| match error {
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
        if !is_torn(&text[whole..]) {
            let number = text[..whole].iter().filter(|byte| **byte == b'\n').count() + 1;
            let why =
                format_args!("line {number} has no end, and does not begin as a line of a journal");
            return Err(cannot("use", &why));
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
        let mut file = crate::lock(&self.file);
        append(&mut file, &json).map_err(|error| {
            let path = self.path.display();
            Error::Infrastructure(format!("cannot write the journal {path}: {error}"))
        })
    }
}

/// Locks a file, which is tried so often again.
fn lock(file: &File, retries: u32) -> Result<(), TryLockError> {
    for _ in 0..retries {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => sleep(PAUSE),
            other => return other,
        }
    }
    file.try_lock()
}

/// Whether it is nothing, or the beginning of a line of a journal: what a kill in the middle of a write leaves. Only that may be
/// taken away.
fn is_torn(tail: &[u8]) -> bool {
    let common = tail.len().min(LINE_START.len());
    tail[..common] == LINE_START[..common]
}

/// Appends a line to a file. If it does not fit, the file is what it was: what others append would else be behind a torn line.
fn append(file: &mut File, line: &[u8]) -> std::io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let written = file.write_all(line);
    if written.is_err() {
        // What cannot be taken away is a torn line at the end, which the next run takes away.
        let _ = file.set_len(length);
    }
    written
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_what_a_journal_could_have_left_is_taken_away() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        for torn in ["", "{", "{\"key\":", "{\"key\":\"ab", "{\"key\":\"ab\",\"case\":{}"] {
            fs::write(&path, torn).expect("a file");
            drop(Journal::open(&path).unwrap_or_else(|error| panic!("{torn}: {error}")));
            assert_eq!(fs::read_to_string(&path).expect("a file"), "", "{torn}");
        }
        for other in ["print(1)", "x", "{\"keys\":1}", "[", "{}"] {
            fs::write(&path, other).expect("a file");
            let why = Journal::open(&path).err().expect(other).to_string();
            assert!(why.contains("line 1 has no end"), "{why}");
            assert_eq!(fs::read_to_string(&path).expect("a file"), other);
        }
    }

    #[test]
    fn a_journal_is_waited_for_until_it_is_let_go_of() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let held = Journal::open(&path).expect("a journal");
        let other = OpenOptions::new().read(true).open(&path).expect("a file");
        assert!(matches!(lock(&other, 0), Err(TryLockError::WouldBlock)));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| Journal::open(&path).map(|_| ()));
            drop(held);
            waiting.join().expect("no panic").expect("a journal");
        });
    }

    #[test]
    fn a_line_begins_as_lines_do() {
        let plan = crate::part::CasePlan {
            case: "1".into(),
            group: String::new(),
            visibility: crate::Visibility::Hidden,
            score_max: None,
        };
        let line = Line { key: "ab".into(), case: plan.skipped() };
        assert!(serde_json::to_vec(&line).expect("JSON").starts_with(LINE_START));
    }
}
