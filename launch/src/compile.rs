//! Programs that are compiled first: compiler and linker are guests too, over the tree that the program gets.

use std::collections::BTreeMap;

use bytes::Bytes;
use engine::vfs::Namespace;
use engine::{Engine, Limits, Module};
use runtimes::{Cache, Fill, Role, Runtime, Selection, Stage, Tool};

use crate::{Error, artefacts, files, modules};

/// What runs compilers and linkers, and tells the user about them.
pub trait Toolchain {
    /// What stops a compilation that the compiler is not to blame for.
    type Error: From<Error>;

    /// Runs a tool to its end: its exit status, 0 if all is well, and its files. It has said what is wrong.
    ///
    /// # Errors
    /// What stops the whole compilation.
    fn run(&mut self, run: ToolRun<'_>) -> Result<(u8, Namespace), Self::Error>;

    /// Says one line to the user who waits.
    fn say(&mut self, message: &str);

    /// Says what is wrong with the program, where no tool does.
    fn diagnose(&mut self, message: &str);

    /// Whether diagnostics may have colours.
    fn has_colours(&self) -> bool;
}

/// A compiler or linker that is to be run, with standard input closed.
pub struct ToolRun<'a> {
    /// Its module.
    pub module: &'a Module,
    /// Its arguments, its name first.
    pub argv: &'a [String],
    /// Its environment.
    pub env: &'a BTreeMap<String, String>,
    /// Its files.
    pub files: Namespace,
    /// What it may use, if the caller has no narrower limits.
    pub limits: Limits,
    /// Whether it makes something that the cache keeps for all programs, and not this program.
    pub is_for_all: bool,
}

/// What has come of a source file.
pub enum Compiled {
    /// A module, out of these bytes.
    Module(Bytes),
    /// Nothing; the compiler has said why, and this is the exit status.
    Failed(u8),
}

/// What the stages call the files that they pass to each other; they are gone when the program starts.
const OBJECT: &str = ".stepwell-object";
const OUTPUT: &str = ".stepwell-output";
/// A compiler may take more than a guest gets by default: 4 GiB, all that it can address.
const COMPILER_MEMORY_BYTES_MAX: usize = u32::MAX as usize;

/// Compiles and links the source file `name`, which lies in the root directory of `files`. Where that fails, the files are
/// what they were when the compiler gave up.
///
/// # Errors
/// What the toolchain gives, and an [`Error`]: a module of the compiler is missing or refused, `/` is no tree, or the program's
/// files leave no room for those of the compiler ([`crate::ErrorKind::Unfit`]).
pub fn compile<T: Toolchain>(
    cache: &Cache,
    selection: Selection<'_>,
    (name, source): (&str, &[u8]),
    files: &mut Namespace,
    toolchain: &mut T,
) -> Result<Compiled, T::Error> {
    let mut tools = Tools { cache, selection, loaded: Vec::new() };
    let stages = &selection.language.stages;
    put_support(selection.runtime, files)?;
    // A name that starts with a dash is no option.
    let source_path = if name.starts_with('-') { format!("./{name}") } else { name.to_string() };
    let extra = artefacts::prepare(&mut tools, source, files, toolchain)?;
    for (at, stage) in stages[..stages.len() - 1].iter().enumerate() {
        let mut argv = stage.argv(&fill(&source_path, toolchain.has_colours()));
        if at == 0 {
            argv.extend_from_slice(&extra);
        }
        let module = tools.module(stage.tool)?;
        let ended = run_tool(&module, &argv, (stage, false), files, toolchain)?;
        if ended != 0 {
            return Ok(Compiled::Failed(ended));
        }
    }
    artefacts::clear(&tools, files)?;
    files::remove(files, OBJECT)?;
    let wasm = files::remove(files, OUTPUT)?;
    let wasm = wasm.ok_or_else(|| Error::own("the linker wrote no program"))?;
    if lacks_main(&wasm) {
        toolchain.diagnose(&format!("{name}: undefined symbol: main"));
        return Ok(Compiled::Failed(1));
    }
    Ok(Compiled::Module(wasm.into()))
}

/// Puts what Stepwell adds to a runtime into the tree.
pub(crate) fn put_support(runtime: &Runtime, files: &mut Namespace) -> Result<(), Error> {
    for support in &runtime.support {
        if let Some(text) = support.text() {
            files::put(files, &support.path, text.into())?;
        }
    }
    Ok(())
}

/// The arguments that a compiled program is started with, its name first.
#[must_use]
pub fn argv(selection: Selection<'_>, name: &str, args: &[String]) -> Vec<String> {
    let stages = &selection.language.stages;
    stages[stages.len() - 1].argv(&Fill { program: name, args, ..Fill::default() })
}

/// Whether the linker has put its stand-in where `main` should be, which it does without a word.
fn lacks_main(wasm: &[u8]) -> bool {
    const STAND_IN: &[u8] = b"undefined_weak:main";
    wasm.windows(STAND_IN.len()).any(|window| window == STAND_IN)
}

/// What the catalogue's places stand for.
pub(crate) fn fill(name: &str, has_colours: bool) -> Fill<'_> {
    let colour = match has_colours {
        true => "-fcolor-diagnostics",
        false => "-fno-color-diagnostics",
    };
    Fill { program: name, object: OBJECT, output: OUTPUT, colour, args: &[] }
}

/// Runs a compiler or linker over the tree: 0, or the exit status after it has said what is wrong.
pub(crate) fn run_tool<T: Toolchain>(
    module: &Module,
    argv: &[String],
    (stage, is_for_all): (&Stage, bool),
    files: &mut Namespace,
    toolchain: &mut T,
) -> Result<u8, T::Error> {
    let limits = Limits { memory_bytes_max: COMPILER_MEMORY_BYTES_MAX, ..Limits::default() };
    let own = files::take(files);
    let run = ToolRun { module, argv, env: &stage.env, files: own, limits, is_for_all };
    let (status, left) = toolchain.run(run)?;
    *files = left;
    Ok(status)
}

/// The modules of a compiler, each loaded once.
pub(crate) struct Tools<'a> {
    pub(crate) cache: &'a Cache,
    pub(crate) selection: Selection<'a>,
    pub(crate) loaded: Vec<(Tool, Module)>,
}

impl Tools<'_> {
    /// The module for a stage.
    pub(crate) fn module(&mut self, tool: Tool) -> Result<Module, Error> {
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
