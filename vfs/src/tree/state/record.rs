//! What is written of a tree. Every field is part of the format: a change is another version of the mark.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// What comes before the records.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    /// The base's digest.
    pub(super) base: Option<[u8; 32]>,
    pub(super) next_ino: u64,
    pub(super) bytes_max: u64,
    pub(super) inodes_max: u64,
    pub(super) file_bytes_max: u64,
    /// Numbers of inodes that are held, and how often.
    pub(super) held: Vec<(u64, u64)>,
    /// Numbers of inodes that the base has and the tree has not, in order.
    pub(super) gone: Vec<u64>,
    /// How many records follow.
    pub(super) records: u64,
}

/// An inode.
#[derive(Serialize, Deserialize)]
pub(super) struct Record<'a> {
    pub(super) ino: u64,
    pub(super) mode: u32,
    pub(super) accessed: u64,
    pub(super) modified: u64,
    pub(super) changed: u64,
    #[serde(borrow)]
    pub(super) kind: KindRecord<'a>,
}

#[derive(Serialize, Deserialize)]
pub(super) enum KindRecord<'a> {
    /// A file or symbolic link with the base's content.
    Kept,
    File(#[serde(borrow)] FileRecord<'a>),
    Directory(#[serde(borrow)] DirectoryRecord<'a>),
    Symlink(&'a str),
}

#[derive(Serialize, Deserialize)]
pub(super) struct FileRecord<'a> {
    pub(super) len: u64,
    /// What it starts with, shared with somebody or not.
    #[serde(borrow, with = "serde_bytes")]
    pub(super) base: &'a [u8],
    /// What has been written over that, by the number of the chunk.
    #[serde(borrow)]
    pub(super) chunks: Vec<(u64, &'a serde_bytes::Bytes)>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct DirectoryRecord<'a> {
    pub(super) next_cookie: u64,
    pub(super) reach: u64,
    /// By cookie: what is there now, where that is not what is there in the base.
    #[serde(borrow)]
    pub(super) rows: Vec<(u64, Option<(&'a str, u64)>)>,
}
