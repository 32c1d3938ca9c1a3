//! Installation: fetch, check, keep. All files of a package that were asked for, or none.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::catalog::{File, Package, Registry, Runtime};
use crate::client::Client;
use crate::error::{ByHand, InstallError};
use crate::progress::Progress;
use crate::unpack::Unpacker;
use crate::workshop::{self, Workshop};

/// Where packages come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// Their registries, through the registries' clients.
    Registry(Client),
    /// A file that is a package's archive, or a folder of archives, or a folder with a package's files.
    ///
    /// The checks are the same, so it does not matter who put it there.
    Local(PathBuf),
}

impl Cache {
    /// Installs runtimes; what is installed and undamaged already is left alone. Each package is fetched once.
    ///
    /// Packages are installed one after the other. When one fails, nothing of it is kept and the later ones are not
    /// tried; the earlier ones are installed. A process that is killed meanwhile leaves no entry.
    ///
    /// # Errors
    /// - [`InstallError::NoPackage`]: a runtime is not of this cache's catalogue.
    /// - [`InstallError::Cache`]: the cache cannot be written.
    /// - [`InstallError::NoClient`], [`InstallError::ClientFailed`]: a package cannot be fetched.
    /// - [`InstallError::Archive`]: a package cannot be unpacked.
    /// - [`InstallError::Size`], [`InstallError::Hash`]: a package holds other bytes than the catalogue says.
    /// - [`InstallError::Absent`]: a package lacks a file, or a folder a package.
    pub fn install(
        &self,
        runtimes: &[&Runtime],
        source: &Source,
        progress: &mut dyn Progress,
    ) -> Result<(), InstallError> {
        for runtime in runtimes {
            if self.catalog.package(runtime).is_none() {
                return Err(InstallError::NoPackage { runtime: runtime.reference() });
            }
        }
        for package in &self.catalog.packages {
            let group: Vec<&Runtime> =
                runtimes.iter().filter(|runtime| runtime.package == package.id).copied().collect();
            let result = self.install_package(package, &group, source, progress);
            progress.finish();
            result?;
        }
        Ok(())
    }

    fn install_package(
        &self,
        package: &Package,
        runtimes: &[&Runtime],
        source: &Source,
        progress: &mut dyn Progress,
    ) -> Result<(), InstallError> {
        // Before the lock: what is complete can be looked at in a cache that cannot be written.
        if self.lacking(runtimes).is_empty() {
            return Ok(());
        }
        let _lock = self.lock(&package.id, &mut || {
            progress.start(&format!("waiting for another installer of {}", package.name), None);
        })?;
        // Whoever held the lock may have installed the same.
        let lacking = self.lacking(runtimes);
        if lacking.is_empty() {
            return Ok(());
        }
        let without = |one: &&Runtime| one.files.iter().any(|file| lacking.contains(&file));
        let runtimes: Vec<&Runtime> = runtimes.iter().copied().filter(without).collect();
        let workshop = Workshop::open(&self.work_folder())?;
        let from = match source {
            Source::Registry(client) => fetch(client, package, &runtimes, &workshop, progress)?,
            Source::Local(path) => local(path, package),
        };
        progress.start(&format!("installing {}", names(&runtimes)), Some(work_bytes(&lacking)));
        let mut unpacker = Unpacker {
            wanted: lacking.clone(),
            folder: workshop.path(),
            advance: &mut |bytes| progress.advance(bytes),
        };
        if from.is_dir() {
            unpacker.folder(&from)?;
        } else {
            unpacker.archive(&from)?;
        }
        for file in lacking {
            let finished = workshop.path().join(file.kept().sha256);
            workshop::put(&finished, &self.blob(file.kept()))?;
        }
        Ok(())
    }

    /// The files of some runtimes that are not there, or damaged; each content once.
    fn lacking<'a>(&self, runtimes: &[&'a Runtime]) -> Vec<&'a File> {
        let mut seen = BTreeSet::new();
        let files = runtimes.iter().flat_map(|runtime| &runtime.files);
        files
            .filter(|file| seen.insert(file.kept().sha256))
            .filter(|file| !self.has_content(file.kept()))
            .collect()
    }
}

fn fetch(
    client: &Client,
    package: &Package,
    runtimes: &[&Runtime],
    workshop: &Workshop,
    progress: &mut dyn Progress,
) -> Result<PathBuf, InstallError> {
    // `npm` keeps what it has so far where only it looks, so there is no telling how far it is.
    let total = match package.registry {
        Registry::Npm => None,
        Registry::Pypi => Some(package.archive_bytes),
    };
    let (reference, client_name) = (package.reference(), package.registry.client());
    progress
        .start(&format!("fetching {reference} with {client_name} for {}", names(runtimes)), total);
    let by_hand = ByHand::new(package, runtimes);
    let mut seen = 0;
    let mut tick = |bytes: u64| {
        progress.advance(bytes.saturating_sub(seen));
        seen = seen.max(bytes);
    };
    let archive = client.fetch(package, &by_hand, workshop.path(), &mut tick)?;
    progress.finish();
    Ok(archive)
}

/// How many bytes are written to install some files.
fn work_bytes(files: &[&File]) -> u64 {
    let unpacked = |file: &File| file.unpacked.as_ref().map_or(0, |unpacked| unpacked.bytes);
    let bytes = files.iter().map(|file| file.bytes.saturating_add(unpacked(file)));
    bytes.fold(0, u64::saturating_add)
}

/// The archive of a package in a folder, if the folder has one; else the path itself.
fn local(path: &Path, package: &Package) -> PathBuf {
    let archive = path.join(&package.archive);
    if path.is_dir() && fs::metadata(&archive).is_ok_and(|metadata| metadata.is_file()) {
        return archive;
    }
    path.to_path_buf()
}

/// What messages call some runtimes: short enough for one line.
fn names(runtimes: &[&Runtime]) -> String {
    match runtimes {
        [only] => only.to_string(),
        [one, two] => format!("{one} and {two}"),
        many => format!("{} runtimes", many.len()),
    }
}
