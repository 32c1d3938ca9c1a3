//! The catalogue's nouns, as `catalog.toml` writes them, and the reading of that file.
//!
//! What makes a catalogue sound is in `check.rs`; finding a row by a name, in `lookup.rs`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::check;
use crate::error::CatalogError;

/// Every runtime that this build knows, with the packages that hold them.
///
/// Order matters: among versions of one runtime the default comes first, then newer before older.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// The registry packages that the runtimes' files are taken from.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    /// The runtimes.
    #[serde(rename = "runtime")]
    pub runtimes: Vec<Runtime>,
}

/// One package of a public registry, fixed to one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Package {
    /// What runtimes of the catalogue call it.
    pub id: String,
    /// The registry, and so the client that fetches it.
    pub registry: Registry,
    /// Its name in the registry.
    pub name: String,
    /// Its version in the registry.
    pub version: String,
    /// The file name of its archive, as the registry's client writes it.
    pub archive: String,
    /// The size of that archive; for progress only, the files inside are what is checked.
    pub archive_bytes: u64,
}

/// A public registry of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registry {
    /// The registry of `npm`; its archives are gzipped tar files.
    Npm,
    /// The registry of `pip`; its archives are wheels, which are zip files.
    Pypi,
}

/// One version of one guest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runtime {
    /// Its name; several versions share it.
    pub name: String,
    /// Its own version, not its package's.
    pub version: String,
    /// Whether the bare name means this version.
    #[serde(default)]
    pub default: bool,
    /// The [`Package::id`] of the package that holds its files.
    pub package: String,
    /// The licence of its files, as an SPDX expression.
    pub licence: String,
    /// The interface that its modules import; for a compiler, what it makes imports the same.
    pub abi: Abi,
    /// What a user should know before using it; empty if nothing.
    #[serde(default)]
    pub note: String,
    /// The files that it needs.
    #[serde(rename = "file")]
    pub files: Vec<File>,
    /// Files that Stepwell adds to its base.
    #[serde(default)]
    pub support: Vec<Support>,
    /// The languages that it runs; the first is meant when only the runtime is named.
    #[serde(rename = "language")]
    pub languages: Vec<Language>,
}

/// A version of the system interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Abi {
    /// WASI preview1.
    #[serde(rename = "wasi_snapshot_preview1")]
    Preview1,
    /// Snapshot 0, the one before preview1.
    #[serde(rename = "wasi_unstable")]
    Unstable,
}

/// One file of a runtime.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// What it is for.
    pub role: Role,
    /// Its path inside the package's archive.
    pub path: String,
    /// Its size there.
    pub bytes: u64,
    /// The SHA-256 of its content there, in lower-case hexadecimal.
    pub sha256: String,
    /// For a gzipped file: what it unpacks to, which is what the cache keeps and [`crate::Cache::load`] returns.
    pub unpacked: Option<Unpacked>,
    /// For a module: what it is without its debugging sections, which is what [`crate::Cache::export`] writes.
    pub stripped: Option<Unpacked>,
}

/// What a gzipped file unpacks to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpacked {
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content, in lower-case hexadecimal.
    pub sha256: String,
}

/// What a file of a runtime is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The WebAssembly module of the interpreter or compiler.
    Module,
    /// The WebAssembly module of a compiler's linker, where that is a module of its own.
    Linker,
    /// A tar archive, unpacked by the catalogue's reader, that must lie at `/` when a stage runs.
    Base,
}

/// One language of a runtime, and how a program in it is run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Language {
    /// Its name.
    pub name: String,
    /// What else it or its interpreter may be called, on the command line and after `#!`.
    ///
    /// Version suffixes (`python3.11`) need not be listed.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The extensions of its programs, without the dot, in lower case.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// What the program's standard input must be.
    #[serde(default)]
    pub stdin: Stdin,
    /// What its compiler makes once for all programs.
    #[serde(default, rename = "artefact")]
    pub artefacts: Vec<Artefact>,
    /// The modules to run, in order. One for an interpreter; compile, link, run for a compiler.
    #[serde(rename = "stage")]
    pub stages: Vec<Stage>,
    /// How its interpreter is started once for all programs, where that pays.
    pub warm: Option<Warm>,
}

/// An interpreter that is started once, frozen, and thawed for each program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warm {
    /// The name in this crate's folder `support` of what it runs: preparations, then the program that [`Warm::JOB`] names.
    pub prelude: String,
    /// The guest path where the interpreter finds the prelude; without it, its text is the last argument.
    pub place: Option<String>,
    /// Its arguments.
    pub argv: Vec<String>,
    /// Variables of its environment, which the prelude removes.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// What [`Warm::JOB`] holds if the interpreter runs it itself: a program with `{job}` in a literal of bytes.
    pub call: Option<String>,
}

impl Warm {
    /// The guest path of the file that says what is to be run. The interpreter is frozen when it first opens it, and
    /// removes it when it has read it.
    pub const JOB: &str = "/.stepwell";

    /// The prelude's text, or `None` if this crate has no such file.
    pub fn text(&self) -> Option<&'static str> {
        support(&self.prelude)
    }

    /// What [`Warm::JOB`] is to hold: the program's guest path, its arguments, and variables of its environment. `None`
    /// if one of them holds NUL.
    pub fn job(&self, program: &str, args: &[String], env: &[(String, String)]) -> Option<Vec<u8>> {
        let count = args.len().to_string();
        let mut texts: Vec<String> = vec![program.into(), count];
        texts.extend_from_slice(args);
        texts.extend(env.iter().map(|(name, value)| format!("{name}={value}")));
        let is_clean = texts.iter().all(|text| !text.contains('\0'));
        let ended = texts.into_iter().flat_map(|text| text.into_bytes().into_iter().chain([0]));
        let job: Vec<u8> = is_clean.then(|| ended.collect())?;
        let Some(call) = &self.call else { return Some(job) };
        let escaped = job.iter().fold(String::new(), |text, byte| text + &format!("\\x{byte:02x}"));
        Some(call.replace("{job}", &escaped).into_bytes())
    }
}

/// What a guest needs its standard input to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stdin {
    /// The caller's.
    #[default]
    Inherit,
    /// The caller's if the caller gave one, else an empty one: a guest that reads commands from its standard input
    /// after the program must see the end of file to stop.
    Closed,
}

/// One module to run.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Which module.
    pub tool: Tool,
    /// Its argument templates; see [`Stage::argv`].
    pub argv: Vec<String>,
    /// Its environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// Something that a compiler makes once, from the runtime's own files, and that every program uses from then on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artefact {
    /// What it is, for the user who waits for it.
    pub label: String,
    /// The template by which [`Tool::Module`] makes `{output}`.
    pub argv: Vec<String>,
    /// The guest path where the stages expect it.
    pub output: String,
    /// The standard headers, as they stand between `<` and `>`, of which a program must include one for the artefact to be
    /// of use; without any, every program gets it.
    #[serde(default)]
    pub headers: Vec<String>,
    /// The arguments that the compile stage gets besides its own.
    #[serde(default, rename = "use")]
    pub arguments: Vec<String>,
}

/// A file that Stepwell adds to a runtime's base.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Support {
    /// Its name in this crate's folder `support`.
    pub file: String,
    /// The guest path where it goes.
    pub path: String,
}

impl Support {
    /// Its text, or `None` if this crate has no such file.
    pub fn text(&self) -> Option<&'static str> {
        support(&self.file)
    }
}

/// The text of a file in the folder `support`.
fn support(file: &str) -> Option<&'static str> {
    match file {
        "exceptions.cc" => Some(include_str!("../support/exceptions.cc")),
        "stdc++.h" => Some(include_str!("../support/stdc++.h")),
        "warm.py" => Some(include_str!("../support/warm.py")),
        "warm.rb" => Some(include_str!("../support/warm.rb")),
        _ => None,
    }
}

/// The module that a stage runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tool {
    /// The file with [`Role::Module`].
    Module,
    /// The file with [`Role::Linker`].
    Linker,
    /// The file that an earlier stage wrote as `{output}`: the user's program.
    Output,
}

/// Whether a language's programs are run as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One stage reads the program and runs it.
    Interpret,
    /// Earlier stages make a module, the last one is that module.
    Compile,
}

impl Catalog {
    /// The catalogue that this crate ships.
    pub fn builtin() -> &'static Self {
        static BUILTIN: OnceLock<Catalog> = OnceLock::new();
        BUILTIN.get_or_init(|| {
            // A test parses the same constant, so this cannot fail in a released build.
            Self::parse(include_str!("../catalog.toml")).expect("the shipped catalogue is sound")
        })
    }

    /// Reads a catalogue.
    ///
    /// # Errors
    /// - [`CatalogError::Syntax`]: the text is not TOML, or not of the catalogue's shape.
    /// - [`CatalogError::Row`]: a row contradicts itself or another row.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let catalog: Self = toml::from_str(text).map_err(CatalogError::Syntax)?;
        check::check(&catalog)?;
        Ok(catalog)
    }

    /// The package that holds a runtime's files, if the runtime is this catalogue's.
    pub fn package(&self, runtime: &Runtime) -> Option<&Package> {
        self.packages.iter().find(|package| package.id == runtime.package)
    }
}

impl Package {
    /// The package as its registry's client wants it named.
    pub fn reference(&self) -> String {
        match self.registry {
            Registry::Npm => format!("{}@{}", self.name, self.version),
            Registry::Pypi => format!("{}=={}", self.name, self.version),
        }
    }
}

impl Registry {
    /// The client that fetches its packages.
    pub fn client(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Pypi => "pip",
        }
    }
}

impl Runtime {
    /// The name that means this version and no other, as [`Catalog::resolve`] reads it.
    pub fn reference(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }

    /// The file with a role, if the runtime has one.
    pub fn file(&self, role: Role) -> Option<&File> {
        self.files.iter().find(|file| file.role == role)
    }

    /// How much of the disk it takes once installed, in bytes.
    pub fn installed_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.kept().bytes).fold(0, u64::saturating_add)
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.version)
    }
}

impl File {
    /// What the cache keeps of this file: itself, or what it unpacks to.
    pub(crate) fn kept(&self) -> Content<'_> {
        match &self.unpacked {
            None => Content { bytes: self.bytes, sha256: &self.sha256 },
            Some(unpacked) => Content { bytes: unpacked.bytes, sha256: &unpacked.sha256 },
        }
    }

    /// What the package holds.
    pub(crate) fn packed(&self) -> Content<'_> {
        Content { bytes: self.bytes, sha256: &self.sha256 }
    }
}

/// A size and a hash: which bytes are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content<'a> {
    pub(crate) bytes: u64,
    pub(crate) sha256: &'a str,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Module => "module",
            Self::Linker => "linker",
            Self::Base => "base",
        })
    }
}

impl fmt::Display for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Preview1 => "wasi_snapshot_preview1",
            Self::Unstable => "wasi_unstable",
        })
    }
}

impl Language {
    /// Whether its programs are compiled first.
    pub fn kind(&self) -> Kind {
        match self.stages.last() {
            Some(Stage { tool: Tool::Output, .. }) => Kind::Compile,
            _ => Kind::Interpret,
        }
    }
}
