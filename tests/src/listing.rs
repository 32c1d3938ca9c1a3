//! What is in a file system, as text: the same for a tree and for a directory of the host with the same files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use engine::vfs::{Cookie, FileSystem, FileType, Ino};

/// Each path and what it is: its type, and a file's links, size and the hash of its first megabyte, or a link's target.
/// Times and inode numbers are not in it.
pub type Listing = BTreeMap<String, String>;

/// Bytes of a file that are compared, so that a file of many terabytes of nothing is no trouble.
const HEAD_BYTES: usize = 1 << 20;

/// Lists a guest's file system.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn list(files: &mut dyn FileSystem) -> Listing {
    let mut listing = Listing::new();
    let root = files.root();
    list_dir(files, root, "", &mut listing);
    listing
}

fn list_dir(files: &mut dyn FileSystem, dir: Ino, above: &str, listing: &mut Listing) {
    let mut names = Vec::new();
    let visited = files.read_dir(dir, Cookie::START, &mut |entry| {
        names.push(entry.name.to_owned());
        ControlFlow::Continue(())
    });
    visited.expect("the directory can be read");
    for name in names {
        let path = format!("{above}{name}");
        let ino = files.lookup(dir, &name).expect("the entry is there");
        let stat = files.stat(ino).expect("it has attributes");
        let what = match stat.file_type {
            FileType::Directory => {
                list_dir(files, ino, &format!("{path}/"), listing);
                a_directory()
            }
            FileType::SymbolicLink => a_link(&files.read_link(ino).expect("it has a target")),
            FileType::RegularFile => {
                let mut head = vec![0; head_bytes(stat.size)];
                let read = files.read_at(ino, 0, &mut head).expect("the file can be read");
                a_file(stat.nlink, stat.size, &head[..read])
            }
            other => format!("{other:?}"),
        };
        listing.insert(path, what);
    }
}

/// Lists a directory of the host with nothing but the standard library.
///
/// # Panics
/// If it cannot be read.
#[must_use]
pub fn list_host(directory: &Path) -> Listing {
    let mut listing = Listing::new();
    list_host_dir(directory, "", &mut listing);
    listing
}

fn list_host_dir(directory: &Path, above: &str, listing: &mut Listing) {
    for entry in fs::read_dir(directory).expect("the directory can be read") {
        let entry = entry.expect("the directory can be read");
        let path = format!("{above}{}", entry.file_name().to_string_lossy());
        let stat = entry.metadata().expect("it has attributes");
        let what = if stat.is_dir() {
            list_host_dir(&entry.path(), &format!("{path}/"), listing);
            a_directory()
        } else if stat.is_symlink() {
            a_link(&fs::read_link(entry.path()).expect("it has a target").to_string_lossy())
        } else {
            let mut head = Vec::new();
            let opened = fs::OpenOptions::new().read(true).open(entry.path());
            let limit = u64::try_from(HEAD_BYTES).expect("a megabyte");
            let read = opened.and_then(|file| file.take(limit).read_to_end(&mut head));
            read.expect("the file can be read");
            a_file(links(&stat), stat.len(), &head)
        };
        listing.insert(path, what);
    }
}

fn head_bytes(size: u64) -> usize {
    usize::try_from(size).map_or(HEAD_BYTES, |size| size.min(HEAD_BYTES))
}

fn a_directory() -> String {
    "a directory".to_owned()
}

fn a_link(target: &str) -> String {
    format!("a link to {target}")
}

fn a_file(links: u64, size: u64, head: &[u8]) -> String {
    let hash = runtimes::sha256(head);
    format!("a file, {links} links, {size} bytes, {}", &hash[..16])
}

#[cfg(unix)]
fn links(stat: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::nlink(stat)
}

/// The standard library does not tell it on other hosts; no guest there is compared by it.
#[cfg(not(unix))]
fn links(_: &fs::Metadata) -> u64 {
    1
}
