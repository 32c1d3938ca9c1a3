//! Bringing a lower directory's entries into the tree.

use alloc::sync::Arc;

use super::inode::Places;
use super::{Directory, Inode, Kind, Origin, Place, Source, Tree};
use crate::content::Content;
use crate::{Errno, Ino, Lower, LowerEntry, LowerKind};

impl Tree {
    /// Loads a directory that has not been loaded. It is not a change: no time moves and nothing counts against the
    /// quota.
    ///
    /// # Errors
    /// Those of [`Lower::read_dir`]. Then nothing is loaded and the next look tries again.
    pub(super) fn load_directory(&mut self, dir: Ino) -> Result<(), Errno> {
        let (Some(lower), Some(id)) = (self.lower.clone(), self.inode(dir)?.lower) else {
            return Err(Errno::Stale);
        };
        let mut entries = lower.read_dir(id)?;
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        entries.dedup_by(|a, b| a.name == b.name);
        let mut directory = Directory::default();
        for entry in entries {
            let name: Arc<str> = Arc::from(entry.name.as_str());
            directory.subdirs += u64::from(matches!(entry.kind, LowerKind::Directory));
            let ino = self.adopt(&lower, Place { dir: dir.0, name: Arc::clone(&name) }, entry);
            let file_type = self.inode(ino)?.file_type();
            directory.insert(name, ino, file_type, None);
        }
        directory.source = Source::Loaded(directory.names.clone());
        self.inode_mut(dir)?.kind = Kind::Directory(directory);
        Ok(())
    }

    /// The inode for a lower entry: a new one, or one that has been loaded under another name.
    fn adopt(&mut self, lower: &Arc<dyn Lower>, place: Place, entry: LowerEntry) -> Ino {
        let known = self.loaded.get(&entry.id.0).copied();
        let known = known.filter(|ino| self.inodes.get(ino).is_some());
        if let Some(ino) = known
            && entry.kind != LowerKind::Directory
            && let Some(inode) = self.inodes.get_mut(&ino)
        {
            inode.places.insert(place);
            inode.unseen = inode.unseen.saturating_sub(1);
            return Ino(ino);
        }
        let ino = self.number();
        // A directory that the source shows in two places is two directories here: a tree has no loops.
        if known.is_none() {
            self.loaded.insert(entry.id.0, ino);
        }
        let kind = match &entry.kind {
            LowerKind::File { size } => {
                Kind::File(Content::lower(Arc::clone(lower), entry.id, *size))
            }
            LowerKind::Directory => Kind::Directory(Directory::unloaded()),
            LowerKind::Symlink(target) => Kind::Symlink(Arc::clone(target)),
        };
        let mode = entry.mode & super::MODE_BITS;
        let origin = Origin {
            id: entry.id,
            dir: place.dir,
            name: Arc::clone(&place.name),
            kind: entry.kind,
            mode,
        };
        let unseen = match origin.kind {
            LowerKind::Directory => 0,
            LowerKind::File { .. } | LowerKind::Symlink(_) => {
                lower.nlink(origin.id).saturating_sub(1)
            }
        };
        let inode = Inode {
            unseen,
            places: Places::One(place),
            rows: 0,
            mode,
            // The host's own access time changes with every look, so no guest may see it.
            accessed: entry.modified,
            lower: Some(entry.id),
            ..Inode::new(kind, entry.modified)
        };
        self.origins.insert(ino, origin);
        self.inodes.insert(ino, inode);
        Ino(ino)
    }
}
