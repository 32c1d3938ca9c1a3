//! What a run gave, as a row of the table.

use std::fmt;

use engine::vfs::FileSystem;
use engine::{Error, Module, State};
use sha2::{Digest as _, Sha256};

use crate::{Bundle, Ran, Schedule, run};

/// What a run gave: everything about it that must be the same everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    name: String,
    outcome: String,
    steps: u64,
    memory_bytes: u64,
    stdout: Hash,
    stderr: Hash,
    tree: Hash,
}

/// A SHA-256; `None` where there is nothing to hash.
type Hash = Option<[u8; 32]>;

impl Row {
    /// Runs a program, and gives its row. That a module is refused is a result as well.
    #[must_use]
    pub fn of(
        module: &Result<Module, Error>,
        bundle: &Bundle,
        schedule: &mut dyn Schedule,
    ) -> Self {
        let ran = match module {
            Ok(module) => run(module, bundle, schedule),
            Err(error) => Err(error.to_string()),
        };
        match ran {
            Ok(ran) => Self::ended(&bundle.name, ran),
            Err(reason) => Self::refused(&bundle.name, &reason),
        }
    }

    fn ended(name: &str, mut ran: Ran) -> Self {
        let (_, root) = ran.files.mounts_mut().next().expect("a namespace has a root");
        let tree = root.fs.as_tree_mut().and_then(|tree| tree.digest().ok());
        Self {
            name: name.into(),
            outcome: outcome(&ran.state),
            steps: ran.steps,
            memory_bytes: ran.memory_bytes,
            stdout: hash(&ran.stdout),
            stderr: hash(&ran.stderr),
            tree,
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
            tree: None,
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
        State::Yielded => "has not ended".into(),
    }
}

fn hash(bytes: &[u8]) -> Hash {
    (!bytes.is_empty()).then(|| Sha256::digest(bytes).into())
}

/// The names of the columns, as the rows have them.
pub(crate) const HEADER: [&str; 7] =
    ["program", "outcome", "steps", "memory bytes", "stdout", "stderr", "tree"];

impl Row {
    /// The names of the columns, aligned with the rows.
    #[must_use]
    pub fn header() -> String {
        let [name, outcome, steps, memory, stdout, stderr, tree] = HEADER;
        format!("{name:20} {outcome:36} {steps:>12} {memory:>12}  {stdout:64} {stderr:64} {tree}")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, outcome, steps, memory_bytes, stdout, stderr, tree } = self;
        write!(f, "{name:20} {outcome:36} {steps:>12} {memory_bytes:>12} ")?;
        let hashes = [stdout, stderr, tree].map(hex);
        let [stdout, stderr, tree] = hashes;
        write!(f, " {stdout:64} {stderr:64} {tree}")
    }
}

/// In hexadecimal digits; a dash for nothing.
fn hex(hash: &Hash) -> String {
    match hash {
        None => "-".into(),
        Some(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
