//! The files of a runtime as a web site serves them: modules without debugging sections, all packed with gzip.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::cache::Cache;
use crate::catalog::{File, Role, Runtime, Unpacked};
use crate::disk;
use crate::error::{CacheError, LoadError};

impl File {
    /// What a site serves of this file, unpacked: a module without its debugging sections.
    pub fn served(&self) -> Unpacked {
        let kept = self.kept();
        let served = Unpacked { bytes: kept.bytes, sha256: kept.sha256.to_string() };
        self.stripped.clone().unwrap_or(served)
    }

    /// The SHA-256 of this file as the cache keeps it, which receipts have.
    pub fn kept_sha256(&self) -> &str {
        self.kept().sha256
    }

    /// What this file of a runtime is called in a site's folder.
    pub fn served_name(&self, runtime: &Runtime) -> String {
        let end = match self.role {
            Role::Module => ".wasm",
            Role::Linker => "-linker.wasm",
            Role::Base => "-base.tar",
        };
        format!("{}-{}{end}.gz", runtime.name, runtime.version)
    }
}

impl Cache {
    /// Writes the files of an installed runtime into a folder, which is made if need be, and tells each that is whole.
    ///
    /// # Errors
    /// As [`Cache::load`]; [`LoadError::Cache`] also if a file cannot be written, and [`LoadError::Damaged`] if what is
    /// kept is not the catalogue's.
    pub fn export(
        &self,
        runtime: &Runtime,
        folder: &Path,
        mut written: impl FnMut(&Path),
    ) -> Result<(), LoadError> {
        disk::make_folder(folder)?;
        for file in &runtime.files {
            let bytes = match &file.stripped {
                Some(_) => self.load_module(runtime, file.role)?,
                None => self.load(runtime, file.role)?,
            };
            let (expected, found) = (file.served().sha256, disk::sha256(&bytes));
            if found != expected {
                let path = self.path(runtime).unwrap_or_default();
                let what = format!("is served with SHA-256 {found} instead of {expected}");
                return Err(LoadError::Damaged { runtime: runtime.reference(), path, what });
            }
            let path = folder.join(file.served_name(runtime));
            pack(&bytes, &path).map_err(|error| CacheError::io("write", &path, error))?;
            written(&path);
        }
        Ok(())
    }
}

/// Writes bytes packed, the same for the same bytes. What is there under the name is replaced when the new one is whole.
fn pack(bytes: &[u8], path: &Path) -> io::Result<()> {
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let part = tempfile::NamedTempFile::new_in(folder)?;
    let mut packer = GzEncoder::new(part, Compression::best());
    packer.write_all(bytes)?;
    let part = packer.finish()?;
    make_public(part.path())?;
    part.persist(path)?;
    Ok(())
}

/// A site's server may be another user.
#[cfg(unix)]
fn make_public(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_public(path: &Path) -> io::Result<()> {
    fs::metadata(path).map(|_| ())
}
