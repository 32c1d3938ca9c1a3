//! From a program's file to a module, its arguments and its files.

use std::collections::BTreeMap;
use std::path::PathBuf;

use bytes::Bytes;
use engine::State;
use runtimes::{Cache, Catalog, Client, Fill, Kind, Quiet, Role, Selection, Source, Stage, Tool};
use stepwell_everywhere::{Bundle, File, Guest as Compiler, Whole};

use crate::files;
use crate::table::Program;

/// What a program is run with.
pub(crate) struct Guest {
    pub(crate) wasm: Bytes,
    pub(crate) argv: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) files: Vec<File>,
}

/// Makes guests; what several of them need is made once.
pub(crate) struct Guests {
    cache: Cache,
    /// Compilers, ready to run, by reference and role.
    compilers: BTreeMap<(String, Role), Compiler>,
}

const OBJECT: &str = "guest.o";
const OUTPUT: &str = "guest.wasm";
/// A compiler needs more memory than a guest gets by default.
const COMPILER_MEMORY_BYTES_MAX: u64 = u32::MAX as u64;

impl Guests {
    pub(crate) fn open() -> Result<Self, String> {
        #[expect(clippy::disallowed_methods, reason = "the same folder as that of the program")]
        let home = std::env::var("STEPWELL_HOME").ok().map(PathBuf::from);
        let cache = Cache::open(home).map_err(|error| error.to_string())?;
        Ok(Self { cache, compilers: BTreeMap::new() })
    }

    pub(crate) fn make(&mut self, program: &Program) -> Result<Guest, String> {
        let source = program.source()?;
        if program.extension() == "wat" {
            let text = String::from_utf8(source).map_err(|error| error.to_string())?;
            let wasm = wat::parse_str(text).map_err(|error| error.to_string())?;
            return self.module(program, wasm.into());
        }
        let selection = select(program)?;
        if !self.cache.is_installed(selection.runtime) {
            let clients = Client::new(std::env::var_os("PATH").unwrap_or_default());
            self.cache
                .install(&[selection.runtime], &Source::Registry(clients), &mut Quiet)
                .map_err(|error| error.to_string())?;
        }
        let base = selection.runtime.file(Role::Base);
        let base = base.map(|_| self.cache.load(selection.runtime, Role::Base));
        let base = base.transpose().map_err(|error| error.to_string())?;
        let mut files = files::from_archive(base)?;
        files.push(files::text(&program.file, source.into()));
        match selection.language.kind() {
            Kind::Interpret => {
                let path = format!("/{}", program.file);
                let fill = Fill { program: &path, args: &program.args, ..Fill::default() };
                self.tool(selection, files, &fill)
            }
            Kind::Compile if program.is_compiler => self.tool(selection, files, &fill(program)),
            Kind::Compile => {
                let wasm = self.compile(program, selection, files)?;
                self.module(program, wasm)
            }
        }
    }

    /// A program that is a module itself, over an empty tree.
    fn module(&self, program: &Program, wasm: Bytes) -> Result<Guest, String> {
        let argv = [program.name.clone()].into_iter().chain(program.args.iter().cloned()).collect();
        Ok(Guest { wasm, argv, env: Vec::new(), files: files::from_archive(None)? })
    }

    /// The first tool of a language itself: an interpreter, or a compiler, which then writes an object file.
    fn tool(
        &self,
        selection: Selection<'_>,
        files: Vec<File>,
        fill: &Fill<'_>,
    ) -> Result<Guest, String> {
        let stage = &selection.language.stages[0];
        let wasm = self.cache.load_module(selection.runtime, role(stage.tool));
        let wasm = wasm.map_err(|error| error.to_string())?;
        Ok(Guest { wasm, argv: stage.argv(fill), env: environment(stage), files })
    }

    /// Runs the stages of a compiler but the last, which is the program that came out.
    fn compile(
        &mut self,
        program: &Program,
        selection: Selection<'_>,
        mut files: Vec<File>,
    ) -> Result<Bytes, String> {
        let stages = &selection.language.stages;
        let mut made = Bytes::new();
        for (stage, output) in stages[..stages.len() - 1].iter().zip([OBJECT, OUTPUT]) {
            let bundle = Bundle {
                argv: stage.argv(&fill(program)),
                env: environment(stage),
                files: files.clone(),
                memory_bytes_max: Some(COMPILER_MEMORY_BYTES_MAX),
                ..Bundle::default()
            };
            made = run_stage(self.compiler(selection, stage.tool)?, &bundle, output)?;
            files.push(files::text(output, made.clone()));
        }
        Ok(made)
    }

    fn compiler(&mut self, selection: Selection<'_>, tool: Tool) -> Result<&Compiler, String> {
        let role = role(tool);
        let key = (selection.runtime.reference(), role);
        if !self.compilers.contains_key(&key) {
            let wasm = self.cache.load_module(selection.runtime, role);
            let wasm = wasm.map_err(|error| error.to_string())?;
            self.compilers.insert(key.clone(), Compiler::load(wasm)?);
        }
        Ok(&self.compilers[&key])
    }
}

/// Runs one stage of a compiler: the file that it has made.
fn run_stage(compiler: &Compiler, bundle: &Bundle, output: &str) -> Result<Bytes, String> {
    let mut ran = compiler.run(bundle, &mut Whole)?;
    if ran.state != State::Exited(0) {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    let (_, root) = ran.files.mounts_mut().next().ok_or("no files")?;
    let tree = root.fs.as_tree_mut().ok_or("no tree")?;
    let made = tree.read_file(output).map_err(|errno| format!("{output}: {errno}"))?;
    Ok(made.into())
}

/// The file of a runtime that a tool is.
fn role(tool: Tool) -> Role {
    if tool == Tool::Linker { Role::Linker } else { Role::Module }
}

/// What the stages of a compiler are given.
fn fill(program: &Program) -> Fill<'_> {
    let colour = "-fno-color-diagnostics";
    Fill { program: &program.file, object: OBJECT, output: OUTPUT, colour, args: &[] }
}

fn select(program: &Program) -> Result<Selection<'static>, String> {
    let catalog = Catalog::builtin();
    let extension = program.extension();
    match &program.runtime {
        Some(name) => catalog.resolve_for(name, Some(extension)).map_err(|error| error.to_string()),
        None => {
            catalog.by_extension(extension).ok_or_else(|| format!("no runtime for .{extension}"))
        }
    }
}

fn environment(stage: &Stage) -> Vec<(String, String)> {
    stage.env.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}
