//! What `wasi_unstable` lays out differently: everything else is preview1's.

use vfs::{Errno, Stat};

use crate::abi::Whence;
use crate::poll::SubscriptionLayout;
use crate::{Context, GuestMemory, Stop, fd, io, path, poll};

/// How many bytes a `filestat` has.
const FILESTAT_BYTES: usize = 56;

/// `filestat`: the link count is a `u32` and follows the file type.
fn filestat(dev: u64, stat: &Stat) -> [u8; FILESTAT_BYTES] {
    let mut bytes = [0; FILESTAT_BYTES];
    let nlink = u32::try_from(stat.nlink).unwrap_or(u32::MAX);
    bytes[0..8].copy_from_slice(&dev.to_le_bytes());
    bytes[8..16].copy_from_slice(&stat.ino.0.to_le_bytes());
    bytes[16] = stat.file_type as u8;
    bytes[20..24].copy_from_slice(&nlink.to_le_bytes());
    bytes[24..32].copy_from_slice(&stat.size.to_le_bytes());
    bytes[32..40].copy_from_slice(&stat.accessed.0.to_le_bytes());
    bytes[40..48].copy_from_slice(&stat.modified.0.to_le_bytes());
    bytes[48..56].copy_from_slice(&stat.changed.0.to_le_bytes());
    bytes
}

/// `whence`, in the older order.
fn whence(number: u32) -> Result<Whence, Errno> {
    match number {
        0 => Ok(Whence::Cur),
        1 => Ok(Whence::End),
        2 => Ok(Whence::Set),
        _ => Err(Errno::Inval),
    }
}

/// `subscription`: a clock has a name of its own before its number.
const SUBSCRIPTION: SubscriptionLayout =
    SubscriptionLayout { bytes: 56, clock_id: 24, timeout: 32, flags: 48 };

/// As preview1's, with the older `filestat`.
pub(crate) fn fd_filestat_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    buf: u32,
) -> Result<(), Stop> {
    fd::stat_to(ctx, memory, fd, buf, filestat)
}

/// As preview1's, with the older order of `whence`.
pub(crate) fn fd_seek(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    offset: u64,
    number: u32,
    newoffset: u32,
) -> Result<(), Stop> {
    io::seek(ctx, memory, fd, offset, whence(number), newoffset)
}

/// As preview1's, with the older `filestat`.
pub(crate) fn path_filestat_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    fd: u32,
    flags: u32,
    path: u32,
    path_len: u32,
    buf: u32,
) -> Result<(), Stop> {
    path::stat_to(ctx, memory, [fd, flags, path, path_len, buf], filestat)
}

/// As preview1's, with the older `subscription`.
pub(crate) fn poll_oneoff(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    r#in: u32,
    out: u32,
    nsubscriptions: u32,
    nevents: u32,
) -> Result<(), Stop> {
    poll::poll(ctx, memory, [r#in, out, nsubscriptions, nevents], &SUBSCRIPTION)
}
