//! A folder to work in, removed when done; what a killed installer left behind is removed by the next one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::disk::{self, Lock};
use crate::error::CacheError;

/// A folder that nobody else uses, on the same file system as the cache's files.
#[derive(Debug)]
pub(crate) struct Workshop {
    // Declared before the lock: the folder goes before the lock on it does.
    folder: TempDir,
    _lock: Lock,
}

impl Workshop {
    /// Makes a folder below `below`, and clears away those whose makers are gone.
    ///
    /// # Errors
    /// - [`CacheError::Full`], [`CacheError::Io`]: the folder cannot be made.
    pub(crate) fn open(below: &Path) -> Result<Self, CacheError> {
        disk::make_folder(below)?;
        // Between a folder's making and its locking, nobody may take it for an abandoned one.
        let _gate = Lock::take(below.join(GATE), &mut || {})?;
        clear(below);
        let folder = tempfile::Builder::new().prefix("work-").tempdir_in(below);
        let folder = folder.map_err(|error| CacheError::io("make a folder in", below, error))?;
        let lock = Lock::take(folder.path().join(LOCK), &mut || {})?;
        Ok(Self { folder, _lock: lock })
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Moves a finished file to its place, and makes that last.
pub(crate) fn put(finished: &Path, place: &Path) -> Result<(), CacheError> {
    let folder = place.parent().unwrap_or(place);
    disk::make_folder(folder)?;
    read_only(finished).map_err(|error| CacheError::io("write", finished, error))?;
    fs::rename(finished, place).map_err(|error| CacheError::io("write", place, error))?;
    disk::sync_folder(folder);
    Ok(())
}

fn read_only(path: &Path) -> io::Result<()> {
    let mut permissions = fs::metadata(path)?.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path, permissions)
}

/// Removes the folders that no living process has locked. What cannot be removed is left for another time.
fn clear(below: &Path) {
    let Ok(entries) = fs::read_dir(below) else {
        return;
    };
    let folders: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    for folder in folders {
        if let Some(_abandoned) = Lock::try_take(&folder.join(LOCK)) {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

const GATE: &str = "gate";
const LOCK: &str = "lock";
