//! One run of a guest, from its start to its end.

use std::collections::BTreeMap;

use engine::vfs::{Namespace, StreamKind};
use engine::{Limits, Module, Process, State};

/// What a guest is run with. Time, entropy and streams are the deterministic defaults.
#[derive(Clone)]
pub struct Run<'a> {
    /// The guest.
    pub module: &'a Module,
    /// Its arguments, its name first.
    pub argv: &'a [String],
    /// Its environment.
    pub env: &'a BTreeMap<String, String>,
    /// What it finds in standard input.
    pub stdin: &'a [u8],
    /// Whether standard input stays open behind that, with nobody who writes.
    pub stdin_stays_open: bool,
    /// The most that it may use.
    pub limits: Limits,
}

/// How a run has ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ran {
    /// How: exited, trapped, at a limit, or blocked for ever.
    pub state: State,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
}

/// Steps between two looks at the streams.
const SLICE: u64 = 100_000_000;

static NOTHING: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Run<'a> {
    /// A run with an empty environment and an empty standard input.
    #[must_use]
    pub fn new(module: &'a Module, argv: &'a [String]) -> Self {
        Self {
            module,
            argv,
            env: &NOTHING,
            stdin: b"",
            stdin_stays_open: false,
            limits: Limits::default(),
        }
    }

    /// Runs over `files`: how it ended, and the files after it.
    ///
    /// # Panics
    /// If the process cannot be made.
    #[must_use]
    pub fn over(&self, files: Namespace) -> (Ran, Namespace) {
        let mut process = Process::builder(self.module)
            .args(self.argv.iter().map(String::as_bytes))
            .fs(files)
            .stdio(StreamKind::Pipe, StreamKind::Pipe, StreamKind::Pipe)
            .limits(self.limits);
        for (name, value) in self.env {
            process = process.env(name, value);
        }
        let mut process = process.spawn().expect("the guest is a command");
        process.feed_stdin(self.stdin.to_vec().into());
        if !self.stdin_stays_open {
            process.close_stdin();
        }
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let state = loop {
            let state = process.run(SLICE);
            let (out, err) = (process.drain_stdout(), process.drain_stderr());
            stdout.extend_from_slice(&out);
            stderr.extend_from_slice(&err);
            match &state {
                State::Yielded => {}
                // It may have waited for room in a queue, which is there now.
                State::Blocked(_) if !out.is_empty() || !err.is_empty() => {}
                State::Blocked(wait) if wait.nanoseconds.is_some() => process.elapse(),
                _ => break state,
            }
        };
        (Ran { state, stdout, stderr }, process.into_fs())
    }
}

impl Ran {
    /// Standard output as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}
