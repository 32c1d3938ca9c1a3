//! Taking files out of a package's archive, or out of a folder that holds them.

use std::fs::File as HostFile;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use zip::result::ZipError;

use crate::catalog::{Content, File};
use crate::disk::{self, Incoming};
use crate::error::InstallError;

/// Writes files of a package, checked, into a folder; each lies there under the hash of what the cache keeps.
pub(crate) struct Unpacker<'a> {
    /// The files that are still to be found.
    pub(crate) wanted: Vec<&'a File>,
    /// Where they go.
    pub(crate) folder: &'a Path,
    /// Hears of every byte.
    pub(crate) advance: &'a mut dyn FnMut(u64),
}

impl<'a> Unpacker<'a> {
    /// Takes the wanted files out of an archive of either kind.
    ///
    /// # Errors
    /// - [`InstallError::Archive`]: it cannot be read, or is neither a gzipped tar file nor a zip file.
    /// - [`InstallError::Size`], [`InstallError::Hash`]: a file in it is not the catalogue's.
    /// - [`InstallError::Cache`]: the folder cannot be written.
    /// - [`InstallError::Absent`]: a file is not in it.
    pub(crate) fn archive(&mut self, path: &Path) -> Result<(), InstallError> {
        let unreadable = |source| InstallError::Archive { path: path.to_path_buf(), source };
        let mut file = disk::open(path).map_err(unreadable)?;
        let mut magic = Vec::new();
        (&mut file).take(4).read_to_end(&mut magic).map_err(unreadable)?;
        file.rewind().map_err(unreadable)?;
        match magic.as_slice() {
            [0x1f, 0x8b, ..] => self.tar_gz(path, file)?,
            b"PK\x03\x04" => self.zip(path, file)?,
            _ => {
                let what = "it is neither a gzipped tar file nor a zip file";
                return Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, what)));
            }
        }
        self.nothing_is_missing(path)
    }

    /// Takes the wanted files out of a folder that holds them by their path in the package, or by their name.
    ///
    /// # Errors
    /// As for [`Unpacker::archive`].
    pub(crate) fn folder(&mut self, path: &Path) -> Result<(), InstallError> {
        for file in std::mem::take(&mut self.wanted) {
            let name = file.path.rsplit('/').next().unwrap_or(&file.path);
            let candidates = [path.join(&file.path), path.join(name)];
            let Some(found) = candidates.iter().find(|candidate| candidate.is_file()) else {
                self.wanted.push(file);
                continue;
            };
            let unreadable = |source| InstallError::Archive { path: found.clone(), source };
            let mut reader = disk::open(found).map_err(unreadable)?;
            let declared = Some(reader.metadata().map_err(unreadable)?.len());
            self.take(found, file, declared, &mut reader)?;
        }
        self.nothing_is_missing(path)
    }

    fn tar_gz(&mut self, path: &Path, file: HostFile) -> Result<(), InstallError> {
        let unreadable = |source| InstallError::Archive { path: path.to_path_buf(), source };
        let mut archive = tar::Archive::new(MultiGzDecoder::new(BufReader::new(file)));
        for entry in archive.entries().map_err(unreadable)? {
            if self.wanted.is_empty() {
                break;
            }
            let mut entry = entry.map_err(unreadable)?;
            let name = entry.path_bytes().into_owned();
            let Some(at) = self.wanted.iter().position(|file| file.path.as_bytes() == name) else {
                continue;
            };
            let file = self.wanted.remove(at);
            let declared = Some(entry.size());
            self.take(path, file, declared, &mut entry)?;
        }
        Ok(())
    }

    fn zip(&mut self, path: &Path, file: HostFile) -> Result<(), InstallError> {
        let unreadable = |error: ZipError| InstallError::Archive {
            path: path.to_path_buf(),
            source: error.into(),
        };
        let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(unreadable)?;
        for file in std::mem::take(&mut self.wanted) {
            let mut entry = match archive.by_name(&file.path) {
                Ok(entry) => entry,
                Err(ZipError::FileNotFound) => {
                    self.wanted.push(file);
                    continue;
                }
                Err(error) => return Err(unreadable(error)),
            };
            let declared = Some(entry.size());
            self.take(path, file, declared, &mut entry)?;
        }
        Ok(())
    }

    /// Writes one file, and unpacks it if the catalogue says so.
    fn take(
        &mut self,
        origin: &Path,
        file: &'a File,
        declared: Option<u64>,
        reader: &mut dyn Read,
    ) -> Result<(), InstallError> {
        let place = |content: Content<'_>| self.folder.join(content.sha256);
        let (packed, kept) = (place(file.packed()), place(file.kept()));
        let label = format!("{} of {}", file.path, origin.display());
        let expected = file.packed();
        let incoming = Incoming { label: label.clone(), origin, expected, declared, reader };
        disk::copy_checked(incoming, &packed, self.advance)?;
        if file.unpacked.is_none() {
            return Ok(());
        }
        let unreadable = |source| InstallError::Archive { path: packed.clone(), source };
        let reader = BufReader::new(disk::open(&packed).map_err(unreadable)?);
        let incoming = Incoming {
            label: format!("{label}, unpacked,"),
            origin: &packed,
            expected: file.kept(),
            declared: None,
            reader: &mut MultiGzDecoder::new(reader),
        };
        disk::copy_checked(incoming, &kept, self.advance)
    }

    fn nothing_is_missing(&self, path: &Path) -> Result<(), InstallError> {
        match self.wanted.first() {
            None => Ok(()),
            Some(file) => {
                Err(InstallError::Absent { path: path.to_path_buf(), file: file.path.clone() })
            }
        }
    }
}
