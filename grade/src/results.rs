//! Results that are kept, each under the hash of all that decides it: a hit is exact.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A folder of results. Readers see a whole result or none, however many processes write.
pub(crate) struct Results {
    folder: PathBuf,
}

impl Results {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The result with this key, if it is there and whole.
    pub(crate) fn find<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let text = fs::read_to_string(self.path(key)).ok()?;
        let (sha256, json) = text.split_once('\n')?;
        if runtimes::sha256(json.as_bytes()) != sha256 {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    /// Keeps a result. That it cannot be kept is no failure: it is only made again.
    pub(crate) fn keep<T: Serialize>(&self, key: &str, result: &T) {
        let _ = self.try_keep(key, result);
    }

    fn try_keep<T: Serialize>(&self, key: &str, result: &T) -> std::io::Result<()> {
        let path = self.path(key);
        let folder = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(folder)?;
        let json = serde_json::to_string(result)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        // What a power failure tears does not have its hash.
        file.write_all(format!("{}\n{json}", runtimes::sha256(json.as_bytes())).as_bytes())?;
        file.persist(path)?;
        Ok(())
    }

    fn path(&self, key: &str) -> PathBuf {
        let (first, rest) = key.split_at_checked(2).unwrap_or(("", key));
        self.folder.join(first).join(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_and_what_is_damaged_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let results = Results::new(folder.path().into());
        assert_eq!(results.find::<u32>("abcd"), None);
        results.keep("abcd", &7);
        assert_eq!(results.find::<u32>("abcd"), Some(7));
        let path = folder.path().join("ab/cd");
        for damaged in ["", "7", "x\n7"] {
            fs::write(&path, damaged).expect("a file");
            assert_eq!(results.find::<u32>("abcd"), None, "{damaged:?}");
        }
    }
}
