//! Archives made by hand.

use tar::{Builder, EntryType, Header};

/// Type, path, link and contents.
pub(crate) type Row<'a> = (EntryType, &'a [u8], &'a [u8], &'a [u8]);

pub(crate) fn pack(entries: &[Row<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (entry_type, path, link, contents) in entries {
        let mut header = Header::new_gnu();
        header.set_entry_type(*entry_type);
        header.set_mode(0o640);
        header.set_mtime(7);
        header.set_size(contents.len() as u64);
        let old = header.as_old_mut();
        old.name[..path.len()].copy_from_slice(path);
        old.linkname[..link.len()].copy_from_slice(link);
        header.set_cksum();
        builder.append(&header, *contents).unwrap();
    }
    builder.into_inner().unwrap()
}

pub(crate) const FILE: EntryType = EntryType::Regular;
pub(crate) const DIR: EntryType = EntryType::Directory;
pub(crate) const LINK: EntryType = EntryType::Link;
pub(crate) const SYMLINK: EntryType = EntryType::Symlink;
