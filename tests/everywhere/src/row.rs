//! What a run gave, as a row of the table.

use std::fmt;

use engine::State;
use sha2::{Digest as _, Sha256};

use crate::{Bundle, Guest, Ran, Schedule};

/// What a run gave: everything about it that must be the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    name: String,
    outcome: String,
    steps: u64,
    memory_bytes: u64,
    stdout: Hash,
    stderr: Hash,
    files: Hash,
    receipt: Hash,
}

/// A SHA-256; `None` where there is nothing to hash.
type Hash = Option<[u8; 32]>;

impl Row {
    /// Runs a program, and gives its row. That a module is refused is a result as well.
    #[must_use]
    pub fn of(guest: &Result<Guest, String>, bundle: &Bundle, schedule: &mut dyn Schedule) -> Self {
        let guest = guest.as_ref().map_err(Clone::clone);
        match guest.and_then(|guest| guest.run(bundle, schedule)) {
            Ok(ran) => Self::ended(&bundle.name, ran),
            Err(reason) => Self::refused(&bundle.name, &reason),
        }
    }

    fn ended(name: &str, mut ran: Ran) -> Self {
        let (_, root) = ran.files.mounts_mut().next().expect("a namespace has a root");
        let files = root.fs.as_tree_mut().and_then(|tree| tree.digest().ok());
        Self {
            name: name.into(),
            outcome: outcome(&ran.state),
            steps: ran.steps,
            memory_bytes: ran.memory_bytes,
            stdout: hash(&ran.stdout),
            stderr: hash(&ran.stderr),
            files,
            receipt: Some(ran.receipt.digest()),
        }
    }

    fn refused(name: &str, reason: &str) -> Self {
        // A reason may have lines; a row has one.
        let reason: Vec<&str> = reason.split_whitespace().collect();
        Self {
            name: name.into(),
            outcome: format!("refused: {}", reason.join(" ")),
            steps: 0,
            memory_bytes: 0,
            stdout: None,
            stderr: None,
            files: None,
            receipt: None,
        }
    }
}

/// How it ended, in words.
fn outcome(state: &State) -> String {
    match state {
        State::Exited(code) => format!("exited {code}"),
        State::Trapped(trap) => format!("trapped: {trap}"),
        State::Exhausted(limit) => format!("reached {limit}"),
        State::Blocked(_) => "waits for what never comes".into(),
        State::Yielded | State::FreezePoint => "has not ended".into(),
    }
}

fn hash(bytes: &[u8]) -> Hash {
    (!bytes.is_empty()).then(|| Sha256::digest(bytes).into())
}

impl Row {
    /// The names of the columns, aligned with the rows when two characters stand before it.
    #[must_use]
    pub fn header() -> String {
        let hashes = ["standard output", "standard error", "files", "receipt"];
        let columns = columns("outcome", "steps", "memory bytes", hashes.map(Into::into));
        format!("{:18} {columns}", "program")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hashes = [&self.stdout, &self.stderr, &self.files, &self.receipt].map(hex);
        let (steps, memory) = (self.steps.to_string(), self.memory_bytes.to_string());
        write!(f, "{:20} {}", self.name, columns(&self.outcome, &steps, &memory, hashes))
    }
}

/// All columns but the first.
fn columns(outcome: &str, steps: &str, memory: &str, hashes: [String; 4]) -> String {
    let [stdout, stderr, files, receipt] = hashes;
    format!("{outcome:36} {steps:>12} {memory:>12}  {stdout:64} {stderr:64} {files:64} {receipt}")
}

/// In hexadecimal digits; a dash for nothing.
fn hex(hash: &Hash) -> String {
    match hash {
        None => "-".into(),
        Some(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
