//! The `clock_*` functions.

mod common;

use common::Guest;
use vfs::{EPOCH, Errno};

#[test]
fn four_clocks_tell_a_time_that_moves_with_the_calls() {
    let mut guest = Guest::new();
    for (id, origin) in [(0, EPOCH.0), (1, 0), (2, 0), (3, 0)] {
        guest.errno("clock_res_get", &[id, 0]).unwrap();
        assert_eq!(guest.u64(0), 1, "clock {id}");
        guest.errno("clock_time_get", &[id, 0, 0]).unwrap();
        assert_eq!(guest.u64(0) - origin, (id + 1) * 2000, "clock {id}");
    }
    for name in ["clock_res_get", "clock_time_get"] {
        let args: &[u64] = if name == "clock_res_get" { &[4, 0] } else { &[4, 0, 0] };
        assert_eq!(guest.errno(name, args), Err(Errno::Inval), "{name}");
    }
}

#[test]
fn an_unaligned_result_is_fine() {
    let mut guest = Guest::new();
    guest.errno("clock_time_get", &[1, 0, 3]).unwrap();
    assert_eq!(guest.text(0, 12), r"???\xe8\x03\x00\x00\x00\x00\x00\x00?");
}

#[test]
fn a_pending_call_costs_time_once_however_often_it_is_made() {
    let mut guest = Guest::new();
    let [iovs, len] = guest.iovec(4);
    for _ in 0..5 {
        guest.call("fd_read", &[0, iovs, len, 0]).unwrap_err();
    }
    guest.ctx.stdin().close();
    guest.call("fd_read", &[0, iovs, len, 0]).unwrap();
    guest.call("clock_time_get", &[1, 0, 0]).unwrap();
    assert_eq!(guest.u64(0), 2000);
}
