//! Files in the tree at `/`, by path.

use bytes::Bytes;
use engine::vfs::{EPOCH, Mount, Namespace, Quota, Tree};

use crate::{Error, ErrorKind};

/// Puts a file into the tree at `/`.
///
/// # Errors
/// An [`Error`] that names the path: `/` is no tree; [`ErrorKind::Unfit`]: the tree does not take the file.
pub fn put(namespace: &mut Namespace, path: &str, bytes: Bytes) -> Result<(), Error> {
    root(namespace)?
        .write_file(path, bytes, EPOCH)
        .map(|_| ())
        .map_err(|errno| unfit(format_args!("cannot put {path} into the tree: {errno}")))
}

/// Makes a folder in the tree at `/`, and those that it lies in.
///
/// # Errors
/// An [`Error`] that names the path: `/` is no tree; [`ErrorKind::Unfit`]: the tree does not take the folder.
pub fn make_folder(namespace: &mut Namespace, path: &str) -> Result<(), Error> {
    root(namespace)?
        .create_dirs(path, EPOCH)
        .map(|_| ())
        .map_err(|errno| unfit(format_args!("cannot make the folder {path}: {errno}")))
}

fn unfit(message: std::fmt::Arguments<'_>) -> Error {
    Error::new(ErrorKind::Unfit, message)
}

/// Takes a file out of the tree at `/`; `None` if it is not there.
///
/// # Errors
/// An [`Error`] that names the path: `/` is no tree, or the file cannot be removed.
pub fn remove(namespace: &mut Namespace, path: &str) -> Result<Option<Vec<u8>>, Error> {
    let tree = root(namespace)?;
    let Ok(bytes) = tree.read_file(path) else { return Ok(None) };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    tree.find(folder)
        .and_then(|folder| engine::vfs::FileSystem::unlink(tree, folder, name, EPOCH))
        .map_err(|errno| Error::own(format_args!("cannot remove {path}: {errno}")))?;
    Ok(Some(bytes))
}

/// The tree at `/`.
///
/// # Errors
/// An [`Error`]: a directory of the host is mounted there.
pub fn root(namespace: &mut Namespace) -> Result<&mut Tree, Error> {
    let root = namespace.mounts_mut().next().map(|(_, mount)| mount);
    root.and_then(|mount| mount.fs.as_tree_mut()).ok_or_else(|| {
        Error::own("a source file needs a tree at /: mount the read-write directory below /")
    })
}

/// Takes files away, so that none are left.
pub fn take(namespace: &mut Namespace) -> Namespace {
    std::mem::replace(namespace, none())
}

/// An empty tree of which nothing is made, to stand where files were.
#[must_use]
pub fn none() -> Namespace {
    let nothing = Tree::new(Quota::default(), EPOCH);
    Namespace::new(Mount { fs: Box::new(nothing), read_only: true })
}

/// The tree at `/` with the files that a runtime brings, if it brings any.
///
/// # Errors
/// An [`Error`]: the archive of the runtime does not fit into the quota.
pub fn with_base(base: Option<Bytes>, quota: Quota) -> Result<Namespace, Error> {
    let mut tree = Tree::new(quota, EPOCH);
    if let Some(base) = base {
        tree.import_tar(base, EPOCH)
            .map_err(|error| Error::own(format_args!("the runtime's files: {error}")))?;
    }
    Ok(Namespace::new(Mount { fs: Box::new(tree), read_only: false }))
}
