//! Every call of every table, with random arguments, descriptors and memory.

mod guest;

use stepwell_vfs::Errno;
use syscalls::{MODULES, PATH_ERRORS, Stop, Syscall, TraceCall, TraceResult, WASMEDGE};

pub(crate) use self::guest::Guest;
use self::guest::MEMORY_BYTES;
use crate::choices::Choices;
use crate::memory;

const STEPS_MAX: usize = 64;
/// The quota, the queues and the memory of the guest are below 1 MiB together; each is there several times over, since
/// what a call leaves is compared with what was before.
const HOST_BYTES_MAX: usize = 24 << 20;

/// A process with something of everything, small limits and random memory makes random calls, while the host feeds and
/// drains its streams. No call panics or takes more memory than the limits allow; one that does not succeed has changed
/// nothing that the guest can see, and its error is one that the table names.
///
/// # Panics
/// If one of that does not hold.
pub fn syscalls(data: &[u8]) {
    memory::within(HOST_BYTES_MAX, || run(&mut Choices::new(data)));
}

fn run(choices: &mut Choices<'_>) {
    let mut guest = Guest::new(choices);
    let mut before = None;
    for _ in 0..STEPS_MAX {
        if choices.is_empty() {
            break;
        }
        match choices.below(12) {
            0 => guest.act_as_host(choices),
            1 => guest.poke(choices),
            _ => {
                let seen = before.take().unwrap_or_else(|| guest.see());
                let (module, syscall) = any_syscall(choices);
                let args = any_arguments(syscall, choices);
                let result = guest.call(syscall, &args);
                let text =
                    format!("{}{}", TraceCall { syscall, args: &args }, TraceResult(&result));
                assert!(text.starts_with(syscall.name), "{text}");
                if check(module, syscall, &args, &result) {
                    assert!(guest.see() == seen, "{} {args:?}: {result:?}", syscall.name);
                    before = Some(seen);
                }
                guest.check_limits();
                continue;
            }
        }
        before = None;
    }
}

/// Whether the call must have changed nothing.
fn check(module: &str, syscall: &Syscall, args: &[u64], result: &Result<(), Stop>) -> bool {
    let name = syscall.name;
    match result {
        Ok(()) => assert!(syscall.returns_errno, "{name} has no result"),
        Err(Stop::Errno(errno)) => {
            assert!(syscall.returns_errno, "{name} {errno:?}");
            assert!(is_listed(syscall, *errno), "{module} {name} {args:?}: {errno:?}");
        }
        Err(Stop::Exit(_)) => assert_eq!(name, "proc_exit"),
        Err(Stop::Pending(wait)) => {
            let something = wait.input || wait.output || wait.socket || wait.nanoseconds.is_some();
            assert!(something, "{name}: {wait:?}");
        }
        Err(Stop::Fault(fault)) => {
            assert_eq!(fault.function, name);
            let is_param = syscall.params.iter().any(|param| param.name == fault.argument);
            assert!(is_param && fault.memory_len == MEMORY_BYTES as u64, "{name}: {fault}");
        }
    }
    result.is_err()
}

/// Whether the table says that the call can fail in this way.
fn is_listed(syscall: &Syscall, errno: Errno) -> bool {
    let mut names = syscall.errors.split(' ');
    let of_paths = || PATH_ERRORS.split(' ').any(|name| name == errno.name());
    names.any(|name| name == errno.name() || name == "path" && of_paths())
}

pub(crate) fn any_syscall(choices: &mut Choices<'_>) -> (&'static str, &'static Syscall) {
    let (module, table) = match choices.below(8) {
        0..5 => MODULES[0],
        5..7 => MODULES[1],
        _ => ("wasmedge", WASMEDGE),
    };
    (module, &table[choices.below(table.len())])
}

/// Numbers that mean something to one parameter or another.
pub(crate) fn any_arguments(syscall: &Syscall, choices: &mut Choices<'_>) -> Vec<u64> {
    let any = |choices: &mut Choices<'_>| match choices.below(16) {
        0..6 => choices.below(16) as u64,
        6..8 => guest::PATHS + 16 * choices.below(16) as u64,
        8..10 => guest::IOVECS + 8 * choices.below(32) as u64,
        10..12 => choices.below(MEMORY_BYTES + 16) as u64,
        12 => u64::from(u32::MAX) - choices.below(8) as u64,
        13 => 1 << choices.below(64),
        14 => (1 << 1) | (1 << 6),
        _ => choices.u64(),
    };
    syscall.params.iter().map(|_| any(choices)).collect()
}
