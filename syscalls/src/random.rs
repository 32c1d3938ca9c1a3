//! `random_get`.

use crate::{Context, GuestMemory, Stop};

/// Fills a buffer with random bytes, whatever its length.
pub(crate) fn random_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    buf: u32,
    buf_len: u32,
) -> Result<(), Stop> {
    let place = memory.place("buf", buf, buf_len.into())?;
    ctx.entropy.fill(memory.bytes_mut(place));
    Ok(())
}
