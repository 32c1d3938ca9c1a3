//! The `clock_*` functions.

mod common;

use common::Guest;
use vfs::{EPOCH, Errno};

#[test]
fn four_clocks_tell_a_time_that_moves_with_what_was_computed() {
    let mut guest = Guest::new();
    for (id, origin) in [(0, EPOCH.0), (1, 0), (2, 0), (3, 0)] {
        guest.ctx.computed((id + 1) * 700);
        guest.errno("clock_res_get", &[id, 0]).unwrap();
        assert_eq!(guest.u64(0), 1, "clock {id}");
        guest.errno("clock_time_get", &[id, 0, 0]).unwrap();
        assert_eq!(guest.u64(0) - origin, (id + 1) * 700, "clock {id}");
    }
    for name in ["clock_res_get", "clock_time_get"] {
        let args: &[u64] = if name == "clock_res_get" { &[4, 0] } else { &[4, 0, 0] };
        assert_eq!(guest.errno(name, args), Err(Errno::Inval), "{name}");
    }
}

#[test]
fn an_unaligned_result_is_fine() {
    let mut guest = Guest::new();
    guest.ctx.computed(1000);
    guest.errno("clock_time_get", &[1, 0, 3]).unwrap();
    assert_eq!(guest.text(0, 12), r"???\xe8\x03\x00\x00\x00\x00\x00\x00?");
}

#[test]
fn computing_never_goes_back() {
    let mut guest = Guest::new();
    guest.ctx.computed(2000);
    guest.ctx.computed(1500);
    guest.ctx.computed(2000);
    guest.call("clock_time_get", &[1, 0, 0]).unwrap();
    assert_eq!(guest.u64(0), 2000);
}
