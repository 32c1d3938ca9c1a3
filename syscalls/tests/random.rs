//! `random_get`.

mod common;

use common::Guest;
use syscalls::{SeededEntropy, Stop};

#[test]
fn any_length_is_filled_and_nothing_else() {
    let mut guest = Guest::new();
    guest.errno("random_get", &[0xffff_fff0, 0]).unwrap();
    guest.errno("random_get", &[4, 0]).unwrap();
    assert!(guest.memory.iter().all(|byte| *byte == b'?'));
    guest.errno("random_get", &[4, 300]).unwrap();
    assert_eq!(
        (guest.text(0, 4), guest.text(304, 4)),
        (String::from("????"), String::from("????"))
    );
    assert!(guest.get(4, 300).iter().filter(|byte| **byte != b'?').count() > 250);
    guest.errno("random_get", &[0, 0x1_0000]).unwrap();
    assert!(matches!(guest.call("random_get", &[0, 0x1_0001]), Err(Stop::Fault(_))));
}

#[test]
fn a_seed_gives_the_same_bytes_everywhere() {
    // The key stream of ChaCha8 for an all-zero key and nonce, as published.
    let mut guest = Guest::with(|setup| setup.entropy = Box::new(SeededEntropy::new(0)));
    guest.errno("random_get", &[0, 16]).unwrap();
    let expected = [
        0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09, 0xa5,
        0xa1,
    ];
    assert_eq!(guest.get(0, 16), expected);
}

#[test]
fn a_fork_goes_on_with_the_same_bytes() {
    let mut guest = Guest::new();
    guest.errno("random_get", &[0, 5]).unwrap();
    let mut fork = Guest::new();
    fork.ctx = guest.ctx.fork().unwrap();
    for guest in [&mut guest, &mut fork] {
        guest.errno("random_get", &[0, 64]).unwrap();
    }
    assert_eq!(guest.get(0, 64), fork.get(0, 64));
}
