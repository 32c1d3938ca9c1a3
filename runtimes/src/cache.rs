//! What is installed: files by their hash, below one folder.
//!
//! ```text
//! blobs/sha256/HEX    a file of a runtime, read-only, complete or absent
//! derived/HEX         what was made from such files, checked whenever it is read
//! locks/PACKAGE       held by who installs or removes from a package
//! work/               where installers work until a file is whole
//! ```

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use etcetera::base_strategy::{BaseStrategy as _, choose_native_strategy};

use crate::catalog::{Catalog, Content, File, Role, Runtime};
use crate::disk::{self, Lock};
use crate::error::{CacheError, LoadError};
use crate::module;

/// The installed runtimes of one folder.
///
/// Any number of processes may use the same folder at the same time.
#[derive(Debug, Clone)]
pub struct Cache {
    root: PathBuf,
    pub(crate) catalog: Cow<'static, Catalog>,
}

impl Cache {
    /// The cache in `home`, or in the platform's folder for caches. Nothing is made before something is written.
    ///
    /// # Errors
    /// - [`CacheError::NoHome`]: `home` is `None` and the platform has no folder for caches.
    pub fn open(home: Option<PathBuf>) -> Result<Self, CacheError> {
        let platform = || {
            let folders = choose_native_strategy().ok()?;
            Some(folders.cache_dir().join("stepwell"))
        };
        // An empty variable is as good as none.
        let given = home.filter(|path| !path.as_os_str().is_empty());
        let root = given.or_else(platform).ok_or(CacheError::NoHome)?;
        // Clients run in another folder, so a relative path would change its meaning on the way.
        let root =
            std::path::absolute(&root).map_err(|error| CacheError::io("find", &root, error))?;
        Ok(Self { root, catalog: Cow::Borrowed(Catalog::builtin()) })
    }

    /// The same cache, for the runtimes of another catalogue.
    #[must_use]
    pub fn with_catalog(self, catalog: Catalog) -> Self {
        Self { catalog: Cow::Owned(catalog), ..self }
    }

    /// The folder that holds it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether every file of the runtime is there with its size. Reads no content.
    pub fn is_installed(&self, runtime: &Runtime) -> bool {
        runtime.files.iter().all(|file| self.has_size(file.kept()))
    }

    /// Where the runtime's module lies, whether installed or not. `None` for a runtime without one.
    pub fn path(&self, runtime: &Runtime) -> Option<PathBuf> {
        runtime.file(Role::Module).map(|file| self.blob(file.kept()))
    }

    /// Reads a file of an installed runtime; a gzipped one comes unpacked.
    ///
    /// Its size is checked, its content is not: that is [`Cache::verify`]'s, and was [`Cache::install`]'s.
    ///
    /// # Errors
    /// - [`LoadError::NoRole`]: the runtime has no such file.
    /// - [`LoadError::Missing`]: it is not installed.
    /// - [`LoadError::Cache`]: the file cannot be read.
    /// - [`LoadError::Damaged`]: it has another size than what was installed.
    pub fn load(&self, runtime: &Runtime, role: Role) -> Result<Bytes, LoadError> {
        let file = self.checked(runtime, role)?;
        let path = self.blob(file.kept());
        let bytes = fs::read(&path).map_err(|error| cannot_read(runtime, &path, error))?;
        Ok(Bytes::from(bytes))
    }

    /// Reads a module of an installed runtime, but for its debugging sections.
    ///
    /// # Errors
    /// As [`Cache::load`].
    pub fn load_module(&self, runtime: &Runtime, role: Role) -> Result<Bytes, LoadError> {
        let file = self.checked(runtime, role)?;
        let path = self.blob(file.kept());
        let module = disk::open(&path).and_then(module::read_without_debug);
        module.map(Bytes::from).map_err(|error| cannot_read(runtime, &path, error))
    }

    /// The hash of a file of an installed runtime, as it was verified when that was installed.
    ///
    /// # Errors
    /// As [`Cache::load`], but for reading.
    pub fn sha256<'a>(&self, runtime: &'a Runtime, role: Role) -> Result<&'a str, LoadError> {
        Ok(self.checked(runtime, role)?.kept().sha256)
    }

    /// A file of a runtime, after looking whether it is there and has its size.
    fn checked<'a>(&self, runtime: &'a Runtime, role: Role) -> Result<&'a File, LoadError> {
        let name = || runtime.reference();
        let file = runtime.file(role).ok_or_else(|| LoadError::NoRole { runtime: name(), role })?;
        let path = self.blob(file.kept());
        let found = fs::metadata(&path).map_err(|error| cannot_read(runtime, &path, error))?.len();
        let expected = file.kept().bytes;
        if found != expected {
            let what = format!("has {found} bytes instead of {expected}");
            return Err(LoadError::Damaged { runtime: name(), path, what });
        }
        Ok(file)
    }

    /// Reads every file of an installed runtime and compares its content with the catalogue.
    ///
    /// # Errors
    /// - [`LoadError::Missing`]: it is not installed, or not all of it.
    /// - [`LoadError::Cache`]: a file cannot be read.
    /// - [`LoadError::Damaged`]: a file has another content than what was installed.
    pub fn verify(&self, runtime: &Runtime) -> Result<(), LoadError> {
        for file in &runtime.files {
            let path = self.blob(file.kept());
            let found =
                disk::sha256_of_file(&path).map_err(|error| cannot_read(runtime, &path, error))?;
            let expected = file.kept().sha256;
            if found != expected {
                let what = format!("has SHA-256 {found} instead of {expected}");
                return Err(LoadError::Damaged { runtime: runtime.reference(), path, what });
            }
        }
        Ok(())
    }

    /// Removes what only this runtime needs, and returns how many bytes that freed.
    ///
    /// Files that another installed runtime of the catalogue shares stay. Removing what is not installed frees nothing
    /// and is no error.
    ///
    /// # Errors
    /// - [`CacheError::Io`]: a file cannot be removed.
    pub fn remove(&self, runtime: &Runtime) -> Result<u64, CacheError> {
        let present = |content: &Content<'_>| self.blob(*content).exists();
        if !runtime.files.iter().any(|file| present(&file.kept())) {
            return Ok(0);
        }
        let _locks = self.lock_sharers(runtime)?;
        let others =
            self.catalog.runtimes.iter().filter(|other| {
                other.reference() != runtime.reference() && self.is_installed(other)
            });
        let needed: BTreeSet<&str> =
            others.flat_map(|other| &other.files).map(|file| file.kept().sha256).collect();
        let mut freed = 0_u64;
        for file in &runtime.files {
            let content = file.kept();
            if needed.contains(content.sha256) {
                continue;
            }
            let path = self.blob(content);
            let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            match fs::remove_file(&path) {
                Ok(()) => freed = freed.saturating_add(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(CacheError::io("remove", &path, error)),
            }
        }
        disk::sync_folder(&self.blobs());
        Ok(freed)
    }

    /// The place of some content.
    pub(crate) fn blob(&self, content: Content<'_>) -> PathBuf {
        self.blobs().join(content.sha256)
    }

    pub(crate) fn derived_folder(&self) -> PathBuf {
        self.root.join("derived")
    }

    pub(crate) fn work_folder(&self) -> PathBuf {
        self.root.join("work")
    }

    /// Whether some content is there, by size alone.
    pub(crate) fn has_size(&self, content: Content<'_>) -> bool {
        let metadata = fs::metadata(self.blob(content));
        metadata.is_ok_and(|found| found.is_file() && found.len() == content.bytes)
    }

    /// Whether some content is there, read and compared.
    pub(crate) fn has_content(&self, content: Content<'_>) -> bool {
        let same = |found| found == content.sha256;
        self.has_size(content) && disk::sha256_of_file(&self.blob(content)).is_ok_and(same)
    }

    /// Keeps other processes from installing from a package, or removing what it brought.
    pub(crate) fn lock(&self, package: &str, busy: &mut dyn FnMut()) -> Result<Lock, CacheError> {
        let folder = self.root.join("locks");
        disk::make_folder(&folder)?;
        Lock::take(folder.join(package), busy)
    }

    /// Keeps every installer away that might count on a file of this runtime.
    fn lock_sharers(&self, runtime: &Runtime) -> Result<Vec<Lock>, CacheError> {
        let contents = |one: &Runtime| -> BTreeSet<String> {
            one.files.iter().map(|file| file.kept().sha256.to_string()).collect()
        };
        let own = contents(runtime);
        let sharers = self.catalog.runtimes.iter().filter(|one| !contents(one).is_disjoint(&own));
        let mut packages: BTreeSet<&str> = sharers.map(|one| one.package.as_str()).collect();
        packages.insert(&runtime.package);
        // Always in the same order, so that two removers cannot wait for each other.
        packages.into_iter().map(|package| self.lock(package, &mut || {})).collect()
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs").join("sha256")
    }
}

fn cannot_read(runtime: &Runtime, path: &Path, error: io::Error) -> LoadError {
    match error.kind() {
        io::ErrorKind::NotFound => LoadError::Missing { runtime: runtime.reference() },
        _ => CacheError::io("read", path, error).into(),
    }
}
