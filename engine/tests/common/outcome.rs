//! What a run leaves, to be compared with what another leaves.

use std::hash::{DefaultHasher, Hasher as _};

use stepwell::{Process, State};

/// Everything that a run leaves.
#[derive(Debug, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) state: State,
    pub(crate) stdout: Vec<u8>,
    pub(crate) steps: u64,
    pub(crate) host_steps: u64,
    pub(crate) syscalls: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) results: Vec<String>,
    pub(crate) tree: [u8; 32],
    pub(crate) memory: Option<u64>,
}

/// Runs a process to its end, standard input closed.
pub(crate) fn finish(mut process: Process, mut stdout: Vec<u8>) -> Outcome {
    process.close_stdin();
    let state = loop {
        let state = process.run(u64::MAX);
        match state {
            State::Yielded | State::Blocked(_) => stdout.extend_from_slice(&process.drain_stdout()),
            state => break state,
        }
    };
    stdout.extend_from_slice(&process.drain_stdout());
    let mut mounts = process.fs().mounts_mut();
    let tree =
        mounts.next().and_then(|(_, mount)| mount.fs.as_tree().map(|tree| tree.fork().digest()));
    drop(mounts);
    Outcome {
        state,
        stdout,
        steps: process.steps(),
        host_steps: process.host_steps(),
        syscalls: process.syscalls(),
        memory_bytes: process.memory_bytes(),
        results: process.results().iter().map(ToString::to_string).collect(),
        tree: tree.unwrap().unwrap(),
        memory: process.memory().map(hash),
    }
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}
