//! Linux: the image's memory in a sealed file without a name, of which each slot has a private mapping.
//!
//! ```text
//! |<- the image's bytes: the file, privately ->|<- room to grow: nothing, until it is written ->|
//! ^ start                                      ^ rounded up to pages              ^ start + bytes
//! ```
//!
//! To let go of what a process has written is one `madvise` over all of it: pages of the file come back as they are in the
//! file, others as zeros.

use std::ffi::c_void;
use std::os::fd::OwnedFd;
use std::ptr;
use std::sync::Arc;

use engine::{MemoryImage, MemorySlot};
use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{Advice, MapFlags, ProtFlags};

/// A file with the bytes of a memory; nothing if the system does not give one.
pub(crate) fn image(bytes: &[u8]) -> Option<Box<dyn MemoryImage>> {
    if bytes.is_empty() {
        return None;
    }
    let file = write(bytes).ok()?;
    Some(Box::new(Image { file: Arc::new(file), bytes: bytes.len() }))
}

fn write(bytes: &[u8]) -> rustix::io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = rustix::fs::memfd_create("stepwell-image", flags)?;
    rustix::fs::ftruncate(&file, bytes.len() as u64)?;
    for (at, page) in (0_u64..).zip(bytes.chunks(PAGE_BYTES_MIN)) {
        // What is not written is zero, and takes no memory.
        if page.iter().any(|byte| *byte != 0) {
            write_at(&file, page, at * PAGE_BYTES_MIN as u64)?;
        }
    }
    // From here on nobody can change it, whatever they do with the descriptor.
    let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
    rustix::fs::fcntl_add_seals(&file, seals)?;
    Ok(file)
}

fn write_at(file: &OwnedFd, mut bytes: &[u8], mut at: u64) -> rustix::io::Result<()> {
    while !bytes.is_empty() {
        let written = rustix::io::pwrite(file, bytes, at)?;
        if written == 0 {
            return Err(Errno::NOSPC);
        }
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

/// The memory of an image.
struct Image {
    file: Arc<OwnedFd>,
    bytes: usize,
}

impl MemoryImage for Image {
    fn slot(&self, bytes_max: usize) -> Option<Box<dyn MemorySlot>> {
        let bytes = bytes_max.checked_next_multiple_of(rustix::param::page_size())?;
        if bytes < self.bytes {
            return None;
        }
        let mut range = Range::reserve(bytes)?;
        range.expect_filling(self.bytes);
        let file = Some(self.file.clone());
        Some(Box::new(Slot { range, file, image_bytes: self.bytes, is_taken: false }))
    }
}

/// Where the memory of one process lies.
struct Slot {
    range: Range,
    /// What is still to be mapped over the start.
    file: Option<Arc<OwnedFd>>,
    image_bytes: usize,
    is_taken: bool,
}

impl MemorySlot for Slot {
    fn take_buffer(&mut self) -> Option<&'static mut [u8]> {
        if std::mem::replace(&mut self.is_taken, true) {
            return None;
        }
        // SAFETY: the range is mapped for reading and writing, as a whole and for as long as `self.range` lives; it was zero
        // when it was mapped; nothing else has a reference to it, as this is the only place that makes one, once. That it is
        // called static and is not is the contract of `MemorySlot`: a slot is private to this crate and boxed at once, and
        // `Backing` gives it to nobody but the engine, whose store drops the buffer before the slot.
        Some(unsafe { std::slice::from_raw_parts_mut(self.range.start.cast(), self.range.bytes) })
    }

    fn reset(&mut self) -> bool {
        match self.file.take() {
            Some(file) => self.range.map(&file, self.image_bytes).is_ok(),
            None => self.range.forget().is_ok(),
        }
    }
}

/// A range of addresses of our own.
struct Range {
    start: *mut c_void,
    bytes: usize,
}

// SAFETY: a range is a number of bytes and where they start; its methods are system calls, which any thread may make.
unsafe impl Send for Range {}
// SAFETY: as above, and nothing can be done with a shared reference to a range.
unsafe impl Sync for Range {}

impl Range {
    /// Addresses for so many bytes, all zero; no memory until they are written.
    fn reserve(bytes: usize) -> Option<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the system chooses addresses that are not in use.
        let start = unsafe {
            rustix::mm::mmap_anonymous(
                ptr::null_mut(),
                bytes,
                ProtFlags::READ | ProtFlags::WRITE,
                flags,
            )
        };
        Some(Self { start: start.ok()?, bytes })
    }

    /// Says that so many bytes at the start will be written, all of them and soon, as the interpreter does with a new memory.
    fn expect_filling(&mut self, bytes: usize) {
        // A system without large pages does it page by page.
        // SAFETY: the start is mapped and our own, and what is in it stays as it is.
        let _ = unsafe { rustix::mm::madvise(self.start, bytes, Advice::LinuxHugepage) };
    }

    /// Maps a file of so many bytes over the start. If that fails, the start may be mapped no more.
    fn map(&mut self, file: &OwnedFd, bytes: usize) -> rustix::io::Result<()> {
        assert!(bytes <= self.bytes, "the range is large enough for the image");
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED;
        let protection = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: it replaces pages of this range only, which is our own and starts at a page: the file ends within it, and it
        // ends at a page. Nobody looks at them meanwhile: that is the contract of `reset`. The file is sealed, so that
        // neither its size nor its bytes change afterwards.
        let mapped = unsafe { rustix::mm::mmap(self.start, bytes, protection, flags, file, 0) };
        if mapped.is_err() {
            // What was there may be gone, and somebody else's by now. So nothing of it is ever unmapped.
            self.bytes = 0;
        }
        mapped.map(|_| ())
    }

    /// Lets go of all that was written: the start is the file's again, the rest zero.
    fn forget(&mut self) -> rustix::io::Result<()> {
        // SAFETY: the range is mapped as a whole and our own. Nobody looks at it meanwhile: that is the contract of `reset`.
        unsafe { rustix::mm::madvise(self.start, self.bytes, Advice::LinuxDontNeed) }
    }
}

impl Drop for Range {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        // SAFETY: the range is our own and mapped. The only reference to it was given to the engine, which drops what has it
        // before the slot that this range is in.
        let unmapped = unsafe { rustix::mm::munmap(self.start, self.bytes) };
        debug_assert!(unmapped.is_ok(), "the range is mapped");
    }
}

/// The smallest page that a host has.
const PAGE_BYTES_MIN: usize = 4 << 10;
