//! The `sock_*` functions, over connections that the embedder offers.

mod common;

use bytes::Bytes;
use common::{BUF, CREAT, Guest, IOVS, NONBLOCK, OUT, RW};
use syscalls::{ConnectionId, GuestMemory, Socket, Stop, WASMEDGE};
use vfs::{Errno, Input, Output, StreamKind};

fn socket(content: &'static str) -> Socket {
    let mut input = Input::new(StreamKind::Pipe);
    input.feed(Bytes::from_static(content.as_bytes()));
    Socket { input, output: Output::new(StreamKind::Pipe, 8) }
}

/// A guest with a listener on 4, and a connection with content accepted on 5.
fn guest(content: &'static str) -> (Guest, ConnectionId) {
    let mut guest = Guest::new();
    assert_eq!(guest.ctx.add_listener(), Ok(4));
    let id = guest.ctx.offer(4, socket(content)).unwrap();
    guest.errno("sock_accept", &[4, 0, OUT]).unwrap();
    assert_eq!(guest.u32(OUT), 5);
    guest.memory.fill(b'?');
    (guest, id)
}

fn recv(guest: &mut Guest, len: usize, flags: u64) -> Result<String, Stop> {
    let [iovs, iovs_len] = guest.iovec(len);
    guest.call("sock_recv", &[5, iovs, iovs_len, flags, OUT, OUT + 4])?;
    assert_eq!(guest.text(OUT + 4, 3), r"\x00\x00?");
    let n = usize::try_from(guest.u32(OUT)).unwrap();
    Ok(guest.text(BUF, n))
}

fn send(guest: &mut Guest, text: &str) -> Result<u32, Stop> {
    guest.put(BUF, text.as_bytes());
    let [iovs, len] = guest.iovec(text.len());
    guest.call("sock_send", &[5, iovs, len, 0, OUT])?;
    Ok(guest.u32(OUT))
}

fn waits_for_a_socket<T: std::fmt::Debug>(result: Result<T, Stop>) {
    match result {
        Err(Stop::Pending(wait)) => assert!(wait.socket && !wait.input && !wait.output),
        other => panic!("{other:?}"),
    }
}

#[test]
fn other_descriptors_are_no_sockets() {
    let mut guest = Guest::new();
    let file = guest.open("f", CREAT, RW).unwrap();
    for (fd, errno) in
        [(0, Errno::Notsock), (3, Errno::Notsock), (file, Errno::Notsock), (99, Errno::Badf)]
    {
        let wild = 0xffff_fff0;
        assert_eq!(guest.errno("sock_accept", &[fd, 0, wild]), Err(errno), "{fd}");
        assert_eq!(guest.errno("sock_recv", &[fd, wild, 1, 0, wild, wild]), Err(errno), "{fd}");
        assert_eq!(guest.errno("sock_send", &[fd, wild, 1, 0, wild]), Err(errno), "{fd}");
        assert_eq!(guest.errno("sock_shutdown", &[fd, 0]), Err(errno), "{fd}");
    }
}

#[test]
fn connections_are_accepted_in_the_order_they_were_offered() {
    let mut guest = Guest::new();
    let listener = guest.ctx.add_listener().unwrap();
    waits_for_a_socket(guest.call("sock_accept", &[4, 0, OUT]));
    let ids = ["one", "two"].map(|content| guest.ctx.offer(listener, socket(content)).unwrap());
    for content in ["one", "two"] {
        guest.errno("sock_accept", &[4, NONBLOCK, OUT]).unwrap();
        let fd = u64::from(guest.u32(OUT));
        assert_eq!(guest.read(fd, 9), Ok(String::from(content)));
        assert_eq!(guest.read(fd, 9), Err(Errno::Again));
        guest.errno("fd_fdstat_get", &[fd, BUF]).unwrap();
        assert_eq!((guest.get(BUF, 1)[0], guest.get(BUF + 2, 1)[0]), (6, 4));
    }
    guest.errno("fd_fdstat_set_flags", &[4, NONBLOCK]).unwrap();
    assert_eq!(guest.errno("sock_accept", &[4, 0, OUT]), Err(Errno::Again));
    assert_eq!(guest.errno("sock_accept", &[4, 32, OUT]), Err(Errno::Inval));
    assert_eq!(guest.errno("sock_accept", &[5, 0, OUT]), Err(Errno::Inval));
    assert_eq!(guest.ctx.offer(5, socket("")), Err(Errno::Notsock));
    assert!(ids.into_iter().all(|id| guest.ctx.connection(id).is_some()));
}

#[test]
fn receiving_peeking_and_waiting_for_all() {
    let (mut guest, id) = guest("abcdef");
    assert_eq!(recv(&mut guest, 4, 1), Ok(String::from("abcd")));
    assert_eq!(recv(&mut guest, 4, 0), Ok(String::from("abcd")));
    waits_for_a_socket(recv(&mut guest, 4, 2));
    guest.ctx.connection(id).unwrap().input.feed(Bytes::from_static(b"gh"));
    assert_eq!(recv(&mut guest, 4, 2), Ok(String::from("efgh")));
    waits_for_a_socket(recv(&mut guest, 4, 0));
    guest.ctx.connection(id).unwrap().input.close();
    assert_eq!(recv(&mut guest, 4, 2), Ok(String::new()));
    assert_eq!(recv(&mut guest, 4, 4), Err(Errno::Inval.into()));
}

#[test]
fn sending_waits_for_room() {
    let (mut guest, id) = guest("");
    assert_eq!(send(&mut guest, "0123456789"), Ok(8));
    waits_for_a_socket(send(&mut guest, "89"));
    assert_eq!(guest.ctx.connection(id).unwrap().output.drain(), "01234567");
    assert_eq!(guest.write(5, "89"), Ok(2));
    assert_eq!(guest.errno("sock_send", &[5, IOVS, 0, 1, OUT]), Err(Errno::Inval));
}

#[test]
fn shutting_down_closes_one_direction_or_both() {
    let (mut guest, id) = guest("abc");
    for how in [0, 4, 256] {
        assert_eq!(guest.errno("sock_shutdown", &[5, how]), Err(Errno::Inval), "{how}");
    }
    guest.errno("sock_shutdown", &[5, 2]).unwrap();
    assert_eq!(send(&mut guest, "x"), Err(Errno::Pipe.into()));
    assert!(guest.ctx.connection(id).unwrap().output.is_closed());
    guest.errno("sock_shutdown", &[5, 1]).unwrap();
    // What had arrived can still be read.
    assert_eq!(recv(&mut guest, 9, 0), Ok(String::from("abc")));
    assert_eq!(recv(&mut guest, 9, 0), Ok(String::new()));
    assert_eq!(guest.errno("sock_shutdown", &[4, 1]), Err(Errno::Notconn));
}

#[test]
fn what_was_sent_before_hanging_up_can_still_be_drained() {
    let (mut guest, id) = guest("");
    send(&mut guest, "bye").unwrap();
    guest.errno("fd_close", &[5]).unwrap();
    let mut socket = guest.ctx.take_connection(id).unwrap();
    assert!(socket.output.is_closed());
    assert_eq!(socket.output.drain(), "bye");
}

#[test]
fn a_connection_that_was_taken_back_is_reset() {
    let (mut guest, id) = guest("");
    guest.ctx.take_connection(id).unwrap();
    let reset = Stop::Errno(Errno::Connreset);
    assert_eq!((recv(&mut guest, 1, 0), send(&mut guest, "x")), (Err(reset.clone()), Err(reset)));
    assert_eq!(guest.read(5, 1), Err(Errno::Connreset));
    assert_eq!(guest.errno("fd_close", &[5]), Ok(()));
}

#[test]
fn the_extensions_of_wasmedge_are_not_supported() {
    let mut guest = Guest::new();
    for syscall in WASMEDGE {
        let args = vec![u64::from(u32::MAX); syscall.params.len()];
        let result = (syscall.call)(&mut guest.ctx, &mut GuestMemory(&mut guest.memory), &args);
        assert_eq!(result, Err(Errno::Notsup.into()), "{}", syscall.name);
    }
}
