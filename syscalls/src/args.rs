//! The `args_*` and `environ_*` functions.

use alloc::vec::Vec;

use vfs::Errno;

use crate::{Context, GuestMemory, Stop};

/// Writes how many arguments there are and how many bytes they take, with their NULs.
pub(crate) fn args_sizes_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    argc: u32,
    argv_buf_size: u32,
) -> Result<(), Stop> {
    sizes(&ctx.args, memory, ("argc", argc), ("argv_buf_size", argv_buf_size))
}

/// Writes the arguments, and an array of pointers to them.
///
/// ```text
/// argv_buf: "prog\0" "-v\0"      argv: &argv_buf[0], &argv_buf[5]
/// ```
pub(crate) fn args_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    argv: u32,
    argv_buf: u32,
) -> Result<(), Stop> {
    list(&ctx.args, memory, ("argv", argv), ("argv_buf", argv_buf))
}

/// Writes how many environment variables there are and how many bytes they take, with their NULs.
pub(crate) fn environ_sizes_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    environc: u32,
    environ_buf_size: u32,
) -> Result<(), Stop> {
    sizes(&ctx.env, memory, ("environc", environc), ("environ_buf_size", environ_buf_size))
}

/// Writes the environment, each as `NAME=value`, and an array of pointers to them.
pub(crate) fn environ_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    environ: u32,
    environ_buf: u32,
) -> Result<(), Stop> {
    list(&ctx.env, memory, ("environ", environ), ("environ_buf", environ_buf))
}

/// How many strings there are, and their bytes with a NUL each.
///
/// # Errors
/// [`Errno::Overflow`]: no 32-bit memory could hold them.
fn measure(strings: &[Vec<u8>]) -> Result<(u32, u32), Errno> {
    let bytes: usize = strings.iter().map(|string| string.len() + 1).sum();
    let count = u32::try_from(strings.len()).map_err(|_| Errno::Overflow)?;
    Ok((count, u32::try_from(bytes).map_err(|_| Errno::Overflow)?))
}

fn sizes(
    strings: &[Vec<u8>],
    memory: &mut GuestMemory<'_>,
    count: (&'static str, u32),
    size: (&'static str, u32),
) -> Result<(), Stop> {
    let count_place = memory.place(count.0, count.1, 4)?;
    let size_place = memory.place(size.0, size.1, 4)?;
    let (count, size) = measure(strings)?;
    memory.put_u32(count_place, count);
    memory.put_u32(size_place, size);
    Ok(())
}

fn list(
    strings: &[Vec<u8>],
    memory: &mut GuestMemory<'_>,
    pointers: (&'static str, u32),
    buf: (&'static str, u32),
) -> Result<(), Stop> {
    let (count, size) = measure(strings)?;
    let pointers = memory.place(pointers.0, pointers.1, u64::from(count) * 4)?;
    let place = memory.place(buf.0, buf.1, size.into())?;
    let mut at = 0;
    for (i, string) in strings.iter().enumerate() {
        // Both offsets lie inside memory, so the sum is an address.
        let address = u32::try_from(at).ok().and_then(|at| buf.1.checked_add(at));
        memory.put_u32(pointers.part(i * 4, 4), address.ok_or(Errno::Overflow)?);
        memory.put(place.part(at, string.len()), string);
        memory.put(place.part(at + string.len(), 1), b"\0");
        at += string.len() + 1;
    }
    Ok(())
}
