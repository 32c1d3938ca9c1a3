//! C guests, compiled by the compiler that Stepwell runs for its users.
//!
//! Nothing but the catalogue's runtime is needed, so the guests are the same on every host that the tests run on, and
//! each run of the tests is a test of the compiler's own file work too.

use std::path::PathBuf;

use engine::vfs::{EPOCH, Mount, Namespace, Quota, Tree};
use engine::{Engine, Limits, Module, State};
use launch::modules;
use runtimes::{Cache, Catalog, Client, Fill, Quiet, Role, Selection, Source, Stage, Tool};

use crate::Run;

const OBJECT: &str = "guest.o";
const OUTPUT: &str = "guest.wasm";
/// A compiler needs more memory than a guest gets by default.
const COMPILER_MEMORY_BYTES_MAX: usize = u32::MAX as usize;

/// Compiles the C program `text`, whose file is called `name` in diagnostics.
///
/// # Panics
/// As [`compile_wasm`], or if the module is not accepted.
#[must_use]
pub fn compile(name: &str, text: &str) -> Module {
    Module::new(&Engine::default(), compile_wasm(name, text).into()).expect("the module is valid")
}

/// As [`compile`], the module as it was linked.
///
/// The compiler is taken from `STEPWELL_HOME` or the platform's cache folder, and installed if it is not there.
///
/// # Panics
/// If it cannot be had, or does not accept the program.
#[must_use]
pub fn compile_wasm(name: &str, text: &str) -> Vec<u8> {
    let (cache, selection) = clang();
    let mut files = Tree::new(Quota::default(), EPOCH);
    let base = cache.load(selection.runtime, Role::Base).expect("the compiler's files");
    files.import_tar(base, EPOCH).expect("the compiler's files are an archive");
    files.write_file(name, text.to_owned().into(), EPOCH).expect("the program is written");
    let mut files = Namespace::new(Mount { fs: Box::new(files), read_only: false });
    let stages = &selection.language.stages;
    for stage in &stages[..stages.len() - 1] {
        files = run_stage(&cache, selection, stage, name, files);
    }
    let (_, root) = files.mounts_mut().next().expect("a root");
    let tree = root.fs.as_tree_mut().expect("the root is a tree");
    tree.read_file(OUTPUT).expect("the linker has written a module")
}

/// The C compiler, installed if it was not.
pub(crate) fn clang() -> (Cache, Selection<'static>) {
    #[expect(clippy::disallowed_methods, reason = "the same folder as that of the program")]
    let home = std::env::var("STEPWELL_HOME").ok().map(PathBuf::from);
    let cache = Cache::open(home).expect("there is a cache folder");
    let selection = Catalog::builtin().resolve("c").expect("the catalogue has C");
    if !cache.is_installed(selection.runtime) {
        let clients = Client::new(std::env::var_os("PATH").unwrap_or_default());
        cache
            .install(&[selection.runtime], &Source::Registry(clients), &mut Quiet)
            .expect("the compiler is installed");
    }
    (cache, selection)
}

/// Runs the compiler or the linker: the files after it.
fn run_stage(
    cache: &Cache,
    selection: Selection<'_>,
    stage: &Stage,
    name: &str,
    files: Namespace,
) -> Namespace {
    let role = if stage.tool == Tool::Linker { Role::Linker } else { Role::Module };
    // Prepared by whichever test came first.
    let checked = modules::catalogued(&Engine::default(), cache, selection.runtime, role);
    let module = checked.expect("the compiler is valid").module;
    let colour = "-fno-color-diagnostics";
    let fill = Fill { program: name, object: OBJECT, output: OUTPUT, colour, args: &[] };
    let limits = Limits { memory_bytes_max: COMPILER_MEMORY_BYTES_MAX, ..Limits::default() };
    let argv = stage.argv(&fill);
    let run = Run { env: &stage.env, limits, ..Run::new(&module, &argv) };
    let (ran, files) = run.over(files);
    assert_eq!(ran.state, State::Exited(0), "{}", String::from_utf8_lossy(&ran.stderr));
    files
}
