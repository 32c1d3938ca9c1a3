//! The functions that a host of WebAssembly calls. It imports nothing, so any host can.
//!
//! One byte string goes in at a time: `buffer` says where to, then `load` takes it as a module or `run` as a bundle.

use std::cell::RefCell;

use crate::{Bundle, Guest, Row, Whole};

/// What lies between two calls.
#[derive(Default)]
struct Room {
    buffer: Vec<u8>,
    guest: Option<Result<Guest, String>>,
    row: String,
}

thread_local! {
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Makes room for so many bytes that are to come in: where they go.
#[unsafe(no_mangle)]
extern "C" fn buffer(bytes: usize) -> *mut u8 {
    ROOM.with_borrow_mut(|room| {
        room.buffer = vec![0; bytes];
        room.buffer.as_mut_ptr()
    })
}

/// Takes what came in as the module of the programs to come.
#[unsafe(no_mangle)]
extern "C" fn load() {
    ROOM.with_borrow_mut(|room| {
        // The old one goes first: memory here never shrinks.
        room.guest = None;
        let wasm = core::mem::take(&mut room.buffer);
        room.guest = Some(Guest::load(wasm.into()));
    });
}

/// Takes what came in as a bundle and runs it: where its row is.
#[unsafe(no_mangle)]
extern "C" fn run() -> *const u8 {
    ROOM.with_borrow_mut(|room| {
        let bytes = core::mem::take(&mut room.buffer);
        room.row = match (&room.guest, Bundle::decode(bytes.into())) {
            (Some(guest), Ok(bundle)) => Row::of(guest, &bundle, &mut Whole).to_string(),
            (None, _) => "no module was loaded".into(),
            (_, Err(malformed)) => malformed.to_string(),
        };
        room.row.as_ptr()
    })
}

/// How long that row is.
#[unsafe(no_mangle)]
extern "C" fn row_bytes() -> usize {
    ROOM.with_borrow(|room| room.row.len())
}
