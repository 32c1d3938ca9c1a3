//! Whether a tree that was loaded holds together, and what follows from the rest of its state.
//!
//! The base does hold together, so only inodes that are not the base's are looked at. That directories are a tree needs
//! no walk: a directory reaches further than each that is in it, so none is above itself; and one that has no name is
//! the root, or has nothing in it.

use alloc::vec::Vec;

use crate::state::check;
use crate::tree::{Directory, Inode, Inodes, Kind, Place, ROOT, Tree};
use crate::{Cookie, Ino, LoadError};

/// Counts what the inodes use and checks what is new in `tree`, which was made of `base`.
///
/// # Errors
/// [`LoadError::Inconsistent`].
pub(super) fn settle(base: &Tree, tree: &mut Tree) -> Result<(), LoadError> {
    let mut touched = Vec::new();
    let mut gone = Vec::new();
    let (mut bytes, mut rows) = (base.bytes.used, base.rows.used);
    Inodes::diff(&base.inodes, &tree.inodes, |ino, old, new| {
        if let Some(old) = old {
            bytes = bytes.saturating_sub(old.bytes_charged());
            rows = rows.saturating_sub(old.rows);
        }
        if new.is_some() { &mut touched } else { &mut gone }.push(ino);
    });
    for ino in touched {
        if let Some(inode) = tree.inodes.get_mut(&ino) {
            inode.rows = inode.names().max(1);
            rows = rows.saturating_add(inode.rows);
            bytes = bytes.saturating_add(inode.bytes_charged());
        }
        if let Some(inode) = tree.inodes.get(&ino) {
            check_inode(tree, ino, inode)?;
        }
    }
    tree.bytes.used = bytes;
    tree.rows.used = rows;
    for ino in gone {
        check_gone(base, tree, ino)?;
    }
    let is_root = tree.inodes.get(&ROOT).is_some_and(Inode::is_dir);
    check(is_root, "the root is no directory")?;
    check_holds(base, tree)?;
    check_numbers(base, tree)
}

fn check_inode(tree: &Tree, ino: u64, inode: &Inode) -> Result<(), LoadError> {
    check_is_alive(tree, ino, inode)?;
    let Kind::Directory(directory) = &inode.kind else {
        return Ok(());
    };
    check(inode.names() <= u64::from(ino != ROOT), "a directory has two names")?;
    if !Tree::is_linked(Ino(ino), inode) {
        return check(directory.is_empty(), "a directory is removed and not empty");
    }
    for (cookie, name, child, _) in directory.after(Cookie::START) {
        check(cookie.0 < directory.next_cookie(), "a cookie is not given yet")?;
        check_reach(tree, directory, name, child.0)?;
    }
    inode.places.iter().try_for_each(|place| check_place(tree, place, ino))
}

/// An inode lives while it has a name or is held.
fn check_is_alive(tree: &Tree, ino: u64, inode: &Inode) -> Result<(), LoadError> {
    let is_alive = Tree::is_linked(Ino(ino), inode) || tree.held.get(&ino).is_some();
    check(is_alive, "an inode has no name and is not held")
}

/// The directory that a directory lies in reaches as far.
fn check_place(tree: &Tree, place: &Place, ino: u64) -> Result<(), LoadError> {
    match tree.inodes.get(&place.dir).map(|inode| &inode.kind) {
        Some(Kind::Directory(parent)) => check_reach(tree, parent, &place.name, ino),
        _ => Err(LoadError::Inconsistent("a directory lies in none")),
    }
}

fn check_reach(tree: &Tree, dir: &Directory, name: &str, child: u64) -> Result<(), LoadError> {
    let below = match tree.inodes.get(&child).map(|inode| &inode.kind) {
        Some(Kind::Directory(child)) => child.reach,
        _ => 0,
    };
    check(name.len() + 1 + below <= dir.reach, "a directory does not reach what is in it")
}

/// No name leads to an inode that is gone.
fn check_gone(base: &Tree, tree: &Tree, ino: u64) -> Result<(), LoadError> {
    let mut places = base.inodes.get(&ino).into_iter().flat_map(|inode| inode.places.iter());
    let leads_there = |place: &Place| match tree.inodes.get(&place.dir).map(|inode| &inode.kind) {
        Some(Kind::Directory(dir)) => dir.get(&place.name).is_some_and(|row| row.ino.0 == ino),
        _ => false,
    };
    check(!places.any(leads_there), "a name leads to what is gone")
}

/// What is held exists, and so does what the base held only if there is another reason.
fn check_holds(base: &Tree, tree: &Tree) -> Result<(), LoadError> {
    let all_exist = tree.held.iter().all(|(ino, _)| tree.inodes.get(ino).is_some());
    check(all_exist, "what is held does not exist")?;
    for (ino, _) in base.held.iter() {
        if let Some(inode) = tree.inodes.get(ino) {
            check_is_alive(tree, *ino, inode)?;
        }
    }
    Ok(())
}

/// Every number has been given. Those of new inodes are known to be.
fn check_numbers(base: &Tree, tree: &Tree) -> Result<(), LoadError> {
    let mut last = ROOT;
    if tree.next_ino < base.next_ino {
        Inodes::diff(&Inodes::default(), &tree.inodes, |ino, _, _| last = ino);
    }
    check(last < tree.next_ino, "a number is not given yet")
}
