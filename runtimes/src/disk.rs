//! Host files, as the cache needs them: opened, hashed, copied with a check, locked.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};
use sha2::{Digest, Sha256};

use crate::catalog::Content;
use crate::error::{CacheError, InstallError};

/// Opens a file for reading.
#[expect(
    clippy::disallowed_methods,
    reason = "the cache and the archives are the host's; no guest reaches them"
)]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Makes a folder and what leads to it.
pub(crate) fn make_folder(path: &Path) -> Result<(), CacheError> {
    std::fs::create_dir_all(path).map_err(|error| CacheError::io("make", path, error))
}

/// Lower-case hexadecimal, as the catalogue writes a hash.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The SHA-256 of a file.
pub(crate) fn sha256_of_file(path: &Path) -> io::Result<String> {
    let mut file = open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hasher.finalize())),
            Ok(count) => hasher.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Bytes from somewhere that are meant to be those of the catalogue.
pub(crate) struct Incoming<'a> {
    /// What messages call them.
    pub(crate) label: String,
    /// Where they come from, for messages about reading.
    pub(crate) origin: &'a Path,
    /// What they should be.
    pub(crate) expected: Content<'a>,
    /// How many there are, if whoever holds them says so.
    pub(crate) declared: Option<u64>,
    /// The bytes.
    pub(crate) reader: &'a mut dyn Read,
}

/// Copies bytes into a new file and reports how far it has come. The file counts only if this succeeds.
///
/// Never reads more than one byte beyond the expected size, so an archive that unpacks to a great deal more than the
/// catalogue says does no harm.
pub(crate) fn copy_checked(
    incoming: Incoming<'_>,
    to: &Path,
    advance: &mut dyn FnMut(u64),
) -> Result<(), InstallError> {
    let Incoming { label, origin, expected, declared, reader } = incoming;
    let wrong_size =
        |found| InstallError::Size { file: label.clone(), expected: expected.bytes, found };
    if let Some(found) = declared.filter(|&found| found != expected.bytes) {
        return Err(wrong_size(found));
    }
    let cannot_write = |error| CacheError::io("write", to, error);
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(to).map_err(cannot_write)?;
    let mut hasher = Sha256::new();
    let mut reader = reader.take(expected.bytes.saturating_add(1));
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut found = 0;
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(source) => {
                return Err(InstallError::Archive { path: origin.to_path_buf(), source });
            }
        };
        let bytes = &buffer[..count];
        hasher.update(bytes);
        file.write_all(bytes).map_err(cannot_write)?;
        let count = count as u64;
        found += count;
        advance(count);
    }
    if found != expected.bytes {
        return Err(wrong_size(found));
    }
    let found = hex(&hasher.finalize());
    if found != expected.sha256 {
        let expected = expected.sha256.to_string();
        return Err(InstallError::Hash { file: label, expected, found });
    }
    // Some file systems report a full disk only now.
    file.sync_all().map_err(cannot_write)?;
    Ok(())
}

/// Makes a rename or a removal in a folder last, where the platform can.
pub(crate) fn sync_folder(folder: &Path) {
    // Not every platform opens folders, and the files are whole without this: a lost rename is a file to fetch again.
    if let Ok(folder) = open(folder) {
        let _ = folder.sync_all();
    }
}

/// A lock that processes hold against each other; the operating system frees it when its holder ends, however.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock, calling `busy` first if it has to wait.
    pub(crate) fn take(path: PathBuf, busy: &mut dyn FnMut()) -> Result<Self, CacheError> {
        let file = Self::file(&path)?;
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                busy();
                FileExt::lock(&file).map_err(|error| CacheError::io("lock", &path, error))?;
            }
            Err(TryLockError::Error(error)) => return Err(CacheError::io("lock", &path, error)),
        }
        Ok(Self { file })
    }

    /// Takes the lock if it is free.
    pub(crate) fn try_take(path: &Path) -> Option<Self> {
        let file = Self::file(path).ok()?;
        FileExt::try_lock(&file).ok().map(|()| Self { file })
    }

    fn file(path: &Path) -> Result<File, CacheError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options.open(path).map_err(|error| CacheError::io("lock", path, error))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing frees it as well; a failure here leaves nothing to do.
        let _ = FileExt::unlock(&self.file);
    }
}

const BUFFER_BYTES: usize = 64 * 1024;
