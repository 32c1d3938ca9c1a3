//! Guests of the catalogue for the benches, where they are installed.

use std::env;
use std::path::PathBuf;

use bytes::Bytes;
use engine::{Module, Process, ProcessBuilder};
use runtimes::{Cache, Catalog, Fill, Role};
use vfs::{EPOCH, Mount, Namespace, Quota, Tree};

/// An interpreter and a program for it.
pub struct Guest {
    /// The interpreter's module.
    pub wasm: Bytes,
    argv: Vec<String>,
    tree: Tree,
}

impl Guest {
    /// A runtime with this program in its root directory; nothing where it is not installed.
    ///
    /// # Panics
    /// If the catalogue has no such runtime, or its files are not what they should be.
    #[must_use]
    pub fn installed(runtime: &str, name: &str, program: &'static str) -> Option<Self> {
        // The benches take their settings from the caller's environment as the program does.
        let cache = Cache::open(env::var_os("STEPWELL_HOME").map(PathBuf::from)).ok()?;
        let selection = Catalog::builtin().resolve(runtime).expect("it is in the catalogue");
        let wasm = cache.load_module(selection.runtime, Role::Module).ok()?;
        let mut tree = Tree::new(Quota::default(), EPOCH);
        if selection.runtime.file(Role::Base).is_some() {
            let base = cache.load(selection.runtime, Role::Base).ok()?;
            tree.import_tar(base, EPOCH).expect("the base is an archive");
        }
        tree.write_file(name, program.into(), EPOCH).expect("there is room");
        let path = format!("/{name}");
        let fill = Fill { program: &path, ..Fill::default() };
        let argv = selection.language.stages[0].argv(&fill);
        Some(Self { wasm, argv, tree })
    }

    /// A process of it, to be spawned.
    pub fn process<'a>(&self, module: &'a Module) -> ProcessBuilder<'a> {
        let fs = Box::new(self.tree.fork());
        let fs = Namespace::new(Mount { fs, read_only: false });
        Process::builder(module).args(self.argv.iter().map(String::as_bytes)).fs(fs)
    }
}
