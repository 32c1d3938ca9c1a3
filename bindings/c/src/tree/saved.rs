//! Trees as bytes, with all that an archive has not: numbers of inodes, the order of listings, quotas.

use ::bytes::Bytes;
use engine::vfs::{Base, Tree};

use crate::bytes::stepwell_bytes;
use crate::door::Door;
use crate::error::stepwell_error;
use crate::handle::{self, Noun};
use crate::status::{Outcome, stepwell_status};
use crate::tree::stepwell_tree;

/// Trees that others are saved as differences to: whoever loads them needs the same again. Owned by the caller. One thread at a
/// time.
pub struct stepwell_bases {
    _private: (),
}

impl Noun for stepwell_bases {
    type Value = Vec<Base>;
    const TAG: u32 = u32::from_le_bytes(*b"base");
    const NAME: &'static str = "stepwell_bases";
}

/// Makes an empty list of bases.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_bases_new(
    out: *mut *mut stepwell_bases,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| door.output(out)?.give(Vec::new()))
}

/// Adds a tree as it is now, in time that grows with it.
///
/// `STEPWELL_TREE`: it lies above a directory of the host's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_bases_add(
    bases: *mut stepwell_bases,
    tree: *const stepwell_tree,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let mut bases = door.exclusive(bases)?;
        bases.push(Base::new(&*door.exclusive(tree)?)?);
        Ok(())
    })
}

/// Frees a list of bases. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_bases_free(bases: *mut stepwell_bases) {
    // SAFETY: the caller keeps the rules of the header.
    unsafe { handle::free(bases) };
}

/// Writes a tree as bytes, as the difference to `base` unless that is NULL: an earlier fork of `tree`, or nothing is saved by it.
/// Equal trees of equal history make equal bytes.
///
/// `STEPWELL_TREE`: it lies above a directory of the host's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_save(
    tree: *const stepwell_tree,
    base: *const stepwell_tree,
    out: *mut *mut stepwell_bytes,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        // In turn, so that a tree can be saved as a difference to itself.
        let base = (!base.is_null()).then(|| door.exclusive(base)).transpose()?;
        let base = base.map(|base| Base::new(&base)).transpose()?;
        out.give(door.exclusive(tree)?.save(base.as_ref())?.into())
    })
}

/// Reads what `stepwell_tree_save` has written. `data` is copied, once, and the files are slices of that copy. `bases` has the
/// tree that it is a difference to, and may be NULL. The bytes may come from anywhere: what they hold is checked.
///
/// `STEPWELL_TREE`: they are damaged, or their base is not there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_tree_load(
    data: *const u8,
    len: usize,
    bases: *const stepwell_bases,
    out: *mut *mut stepwell_tree,
    error: *mut *mut stepwell_error,
) -> stepwell_status {
    // SAFETY: the caller keeps the rules of the header.
    let door = unsafe { Door::new(error) };
    door.pass(|door| {
        let out = door.output(out)?;
        let data = Bytes::copy_from_slice(door.slice(data, len)?);
        out.give(Tree::load(&data, &known(door, bases)?)?)
    })
}

/// The bases in a list, which may be NULL.
pub(crate) fn known(door: &Door, bases: *const stepwell_bases) -> Outcome<Vec<Base>> {
    match bases.is_null() {
        true => Ok(Vec::new()),
        false => Ok(door.exclusive(bases)?.clone()),
    }
}
