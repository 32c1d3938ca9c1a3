//! What was computed from installed files and may be computed again: precompiled headers, prepared modules.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use bytes::Bytes;

use crate::cache::Cache;
use crate::disk;
use crate::error::CacheError;
use crate::workshop::{self, Workshop};

impl Cache {
    /// What was stored under a key, if it is there and whole.
    ///
    /// The key should name everything that the value depends on: versions, hashes, flags.
    pub fn derived(&self, key: &str) -> Option<Bytes> {
        let (first_line, body) = self.stored(key)?;
        (first_line == header(&body)).then_some(body)
    }

    /// What was stored under a key, if it is there, whole or not: for values that have a checksum of their own.
    pub fn derived_unchecked(&self, key: &str) -> Option<Bytes> {
        self.stored(key).map(|(_, body)| body)
    }

    /// The first line of what was stored, and the value.
    fn stored(&self, key: &str) -> Option<(Bytes, Bytes)> {
        let content = Bytes::from(fs::read(self.derived_path(key)).ok()?);
        let end = content.iter().position(|&byte| byte == b'\n')?;
        Some((content.slice(..end), content.slice(end + 1..)))
    }

    /// Stores a value under a key, over what was there. Readers see the old value or the new one.
    ///
    /// The value is only ever a saving, so callers go on without it if this fails.
    ///
    /// # Errors
    /// - [`CacheError::Full`], [`CacheError::Io`]: the cache cannot be written.
    pub fn store_derived(&self, key: &str, value: &[u8]) -> Result<(), CacheError> {
        let workshop = Workshop::open(&self.work_folder())?;
        let finished = workshop.path().join("derived");
        let cannot_write = |error| CacheError::io("write", &finished, error);
        let mut file = fs::File::create_new(&finished).map_err(cannot_write)?;
        file.write_all(format!("{}\n", header(value)).as_bytes()).map_err(cannot_write)?;
        file.write_all(value).map_err(cannot_write)?;
        file.sync_all().map_err(cannot_write)?;
        drop(file);
        workshop::put(&finished, &self.derived_path(key))
    }

    /// Removes every stored value, and returns how many bytes that freed.
    ///
    /// # Errors
    /// - [`CacheError::Io`]: a file cannot be removed.
    pub fn clear_derived(&self) -> Result<u64, CacheError> {
        let folder = self.derived_folder();
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(CacheError::io("read", &folder, error)),
        };
        let mut freed = 0_u64;
        for entry in entries {
            let path = entry.map_err(|error| CacheError::io("read", &folder, error))?.path();
            let bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            match fs::remove_file(&path) {
                Ok(()) => freed = freed.saturating_add(bytes),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(CacheError::io("remove", &path, error)),
            }
        }
        Ok(freed)
    }

    fn derived_path(&self, key: &str) -> PathBuf {
        self.derived_folder().join(disk::sha256(key.as_bytes()))
    }
}

/// The first line of a stored value: enough to tell a whole one from a torn or rotten one. It is computed at every start of
/// every runtime, so it is a checksum; who can forge one can as well write what it likes into the cache.
fn header(value: &[u8]) -> String {
    format!("stepwell derived 2 {} {:08x}", value.len(), crc32fast::hash(value))
}
