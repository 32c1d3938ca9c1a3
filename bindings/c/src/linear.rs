//! Memory for callers that have none of their own: the host of `stepwell.wasm`.

use std::alloc::{GlobalAlloc, Layout, System, alloc, dealloc};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The system's allocator, with a count of what is in use.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call is the system's, with what it was given.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        counted(unsafe { System.alloc(layout) }, layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        counted(unsafe { System.alloc_zeroed(layout) }, layout)
    }

    unsafe fn dealloc(&self, data: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(data, layout) };
    }

    unsafe fn realloc(&self, data: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as above.
        let moved = unsafe { System.realloc(data, layout, new_size) };
        if !moved.is_null() {
            IN_USE.fetch_add(new_size, Ordering::Relaxed);
            IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        moved
    }
}

fn counted(data: *mut u8, layout: Layout) -> *mut u8 {
    if !data.is_null() {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
    }
    data
}

/// Bytes of the library's memory that are in use: by handles, and by what `stepwell_alloc` gave. The memory itself never
/// shrinks. Only `stepwell.wasm` has this.
#[unsafe(no_mangle)]
pub extern "C" fn stepwell_allocated() -> usize {
    IN_USE.load(Ordering::Relaxed)
}

/// Alignment that every type of the header is content with.
const ALIGN: usize = 8;

/// Bytes in the library's memory for what a call is to be given: NULL for 0 bytes, or if there is no memory. Owned by the
/// caller. Only `stepwell.wasm` has this: elsewhere the caller has memory of its own.
#[unsafe(no_mangle)]
pub extern "C" fn stepwell_alloc(len: usize) -> *mut u8 {
    match Layout::from_size_align(len, ALIGN) {
        // SAFETY: the layout has a size.
        Ok(layout) if len > 0 => unsafe { alloc(layout) },
        _ => null_mut(),
    }
}

/// Frees what `stepwell_alloc` gave for `len` bytes. NULL is fine.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stepwell_free(data: *mut u8, len: usize) {
    if let (false, Ok(layout)) = (data.is_null(), Layout::from_size_align(len, ALIGN)) {
        // SAFETY: by the contract it was allocated with this layout.
        unsafe { dealloc(data, layout) };
    }
}
