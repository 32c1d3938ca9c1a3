//! The programs of benches/programs, and what each must print.

use std::fs;

use crate::chore::{Outcome, root};

/// What a program is a measure of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    /// Starting an interpreter.
    Start,
    /// Work inside an interpreter.
    Work,
    /// The file system.
    Files,
    /// A compiler and a linker.
    Compile,
    /// A loop of the engine, from C.
    Kernel,
}

impl Group {
    /// What the document calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Work => "work",
            Self::Files => "files",
            Self::Compile => "compile",
            Self::Kernel => "kernel",
        }
    }
}

/// One row of the comparison.
#[derive(Debug)]
pub(super) struct Program {
    /// What it is called, here and in the document.
    pub(super) name: &'static str,
    pub(super) group: Group,
    /// Its file in benches/programs.
    pub(super) file: &'static str,
    /// The runtime of the catalogue that runs or compiles it.
    pub(super) runtime: &'static str,
}

impl Program {
    /// What it must print.
    pub(super) fn expected(&self) -> Outcome<Vec<u8>> {
        let path = root().join("benches/programs/expected").join(format!("{}.txt", self.file));
        fs::read(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
    }
}

const fn row(
    name: &'static str,
    group: Group,
    file: &'static str,
    runtime: &'static str,
) -> Program {
    Program { name, group, file, runtime }
}

/// All of them, in the document's order.
pub(super) const PROGRAMS: &[Program] = &[
    row("hello-python", Group::Start, "hello.py", "python"),
    row("hello-ruby", Group::Start, "hello.rb", "ruby"),
    row("hello-javascript", Group::Start, "hello.js", "quickjs"),
    row("hello-php", Group::Start, "hello.php", "php"),
    row("work-python", Group::Work, "work.py", "python"),
    row("work-ruby", Group::Work, "work.rb", "ruby"),
    row("work-javascript", Group::Work, "work.js", "quickjs"),
    row("work-php", Group::Work, "work.php", "php"),
    row("query-sql", Group::Work, "query.sql", "sqlite"),
    row("files-python", Group::Files, "files.py", "python"),
    row("compile-c", Group::Compile, "hello.c", "clang"),
    row("list", Group::Kernel, "list.c", "clang"),
    row("matrix", Group::Kernel, "matrix.c", "clang"),
    row("state", Group::Kernel, "state.c", "clang"),
    row("crc", Group::Kernel, "crc.c", "clang"),
    row("sieve", Group::Kernel, "sieve.c", "clang"),
    row("nbody", Group::Kernel, "nbody.c", "clang"),
    row("sha256", Group::Kernel, "sha256.c", "clang"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_program_and_its_output_is_there() {
        for program in PROGRAMS {
            let file = root().join("benches/programs").join(program.file);
            assert!(file.is_file(), "{}", program.name);
            assert!(!program.expected().unwrap().is_empty(), "{}", program.name);
            let known = runtimes::Catalog::builtin().resolve(program.runtime);
            assert!(known.is_ok(), "{}", program.name);
        }
    }
}
