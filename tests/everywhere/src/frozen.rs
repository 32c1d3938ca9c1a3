//! A run that is frozen on the way, against one that is not.

use engine::{FreezePoint, Image, Process, State};
use sha2::{Digest, Sha256};

use crate::{Bundle, Guest};

/// What a run leaves, frozen on the way or not.
#[derive(Debug, PartialEq)]
pub struct Left {
    /// How it has ended.
    pub state: State,
    /// Steps taken.
    pub steps: u64,
    /// Syscalls made.
    pub syscalls: u64,
    /// Bytes of linear memory at its largest.
    pub memory_bytes: u64,
    /// The SHA-256 of its linear memory as it leaves it; of nothing if it has none.
    pub memory: [u8; 32],
    /// What it wrote to standard output.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error.
    pub stderr: Vec<u8>,
    /// The digest of its files.
    pub tree: Option<[u8; 32]>,
}

/// What it has written so far.
#[derive(Clone, Default)]
struct Written {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Guest {
    /// What a run leaves that is not frozen.
    ///
    /// # Errors
    /// As [`Guest::run`].
    pub fn left(&self, bundle: &Bundle) -> Result<Left, String> {
        Ok(finish(self.start(bundle, false)?, Written::default()))
    }

    /// What a run leaves that is frozen when so many syscalls have finished, and goes on thawed; `None` if it makes no more.
    ///
    /// # Errors
    /// As [`Guest::run`]; it cannot be frozen or thawed, in words.
    pub fn left_frozen(&self, bundle: &Bundle, syscalls: u64) -> Result<Option<Left>, String> {
        let mut process = self.start(bundle, true)?;
        process.freeze_at(FreezePoint::AfterCalls(syscalls)).map_err(|error| error.to_string())?;
        let mut written = Written::default();
        if written.run(&mut process) != State::FreezePoint {
            return Ok(None);
        }
        let image = process.freeze().map_err(|error| error.to_string())?;
        self.left_thawed(&image, written).map(Some)
    }

    /// What a run leaves that is frozen at each of its syscalls, and goes on from the image each time.
    ///
    /// # Errors
    /// As [`Guest::left_frozen`].
    pub fn left_chained(&self, bundle: &Bundle) -> Result<Left, String> {
        let mut process = self.start(bundle, true)?;
        let mut written = Written::default();
        loop {
            process.freeze_at(FreezePoint::NextCall).map_err(|error| error.to_string())?;
            if written.run(&mut process) != State::FreezePoint {
                return Ok(finish(process, written));
            }
            let image = process.freeze().map_err(|error| error.to_string())?;
            let template = image.prepare_freezable(&self.module);
            process =
                template.and_then(|template| template.thaw()).map_err(|error| error.to_string())?;
        }
    }

    /// The image of a run when so many syscalls have finished, as bytes. Nothing that it has written is taken out, so whatever
    /// goes on from it writes all.
    ///
    /// # Errors
    /// It does not come so far without being drained, or cannot be frozen, in words.
    pub fn image(&self, bundle: &Bundle, syscalls: u64) -> Result<Vec<u8>, String> {
        let mut process = self.start(bundle, true)?;
        process.freeze_at(FreezePoint::AfterCalls(syscalls)).map_err(|error| error.to_string())?;
        let state = loop {
            match process.run(u64::MAX) {
                State::Yielded => {}
                state => break state,
            }
        };
        if state != State::FreezePoint {
            return Err(format!("it is {state:?} before it has made {syscalls} syscalls"));
        }
        let image = process.freeze().map_err(|error| error.to_string())?;
        image.save(&self.module, &[]).map_err(|error| error.to_string())
    }

    fn left_thawed(&self, image: &Image, written: Written) -> Result<Left, String> {
        let template = image.prepare(&self.module).map_err(|error| error.to_string())?;
        let thawed = template.thaw().map_err(|error| error.to_string())?;
        Ok(finish(thawed, written))
    }

    fn start(&self, bundle: &Bundle, freezable: bool) -> Result<Process, String> {
        let builder = self.builder(bundle)?.freezable(freezable);
        let mut process = builder.spawn().map_err(|error| error.to_string())?;
        process.feed_stdin(bundle.stdin.clone());
        process.close_stdin();
        Ok(process)
    }
}

impl Written {
    /// Runs a process until it ends or has come to its freeze point.
    fn run(&mut self, process: &mut Process) -> State {
        loop {
            let state = process.run(u64::MAX);
            let (out, err) = (process.drain_stdout(), process.drain_stderr());
            self.stdout.extend_from_slice(&out);
            self.stderr.extend_from_slice(&err);
            match state {
                State::Yielded => {}
                State::Blocked(wait) if wait.nanoseconds.is_some() => process.elapse(),
                State::Blocked(_) if !out.is_empty() || !err.is_empty() => {}
                state => return state,
            }
        }
    }
}

/// Runs a process to its end: what it leaves, with what it has written before.
fn finish(mut process: Process, mut written: Written) -> Left {
    let state = written.run(&mut process);
    let tree = process.fs().mounts_mut().next();
    let tree = tree.and_then(|(_, mount)| mount.fs.as_tree()?.fork().digest().ok());
    Left {
        state,
        steps: process.steps(),
        syscalls: process.syscalls(),
        memory_bytes: process.memory_bytes(),
        memory: Sha256::digest(process.memory().unwrap_or_default()).into(),
        stdout: written.stdout,
        stderr: written.stderr,
        tree,
    }
}
