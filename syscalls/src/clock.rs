//! The `clock_*` functions.

use crate::abi::clock_id;
use crate::{Context, GuestMemory, Stop};

/// Tells the resolution of clock `id` in nanoseconds.
///
/// # Errors
/// - [`vfs::Errno::Inval`]: there is no such clock.
pub(crate) fn clock_res_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    id: u32,
    resolution: u32,
) -> Result<(), Stop> {
    let id = clock_id(id)?;
    let place = memory.place("resolution", resolution, 8)?;
    memory.put_u64(place, ctx.clock.resolution(id));
    Ok(())
}

/// Tells the time of clock `id` in nanoseconds. The precision that the guest asks for is always met.
///
/// # Errors
/// - [`vfs::Errno::Inval`]: there is no such clock.
pub(crate) fn clock_time_get(
    ctx: &mut Context,
    memory: &mut GuestMemory<'_>,
    id: u32,
    _precision: u64,
    time: u32,
) -> Result<(), Stop> {
    let id = clock_id(id)?;
    let place = memory.place("time", time, 8)?;
    memory.put_u64(place, ctx.clock.now(id));
    Ok(())
}
