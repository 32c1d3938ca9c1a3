//! How much memory of the host a piece of work takes, at its peak.

use std::alloc::System;
use std::panic;
use std::sync::Once;

use cap::Cap;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Does `work` with at most `bytes` of memory beyond what is in use.
///
/// An allocation beyond it fails, which ends the program where the code cannot deal with that. The limit is the
/// program's, so no two of these may run at once.
pub(crate) fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    static PANICS: Once = Once::new();

    // A panic is told with a backtrace, which takes memory of its own.
    PANICS.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            lift();
            tell(panic);
        }));
    });
    // What other threads take meanwhile counts too; that is libFuzzer's watchdog, and little.
    let limit = ALLOCATOR.allocated().saturating_add(bytes);
    ALLOCATOR.set_limit(limit).expect("the limit is above what is in use");
    let result = work();
    lift();
    result
}

/// Ends the limit.
fn lift() {
    ALLOCATOR.set_limit(usize::MAX).expect("nothing is above it");
}
