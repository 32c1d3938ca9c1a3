//! The files of a tree, by path.

use std::ffi::c_char;
use std::ops::ControlFlow;

use ::bytes::Bytes;
use engine::vfs::{
    Cookie, EPOCH, Errno, FileSystem, FileType, GuestPath, Ino, SetTimes, Step, Timestamp, Tree,
};

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::status::{at, stepwell_status};
use crate::tree::stepwell_tree;

/// The whole content of a file.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, ISDIR, INVAL (a symbolic link, or no path), NAMETOOLONG, NOMEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_read(
    tree: *mut stepwell_tree,
    path: *const c_char,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let path = door.text(path, "the path")?;
        out.give(door.exclusive(tree)?.read_file(path).map_err(at(path))?.into())
    })
}

/// Copies up to `len` bytes of a file from `offset` to `buffer`, and says how many: fewer only where the file ends, 0 at its end
/// and behind it.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, ISDIR, INVAL (a symbolic link, or no path), NAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_read_at(
    tree: *mut stepwell_tree,
    path: *const c_char,
    offset: u64,
    buffer: *mut u8,
    len: usize,
    out: *mut usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let path = door.text(path, "the path")?;
        let buffer = door.buffer(buffer, len)?;
        let mut tree = door.exclusive(tree)?;
        let ino = tree.find(path).map_err(at(path))?;
        let mut count = 0;
        loop {
            let read = tree.read_at(ino, offset.saturating_add(count as u64), &mut buffer[count..]);
            let read = read.map_err(at(path))?;
            count += read;
            if read == 0 || count == len {
                return out.write(count);
            }
        }
    })
}

/// Makes a file, and the directories above it, or replaces the content of the one that is there. `data` is copied, once.
///
/// `STEPWELL_ERRNO`: NOTDIR, ISDIR (also a path that ends in a slash), LOOP (a symbolic link), INVAL, NAMETOOLONG, FBIG,
/// NOSPC. Then nothing has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_write(
    tree: *mut stepwell_tree,
    path: *const c_char,
    data: *const u8,
    len: usize,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let (path, data) = (door.text(path, "the path")?, door.slice(data, len)?);
        let mut tree = door.exclusive(tree)?;
        tree.write_file(path, Bytes::copy_from_slice(data), EPOCH).map_err(at(path))?;
        Ok(())
    })
}

/// Makes a directory and those above it, as far as they are missing.
///
/// `STEPWELL_ERRNO`: NOTDIR, INVAL, NAMETOOLONG, NOSPC. Then nothing has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_mkdir(
    tree: *mut stepwell_tree,
    path: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let path = door.text(path, "the path")?;
        door.exclusive(tree)?.create_dirs(path, EPOCH).map_err(at(path))?;
        Ok(())
    })
}

/// Makes a symbolic link to `target`, which need not exist, and the directories above it.
///
/// `STEPWELL_ERRNO`: EXIST, NOTDIR, ISDIR (the path ends in a slash), INVAL, NAMETOOLONG, NOSPC. Then nothing has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_symlink(
    tree: *mut stepwell_tree,
    target: *const c_char,
    path: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let (target, path) = (door.text(target, "the target")?, door.text(path, "the path")?);
        let mut tree = door.exclusive(tree)?;
        let make = |tree: &mut Tree| {
            let (dir, name) = make_place(tree, path)?;
            tree.create_symlink(dir, name, target, EPOCH).map(|_| ())
        };
        at_once(&mut tree, make).map_err(at(path))
    })
}

/// What a symbolic link leads to, exactly as it was given.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL (no symbolic link), NAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_readlink(
    tree: *mut stepwell_tree,
    path: *const c_char,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let path = door.text(path, "the path")?;
        let mut tree = door.exclusive(tree)?;
        let target = tree.find(path).and_then(|ino| tree.read_link(ino)).map_err(at(path))?;
        out.give(Bytes::copy_from_slice(target.as_bytes()))
    })
}

/// Gives the file at `from` one more name, and makes the directories above that.
///
/// `STEPWELL_ERRNO`: NOENT, EXIST, PERM (a directory), NOTDIR, ISDIR (the new path ends in a slash), INVAL, NAMETOOLONG,
/// NOSPC. Then nothing has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_link(
    tree: *mut stepwell_tree,
    from: *const c_char,
    path: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let (from, path) = (door.text(from, "the path")?, door.text(path, "the new path")?);
        let mut tree = door.exclusive(tree)?;
        let ino = tree.find(from).map_err(at(from))?;
        let make = |tree: &mut Tree| {
            let (dir, name) = make_place(tree, path)?;
            tree.link(ino, dir, name, EPOCH)
        };
        at_once(&mut tree, make).map_err(at(path))
    })
}

/// Moves what is at `from` to `to` and replaces what is there, as rename(2) does.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, ISDIR, NOTEMPTY, INVAL (also the root, and a directory into itself), NAMETOOLONG. Then
/// nothing has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_rename(
    tree: *mut stepwell_tree,
    from: *const c_char,
    to: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let (from, to) = (door.text(from, "the path")?, door.text(to, "the new path")?);
        let mut tree = door.exclusive(tree)?;
        let (from_dir, from_name) = place(&mut tree, from).map_err(at(from))?;
        let (_, moved) = tree.lookup_type(from_dir, from_name).map_err(at(from))?;
        let (dirs, to_name, wants_directory) = split(to).map_err(at(to))?;
        if wants_directory && moved != FileType::Directory {
            return Err(at(to)(Errno::Notdir));
        }
        let to_dir = tree.find(&dirs).map_err(at(to))?;
        tree.rename(from_dir, from_name, to_dir, to_name, EPOCH).map_err(at(to))
    })
}

/// Removes a file, a symbolic link or an empty directory.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, NOTEMPTY, INVAL (also the root), NAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_remove(
    tree: *mut stepwell_tree,
    path: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let path = door.text(path, "the path")?;
        let mut tree = door.exclusive(tree)?;
        let (dir, name) = place(&mut tree, path).map_err(at(path))?;
        remove(&mut tree, dir, name).map_err(at(path))
    })
}

/// Removes a file, a symbolic link, or a directory with everything in it.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL (also the root), NAMETOOLONG. Then nothing has changed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_remove_all(
    tree: *mut stepwell_tree,
    path: *const c_char,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let path = door.text(path, "the path")?;
        let mut tree = door.exclusive(tree)?;
        let (dir, name) = place(&mut tree, path).map_err(at(path))?;
        at_once(&mut tree, |tree| remove_all(tree, dir, name)).map_err(at(path))
    })
}

/// Sets the permission bits of what is at `path`: the lowest twelve. They are kept for archives and never checked.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_set_mode(
    tree: *mut stepwell_tree,
    path: *const c_char,
    mode: u32,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let path = door.text(path, "the path")?;
        let mut tree = door.exclusive(tree)?;
        let ino = tree.find(path).map_err(at(path))?;
        tree.set_mode(ino, mode).map_err(at(path))
    })
}

/// Sets the times of access and modification of what is at `path`: nanoseconds since 1970-01-01T00:00:00Z.
///
/// `STEPWELL_ERRNO`: NOENT, NOTDIR, INVAL, NAMETOOLONG.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_set_times(
    tree: *mut stepwell_tree,
    path: *const c_char,
    accessed: u64,
    modified: u64,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let path = door.text(path, "the path")?;
        let mut tree = door.exclusive(tree)?;
        let ino = tree.find(path).map_err(at(path))?;
        let times =
            SetTimes { accessed: Some(Timestamp(accessed)), modified: Some(Timestamp(modified)) };
        tree.set_times(ino, times, EPOCH).map_err(at(path))
    })
}

/// The path of the directory that `path` lies in, the name in it, and whether that is to be a directory's.
fn split(path: &str) -> Result<(String, &str, bool), Errno> {
    let path = match path.trim_start_matches('/') {
        "" => ".",
        path => path,
    };
    let path = GuestPath::parse(path.as_bytes())?;
    let mut names = Vec::new();
    for step in path.steps() {
        let Step::Down(name) = step else { return Err(Errno::Inval) };
        names.push(name);
    }
    let name = names.pop().ok_or(Errno::Inval)?;
    Ok((names.join("/"), name, path.wants_directory()))
}

/// The directory that something is to be made in, with those above it, and its name.
fn make_place<'a>(tree: &mut Tree, path: &'a str) -> Result<(Ino, &'a str), Errno> {
    let (dirs, name, wants_directory) = split(path)?;
    if wants_directory {
        return Err(Errno::Isdir);
    }
    Ok((tree.create_dirs(&dirs, EPOCH)?, name))
}

/// The directory that `path` lies in, and the name in it.
fn place<'a>(tree: &mut Tree, path: &'a str) -> Result<(Ino, &'a str), Errno> {
    let (dirs, name, wants_directory) = split(path)?;
    let dir = tree.find(&dirs)?;
    if wants_directory {
        let (_, file_type) = tree.lookup_type(dir, name)?;
        if file_type != FileType::Directory {
            return Err(Errno::Notdir);
        }
    }
    Ok((dir, name))
}

/// Makes several changes, or none.
fn at_once(
    tree: &mut Tree,
    changes: impl FnOnce(&mut Tree) -> Result<(), Errno>,
) -> Result<(), Errno> {
    let mut draft = tree.fork();
    changes(&mut draft)?;
    *tree = draft;
    Ok(())
}

/// Removes what has no entries.
fn remove(tree: &mut Tree, dir: Ino, name: &str) -> Result<(), Errno> {
    match tree.lookup_type(dir, name)? {
        (_, FileType::Directory) => tree.remove_dir(dir, name, EPOCH),
        _ => tree.unlink(dir, name, EPOCH),
    }
}

/// Removes a name with everything below it. A guest may nest directories deeper than the stack goes.
fn remove_all(tree: &mut Tree, dir: Ino, name: &str) -> Result<(), Errno> {
    let mut left = vec![(dir, name.to_owned())];
    while let Some((dir, name)) = left.last().cloned() {
        match remove(tree, dir, &name) {
            Ok(()) => {
                left.pop();
            }
            Err(Errno::Notempty) => {
                let ino = tree.lookup(dir, &name)?;
                tree.read_dir(ino, Cookie::START, &mut |entry| {
                    left.push((ino, entry.name.to_owned()));
                    ControlFlow::Continue(())
                })?;
            }
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}
