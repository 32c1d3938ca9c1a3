//! The files of a tree, one by one.

use std::ops::ControlFlow;

use bytes::Bytes;
use engine::vfs::{Cookie, EPOCH, Errno, FileSystem, FileType, Ino, Quota, Tree};
use stepwell_everywhere::{Bundle, File, Kind};

/// The files of an archive, or of nothing.
///
/// # Errors
/// It cannot be read, or has what a bundle cannot hold.
pub(crate) fn from_archive(archive: Option<Bytes>) -> Result<Vec<File>, String> {
    let mut tree = Tree::new(Quota::default(), EPOCH);
    if let Some(archive) = archive {
        tree.import_tar(archive, EPOCH).map_err(|error| error.to_string())?;
    }
    let files = of_tree(&mut tree).map_err(|errno| errno.to_string())?;
    let bundle = Bundle { files, ..Bundle::default() };
    let mut copy = bundle.tree().map_err(|errno| errno.to_string())?;
    // Several names of one file become files of their own, for example.
    if copy.digest() != tree.digest() {
        return Err("a bundle cannot hold these files as they are".into());
    }
    Ok(bundle.files)
}

/// Every file of a tree, each directory before what is in it.
fn of_tree(tree: &mut Tree) -> Result<Vec<File>, Errno> {
    let root = tree.root();
    let mut files = Vec::new();
    let mut open = vec![(String::new(), root)];
    while let Some((path, ino)) = open.pop() {
        files.push(file(tree, &path, ino)?);
        if tree.stat(ino)?.file_type == FileType::Directory {
            let below = if path.is_empty() { path } else { path + "/" };
            for name in names(tree, ino)? {
                let child = tree.lookup(ino, &name)?;
                open.push((below.clone() + &name, child));
            }
        }
    }
    Ok(files)
}

/// The names in a directory, but for the two that each has.
fn names(tree: &mut Tree, dir: Ino) -> Result<Vec<String>, Errno> {
    let mut names = Vec::new();
    tree.read_dir(dir, Cookie::START, &mut |entry| {
        if entry.name != "." && entry.name != ".." {
            names.push(entry.name.to_owned());
        }
        ControlFlow::Continue(())
    })?;
    Ok(names)
}

fn file(tree: &mut Tree, path: &str, ino: Ino) -> Result<File, Errno> {
    let stat = tree.stat(ino)?;
    let kind = match stat.file_type {
        FileType::Directory => Kind::Directory,
        FileType::SymbolicLink => Kind::Symlink(tree.read_link(ino)?.to_string()),
        _ => Kind::Regular(tree.read_file(path)?.into()),
    };
    let (accessed, modified) = (stat.accessed, stat.modified);
    Ok(File { path: path.into(), kind, mode: tree.mode(ino)?, accessed, modified })
}

/// A file as the command line puts a program's text into the tree.
pub(crate) fn text(path: &str, content: Bytes) -> File {
    let kind = Kind::Regular(content);
    File { path: path.into(), kind, mode: 0o644, accessed: EPOCH, modified: EPOCH }
}
