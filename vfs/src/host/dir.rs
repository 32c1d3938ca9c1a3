//! A host directory to read from, below a copy-on-write tree.

use std::boxed::Box;
use std::fs::File;
use std::io;
use std::path::Path;
use std::string::String;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec::Vec;

use cap_fs_ext::{DirExt, MetadataExt};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, Metadata};
use hashbrown::HashMap;

use super::attributes::{Key, accessed, file_type, mode, modified};
use super::errno::errno;
use super::file;
use super::recent::Recent;
use crate::{Access, Errno, FileType, Lower, LowerEntry, LowerId, LowerKind};

/// A real directory as the source of a [`Tree`](crate::Tree): nothing in it is ever changed.
///
/// Files are found again by the handle of their directory and their name, so few descriptors are open however large the
/// directory is. Two trees may lie above one `HostDir`.
#[derive(Debug)]
pub struct HostDir {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Where each number was seen last; the root comes first and is its own parent.
    places: Vec<Place>,
    /// What each number was when it was seen last: another file may come to lie at its place.
    keys: Vec<Key>,
    /// How many names each number had when it was seen last, where that is not 1.
    nlinks: HashMap<LowerId, u64>,
    /// Files and links by identity, so that hard links share a number.
    files: HashMap<Key, LowerId>,
    /// Directories by place: one that appears twice (by a mount of the host) is two.
    dirs: HashMap<Place, LowerId>,
    root: Arc<Dir>,
    open_dirs: Recent<Dir>,
    open_files: Recent<File>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    parent: LowerId,
    name: Box<str>,
}

const ROOT: LowerId = LowerId(0);
const OPEN_DIRS_MAX: usize = 64;
const OPEN_FILES_MAX: usize = 64;

impl HostDir {
    /// Opens the directory at `path`.
    ///
    /// # Errors
    /// What the host says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let root = Arc::new(Dir::open_ambient_dir(path, ambient_authority())?);
        let place = Place { parent: ROOT, name: "".into() };
        let key = Key::of(&root.dir_metadata()?);
        Ok(Self {
            state: Mutex::new(State {
                places: Vec::from([place]),
                keys: Vec::from([key]),
                nlinks: HashMap::new(),
                files: HashMap::new(),
                dirs: HashMap::new(),
                root,
                open_dirs: Recent::new(OPEN_DIRS_MAX),
                open_files: Recent::new(OPEN_FILES_MAX),
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What is behind the lock is whole after any statement, so a panic elsewhere while it was held does no harm.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lower for HostDir {
    fn read_dir(&self, dir: LowerId) -> Result<Vec<LowerEntry>, Errno> {
        let handle = self.state().dir(dir)?;
        let mut seen = list(&handle)?;
        seen.sort_unstable_by(|(a, ..), (b, ..)| a.cmp(b));
        let mut state = self.state();
        let entry = |(name, kind, metadata): (String, LowerKind, Metadata)| LowerEntry {
            id: state.number(dir, &name, &kind, &metadata),
            name,
            kind,
            accessed: accessed(&metadata),
            modified: modified(&metadata),
            mode: mode(&metadata),
        };
        Ok(seen.into_iter().map(entry).collect())
    }

    fn read_at(&self, file: LowerId, offset: u64, out: &mut [u8]) -> Result<usize, Errno> {
        let handle = self.state().file(file)?;
        file::read_at(&handle, offset, out)
    }

    fn nlink(&self, file: LowerId) -> u64 {
        self.state().nlinks.get(&file).copied().unwrap_or(1)
    }
}

/// What can be shown of a directory, in no order.
fn list(dir: &Dir) -> Result<Vec<(String, LowerKind, Metadata)>, Errno> {
    let mut seen = Vec::new();
    for entry in dir.entries().map_err(errno)? {
        let entry = entry.map_err(errno)?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        // An entry that is gone meanwhile was not there.
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let kind = match file_type(&metadata) {
            FileType::RegularFile => LowerKind::File { size: metadata.len() },
            FileType::Directory => LowerKind::Directory,
            FileType::SymbolicLink => {
                let Ok(target) = dir.read_link_contents(&name) else {
                    continue;
                };
                let Some(target) = target.to_str() else {
                    continue;
                };
                LowerKind::Symlink(target.into())
            }
            _ => continue,
        };
        seen.push((name, kind, metadata));
    }
    Ok(seen)
}

impl State {
    /// The number of what was seen in `parent` as `name`, new if need be.
    fn number(
        &mut self,
        parent: LowerId,
        name: &str,
        kind: &LowerKind,
        metadata: &Metadata,
    ) -> LowerId {
        let (place, key) = (Place { parent, name: name.into() }, Key::of(metadata));
        let known = match kind {
            LowerKind::Directory => self.dirs.get(&place).copied(),
            _ => self.files.get(&key).copied().filter(|id| self.is_same(*id, &place, metadata)),
        };
        let id = known.unwrap_or(LowerId(self.places.len() as u64));
        if *kind == LowerKind::Directory {
            self.dirs.insert(place.clone(), id);
        } else {
            self.files.insert(key, id);
            if metadata.nlink() > 1 {
                self.nlinks.insert(id, metadata.nlink());
            }
        }
        match usize::try_from(id.0).ok().filter(|index| *index < self.places.len()) {
            // The place seen last is the one that most likely still holds.
            Some(index) => (self.places[index], self.keys[index]) = (place, key),
            None => {
                self.places.push(place);
                self.keys.push(key);
            }
        }
        id
    }

    /// Whether what was seen at `place` is the file `id`, whose key it has: one of several names, or the same name
    /// again. If the file is gone, the host has used its key for another one.
    fn is_same(&mut self, id: LowerId, place: &Place, metadata: &Metadata) -> bool {
        let Ok(known) = self.place(id).cloned() else {
            return false;
        };
        let still_there = |dir: Arc<Dir>| {
            let found = dir.symlink_metadata(&*known.name);
            found.is_ok_and(|found| Key::of(&found) == Key::of(metadata))
        };
        known == *place || (metadata.nlink() > 1 && self.dir(known.parent).is_ok_and(still_there))
    }

    fn place(&self, id: LowerId) -> Result<&Place, Errno> {
        usize::try_from(id.0).ok().and_then(|index| self.places.get(index)).ok_or(Errno::Noent)
    }

    /// The handle of a directory, opened from the nearest parent that has one.
    fn dir(&mut self, dir: LowerId) -> Result<Arc<Dir>, Errno> {
        let mut to_open = Vec::new();
        let mut at = dir;
        let mut handle = loop {
            if at == ROOT {
                break self.root.clone();
            }
            if let Some(handle) = self.open_dirs.get(at.0) {
                break handle;
            }
            to_open.push(at);
            at = self.place(at)?.parent;
        };
        while let Some(id) = to_open.pop() {
            let opened = handle.open_dir_nofollow(&*self.place(id)?.name).map_err(errno)?;
            handle = Arc::new(opened);
            self.open_dirs.insert(id.0, handle.clone());
        }
        Ok(handle)
    }

    fn file(&mut self, file: LowerId) -> Result<Arc<File>, Errno> {
        if let Some(handle) = self.open_files.get(file.0) {
            return Ok(handle);
        }
        let Place { parent, name } = self.place(file)?.clone();
        let dir = self.dir(parent)?;
        let (opened, metadata) = file::open(&dir, &name, Access { read: true, write: false })?;
        let key = usize::try_from(file.0).ok().and_then(|index| self.keys.get(index));
        if key != Some(&Key::of(&metadata)) {
            // Half of one file and half of another would be neither.
            return Err(Errno::Noent);
        }
        let handle = Arc::new(opened);
        self.open_files.insert(file.0, handle.clone());
        Ok(handle)
    }
}
