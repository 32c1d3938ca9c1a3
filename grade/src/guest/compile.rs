//! Compiling a program once, metered and limited, with what the compiler says.

use bytes::Bytes;
use engine::vfs::{Namespace, Quota, StreamKind};
use engine::{Limits, Process, State};
use launch::{Compiled, ToolRun, Toolchain, files, modules};
use runtimes::Selection;

use super::{Unready, Workshop};
use crate::check::excerpt::head;
use crate::report::Compilation;
use crate::run::{Slices, limit_name};

/// Bytes of diagnostics that are kept.
const DIAGNOSTICS_BYTES_MAX: usize = 16 << 10;

/// What compiler and linker may use.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompileLimits {
    /// Steps of both together.
    pub(crate) steps_max: u64,
    /// Bytes of memory of each.
    pub(crate) memory_bytes_max: u64,
}

impl Workshop<'_> {
    /// Compiles a program, unless what came of that is kept: how it went, and the module if there is one.
    pub(super) fn compile(
        &self,
        selection: Selection<'_>,
        sources: &[(String, Bytes)],
        limits: CompileLimits,
        key: &str,
    ) -> Result<(Compilation, Option<Bytes>), Unready> {
        let found = self.keeps.then(|| self.cache.derived(key)).flatten();
        if let Some(found) = found.as_ref().and_then(read) {
            return Ok(found);
        }
        let made = self.compile_anew(selection, sources, limits)?;
        if self.keeps {
            // What cannot be kept is only made again.
            let _ = self.cache.store_derived(key, &write(&made));
        }
        Ok(made)
    }

    fn compile_anew(
        &self,
        selection: Selection<'_>,
        sources: &[(String, Bytes)],
        limits: CompileLimits,
    ) -> Result<(Compilation, Option<Bytes>), Unready> {
        let base = modules::base(&self.cache, selection.runtime)?;
        let mut namespace = files::with_base(base, Quota::default())?;
        for (path, bytes) in sources {
            files::put(&mut namespace, path, bytes.clone())?;
        }
        let (name, text) = (&sources[0].0, &sources[0].1);
        let mut tools = Tools::new(self, limits);
        let compiled = launch::compile::compile(
            &self.cache,
            selection,
            (name, text),
            &mut namespace,
            &mut tools,
        )?;
        let wasm = match compiled {
            Compiled::Module(wasm) => Some(wasm),
            Compiled::Failed(_) => None,
        };
        let compilation = Compilation {
            succeeded: wasm.is_some(),
            steps: tools.steps,
            memory_bytes: tools.memory_bytes,
            diagnostics: head(&tools.diagnostics, DIAGNOSTICS_BYTES_MAX),
            limit: tools.limit,
        };
        Ok((compilation, wasm))
    }
}

/// How a compilation went as a line of JSON, and behind it the module if there is one.
fn write((compilation, wasm): &(Compilation, Option<Bytes>)) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(compilation).expect("plain data is JSON");
    bytes.push(b'\n');
    bytes.extend_from_slice(wasm.as_deref().unwrap_or_default());
    bytes
}

fn read(bytes: &Bytes) -> Option<(Compilation, Option<Bytes>)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let compilation: Compilation = serde_json::from_slice(&bytes[..end]).ok()?;
    let wasm = compilation.succeeded.then(|| bytes.slice(end + 1..));
    Some((compilation, wasm))
}

/// Runs compilers under limits, and keeps what they say.
struct Tools<'a> {
    workshop: &'a Workshop<'a>,
    limits: CompileLimits,
    steps: u64,
    memory_bytes: u64,
    diagnostics: Vec<u8>,
    limit: Option<String>,
}

impl<'a> Tools<'a> {
    fn new(workshop: &'a Workshop<'a>, limits: CompileLimits) -> Self {
        let (steps, memory_bytes, diagnostics, limit) = (0, 0, Vec::new(), None);
        Self { workshop, limits, steps, memory_bytes, diagnostics, limit }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = (2 * DIAGNOSTICS_BYTES_MAX).saturating_sub(self.diagnostics.len());
        self.diagnostics.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

impl Toolchain for Tools<'_> {
    type Error = Unready;

    fn run(&mut self, run: ToolRun<'_>) -> Result<(u8, Namespace), Unready> {
        let is_for_all = run.is_for_all;
        let memory_bytes_max = usize::try_from(self.limits.memory_bytes_max).unwrap_or(usize::MAX);
        // What is made once for all is no program's to pay for.
        let limits = match is_for_all {
            true => run.limits,
            false => Limits {
                steps_max: self.limits.steps_max.saturating_sub(self.steps),
                memory_bytes_max: memory_bytes_max.min(run.limits.memory_bytes_max),
                ..run.limits
            },
        };
        let mut builder = Process::builder(run.module)
            .args(run.argv.iter().map(String::as_bytes))
            .fs(run.files)
            .stdio(StreamKind::Pipe, StreamKind::Pipe, StreamKind::Pipe)
            .limits(limits);
        for (name, value) in run.env {
            builder = builder.env(name, value);
        }
        let mut process = builder.spawn().map_err(|error| Unready::Fault(error.to_string()))?;
        process.close_stdin();
        let mut slices = Slices::new(self.workshop.observer, None);
        let state = slices.run(&mut process, |_, bytes| self.keep(&bytes));
        let state = state.map_err(|stopped| Unready::Fault(stopped.to_string()))?;
        if is_for_all {
            self.diagnostics.clear();
            return Ok((u8::from(state != State::Exited(0)), process.into_fs()));
        }
        self.steps += process.steps();
        self.memory_bytes = self.memory_bytes.max(process.memory_bytes());
        let status = match state {
            State::Exited(0) => 0,
            State::Exited(_) => 1,
            State::Exhausted(limit) => {
                self.limit = Some(limit_name(limit).into());
                self.keep(format!("the compiler was stopped by {limit}\n").as_bytes());
                1
            }
            State::Trapped(trap) => {
                self.keep(format!("the compiler failed: {trap}\n").as_bytes());
                1
            }
            _ => {
                self.keep(b"the compiler waits for what does not come\n");
                1
            }
        };
        Ok((status, process.into_fs()))
    }

    fn say(&mut self, message: &str) {
        self.workshop.observer.say(message);
    }

    fn diagnose(&mut self, message: &str) {
        self.keep(message.as_bytes());
        self.keep(b"\n");
    }

    fn has_colours(&self) -> bool {
        false
    }
}
