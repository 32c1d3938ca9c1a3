//! Programs that are compiled first: compiler and linker are guests too, over the tree that the program gets.

use std::io::IsTerminal;

use bytes::Bytes;
use engine::vfs::StreamKind;
use engine::{Engine, Limits, Module};
use runtimes::{Cache, Fill, Role, Selection, Stage, Tool};

use crate::args::RunOptions;
use crate::console::{self, Console, Stream};
use crate::error::Failure;
use crate::run::drive::drive;
use crate::run::execute::builder;
use crate::run::files::Files;
use crate::run::{Origin, Prepared, arguments, artefacts, modules, report};

/// What has come of a source file.
pub(crate) enum Outcome {
    /// A program.
    Program(Box<Prepared>),
    /// Nothing; the compiler has said why, and this is the exit status. The files are what they were when it gave up.
    Failed(u8, Box<Files>),
}

/// What the stages call the files that they pass to each other; they are gone when the program starts.
const OBJECT: &str = ".stepwell-object";
const OUTPUT: &str = ".stepwell-output";
/// A compiler may take more than a guest gets by default: 4 GiB, all that it can address.
const COMPILER_MEMORY_BYTES_MAX: usize = u32::MAX as usize;

/// Compiles and links the source file `name`, which lies in the root directory of `files`.
pub(crate) fn compile(
    options: &RunOptions,
    cache: &Cache,
    selection: Selection<'_>,
    (name, source): (&str, &[u8]),
    mut files: Files,
    console: &mut Console,
) -> Result<Outcome, Failure> {
    let mut tools = Tools { cache, selection, loaded: Vec::new() };
    let stages = &selection.language.stages;
    for support in &selection.runtime.support {
        if let Some(text) = support.text() {
            files.put(&support.path, text.into())?;
        }
    }
    // A name that starts with a dash is no option.
    let source_path = if name.starts_with('-') { format!("./{name}") } else { name.to_string() };
    let extra = artefacts::prepare(options, &mut tools, source, &mut files, console)?;
    for (at, stage) in stages[..stages.len() - 1].iter().enumerate() {
        let mut argv = stage.argv(&fill(&source_path, &[]));
        if at == 0 {
            argv.extend_from_slice(&extra);
        }
        let module = tools.module(stage.tool)?;
        let ended = run_tool(options, &module, &argv, stage, &mut files, console)?;
        if ended != 0 {
            return Ok(Outcome::Failed(ended, Box::new(files)));
        }
    }
    artefacts::clear(&tools, &mut files)?;
    files.take(OBJECT)?;
    let wasm = files.take(OUTPUT)?.ok_or_else(|| Failure::own("the linker wrote no program"))?;
    if lacks_main(&wasm) {
        console::say(&format!("{name}: undefined symbol: main"));
        return Ok(Outcome::Failed(1, Box::new(files)));
    }
    let wasm = Bytes::from(wasm);
    let origin = Origin::Own(wasm.clone());
    let checked = modules::checked(&options.limits.engine(), name, wasm, None)?;
    let args = arguments(options)?;
    let last = &stages[stages.len() - 1];
    let argv = last.argv(&fill(name, &args));
    Ok(Outcome::Program(Box::new(Prepared { checked, argv, env: Vec::new(), files, origin })))
}

/// Whether the linker has put its stand-in where `main` should be, which it does without a word.
fn lacks_main(wasm: &[u8]) -> bool {
    const STAND_IN: &[u8] = b"undefined_weak:main";
    wasm.windows(STAND_IN.len()).any(|window| window == STAND_IN)
}

/// What the catalogue's places stand for.
pub(crate) fn fill<'a>(name: &'a str, args: &'a [String]) -> Fill<'a> {
    let colour = match std::io::stderr().is_terminal() {
        true => "-fcolor-diagnostics",
        false => "-fno-color-diagnostics",
    };
    Fill { program: name, object: OBJECT, output: OUTPUT, colour, args }
}

/// Runs a compiler or linker over the tree: 0, or the exit status after it has said what is wrong.
pub(crate) fn run_tool(
    options: &RunOptions,
    module: &Module,
    argv: &[String],
    stage: &Stage,
    files: &mut Files,
    console: &mut Console,
) -> Result<u8, Failure> {
    let kinds = (StreamKind::Pipe, console::stderr_kind(), console::stderr_kind());
    let limits = Limits { memory_bytes_max: COMPILER_MEMORY_BYTES_MAX, ..Limits::default() };
    let mut builder = builder(options, module, argv, files.take_namespace(), kinds).limits(limits);
    for (name, value) in &stage.env {
        builder = builder.env(name, value);
    }
    let mut process = builder.spawn().map_err(|error| report::not_spawned(argv, error))?;
    process.close_stdin();
    let ended = drive(&mut process, console, Stream::Error);
    let status = ended.map(|ended| report::status(&ended, &process, options, console));
    files.put_namespace(process.into_fs());
    status
}

/// The modules of a compiler, each loaded once.
pub(crate) struct Tools<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) selection: Selection<'a>,
    loaded: Vec<(Tool, Module)>,
}

impl Tools<'_> {
    /// The module for a stage.
    pub(crate) fn module(&mut self, tool: Tool) -> Result<Module, Failure> {
        if let Some((_, module)) = self.loaded.iter().find(|(loaded, _)| *loaded == tool) {
            return Ok(module.clone());
        }
        let role = if tool == Tool::Linker { Role::Linker } else { Role::Module };
        let runtime = self.selection.runtime;
        let module = modules::catalogued(&Engine::default(), self.cache, runtime, role)?.module;
        self.loaded.push((tool, module.clone()));
        Ok(module)
    }
}
