//! The `args_*` and `environ_*` functions.

mod common;

use common::Guest;
use syscalls::Stop;

fn guest() -> Guest {
    Guest::with(|setup| {
        setup.args = vec![b"prog".to_vec(), b"".to_vec(), "é".as_bytes().to_vec()];
        setup.env = vec![b"A=1".to_vec()];
    })
}

#[test]
fn sizes_and_contents_agree_in_bytes() {
    let mut guest = guest();
    guest.call("args_sizes_get", &[0, 4]).unwrap();
    assert_eq!(guest.text(0, 10), r"\x03\x00\x00\x00\t\x00\x00\x00??");
    guest.call("args_get", &[0x10, 0x20]).unwrap();
    assert_eq!(guest.text(0x10, 14), r" \x00\x00\x00%\x00\x00\x00&\x00\x00\x00??");
    assert_eq!(guest.text(0x20, 11), r"prog\x00\x00\xc3\xa9\x00??");
    guest.call("environ_sizes_get", &[0, 4]).unwrap();
    assert_eq!((guest.u32(0), guest.u32(4)), (1, 4));
    guest.call("environ_get", &[0x10, 0x20]).unwrap();
    assert_eq!((guest.u32(0x10), guest.text(0x20, 4)), (0x20, String::from(r"A=1\x00")));
}

#[test]
fn nothing_is_written_for_no_arguments() {
    let mut guest = Guest::new();
    // No bytes lie anywhere, so even a wild pointer is fine.
    guest.call("args_get", &[0, 0xffff_fff0]).unwrap();
    assert!(guest.memory.iter().all(|byte| *byte == b'?'));
}

#[test]
fn a_pointer_outside_traps_before_anything_is_written() {
    let mut guest = guest();
    let cases = [
        ("args_sizes_get", [0, 0xfffe], "argv_buf_size", 0xfffe, 4),
        ("args_sizes_get", [0xffff_fff0, 0], "argc", 0xffff_fff0, 4),
        ("args_get", [0, 0xfff8], "argv_buf", 0xfff8, 9),
        ("args_get", [0x1_0000, 0], "argv", 0x1_0000, 12),
        ("environ_get", [0, 0xffff_ffff], "environ_buf", 0xffff_ffff, 4),
    ];
    for (name, args, argument, address, len) in cases {
        let Err(Stop::Fault(fault)) = guest.call(name, &args) else { panic!("{name} {args:?}") };
        let expected = (name, argument, address, len, 0x1_0000);
        let fault = (fault.function, fault.argument, fault.address, fault.len, fault.memory_len);
        assert_eq!(fault, expected);
        assert!(guest.memory.iter().all(|byte| *byte == b'?'), "{name}");
    }
}
