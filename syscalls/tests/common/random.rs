//! Random calls: the guest that makes them, and their arguments.

use proptest::prelude::*;
use syscalls::Socket;
use vfs::{Input, Output, StreamKind};

use crate::common::{CREAT, DIRECTORY, Guest, RW};

/// A guest with something of everything among its first descriptors, and paths and iovecs in its memory.
pub(crate) fn guest(module: &'static str) -> Guest {
    let mut guest = Guest::with(|setup| setup.args = vec![b"prog".to_vec()]);
    guest.mkdir("d").unwrap();
    guest.symlink("f", "l").unwrap();
    guest.open("f", CREAT, RW).unwrap();
    guest.open("d", DIRECTORY, 0).unwrap();
    let listener = guest.ctx.add_listener().unwrap();
    for _ in 0..2 {
        let (input, output) = (Input::new(StreamKind::Pipe), Output::new(StreamKind::Pipe, 64));
        guest.ctx.offer(listener, Socket { input, output }).unwrap();
    }
    guest.errno("sock_accept", &[listener.into(), 0, 0]).unwrap();
    guest.memory.fill(0);
    for (i, path) in ["f", "d", "l", "d/new", ".", "..", "", "/f", "l/x"].iter().enumerate() {
        guest.put(0x100 + 16 * i as u64, path.as_bytes());
    }
    for i in 0..64 {
        guest.put(0x400 + 8 * i, &u32::try_from(0x1000 + 7 * i).unwrap().to_le_bytes());
        guest.put(0x404 + 8 * i, &u32::try_from(i % 5).unwrap().to_le_bytes());
    }
    guest.module = module;
    guest
}

/// Numbers that mean something to one parameter or another.
pub(crate) fn argument() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => 0..12_u64,
        3 => (0..16_u64).prop_map(|i| 0x100 + 16 * i),
        2 => (0..32_u64).prop_map(|i| 0x400 + 8 * i),
        2 => 0..0x1_0010_u64,
        1 => Just(u64::from(u32::MAX)),
        1 => Just(i64::MAX as u64),
        1 => Just(RW),
        1 => any::<u64>(),
    ]
}
