//! The `proc_*` functions, `sched_yield`, and what the table says of all.

mod common;

use common::Guest;
use syscalls::{PREVIEW1, Stop, UNSTABLE, find};
use vfs::Errno;

#[test]
fn exit_carries_all_32_bits() {
    let mut guest = Guest::new();
    for code in [0, 1, 126, 255, 256, u32::MAX] {
        assert_eq!(guest.call("proc_exit", &[code.into()]), Err(Stop::Exit(code)));
    }
}

#[test]
fn there_are_no_signals_and_nobody_to_yield_to() {
    let mut guest = Guest::new();
    assert_eq!(guest.errno("proc_raise", &[9]), Err(Errno::Nosys));
    assert_eq!(guest.errno("proc_raise", &[1000]), Err(Errno::Nosys));
    assert_eq!(guest.errno("sched_yield", &[]), Ok(()));
}

#[test]
fn the_table_has_every_import_once() {
    assert_eq!((PREVIEW1.len(), UNSTABLE.len()), (46, 45));
    for (module, table) in syscalls::MODULES {
        for syscall in *table {
            let same = table.iter().filter(|other| other.name == syscall.name).count();
            assert_eq!(same, 1, "{module}.{}", syscall.name);
            assert_eq!(find(module, syscall.name).unwrap().name, syscall.name);
            assert_eq!(syscall.returns_errno, syscall.name != "proc_exit");
        }
    }
    assert!(find("wasi_unstable", "sock_accept").is_none());
    assert!(find("wasi_snapshot_preview2", "fd_read").is_none());
    assert!(find("wasi_snapshot_preview1", "sock_open").is_none());
}

#[test]
fn every_errno_in_the_table_has_a_number() {
    let names: Vec<_> = Errno::ALL.iter().map(|errno| errno.name()).collect();
    let known = |name: &str| names.contains(&name) || name == "path";
    for syscall in PREVIEW1.iter().chain(UNSTABLE) {
        let mut listed = syscall.errors.split(' ').filter(|name| !name.is_empty());
        assert!(listed.all(known), "{}: {}", syscall.name, syscall.errors);
    }
    assert!(syscalls::PATH_ERRORS.split(' ').all(known));
}
