//! Archives of any bytes, into a small tree.

mod archive;

use bytes::Bytes;
use stepwell_vfs::{EPOCH, FileSystem, Quota, Timestamp, Tree};

use crate::choices::Choices;
use crate::memory;

/// Small enough to be reached; the largest file is one that no archive of this size fills.
const BYTES_MAX: &[u64] = &[64 << 10, 700];
const INODES_MAX: &[u64] = &[64, 8];
const FILE_BYTES_MAX: &[u64] = &[1 << 42, 512];
/// Sparse maps, copies of names and of what is in files with holes; contents are shared with the archive.
const IMPORT_BYTES_MAX: usize = 8 << 20;
/// A byte that is stored costs at least a byte of quota, and is written with fewer than 64 KiB of zeros around it.
const EXPORT_BYTES_MAX: usize = 256 << 20;

/// Imports an archive into a tree that holds something already. No bytes are a panic or take much memory; what is
/// imported fits the quota; a refused archive has changed nothing; and what was imported is written and read again as
/// the same tree and the same archive.
///
/// # Panics
/// If one of that does not hold.
pub fn tar_import(data: &[u8]) {
    let mut choices = Choices::new(data);
    let quota = any_quota(choices.byte());
    let archive = Bytes::from(archive::from_choices(&mut choices));
    let mut tree = base(quota);
    let before = tree.digest();
    let limit = IMPORT_BYTES_MAX + 8 * archive.len();
    let imported = memory::within(limit, || tree.import_tar(archive, Timestamp(EPOCH.0 + 1)));
    match imported {
        Err(error) => {
            assert!(!error.to_string().is_empty(), "an error has a reason");
            assert_eq!(tree.digest(), before, "{error}: nothing has changed");
        }
        Ok(()) => {
            assert!(tree.bytes_used() <= quota.bytes_max, "the quota of bytes");
            assert!(tree.inodes_used() <= quota.inodes_max, "the quota of inodes");
            memory::within(EXPORT_BYTES_MAX, || check_again(&mut tree));
        }
    }
}

/// A quota, one bit of `choice` for each of its limits.
fn any_quota(choice: u8) -> Quota {
    let limit = |rows: &[u64], bit: u8| rows[usize::from(choice >> bit & 1)];
    Quota {
        bytes_max: limit(BYTES_MAX, 0),
        inodes_max: limit(INODES_MAX, 1),
        file_bytes_max: limit(FILE_BYTES_MAX, 2),
    }
}

/// A tree with a file of two names, a link and a directory.
fn base(quota: Quota) -> Tree {
    let mut tree = Tree::new(quota, EPOCH);
    let file = tree.write_file("d/f", "content".into(), EPOCH).expect("there is room");
    let root = tree.root();
    tree.link(file, root, "a", EPOCH).expect("there is room");
    tree.create_symlink(root, "l", "d", EPOCH).expect("there is room");
    tree
}

/// What was imported comes back from its own archive.
fn check_again(tree: &mut Tree) {
    let mut archive = Vec::new();
    tree.export_tar(&mut archive).expect("a tree can be written");
    let archive = Bytes::from(archive);
    let mut again = Tree::new(Quota { file_bytes_max: u64::MAX, ..Quota::default() }, EPOCH);
    again.import_tar(archive.clone(), EPOCH).expect("what was written can be read");
    assert_eq!(again.digest(), tree.digest(), "a tree and what comes back from its archive");
    let mut twice = Vec::new();
    again.export_tar(&mut twice).expect("a tree can be written");
    assert!(archive == twice, "equal trees make equal archives");
}
