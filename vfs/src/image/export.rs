//! From a tree to an archive.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::ControlFlow;
use std::io::{self, Write};

use hashbrown::HashMap;
use tar::{EntryType, Header};

use super::stored::{self, Copy, zeros};
use super::{BLOCK_BYTES, ImageError, pax};
use crate::{Change, Cookie, Errno, FileSystem, FileType, Ino, Stat, Timestamp, Tree, diff};

/// A tar archive that trees are written to, in GNU's form: a directory before what is in it, entries sorted by the bytes
/// of their names, owner and group 0.
///
/// The first name of a file has its contents, each other is a hard link to it. Fractions of seconds and access times are
/// in extended headers. A file with 64 KiB or more in blocks of zeros is written as a sparse one, whether they are holes in
/// the tree or not, so equal trees make equal archives.
pub struct TarWriter<'o> {
    out: &'o mut dyn Write,
}

impl<'o> TarWriter<'o> {
    /// An archive that is written to `out`.
    pub fn new(out: &'o mut dyn Write) -> Self {
        Self { out }
    }

    /// Adds a whole tree below the directory `at`, which is empty for the archive's own root. An entry for the tree's root
    /// is only written there: elsewhere, `at` is the entry of another tree.
    ///
    /// # Errors
    /// [`ImageError::Tree`] (what lies below the tree cannot be read), [`ImageError::Write`].
    pub fn add_tree(&mut self, tree: &mut Tree, at: &str) -> Result<(), ImageError> {
        let mut export = Export::new(tree, self.out, at);
        let root = export.tree.root();
        if export.at.is_empty() {
            export.add("", root)?;
        }
        export.below("", root)
    }

    /// Adds what `now` has and `base` has not, below the directory `at`: files, directories and links that were added,
    /// changed or renamed, renamed directories with all that is in them, and not their parents. A further name of a file
    /// whose first name has not changed is written as a file.
    ///
    /// A tar archive cannot say that something is gone, so that is returned: the paths of `base` to remove before the
    /// archive is unpacked over it, sorted.
    ///
    /// # Errors
    /// As [`TarWriter::add_tree`].
    pub fn add_diff(
        &mut self,
        base: &Tree,
        now: &mut Tree,
        at: &str,
    ) -> Result<Vec<String>, ImageError> {
        let changes = diff(base, now);
        let mut export = Export::new(now, self.out, at);
        let mut removed = Vec::new();
        let mut added = Vec::new();
        for change in changes {
            match change {
                Change::Added { path, ino } | Change::Modified { path, ino } => {
                    added.push((path, ino));
                }
                Change::Renamed { from, path, ino } => {
                    export.collect(&path, ino, &mut added)?;
                    added.push((path, ino));
                    removed.push(from);
                }
                Change::Removed { path } => removed.push(path),
            }
        }
        added.sort_unstable_by(|(a, _), (b, _)| components(a).cmp(components(b)));
        added.dedup();
        for (path, ino) in &added {
            export.add(path, *ino)?;
        }
        let mut removed: Vec<_> = removed.iter().map(|path| export.archived(path)).collect();
        removed.sort_unstable_by(|a, b| components(a).cmp(components(b)));
        removed.dedup();
        Ok(removed)
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// [`ImageError::Write`].
    pub fn finish(self) -> Result<(), ImageError> {
        zeros(self.out, 2 * BLOCK_BYTES as u64).map_err(ImageError::Write)
    }
}

impl Tree {
    /// Writes the whole tree as one archive: see [`TarWriter::add_tree`].
    ///
    /// # Errors
    /// As [`TarWriter::add_tree`].
    pub fn export_tar(&mut self, out: &mut dyn Write) -> Result<(), ImageError> {
        let mut archive = TarWriter::new(out);
        archive.add_tree(self, "")?;
        archive.finish()
    }

    /// Writes what `now` has and `base` has not as one archive: see [`TarWriter::add_diff`].
    ///
    /// # Errors
    /// As [`TarWriter::add_tree`].
    pub fn export_diff_tar(
        base: &Self,
        now: &mut Self,
        out: &mut dyn Write,
    ) -> Result<Vec<String>, ImageError> {
        let mut archive = TarWriter::new(out);
        let removed = archive.add_diff(base, now, "")?;
        archive.finish()?;
        Ok(removed)
    }
}

fn components(path: &str) -> impl Iterator<Item = &str> {
    path.split('/')
}

/// A tree that is being added to an archive.
struct Export<'t> {
    tree: &'t mut Tree,
    out: &'t mut dyn Write,
    /// The directory of the archive that the tree goes to; empty, or without a slash at its ends.
    at: &'t str,
    /// The first name of each file that has several, in the archive.
    first_names: HashMap<Ino, String>,
}

impl<'t> Export<'t> {
    fn new(tree: &'t mut Tree, out: &'t mut dyn Write, at: &'t str) -> Self {
        Self { tree, out, at: at.trim_matches('/'), first_names: HashMap::new() }
    }

    /// The archive's path for a path of the tree.
    fn archived(&self, path: &str) -> String {
        let slash = if self.at.is_empty() || path.is_empty() { "" } else { "/" };
        format!("{}{slash}{path}", self.at)
    }

    /// Adds everything below `dir`, which is at `path`.
    fn below(&mut self, path: &str, dir: Ino) -> Result<(), ImageError> {
        let mut entries = Vec::new();
        self.collect(path, dir, &mut entries)?;
        for (path, ino) in &entries {
            self.add(path, *ino)?;
        }
        Ok(())
    }

    /// Lists everything below `ino`, which is at `path`, in the order of the archive. Nothing, if it is no directory.
    fn collect(
        &mut self,
        path: &str,
        ino: Ino,
        entries: &mut Vec<(String, Ino)>,
    ) -> Result<(), ImageError> {
        // What is still to be listed, the first last: a tree may be deeper than the stack.
        let mut rest = Vec::from([(path.to_string(), ino, true)]);
        let mut is_start = true;
        while let Some((path, ino, is_dir)) = rest.pop() {
            if is_dir {
                let start = rest.len();
                let visit = &mut |entry: crate::DirEntry<'_>| {
                    let slash = if path.is_empty() { "" } else { "/" };
                    let is_dir = entry.file_type == FileType::Directory;
                    rest.push((format!("{path}{slash}{}", entry.name), entry.ino, is_dir));
                    ControlFlow::Continue(())
                };
                match self.tree.read_dir(ino, Cookie::START, visit) {
                    Ok(()) | Err(Errno::Notdir) => {}
                    Err(errno) => return Err(ImageError::Tree { path, errno }),
                }
                // Names of one directory, so the longer path is not in question.
                rest[start..].sort_unstable_by(|(a, ..), (b, ..)| b.cmp(a));
            }
            if !core::mem::take(&mut is_start) {
                entries.push((path, ino));
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str, ino: Ino) -> Result<(), ImageError> {
        let failed = |errno| ImageError::Tree { path: path.into(), errno };
        let stat = self.tree.stat(ino).map_err(failed)?;
        let path = &self.archived(path);
        if stat.nlink > 1 && stat.file_type != FileType::Directory {
            if let Some(first) = self.first_names.get(&ino) {
                let header = header(EntryType::Link, 0o644, stat.modified);
                let first = first.clone();
                return self.headers(header, path, &first, stat).map_err(ImageError::Write);
            }
            self.first_names.insert(ino, path.clone());
        }
        let mode = self.tree.mode(ino).map_err(failed)?;
        match stat.file_type {
            FileType::Directory => {
                let header = header(EntryType::Directory, mode, stat.modified);
                let path = if path.is_empty() { "./".into() } else { format!("{path}/") };
                self.headers(header, &path, "", stat).map_err(ImageError::Write)
            }
            FileType::SymbolicLink => {
                let target = self.tree.read_link(ino).map_err(failed)?;
                let header = header(EntryType::Symlink, 0o777, stat.modified);
                self.headers(header, path, &target, stat).map_err(ImageError::Write)
            }
            _ => self.add_file(path, mode, stat),
        }
    }

    fn add_file(&mut self, path: &str, mode: u32, stat: Stat) -> Result<(), ImageError> {
        let failed = |errno| ImageError::Tree { path: path.into(), errno };
        let ranges = stored::ranges(self.tree, stat).map_err(failed)?;
        let mut header = header(EntryType::Regular, mode, stat.modified);
        let whole = 0..stat.size;
        let stored = ranges.as_deref().unwrap_or(core::slice::from_ref(&whole));
        let stored_bytes = stored.iter().map(|range| range.end - range.start).sum::<u64>();
        header.set_size(stored_bytes);
        let extensions = match &ranges {
            Some(ranges) => stored::write_map(&mut header, ranges, stat.size),
            None => Vec::new(),
        };
        self.headers(header, path, "", stat).map_err(ImageError::Write)?;
        self.out.write_all(&extensions).map_err(ImageError::Write)?;
        let mut copy = Copy::new(self.out, stored);
        let visit = &mut |offset, bytes: &[u8]| copy.segment(offset, bytes);
        self.tree.segments(stat.ino, visit).map_err(failed)?;
        copy.finish().map_err(ImageError::Write)?;
        self.pad(stored_bytes).map_err(ImageError::Write)
    }

    /// Writes `header`, and before it the headers that say what does not fit into it.
    fn headers(
        &mut self,
        mut header: Header,
        path: &str,
        link: &str,
        stat: Stat,
    ) -> io::Result<()> {
        let mut records = Vec::new();
        for (key, time, wanted) in [
            ("atime", stat.accessed, stat.accessed != stat.modified),
            ("mtime", stat.modified, !stat.modified.0.is_multiple_of(pax::SECOND)),
        ] {
            if wanted {
                pax::push_record(&mut records, key, &decimal_time(time));
            }
        }
        if !records.is_empty() {
            self.extended(EntryType::XHeader, "././@PaxHeader", &records)?;
        }
        if link.len() > header.as_old().linkname.len() {
            let text = format!("{link}\0");
            self.extended(EntryType::GNULongLink, "././@LongLink", text.as_bytes())?;
        }
        if path.len() > header.as_old().name.len() {
            let text = format!("{path}\0");
            self.extended(EntryType::GNULongName, "././@LongLink", text.as_bytes())?;
        }
        fill(&mut header.as_old_mut().name, path);
        fill(&mut header.as_old_mut().linkname, link);
        header.set_cksum();
        self.out.write_all(header.as_bytes())
    }

    /// Writes a header that describes the next one.
    fn extended(&mut self, entry_type: EntryType, name: &str, data: &[u8]) -> io::Result<()> {
        let mut header = header(entry_type, 0o644, Timestamp(0));
        header.set_size(data.len() as u64);
        fill(&mut header.as_old_mut().name, name);
        header.set_cksum();
        self.out.write_all(header.as_bytes())?;
        self.out.write_all(data)?;
        self.pad(data.len() as u64)
    }

    fn pad(&mut self, written: u64) -> io::Result<()> {
        let padding = written.wrapping_neg() % BLOCK_BYTES as u64;
        zeros(self.out, padding)
    }
}

fn header(entry_type: EntryType, mode: u32, modified: Timestamp) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(entry_type);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header.set_mtime(modified.0 / pax::SECOND);
    header
}

/// What of a text fits; longer ones are in a header of their own.
fn fill(field: &mut [u8], text: &str) {
    let len = text.len().min(field.len());
    field[..len].copy_from_slice(&text.as_bytes()[..len]);
}

fn decimal_time(time: Timestamp) -> String {
    format!("{}.{:09}", time.0 / pax::SECOND, time.0 % pax::SECOND)
}
