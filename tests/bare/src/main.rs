//! The smallest embedding: one guest on a Cortex-M4, without an operating system or a library of one.
//!
//! It runs a module of a hundred bytes to its end and says through the debugger's semihosting what the guest has written,
//! how many steps it took, and how much memory that needed. `cargo xtask capi bare` builds it and runs it in qemu.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::format;
use core::alloc::{GlobalAlloc, Layout};
use core::arch::asm;
use core::cell::{Cell, RefCell};
use core::panic::PanicInfo;
use core::ptr::{NonNull, addr_of_mut};

use linked_list_allocator::Heap;
use stepwell::{Engine, Limits, Module, Process, State};

/// Writes "hello\n" to standard output.
const GUEST: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x0c\x02\x60\x04\x7f\x7f\x7f\x7f\x01\x7f\x60\0\0\
    \x02\x23\x01\x16wasi_snapshot_preview1\x08fd_write\0\0\
    \x03\x02\x01\x01\
    \x05\x03\x01\0\x01\
    \x07\x13\x02\x06memory\x02\0\x06_start\0\x01\
    \x0a\x0f\x01\x0d\0\x41\x01\x41\0\x41\x01\x41\x20\x10\0\x1a\x0b\
    \x0b\x14\x01\0\x41\0\x0b\x0e\x08\0\0\0\x06\0\0\0hello\n";

/// What the guest and the engine have together.
const HEAP_BYTES: usize = 128 << 10;

fn run() -> Result<(), stepwell::Error> {
    let engine = Engine::default().call_depth_max(100).stack_bytes_max(64 << 10);
    let limits =
        Limits { memory_bytes_max: 64 << 10, output_queue_bytes_max: 256, ..Limits::default() };
    let module = Module::new(&engine, GUEST.into())?;
    let mut process = Process::builder(&module).without_files().limits(limits).spawn()?;
    let state = loop {
        match process.run(10_000) {
            State::Yielded => {}
            state => break state,
        }
    };
    print(&process.drain_stdout());
    print(format!("{state:?} after {} steps\n", process.steps()).as_bytes());
    print(format!("heap: {} bytes\n", HEAP.peak.get()).as_bytes());
    Ok(())
}

#[unsafe(link_section = ".text.reset")]
#[unsafe(no_mangle)]
unsafe extern "C" fn reset() -> ! {
    unsafe extern "C" {
        static mut data_start: u32;
        static mut data_end: u32;
        static mut bss_start: u32;
        static mut bss_end: u32;
        static data_load: u32;
    }
    // SAFETY: the linker script has these, and nothing runs before.
    unsafe {
        // The unit for floating-point numbers is off after a reset.
        let access = 0xe000_ed88 as *mut u32;
        access.write_volatile(access.read_volatile() | 0xf << 20);
        asm!("dsb", "isb");
        let (mut to, mut from) = (addr_of_mut!(data_start), &raw const data_load);
        while to < addr_of_mut!(data_end) {
            to.write_volatile(from.read());
            (to, from) = (to.add(1), from.add(1));
        }
        let mut to = addr_of_mut!(bss_start);
        while to < addr_of_mut!(bss_end) {
            to.write_volatile(0);
            to = to.add(1);
        }
        HEAP.heap.borrow_mut().init(addr_of_mut!(HEAP_SPACE).cast(), HEAP_BYTES);
    }
    let paint = paint_stack();
    if let Err(error) = run() {
        print(format!("{error}\n").as_bytes());
    }
    print(format!("stack: {} bytes\n", used_stack(paint)).as_bytes());
    exit()
}

/// Writes a pattern to what the stack has not used yet: where that starts and ends.
fn paint_stack() -> (*mut u32, *mut u32) {
    unsafe extern "C" {
        static mut bss_end: u32;
    }
    let here = 0_u32;
    let start = addr_of_mut!(bss_end);
    // This function's own frame is left out.
    let end = (&raw const here).cast_mut().wrapping_sub(256);
    let mut to = start;
    while to < end {
        // SAFETY: between the variables and the stack there is nothing else.
        unsafe { to.write_volatile(PAINT) };
        to = to.wrapping_add(1);
    }
    (start, end)
}

/// How many bytes of what was painted have been used.
fn used_stack((start, end): (*mut u32, *mut u32)) -> usize {
    let mut at = start;
    // SAFETY: it was painted just now.
    while at < end && unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    end as usize - at as usize
}

const PAINT: u32 = 0x5a5a_5a5a;

static mut HEAP_SPACE: [u64; HEAP_BYTES / 8] = [0; HEAP_BYTES / 8];

#[global_allocator]
static HEAP: OneThread = OneThread { heap: RefCell::new(Heap::empty()), peak: Cell::new(0) };

/// A heap for a program without threads and interrupts.
struct OneThread {
    heap: RefCell<Heap>,
    peak: Cell<usize>,
}

// SAFETY: there is one thread, and no handler of interrupts.
unsafe impl Sync for OneThread {}

// SAFETY: the heap hands out what nobody else has.
unsafe impl GlobalAlloc for OneThread {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut heap = self.heap.borrow_mut();
        let place = heap.allocate_first_fit(layout).map_or(core::ptr::null_mut(), NonNull::as_ptr);
        self.peak.set(self.peak.get().max(heap.used()));
        place
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        if let Some(place) = NonNull::new(place) {
            // SAFETY: by the contract it was allocated here with this layout.
            unsafe { self.heap.borrow_mut().deallocate(place, layout) };
        }
    }
}

/// Writes to what the debugger shows.
fn print(bytes: &[u8]) {
    for byte in bytes {
        // SAFETY: operation 3 of semihosting writes the byte at the address.
        unsafe { asm!("bkpt 0xab", inout("r0") 3 => _, in("r1") byte) };
    }
}

fn exit() -> ! {
    loop {
        // SAFETY: operation 0x18 of semihosting, with the reason that the program has ended.
        unsafe { asm!("bkpt 0xab", inout("r0") 0x18 => _, in("r1") 0x20026) };
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    print(format!("{info}\n").as_bytes());
    exit()
}
