//! Connections that the host offers to a guest: how they wake it, and that a run with them can be repeated.

mod common;

use common::{module, run};
use stepwell::vfs::Errno;
use stepwell::{ConnectionId, Limits, Process, State, TrapKind};

/// Accepts one connection after the other from descriptor 4 and sends back what comes, `chunk` bytes at a time at most.
/// A chunk that begins with `!` ends in `unreachable`, an error in the exit code.
fn echo(chunk: u32) -> String {
    format!(
        r#"
(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv"
    (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (memory (export "memory") 1)
  (func $check (param i32) (if (local.get 0) (then (call $proc_exit (local.get 0)))))
  (func $shout (if (i32.eq (i32.load8_u (i32.const 64)) (i32.const 33)) (then unreachable)))
  (func $serve (param $fd i32)
    (loop $next
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const {chunk}))
      (call $check (call $sock_recv
        (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8) (i32.const 12)))
      (if (i32.load (i32.const 8)) (then
        (call $shout)
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (call $check (call $sock_send
          (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8)))
        (br $next))))
    (call $check (call $fd_close (local.get $fd))))
  (func (export "_start")
    (loop $next
      (call $check (call $sock_accept (i32.const 4) (i32.const 0) (i32.const 16)))
      (call $serve (i32.load (i32.const 16)))
      (br $next))))
"#
    )
}

/// Makes its listener and its first connection non-blocking, sends 8 bytes at a time for as long as there is room, waits
/// for a byte, and so on; after the third byte it traps. How often it sends depends on when the host drains.
const SENDER: &str = r#"
(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_recv"
    (func $sock_recv (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\08\00\00\00")
  (data (i32.const 64) "payload.")
  (func $wait (param $fd i32)
    (i32.store8 (i32.const 136) (i32.const 1))
    (i32.store (i32.const 144) (local.get $fd))
    (if (call $poll_oneoff (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 8)) (then unreachable)))
  (func $flood (param $fd i32)
    (loop $more
      (br_if $more (i32.eqz (call $sock_send
        (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8))))))
  (func $turn (param $fd i32)
    (call $flood (local.get $fd))
    (call $wait (local.get $fd))
    (i32.store (i32.const 16) (i32.const 32)) (i32.store (i32.const 20) (i32.const 1))
    (if (call $sock_recv
          (local.get $fd) (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 8) (i32.const 12))
      (then unreachable)))
  (func (export "_start") (local $fd i32) (local $left i32)
    (call $wait (i32.const 4))
    (if (call $sock_accept (i32.const 4) (i32.const 4) (i32.const 24)) (then unreachable))
    (local.set $fd (i32.load (i32.const 24)))
    (local.set $left (i32.const 3))
    (loop $next
      (call $turn (local.get $fd))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    unreachable))
"#;

/// Sends 6 bytes at a time on a connection that does not wait, and polls for room when there is none, 10 times.
const POLLS_FOR_ROOM: &str = r#"
(module
  (import "wasi_snapshot_preview1" "sock_accept" (func $sock_accept (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "sock_send" (func $sock_send (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\06\00\00\00")
  (data (i32.const 64) "sixes.")
  (func (export "_start") (local $left i32)
    (if (call $sock_accept (i32.const 4) (i32.const 4) (i32.const 144)) (then unreachable))
    (i32.store8 (i32.const 136) (i32.const 2))
    (local.set $left (i32.const 10))
    (loop $next
      (loop $again
        (if (call $sock_send
              (i32.load (i32.const 144)) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 8))
          (then
            (if (call $poll_oneoff (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 8))
              (then unreachable))
            (br $again))))
      (br_if $next (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))
"#;

fn listening(text: &str, limits: Limits) -> Process {
    Process::builder(&module(text)).listener().limits(limits).spawn().unwrap()
}

/// Runs until the process waits for a socket and nothing else.
#[track_caller]
fn waits(process: &mut Process) {
    let state = run(process);
    let State::Blocked(wait) = &state else { panic!("{state:?}") };
    assert!(wait.socket && !wait.input && !wait.output && wait.nanoseconds.is_none(), "{wait:?}");
}

fn feed(process: &mut Process, id: ConnectionId, text: &'static str) {
    process.connection(id).feed(text.into());
}

#[test]
fn listeners_come_after_the_directories() {
    let text = r#"(module (func (export "_start")))"#;
    let count = |count: usize, fds_max: u32| {
        let wasm = module(text);
        let builder = (0..count).fold(Process::builder(&wasm), |builder, _| builder.listener());
        let limits = Limits { fds_max, ..Limits::default() };
        builder.limits(limits).spawn().unwrap().listeners().to_vec()
    };
    assert!(count(0, 1024).is_empty());
    assert_eq!(count(3, 1024), [4, 5, 6]);
    assert_eq!(count(3, 6), [4, 5], "no descriptor is left for the third");
}

#[test]
fn accepting_blocks_until_a_connection_is_offered() {
    let mut process = listening(&echo(16), Limits::default());
    waits(&mut process);
    waits(&mut process);
    let id = process.offer(4).unwrap();
    waits(&mut process);
    feed(&mut process, id, "hello ");
    assert_eq!(process.connection(id).queued(), 6);
    waits(&mut process);
    assert_eq!(process.connection(id).queued(), 0);
    feed(&mut process, id, "world");
    waits(&mut process);
    assert_eq!(process.connection(id).drain(), "hello world");
    assert!(!process.connection(id).is_closed());
    process.connection(id).close_input();
    waits(&mut process);
    assert!(process.connection(id).is_closed(), "the guest closes it at the end of its input");
    feed(&mut process, id, "too late");
    assert_eq!(process.connection(id).queued(), 0);
}

#[test]
fn connections_can_be_offered_and_fed_before_the_guest_runs() {
    let mut process = listening(&echo(16), Limits::default());
    let ids = ["one", "two", "three"].map(|text| {
        let id = process.offer(4).unwrap();
        feed(&mut process, id, text);
        process.connection(id).close_input();
        (id, text)
    });
    waits(&mut process);
    for (id, text) in ids {
        assert_eq!(process.connection(id).drain(), text);
        assert!(process.connection(id).is_closed());
    }
}

#[test]
fn sending_blocks_until_the_host_drains() {
    let limits = Limits { output_queue_bytes_max: 8, ..Limits::default() };
    let mut process = listening(&echo(16), limits);
    let id = process.offer(4).unwrap();
    feed(&mut process, id, "0123456");
    waits(&mut process);
    feed(&mut process, id, "89");
    waits(&mut process);
    assert_eq!(process.connection(id).drain(), "0123456", "two more do not fit");
    waits(&mut process);
    assert_eq!(process.connection(id).drain(), "89");
}

#[test]
fn polling_for_room_blocks_until_there_is_enough_to_send() {
    let limits = Limits { output_queue_bytes_max: 8, steps_max: 100_000, ..Limits::default() };
    let mut process = listening(POLLS_FOR_ROOM, limits);
    let id = process.offer(4).unwrap();
    for _ in 1..10 {
        waits(&mut process);
        assert_eq!(process.connection(id).drain(), "sixes.");
    }
    assert_eq!(run(&mut process), State::Exited(0));
}

#[test]
fn what_the_host_closes_or_takes_back_is_an_error_of_the_guests() {
    for (resets, errno) in [(false, Errno::Pipe), (true, Errno::Connreset)] {
        let mut process = listening(&echo(16), Limits::default());
        let id = process.offer(4).unwrap();
        waits(&mut process);
        feed(&mut process, id, "x");
        match resets {
            false => process.connection(id).close_output(),
            true => process.connection(id).reset(),
        }
        assert!(process.connection(id).is_closed());
        assert_eq!(run(&mut process), State::Exited(errno as u32));
        feed(&mut process, id, "y");
        assert!(process.connection(id).drain().is_empty());
    }
}

#[test]
fn nothing_can_be_offered_where_nobody_listens() {
    let mut process = listening(&echo(16), Limits::default());
    for (fd, errno) in
        [(0, Errno::Notsock), (3, Errno::Notsock), (5, Errno::Badf), (99, Errno::Badf)]
    {
        assert_eq!(process.offer(fd), Err(errno), "{fd}");
    }
    let id = process.offer(4).unwrap();
    let waiting = process.offer(4).unwrap();
    feed(&mut process, id, "!");
    assert!(matches!(run(&mut process), State::Trapped(_)));
    assert_eq!(process.offer(4), Err(Errno::Badf), "it has ended");
    for id in [id, waiting] {
        assert!(process.connection(id).is_closed(), "nothing comes any more");
    }
}

#[test]
fn a_run_with_connections_is_repeated_for_its_backtrace() {
    // Chunks come in while the guest runs, while it waits, and several at once; then one of them makes it trap.
    let scripts: [&[&[&'static str]]; 6] = [
        &[&["!"]],
        &[&["a"], &["b", "c"], &["!"]],
        &[&["a", "b", "c"], &["!"]],
        &[&["a"], &["b"], &["c", "!"], &[], &["!"]],
        &[&["0123456789abcdef!", "g"]],
        &[&["a", "b"], &[], &["cdefghij", "klmnop", "qrstuvw"], &["!x", "y"]],
    ];
    for early in [false, true] {
        for script in scripts {
            let limits = Limits { output_queue_bytes_max: 16, ..Limits::default() };
            let mut process = listening(&echo(16), limits);
            if !early {
                waits(&mut process);
            }
            let first = process.offer(4).unwrap();
            feed(&mut process, first, "first");
            process.connection(first).close_input();
            let id = process.offer(4).unwrap();
            for chunks in script {
                chunks.iter().for_each(|chunk| feed(&mut process, id, chunk));
                while let State::Blocked(_) = process.run(u64::MAX) {
                    let drained = [first, id].map(|id| process.connection(id).drain().len());
                    if drained == [0, 0] {
                        break;
                    }
                }
            }
            let ended = run(&mut process);
            let State::Trapped(trap) = &ended else { panic!("{script:?}: {ended:?}") };
            assert_eq!(trap.kind, TrapKind::Unreachable);
            let frames = process.backtrace(|| true).unwrap();
            let names: Vec<_> = frames.iter().map(|frame| frame.name.as_deref()).collect();
            assert_eq!(names, [Some("shout"), Some("serve"), None], "{script:?}");
        }
    }
}

#[test]
fn when_the_host_drains_is_repeated_too() {
    let mut steps = Vec::new();
    for drained in [[false, false], [true, false], [false, true], [true, true]] {
        let limits = Limits { output_queue_bytes_max: 64, ..Limits::default() };
        let mut process = listening(SENDER, limits);
        waits(&mut process);
        let id = process.offer(4).unwrap();
        for drain in drained {
            waits(&mut process);
            if drain {
                assert_eq!(process.connection(id).drain(), "payload.".repeat(8));
            }
            feed(&mut process, id, ".");
        }
        waits(&mut process);
        feed(&mut process, id, ".");
        assert!(matches!(run(&mut process), State::Trapped(_)));
        assert_eq!(process.backtrace(|| true).unwrap().len(), 1, "{drained:?}");
        steps.push(process.steps());
    }
    assert!(steps[0] < steps[1] && steps[1] == steps[2] && steps[2] < steps[3], "{steps:?}");
}
