//! Programs that are compiled first: what the compiler has to say goes to standard error.

use std::io::IsTerminal;

use engine::vfs::{Namespace, StreamKind};
use launch::{Compiled, ToolRun, Toolchain, modules};
use runtimes::{Cache, Selection};

use crate::args::RunOptions;
use crate::console::{self, Console, Stream};
use crate::error::Failure;
use crate::run::drive::drive;
use crate::run::execute::builder;
use crate::run::files::Files;
use crate::run::{Origin, Prepared, arguments, report};

/// What has come of a source file.
pub(crate) enum Outcome {
    /// A program.
    Program(Box<Prepared>),
    /// Nothing; the compiler has said why, and this is the exit status. The files are what they were when it gave up.
    Failed(u8, Box<Files>),
}

/// Compiles and links the source file `name`, which lies in the root directory of `files`.
pub(crate) fn compile(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    (name, source): (&str, &[u8]),
    mut files: Files,
    console: &mut Console,
) -> Result<Outcome, Failure> {
    let mut tools = Tools { options, console };
    let compiled =
        launch::compile::compile(cache, selection, (name, source), files.namespace(), &mut tools)?;
    let wasm = match compiled {
        Compiled::Module(wasm) => wasm,
        Compiled::Failed(status) => return Ok(Outcome::Failed(status, Box::new(files))),
    };
    let origin = Origin::Own(wasm.clone());
    let checked = modules::checked(&options.limits.engine(), name, wasm, None)?;
    let argv = launch::compile::argv(selection, name, &arguments(options)?);
    Ok(Outcome::Program(Box::new(Prepared { checked, argv, env: Vec::new(), files, origin })))
}

/// Runs compilers with the streams and under the guard in real time of the caller's.
struct Tools<'a> {
    options: &'a RunOptions,
    console: &'a mut Console,
}

impl Toolchain for Tools<'_> {
    type Error = Failure;

    fn run(&mut self, run: ToolRun<'_>) -> Result<(u8, Namespace), Failure> {
        let ToolRun { module, argv, env, files, limits, .. } = run;
        let kinds = (StreamKind::Pipe, console::stderr_kind(), console::stderr_kind());
        let mut builder = builder(self.options, module, argv, files, kinds).limits(limits);
        for (name, value) in env {
            builder = builder.env(name, value);
        }
        let mut process = builder.spawn().map_err(|error| report::not_spawned(argv, error))?;
        process.close_stdin();
        let ended = drive(&mut process, self.console, Stream::Error)?;
        let status = report::status(&ended, &process, self.options, self.console);
        Ok((status, process.into_fs()))
    }

    fn say(&mut self, message: &str) {
        console::say(message);
    }

    fn diagnose(&mut self, message: &str) {
        console::say(message);
    }

    fn has_colours(&self) -> bool {
        std::io::stderr().is_terminal()
    }
}
