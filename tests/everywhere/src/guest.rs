//! A module, and a run of it from start to end.

use bytes::Bytes;
use engine::vfs::{Mount, Namespace, StreamKind};
use engine::{Engine, Error, Image, Module, Process, ProcessBuilder, Receipt, State};
use sha2::{Digest as _, Sha256};

use crate::{Bundle, Schedule};

/// How a run has ended, and what it leaves.
pub struct Ran {
    /// How: exited, trapped, at a limit, or blocked for ever.
    pub state: State,
    /// Steps taken.
    pub steps: u64,
    /// Bytes of linear memory at its largest.
    pub memory_bytes: u64,
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// All of it as the engine writes it down.
    pub receipt: Receipt,
    /// Its files.
    pub files: Namespace,
}

/// A module, and the hash of its bytes.
pub struct Guest {
    pub(crate) module: Module,
    sha256: [u8; 32],
}

impl Guest {
    /// Checks a module and makes it ready to run.
    ///
    /// # Errors
    /// The module is refused, in words.
    pub fn load(wasm: Bytes) -> Result<Self, String> {
        let sha256 = Sha256::digest(&wasm).into();
        let module = Module::new(&Engine::default(), wasm).map_err(|error| error.to_string())?;
        Ok(Self { module, sha256 })
    }

    /// Runs it with what is in its bundle.
    ///
    /// # Errors
    /// The files cannot be made or the module is no command, in words.
    pub fn run(&self, bundle: &Bundle, schedule: &mut dyn Schedule) -> Result<Ran, String> {
        let mut process = match bundle.image.is_empty() {
            true => {
                let builder = self.builder(bundle)?.receipt(self.sha256);
                builder.spawn().map_err(|error| error.to_string())?
            }
            false => self.thaw(bundle).map_err(|error| error.to_string())?,
        };
        let mut input = Input { left: bundle.stdin.clone(), open: true };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let mut waits = false;
        let state = loop {
            input.go_on(&mut process, schedule, waits);
            let steps = schedule.steps();
            let state = schedule.turn(&mut process, steps);
            let (out, err) = (process.drain_stdout(), process.drain_stderr());
            stdout.extend_from_slice(&out);
            stderr.extend_from_slice(&err);
            waits = false;
            match &state {
                State::Yielded => {}
                State::Blocked(wait) if wait.input && input.open => waits = true,
                State::Blocked(wait) if wait.nanoseconds.is_some() => process.elapse(),
                State::Blocked(_) if !out.is_empty() || !err.is_empty() => {}
                _ => break state,
            }
        };
        let (steps, memory_bytes) = (process.steps(), process.memory_bytes());
        let receipt = process.receipt().map_err(|errno| format!("no receipt: {errno}"))?;
        let receipt = receipt.ok_or("no receipt, although it was asked for")?;
        Ok(Ran { state, steps, memory_bytes, stdout, stderr, receipt, files: process.into_fs() })
    }

    /// A process that goes on from a bundle's image.
    fn thaw(&self, bundle: &Bundle) -> Result<Process, Error> {
        let image = bundle.image.clone();
        let sha256 = Sha256::digest(&image).into();
        let image = Image::load(image, &self.module, &[], Some(bundle.limits()))?;
        let mut process = image.prepare(&self.module)?.thaw()?;
        process.keep_receipt(sha256)?;
        Ok(process)
    }

    /// A process with what is in a bundle but for standard input.
    pub(crate) fn builder(&self, bundle: &Bundle) -> Result<ProcessBuilder<'_>, String> {
        let tree = bundle.tree().map_err(|errno| format!("the files cannot be made: {errno}"))?;
        let mut builder = Process::builder(&self.module)
            .args(bundle.argv.iter().map(String::as_bytes))
            .fs(Namespace::new(Mount { fs: Box::new(tree), read_only: false }))
            .stdio(StreamKind::Pipe, StreamKind::Pipe, StreamKind::Pipe)
            .limits(bundle.limits());
        for (name, value) in &bundle.env {
            builder = builder.env(name, value);
        }
        Ok(builder)
    }
}

/// What of standard input is still to come.
struct Input {
    left: Bytes,
    open: bool,
}

impl Input {
    /// Feeds what the schedule wants, and something in any case if the guest waits for it; at last its end.
    fn go_on(&mut self, process: &mut Process, schedule: &mut dyn Schedule, waits: bool) {
        if !self.open {
            return;
        }
        if self.left.is_empty() {
            process.close_stdin();
            self.open = false;
            return;
        }
        let bytes = schedule.feed(self.left.len()).clamp(usize::from(waits), self.left.len());
        process.feed_stdin(self.left.split_to(bytes));
    }
}
