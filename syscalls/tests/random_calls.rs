//! Random calls with random arguments: nothing panics, and what does not succeed changes nothing.

mod common;
#[path = "common/random.rs"]
mod random;

use common::Guest;
use proptest::prelude::*;
use syscalls::{MODULES, Stop};

use self::random::{argument, guest};

/// Everything that a guest can see: each descriptor, and the tree.
fn world(guest: &mut Guest) -> Vec<Vec<u8>> {
    let (module, memory) = (guest.module, guest.memory.clone());
    let mut ctx = guest.ctx.fork().unwrap();
    std::mem::swap(&mut ctx, &mut guest.ctx);
    guest.module = "wasi_snapshot_preview1";
    let mut seen = vec![memory.clone()];
    for fd in 0..12 {
        for (name, args) in [
            ("fd_fdstat_get", vec![fd, 0x8000]),
            ("fd_filestat_get", vec![fd, 0x8100]),
            ("fd_tell", vec![fd, 0x8200]),
            ("fd_readdir", vec![fd, 0x8300, 0x1000, 0, 0x8208]),
            ("fd_pread", vec![fd, 0x400, 64, 0, 0x8208]),
            ("fd_prestat_get", vec![fd, 0x8210]),
        ] {
            let result = guest.call(name, &args);
            seen.push(format!("{result:?}").into_bytes());
        }
        seen.push(guest.get(0x8000, 0x1400).to_vec());
        seen.push(guest.get(0x1000, 0x200).to_vec());
    }
    guest.ctx = ctx;
    guest.memory = memory;
    guest.module = module;
    seen
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_errors_change_nothing(
        module in 0..2_usize,
        calls in proptest::collection::vec((0..46_usize, proptest::collection::vec(argument(), 9)), 1..24),
    ) {
        let (module, table) = MODULES[module];
        let mut guest = guest(module);
        for (index, args) in calls {
            let syscall = &table[index % table.len()];
            let args = &args[..syscall.params.len()];
            let before = world(&mut guest);
            match guest.call(syscall.name, args) {
                Ok(()) => prop_assert!(syscall.returns_errno),
                Err(stop) => {
                    prop_assert!(world(&mut guest) == before, "{} {args:?}: {stop:?}", syscall.name);
                    match stop {
                        Stop::Errno(errno) => prop_assert!(listed(syscall, errno), "{} {errno:?}", syscall.name),
                        Stop::Fault(fault) => {
                            prop_assert_eq!(fault.function, syscall.name);
                            let iovec = fault.argument;
                            prop_assert!(syscall.params.iter().any(|param| param.name == iovec), "{}", fault);
                        }
                        Stop::Exit(_) => prop_assert_eq!(syscall.name, "proc_exit"),
                        Stop::Pending(_) => guest.ctx.forget_pending(),
                    }
                }
            }
        }
    }
}

/// Whether the table says that the call can fail in this way.
fn listed(syscall: &syscalls::Syscall, errno: vfs::Errno) -> bool {
    let path = syscalls::PATH_ERRORS.split(' ');
    let mut names = syscall.errors.split(' ');
    let has_path = names.clone().any(|name| name == "path");
    names.any(|name| name == errno.name())
        || has_path && path.into_iter().any(|name| name == errno.name())
}
