//! What is in a directory, and what is known of one file.

use std::ffi::c_char;
use std::ops::ControlFlow;
use std::ptr::null;

use engine::vfs::{Cookie, FileSystem, FileType, Stat};

use crate::door::{Door, peek};
use crate::error::stepwell_error;
use crate::handle::{self, Noun, Shared};
use crate::status::{at, stepwell_status};
use crate::tree::stepwell_tree;

/// What something in a tree is, with the numbers of WASI preview1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum stepwell_file_type {
    /// A pipe, or something that has no name here.
    STEPWELL_FILE_TYPE_UNKNOWN = 0,
    /// A block device of the host's.
    STEPWELL_FILE_TYPE_BLOCK_DEVICE = 1,
    /// A character device of the host's.
    STEPWELL_FILE_TYPE_CHARACTER_DEVICE = 2,
    /// A directory.
    STEPWELL_FILE_TYPE_DIRECTORY = 3,
    /// A file.
    STEPWELL_FILE_TYPE_REGULAR_FILE = 4,
    /// A datagram socket of the host's.
    STEPWELL_FILE_TYPE_SOCKET_DGRAM = 5,
    /// A byte-stream socket of the host's.
    STEPWELL_FILE_TYPE_SOCKET_STREAM = 6,
    /// A symbolic link.
    STEPWELL_FILE_TYPE_SYMBOLIC_LINK = 7,
}

use stepwell_file_type::*;

impl From<FileType> for stepwell_file_type {
    fn from(file_type: FileType) -> Self {
        match file_type {
            FileType::Unknown => STEPWELL_FILE_TYPE_UNKNOWN,
            FileType::BlockDevice => STEPWELL_FILE_TYPE_BLOCK_DEVICE,
            FileType::CharacterDevice => STEPWELL_FILE_TYPE_CHARACTER_DEVICE,
            FileType::Directory => STEPWELL_FILE_TYPE_DIRECTORY,
            FileType::RegularFile => STEPWELL_FILE_TYPE_REGULAR_FILE,
            FileType::SocketDgram => STEPWELL_FILE_TYPE_SOCKET_DGRAM,
            FileType::SocketStream => STEPWELL_FILE_TYPE_SOCKET_STREAM,
            FileType::SymbolicLink => STEPWELL_FILE_TYPE_SYMBOLIC_LINK,
        }
    }
}

/// The entries of a directory, sorted by the bytes of their names. Owned by the caller; never changes, so any thread may read
/// it.
pub struct stepwell_listing {
    _private: (),
}

impl Noun for stepwell_listing {
    type Value = Vec<(String, FileType)>;
    const TAG: u32 = u32::from_le_bytes(*b"list");
    const NAME: &'static str = "stepwell_listing";
}

impl Shared for stepwell_listing {}

/// Lists a directory.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_list(
    tree: *mut stepwell_tree,
    path: *const c_char,
    out: *mut *mut stepwell_listing,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let path = door.text(path, "the path")?;
        let mut tree = door.exclusive(tree)?;
        let ino = tree.find(path).map_err(at(path))?;
        let mut entries = Vec::new();
        tree.read_dir(ino, Cookie::START, &mut |entry| {
            entries.push((entry.name.to_owned(), entry.file_type));
            ControlFlow::Continue(())
        })
        .map_err(at(path))?;
        entries.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        out.give(entries)
    })
}

/// How many entries there are; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_listing_count(listing: *const stepwell_listing) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(listing) }.map_or(0, Vec::len)
}

/// The first byte of an entry's name in UTF-8, without NUL at its end. Borrowed until the listing is freed. NULL if there is
/// no such entry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_listing_name(
    listing: *const stepwell_listing,
    index: usize,
) -> *const u8 {
    // SAFETY: the caller keeps the rules of the header.
    let listing = unsafe { peek(listing) };
    listing.and_then(|entries| entries.get(index)).map_or(null(), |(name, _)| name.as_ptr())
}

/// How many bytes the name has; 0 if there is no such entry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_listing_name_len(
    listing: *const stepwell_listing,
    index: usize,
) -> usize {
    // SAFETY: the caller keeps the rules of the header.
    let listing = unsafe { peek(listing) };
    listing.and_then(|entries| entries.get(index)).map_or(0, |(name, _)| name.len())
}

/// What an entry is; `STEPWELL_FILE_TYPE_UNKNOWN` if there is no such entry.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_listing_type(
    listing: *const stepwell_listing,
    index: usize,
) -> stepwell_file_type {
    // SAFETY: the caller keeps the rules of the header.
    let listing = unsafe { peek(listing) };
    let entry = listing.and_then(|entries| entries.get(index));
    entry.map_or(STEPWELL_FILE_TYPE_UNKNOWN, |(_, file_type)| (*file_type).into())
}

/// Frees a listing. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_listing_free(listing: *mut stepwell_listing) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(listing) };
}

/// What is known of a file without opening it. Owned by the caller; never changes, so any thread may read it.
pub struct stepwell_stat {
    _private: (),
}

impl Noun for stepwell_stat {
    type Value = (Stat, u32);
    const TAG: u32 = u32::from_le_bytes(*b"stat");
    const NAME: &'static str = "stepwell_stat";
}

impl Shared for stepwell_stat {}

/// Says what is at `path`; a symbolic link is not followed.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_stat(
    tree: *mut stepwell_tree,
    path: *const c_char,
    out: *mut *mut stepwell_stat,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let path = door.text(path, "the path")?;
        let mut tree = door.exclusive(tree)?;
        let ino = tree.find(path).map_err(at(path))?;
        let stat = tree.stat(ino).map_err(at(path))?;
        out.give((stat, tree.mode(ino).map_err(at(path))?))
    })
}

/// What it is; `STEPWELL_FILE_TYPE_UNKNOWN` for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_stat_type(stat: *const stepwell_stat) -> stepwell_file_type {
    // SAFETY: the caller keeps the rules of the header.
    let stat = unsafe { peek(stat) };
    stat.map_or(STEPWELL_FILE_TYPE_UNKNOWN, |(stat, _)| stat.file_type.into())
}

/// Bytes of a file, or of a symbolic link's target; 0 for a directory and for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_stat_size(stat: *const stepwell_stat) -> u64 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(stat) }.map_or(0, |(stat, _)| stat.size)
}

/// How many names it has; for a directory 2 and one for each directory in it. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_stat_links(stat: *const stepwell_stat) -> u64 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(stat) }.map_or(0, |(stat, _)| stat.nlink)
}

/// Its permission bits; 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_stat_mode(stat: *const stepwell_stat) -> u32 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(stat) }.map_or(0, |(_, mode)| *mode)
}

/// Its time of access, which reading does not change: nanoseconds since 1970-01-01T00:00:00Z. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_stat_accessed(stat: *const stepwell_stat) -> u64 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(stat) }.map_or(0, |(stat, _)| stat.accessed.0)
}

/// When its content last changed: nanoseconds since 1970-01-01T00:00:00Z. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_stat_modified(stat: *const stepwell_stat) -> u64 {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { peek(stat) }.map_or(0, |(stat, _)| stat.modified.0)
}

/// Frees it. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_stat_free(stat: *mut stepwell_stat) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(stat) };
}
