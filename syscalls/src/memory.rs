//! The guest's memory: bounds-checked, little-endian reads and writes.
//!
//! Checking and using are apart: [`GuestMemory::place`] proves that a region lies inside memory, and what takes the
//! [`Place`] cannot fail. So a call can check every pointer before its first effect.

use alloc::vec::Vec;
use core::ops::Range;

use vfs::Errno;

use crate::{Fault, Stop};

/// The linear memory of the guest that made the call.
pub struct GuestMemory<'a>(pub &'a mut [u8]);

/// A region that was found to lie inside memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    start: usize,
    len: usize,
}

impl Place {
    /// How many bytes it has.
    pub(crate) fn len(self) -> usize {
        self.len
    }

    /// The part of it from byte `at` on, `len` bytes long, cut where the region ends.
    pub(crate) fn part(self, at: usize, len: usize) -> Self {
        let at = at.min(self.len);
        Self { start: self.start + at, len: len.min(self.len - at) }
    }

    fn range(self) -> Range<usize> {
        self.start..self.start + self.len
    }
}

impl GuestMemory<'_> {
    /// Proves that `len` bytes at `address`, which `argument` names, lie inside memory. No bytes lie anywhere.
    #[inline]
    pub(crate) fn place(
        &self,
        argument: &'static str,
        address: u32,
        len: u64,
    ) -> Result<Place, Stop> {
        let memory_len = self.0.len() as u64;
        if len == 0 {
            return Ok(Place::default());
        }
        if len > memory_len || u64::from(address) > memory_len - len {
            return Err(outside(argument, address, len, memory_len));
        }
        // Both are at most the length of a slice.
        #[expect(clippy::cast_possible_truncation, reason = "at most the slice's length")]
        let (start, len) = (address as usize, len as usize);
        Ok(Place { start, len })
    }

    /// The bytes at a place.
    pub(crate) fn bytes(&self, place: Place) -> &[u8] {
        &self.0[place.range()]
    }

    /// The bytes at a place, to be written.
    pub(crate) fn bytes_mut(&mut self, place: Place) -> &mut [u8] {
        &mut self.0[place.range()]
    }

    /// Writes as much of `bytes` as the place has room for.
    pub(crate) fn put(&mut self, place: Place, bytes: &[u8]) {
        let n = place.len.min(bytes.len());
        self.0[place.start..place.start + n].copy_from_slice(&bytes[..n]);
    }

    /// Writes a 32-bit number.
    pub(crate) fn put_u32(&mut self, place: Place, value: u32) {
        self.put(place, &value.to_le_bytes());
    }

    /// Writes a 64-bit number.
    pub(crate) fn put_u64(&mut self, place: Place, value: u64) {
        self.put(place, &value.to_le_bytes());
    }

    /// Reads an array of `iovec` or `ciovec` into `iovecs`, and proves that every buffer lies inside memory.
    ///
    /// # Errors
    /// A fault if the array lies outside; [`Errno::Inval`] if the lengths add up to 2^32 or more; a fault if a buffer
    /// lies outside.
    pub(crate) fn iovecs(
        &self,
        iovecs: &mut Iovecs,
        argument: &'static str,
        address: u32,
        count: u32,
    ) -> Result<(), Stop> {
        let array = self.bytes(self.place(argument, address, u64::from(count) * 8)?);
        let array = array.as_chunks::<8>().0;
        let total: u64 = array.iter().map(|iovec| u64::from(u32_at(iovec, 4))).sum();
        if total > u64::from(u32::MAX) {
            return Err(Errno::Inval.into());
        }
        for iovec in array {
            let place = self.place(argument, u32_at(iovec, 0), u32_at(iovec, 4).into())?;
            if place.len > 0 {
                iovecs.push(place);
            }
        }
        Ok(())
    }
}

/// The fault of a pointer that leads outside.
#[cold]
fn outside(argument: &'static str, address: u32, len: u64, memory_len: u64) -> Stop {
    Stop::Fault(Fault { function: "", argument, address, len, memory_len })
}

/// How many buffers fit without allocating. The standard libraries of C pass two.
const FEW: usize = 4;

/// The buffers of a scattered read or a gathered write that are not empty, in order.
///
/// They are copied out of memory, so that a read which overwrites its own array still does what was checked. It is made
/// empty and filled where it stands, because moving it costs more than checking a buffer.
#[derive(Default)]
pub(crate) struct Iovecs {
    len: usize,
    few: [Place; FEW],
    many: Vec<Place>,
}

impl Iovecs {
    fn push(&mut self, place: Place) {
        if self.len < FEW {
            self.few[self.len] = place;
        } else {
            if self.many.is_empty() {
                self.many.extend_from_slice(&self.few);
            }
            self.many.push(place);
        }
        self.len += 1;
    }

    /// The buffers.
    pub(crate) fn as_slice(&self) -> &[Place] {
        if self.len <= FEW { &self.few[..self.len] } else { &self.many }
    }

    /// Whether there is nothing to transfer.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// The 16-bit number at byte `at` of a wire struct.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array_at(bytes, at))
}

/// The 32-bit number at byte `at` of a wire struct.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array_at(bytes, at))
}

/// The 64-bit number at byte `at` of a wire struct.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(array_at(bytes, at))
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut array = [0; N];
    array.copy_from_slice(&bytes[at..at + N]);
    array
}
