//! Memories as what differs from those that the module itself makes.
//!
//! ```text
//! for each memory   its bytes u64 | runs u64 | for each run: first page u64, pages u64, their bytes        little-endian
//! ```
//!
//! A page has 4 KiB. What the module does not have at all is zero there.

use alloc::vec::Vec;

use bytes::{Buf, Bytes};
use wasmi::{Extern, Instance, Store};

use super::format::damaged;
use crate::growth::MEMORY_BYTES_END;
use crate::host::{self, Host};
use crate::rewrite::freeze::MEMORY_EXPORT;
use crate::store::PAGE_BYTES;
use crate::{Error, Limits, Module, freeze, growth};

/// The memories of a module as they are after its instantiation, which have at most so many bytes together.
///
/// # Errors
/// [`Error::Image`]: it cannot be instantiated, so there are no images of it.
pub(super) fn initial(module: &Module, bytes_max: usize) -> Result<Vec<Bytes>, Error> {
    let visible = freeze::visible(module)?;
    let context = syscalls::Context::new(syscalls::Setup::new(freeze::no_files()));
    let limits = Limits { memory_bytes_max: bytes_max, ..Limits::default() };
    let mut store = Store::new(visible.compiled.engine(), Host::new(context, &limits, None));
    store.limiter(|host| &mut host.growth);
    growth::make_room(&mut store, &visible);
    let imports = host::imports(&mut store, &visible);
    let instance = Instance::new(&mut store, &visible.compiled, &imports).map_err(|_| {
        damaged("its module takes more memory or table elements than the limits allow")
    })?;
    let mut memories: Vec<(u32, Bytes)> = Vec::new();
    for export in instance.exports(&store) {
        let index = export.name().strip_prefix(MEMORY_EXPORT).and_then(|name| name.parse().ok());
        let Some(index) = index else { continue };
        if let Extern::Memory(memory) = export.into_extern() {
            memories.push((index, Bytes::copy_from_slice(memory.data(&store))));
        }
    }
    memories.sort_by_key(|(index, _)| *index);
    Ok(memories.into_iter().map(|(_, memory)| memory).collect())
}

/// Writes what differs.
pub(crate) fn difference(initial: &[Bytes], memories: &[Bytes]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, memory) in memories.iter().enumerate() {
        let initial = initial.get(at).map_or(&[][..], |initial| initial);
        let runs = runs(initial, memory);
        out.extend_from_slice(&(memory.len() as u64).to_le_bytes());
        out.extend_from_slice(&(runs.len() as u64).to_le_bytes());
        for (first, count) in runs {
            out.extend_from_slice(&(first as u64).to_le_bytes());
            out.extend_from_slice(&(count as u64).to_le_bytes());
            let end = ((first + count) * PAGE_BYTES).min(memory.len());
            out.extend_from_slice(&memory[first * PAGE_BYTES..end]);
        }
    }
    out
}

/// The pages that differ, as runs: the first of each and how many.
fn runs(initial: &[u8], memory: &[u8]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (number, page) in memory.chunks(PAGE_BYTES).enumerate() {
        let start = number * PAGE_BYTES;
        let before = initial.get(start..start + page.len());
        let same = match before {
            Some(before) => before == page,
            None => page.iter().all(|byte| *byte == 0),
        };
        match runs.last_mut() {
            _ if same => {}
            Some((first, count)) if *first + *count == number => *count += 1,
            _ => runs.push((number, 1)),
        }
    }
    runs
}

/// What is not zero, as at most so many pieces: in which memory, from which byte on.
pub(super) fn contents(memories: &[Bytes], pieces_max: usize) -> Vec<(u32, u64, &[u8])> {
    let each: Vec<_> = memories.iter().map(|memory| runs(&[], memory)).collect();
    let mut gap = 0;
    while each.iter().map(|runs| joined(runs, gap).len()).sum::<usize>() > pieces_max {
        gap = gap * 2 + 1;
    }
    let of = |(index, runs): (u32, &Vec<(usize, usize)>)| {
        let runs = joined(runs, gap).into_iter();
        let bounds = runs.map(|(first, count)| (first * PAGE_BYTES, (first + count) * PAGE_BYTES));
        bounds.map(move |(start, end)| (index, start, end))
    };
    let all = (0..).zip(&each).flat_map(of);
    let slice = |(index, start, end): (u32, usize, usize)| {
        let memory = memories.get(index as usize).map_or(&[][..], |memory| memory);
        (index, start as u64, memory.get(start..end.min(memory.len())).unwrap_or_default())
    };
    all.map(slice).collect()
}

/// Runs, with those between which there are at most so many pages as one.
fn joined(runs: &[(usize, usize)], gap: usize) -> Vec<(usize, usize)> {
    let mut out: Vec<(usize, usize)> = Vec::new();
    for (first, count) in runs {
        match out.last_mut() {
            Some((start, pages)) if *start + *pages + gap >= *first => {
                *pages = first + count - *start;
            }
            _ => out.push((*first, *count)),
        }
    }
    out
}

/// Reads what differs: the memories, which have at most so many bytes together.
///
/// # Errors
/// [`Error::Image`].
pub(crate) fn apply(
    initial: &[Bytes],
    mut bytes: &[u8],
    bytes_max: usize,
) -> Result<Vec<Bytes>, Error> {
    let malformed = || damaged("its memories are malformed");
    let mut sizes = Vec::with_capacity(initial.len());
    let mut memories = Vec::with_capacity(initial.len());
    for initial in initial {
        let len = number(&mut bytes)?;
        if len as u64 >= MEMORY_BYTES_END || len < initial.len() {
            return Err(malformed());
        }
        sizes.push(len);
        check_size(sizes.iter().copied(), bytes_max)?;
        let mut memory = zeros(len)?;
        memory[..initial.len()].copy_from_slice(initial);
        for _ in 0..number(&mut bytes)? {
            let (first, count) = (number(&mut bytes)?, number(&mut bytes)?);
            let start = first.checked_mul(PAGE_BYTES).ok_or_else(malformed)?;
            let end = count.checked_mul(PAGE_BYTES).and_then(|run| run.checked_add(start));
            let end = end.ok_or_else(malformed)?.min(len);
            let run = memory.get_mut(start..end).ok_or_else(malformed)?;
            run.copy_from_slice(bytes.get(..run.len()).ok_or_else(malformed)?);
            bytes.advance(run.len());
        }
        memories.push(memory.into());
    }
    if bytes.is_empty() { Ok(memories) } else { Err(malformed()) }
}

/// So many zeros. Of a number from a file, so whether there is room for them is asked before.
fn zeros(len: usize) -> Result<Vec<u8>, Error> {
    let mut room: Vec<u8> = Vec::new();
    let is_there = room.try_reserve_exact(len).is_ok();
    drop(room);
    // Not by filling what was reserved: what an allocator gives zeroed takes no memory until it is written.
    if is_there { Ok(alloc::vec![0; len]) } else { Err(damaged("the host has no memory for it")) }
}

/// Refuses memories of these sizes that have more than so many bytes together.
///
/// # Errors
/// [`Error::Image`].
pub(crate) fn check_size(
    sizes: impl Iterator<Item = usize>,
    bytes_max: usize,
) -> Result<(), Error> {
    let all = sizes.fold(0_usize, usize::saturating_add);
    if all > bytes_max {
        return Err(damaged("its memories are larger than the limit: give it more memory"));
    }
    Ok(())
}

fn number(bytes: &mut &[u8]) -> Result<usize, Error> {
    let malformed = || damaged("its memories are malformed");
    let (number, rest) = bytes.split_first_chunk().ok_or_else(malformed)?;
    *bytes = rest;
    usize::try_from(u64::from_le_bytes(*number)).map_err(|_| malformed())
}
