//! What a tree holds, as one hash.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec;
use alloc::vec::{IntoIter, Vec};
use core::ops::ControlFlow;

use sha2::{Digest as _, Sha256};

use crate::{Cookie, Errno, FileSystem, FileType, Ino, Tree};

impl Tree {
    /// A SHA-256 of everything that a tree holds: equal for equal trees on every host, in whatever order and by
    /// whatever forks they were made.
    ///
    /// Names, types, permission bits, times of access and of modification, contents and links count. What a guest
    /// cannot choose does not: inode numbers, places in a listing, times of change, permission bits of symbolic links;
    /// neither does whether zeros are holes, nor whether bytes lie in the tree or below it, nor a file without a name
    /// that is still open.
    ///
    /// The hash is over the following bytes. Every number is little-endian with 64 bits; `text` is its number of bytes,
    /// and these.
    ///
    /// ```text
    /// tree       "stepwell tree 1\n" and the root as a directory with an empty name
    /// directory  03 name:text mode accessed modified, its entries by the bytes of their names, 00
    /// file       04 name:text mode accessed modified size, its blocks, ff ff ff ff ff ff ff ff
    /// block      a number and 4096 bytes: the part of the file that starts at 4096 times the number, with zeros behind
    ///            the end of the file; a block of zeros is left out
    /// link       07 name:text accessed modified target:text
    /// more       01 name:text first:text: one more name of a file or link, and the path of the one that came first
    /// ```
    ///
    /// All directories of a lower source are loaded and its files are read, whence `&mut`; no time moves.
    ///
    /// # Errors
    /// What listing a lower directory or reading a lower file gives.
    pub fn digest(&mut self) -> Result<[u8; 32], Errno> {
        let mut walk = Walk {
            hash: Sha256::new(),
            path: String::new(),
            first_names: BTreeMap::new(),
            open: Vec::new(),
        };
        walk.hash.update(b"stepwell tree 1\n");
        let root = self.root();
        walk.add(self, "", root)?;
        while let Some(directory) = walk.open.last_mut() {
            match directory.entries.next() {
                Some((name, ino)) => walk.add(self, &name, ino)?,
                None => {
                    walk.hash.update([END]);
                    walk.path.truncate(directory.path_bytes);
                    walk.open.pop();
                }
            }
        }
        Ok(walk.hash.finalize().into())
    }
}

const END: u8 = 0;
const MORE: u8 = 1;
const BLOCK_BYTES: usize = 4096;

/// A walk in the order of the hash. A tree may be deeper than the stack.
struct Walk {
    hash: Sha256,
    /// The directory whose entries are being added, with a slash behind it unless it is the root.
    path: String,
    /// The first name of each file that may have several.
    first_names: BTreeMap<Ino, String>,
    /// The directories on the way to that one, the root first.
    open: Vec<OpenDirectory>,
}

struct OpenDirectory {
    /// What of the path is that of the directory that it lies in.
    path_bytes: usize,
    /// What is still to be added.
    entries: IntoIter<(Box<str>, Ino)>,
}

impl Walk {
    fn add(&mut self, tree: &mut Tree, name: &str, ino: Ino) -> Result<(), Errno> {
        let stat = tree.stat(ino)?;
        let is_dir = stat.file_type == FileType::Directory;
        if !is_dir && stat.nlink > 1 {
            if let Some(first) = self.first_names.get(&ino) {
                self.hash.update([MORE]);
                text(&mut self.hash, name);
                text(&mut self.hash, first);
                return Ok(());
            }
            self.first_names.insert(ino, [&self.path, name].concat());
        }
        self.hash.update([stat.file_type as u8]);
        text(&mut self.hash, name);
        if stat.file_type != FileType::SymbolicLink {
            number(&mut self.hash, tree.mode(ino)?.into());
        }
        number(&mut self.hash, stat.accessed.0);
        number(&mut self.hash, stat.modified.0);
        match stat.file_type {
            FileType::Directory => self.enter(tree, name, ino)?,
            FileType::SymbolicLink => text(&mut self.hash, &tree.read_link(ino)?),
            _ => {
                number(&mut self.hash, stat.size);
                let mut blocks = Blocks::new(&mut self.hash);
                tree.segments(ino, &mut |offset, bytes| blocks.add(offset, bytes))?;
                blocks.finish();
            }
        }
        Ok(())
    }

    /// Lets the entries of a directory come next.
    fn enter(&mut self, tree: &mut Tree, name: &str, ino: Ino) -> Result<(), Errno> {
        let mut entries: Vec<(Box<str>, Ino)> = Vec::new();
        tree.read_dir(ino, Cookie::START, &mut |entry| {
            entries.push((entry.name.into(), entry.ino));
            ControlFlow::Continue(())
        })?;
        entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let path_bytes = self.path.len();
        if !self.open.is_empty() {
            self.path.push_str(name);
            self.path.push('/');
        }
        let entries = entries.into_iter();
        self.open.push(OpenDirectory { path_bytes, entries });
        Ok(())
    }
}

fn number(hash: &mut Sha256, number: u64) {
    hash.update(number.to_le_bytes());
}

fn text(hash: &mut Sha256, text: &str) {
    number(hash, text.len() as u64);
    hash.update(text);
}

/// The blocks of a file that are not all zeros, put together from segments in order.
struct Blocks<'h> {
    hash: &'h mut Sha256,
    /// The block that is being filled.
    block: Vec<u8>,
    number: u64,
}

impl<'h> Blocks<'h> {
    fn new(hash: &'h mut Sha256) -> Self {
        Self { hash, block: vec![0; BLOCK_BYTES], number: 0 }
    }

    fn add(&mut self, mut offset: u64, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let number = offset / BLOCK_BYTES as u64;
            if number != self.number {
                self.flush();
                self.number = number;
            }
            // What is left of a division fits.
            let within = usize::try_from(offset % BLOCK_BYTES as u64).unwrap_or(0);
            let (piece, rest) = bytes.split_at(bytes.len().min(BLOCK_BYTES - within));
            self.block[within..within + piece.len()].copy_from_slice(piece);
            offset += piece.len() as u64;
            bytes = rest;
        }
    }

    fn flush(&mut self) {
        if self.block.iter().any(|byte| *byte != 0) {
            number(self.hash, self.number);
            self.hash.update(&self.block);
            self.block.fill(0);
        }
    }

    fn finish(mut self) {
        self.flush();
        number(self.hash, u64::MAX);
    }
}
